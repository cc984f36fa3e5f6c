"""What a passage says, and what it says of itself."""

from dataclasses import replace
from datetime import date
from typing import Final

import pytest

from backend.services.knowledge.passage import Confidence, Fact, Passage, Source
from backend.services.knowledge.vocabulary import build_vocabulary

PLAIN: Final = Passage("a#/x", "a", "x", "Title", "body", Source("a.json"), raw=None)


class TestPassage:
    @pytest.mark.parametrize(
        ("passage", "text"),
        [
            (PLAIN, "body"),
            (replace(PLAIN, breadcrumb=("fees", "MBA")), "fees > MBA: body"),
            (replace(PLAIN, core=False), "Title: body"),
            (replace(PLAIN, core=False, breadcrumb=("fees",)), "Title: body"),
        ],
    )
    def test_says_where_it_stands_and_what_it_is(self, passage: Passage, text: str) -> None:
        assert passage.text == text

    @pytest.mark.parametrize(
        ("until", "expired"),
        [(None, False), (date(2026, 5, 1), True), (date(2026, 5, 2), False)],
    )
    def test_holds_until_its_last_day_is_over(self, until: date | None, expired: bool) -> None:
        assert replace(PLAIN, valid_until=until).is_expired(date(2026, 5, 2)) is expired

    def test_is_doubtful_only_when_it_is_hardly_sure(self) -> None:
        doubtful = [level for level in Confidence if replace(PLAIN, confidence=level).doubtful]

        assert doubtful == [Confidence.LOW]

    def test_is_a_list_when_it_counts_its_members(self) -> None:
        facts = (Fact((), "x"), Fact((), ("a", "b"), counted=True))

        assert replace(PLAIN, facts=facts).is_list
        assert not replace(PLAIN, facts=facts[:1]).is_list
        assert not PLAIN.is_list

    def test_is_itself_whatever_it_holds(self) -> None:
        assert hash(PLAIN) == hash(replace(PLAIN, raw={"a": [1]}))
        assert replace(PLAIN, body="other") != PLAIN


class TestVocabulary:
    def test_repairs_words_to_those_of_ours_only(self) -> None:
        contents = (
            b'{"fee": ["tuition"], "chat": {"group": "everyday", "en": ["weather"]},'
            b' "coin": {"group": "foreign", "en": ["bitcoin"]}}',
            b'{"fee": ["levy"], "odd": 5}',
            b"[]",
        )
        found = build_vocabulary(contents)

        assert [word in found.words for word in ("tuition", "weather", "bitcoin", "levy")] == [
            True
        ] * 4
        assert found.words.weight("tuition") > found.words.weight("weather") == 0
        assert set(found.words.neighbours("bitcoln")) == set()
        assert set(found.words.neighbours("wether")) == {"weather"}
        assert [one.concepts for one in found.lexicon.find("levy")] == [("fee",)]
        assert [problem.partition(":")[0] for problem in found.problems] == [
            "odd",
            "must be an object of concepts",
        ]
