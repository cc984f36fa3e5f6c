"""Tests of `backend/services/knowledge/concept.py`: what a lexicon file may hold."""

from typing import Any

import pytest

from backend.services.knowledge.concept import (
    Concept,
    lexicon_problems,
    read_aliases,
    read_concept,
)


class TestReadConcept:
    @pytest.mark.parametrize(
        ("value", "concept"),
        [
            (["gate"], Concept("gate")),
            ({}, Concept("gate")),
            (
                {
                    "group": "place",
                    "weak": True,
                    "generic": True,
                    "common": True,
                    "broader": ["way", "door"],
                },
                Concept("gate", "place", True, True, True, ("way", "door")),
            ),
            ({"weak": True}, Concept("gate", weak=True)),
            ({"generic": True}, Concept("gate", generic=True)),
            ({"common": True}, Concept("gate", common=True)),
            ({"group": 5, "weak": 1, "generic": 1, "common": 1}, Concept("gate")),
            ({"group": None, "weak": "yes", "generic": "no"}, Concept("gate")),
            ({"broader": "way"}, Concept("gate")),
            ({"broader": ["way", 5]}, Concept("gate")),
            ({"broader": {"way": 1}}, Concept("gate")),
        ],
    )
    def test_takes_what_has_the_right_form(self, value: Any, concept: Concept) -> None:
        assert read_concept("gate", value) == concept

    @pytest.mark.parametrize(
        ("concept", "anchors"),
        [
            (Concept("gate"), True),
            (Concept("price", generic=True), False),
            (Concept("music", common=True), False),
            (Concept("both", generic=True, common=True), False),
        ],
    )
    def test_anchors_what_is_asked_about_universities_alone(
        self, concept: Concept, anchors: bool
    ) -> None:
        assert concept.anchors is anchors


class TestReadAliases:
    @pytest.mark.parametrize(
        ("value", "aliases"),
        [
            (["gate", 5, "door"], ["gate", "door"]),
            ({"my": ["d"], "en": ["a", 5], "th": ["b"], "zh": ["c"]}, ["a", "b", "c", "d"]),
            ({"en": "gate", "fr": ["porte"], "broader": ["way"]}, []),
            ("gate", []),
            (5, []),
        ],
    )
    def test_are_the_words_in_the_languages_of_the_service(
        self, value: Any, aliases: list[str]
    ) -> None:
        assert list(read_aliases(value)) == aliases


class TestProblems:
    @pytest.mark.parametrize(
        ("document", "problems"),
        [
            ({}, []),
            ({"gate": ["gate"], "way": {"en": ["way"], "broader": ["gate"]}}, []),
            ([], ["must be an object of concepts"]),
            ({"gate": "gate"}, ["gate: must be a list of words, or an object with one a language"]),
            ({"gate": [5]}, ["gate: must be a list of words, or an object with one a language"]),
            (
                {"gate": {"en": "gate", "zh": ["门"], "my": [5]}},
                ["gate.en: must be a list of words", "gate.my: must be a list of words"],
            ),
            (
                {"gate": {"broader": ["gate", "way", "door"]}},
                [
                    "gate.broader: there is no concept 'way'",
                    "gate.broader: there is no concept 'door'",
                ],
            ),
            ({"gate": {"broader": "way"}}, ["gate.broader: must be a list of words"]),
        ],
    )
    def test_are_told_one_a_line(self, document: Any, problems: list[str]) -> None:
        assert list(lexicon_problems(document)) == problems
