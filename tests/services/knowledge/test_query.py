"""Questions in parts: what is made of them, and what a follow-up takes over."""

from typing import Final

import pytest

from backend.services.knowledge.query import Part, Query, Term, TermKind

TOPIC: Final = frozenset({"topic"})
LEVEL: Final = frozenset({"level"})
CAMPUS: Final = frozenset({"campus"})


def word(token: str, weight: float = 1.0, mass: float = 1.0) -> Term:
    return Term(token, TermKind.WORD, weight, mass)


def gram(token: str, mass: float) -> Term:
    return Term(token, TermKind.GRAM, 1.0, mass)


def named(
    name: str,
    groups: frozenset[str] = frozenset(),
    *,
    anchored: bool = False,
    aspect: bool = False,
    kept: bool = False,
) -> Part:
    """A part that names one concept."""
    term = Term(f"@{name}", TermKind.CONCEPT, 1.0, 1.0)
    return Part((term,), (name,), groups, anchored=anchored, aspect=aspect, kept=kept)


class TestTerm:
    @pytest.mark.parametrize(
        ("kind", "token", "faint"),
        [
            (TermKind.FIGURE, "123", True),
            (TermKind.FIGURE, "1885", False),
            (TermKind.GRAM, "abcde", True),
            (TermKind.WORD, "ab", False),
            (TermKind.CONCEPT, "@a", False),
        ],
    )
    def test_says_little_as_a_piece_of_a_word_or_a_small_figure(
        self, kind: TermKind, token: str, faint: bool
    ) -> None:
        assert Term(token, kind).is_faint is faint

    def test_is_lighter_by_a_part_of_its_mass_and_of_its_weight(self) -> None:
        term = word("x", weight=0.5, mass=4.0)

        assert term.lighter(0.25, 0.5) == word("x", weight=0.25, mass=1.0)
        assert term.lighter(0.25) == word("x", weight=0.5, mass=1.0)


class TestTerms:
    @pytest.mark.parametrize("weights", [(0.5, 1.0, 0.75), (1.0, 0.5), (0.5, 1.0)])
    def test_are_one_a_token_with_its_greatest_weight(self, weights: tuple[float, ...]) -> None:
        parts = tuple(Part((word("a", weight), word("b", 0.25))) for weight in weights)

        assert Query(parts).terms == (word("a", 1.0), word("b", 0.25))

    def test_weigh_less_than_nothing_for_what_is_excluded(self) -> None:
        query = Query((named("fee"),), excluded=frozenset({"mba", "law", "art"}))

        assert [term.token for term in query.terms] == ["@art", "@law", "@mba", "@fee"]
        assert [term.weight < 0 for term in query.terms] == [True, True, True, False]
        assert {term.mass for term in query.terms[:3]} == {0.0}

    def test_count_what_is_both_excluded_and_named(self) -> None:
        query = Query((named("mba"),), excluded=frozenset({"mba"}))

        assert [(term.token, term.weight) for term in query.terms] == [("@mba", 1.0)]


class TestKey:
    @pytest.mark.parametrize(
        ("terms", "key"),
        [
            ((word("a"), word("b", mass=0.5), word("c", mass=0.49)), {"a", "b"}),
            ((word("a"), gram("b", 0.25), gram("c", 0.24)), {"a"}),
            ((word("a"), gram("b", 0.25), gram("c", 0.25)), set()),
            ((), set()),
        ],
    )
    def test_is_what_says_something_and_nothing_when_a_part_is_strange(
        self, terms: tuple[Term, ...], key: set[str]
    ) -> None:
        assert Query((Part(terms),)).key == key


class TestWhatIsSaid:
    def test_is_each_concept_once_in_order(self) -> None:
        query = Query((named("fee"), named("mba"), named("fee")))

        assert query.concepts == ("fee", "mba")

    @pytest.mark.parametrize(
        ("own", "said"),
        [
            ((named("hours", TOPIC),), {"hours"}),
            ((named("mba", LEVEL),), {"mba", "fee"}),
            ((Part((word("hm"),)),), set()),
            ((), set()),
        ],
    )
    def test_takes_in_the_question_before_when_only_of_what_is_asked_is_new(
        self, own: tuple[Part, ...], said: set[str]
    ) -> None:
        assert Query((*own, named("fee", TOPIC, kept=True))).said == said


class TestWhatAQuestionIs:
    @pytest.mark.parametrize(
        ("parts", "told"),
        [
            ((), set()),
            ((named("a", TOPIC),), {"names_topic"}),
            ((named("a", TOPIC, aspect=True),), {"names_topic", "bare"}),
            ((named("a", aspect=True), named("b")), set()),
            ((named("a", kept=True),), {"follows"}),
            ((named("a", LEVEL),), {"names_entity"}),
            ((named("a", anchored=True),), {"anchored"}),
            ((named("a", LEVEL, anchored=True),), {"names_entity", "anchored", "decided"}),
            (
                (named("a", TOPIC, anchored=True), named("b", LEVEL)),
                {"names_topic", "names_entity", "anchored"},
            ),
            (
                (named("a", frozenset({"name"}), anchored=True),),
                {"names_entity", "anchored", "decided"},
            ),
            ((named("a", frozenset({"subject"}), anchored=True),), {"names_entity", "anchored"}),
        ],
    )
    def test_is_told_by_any_of_its_parts(self, parts: tuple[Part, ...], told: set[str]) -> None:
        query = Query(parts)

        assert told == {
            name
            for name in ("anchored", "follows", "bare", "decided")
            if getattr(query, name) is True
        } | {name for name in ("names_topic", "names_entity") if getattr(query, name)()}


class TestFollowing:
    def test_takes_what_is_kept_lighter_and_marks_it(self) -> None:
        both = Query((named("mba", LEVEL),)).following(Query((named("fee", TOPIC),)))

        own, kept = both.parts
        assert own == named("mba", LEVEL)
        assert kept.kept
        assert kept.concepts == ("fee",)
        assert 0 < kept.terms[0].weight < 1
        assert 0 < kept.terms[0].mass < 1

    @pytest.mark.parametrize(
        ("own", "earlier", "kept"),
        [
            (named("mba", LEVEL), named("bba", LEVEL), False),
            (named("mba", LEVEL), named("bba", LEVEL | CAMPUS), False),
            (named("mba", LEVEL), named("fee", TOPIC), True),
            (named("mba", LEVEL), named("word"), True),
            (named("hours", TOPIC, aspect=True), named("fee", TOPIC, aspect=True), False),
            (named("visa", TOPIC), named("fee", TOPIC, aspect=True), False),
            (named("price", TOPIC, aspect=True), named("visa", TOPIC), True),
        ],
    )
    def test_replaces_what_is_of_the_same_group(self, own: Part, earlier: Part, kept: bool) -> None:
        both = Query((own,)).following(Query((earlier,)))

        assert both.concepts == (*own.concepts, *(earlier.concepts if kept else ()))

    def test_leaves_out_what_is_not_meant(self) -> None:
        own = Query((named("law", TOPIC),), excluded=frozenset({"mba"}))
        earlier = Query(
            (named("mba", LEVEL), named("bba", LEVEL)), excluded=frozenset({"law", "phd"})
        )

        both = own.following(earlier)

        assert both.concepts == ("law", "bba")
        assert both.excluded == {"mba", "phd"}


class TestTheOther:
    def test_is_not_the_campus_or_degree_named_before(self) -> None:
        earlier = Query(
            (
                named("hua_mak", CAMPUS),
                named("mba", LEVEL),
                named("bba", LEVEL),
                named("fee", TOPIC),
                named("gate", CAMPUS | TOPIC),
                named("word"),
            )
        )
        own = Query((named("bba", LEVEL),), excluded=frozenset({"phd"}))

        assert own.without_named(earlier).excluded == {"hua_mak", "mba", "phd"}
        assert own.without_named(earlier).parts == own.parts
