"""What a question wants of a passage, read from its parts."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from backend.services.knowledge.lexicon import Lexicon
from backend.services.knowledge.query import Part, Query, Term, TermKind
from backend.services.knowledge.wanted import Wanted, read_wanted

LEXICON: Final = Lexicon.build(
    {
        name: {"group": group, "en": [name], **more}
        for group, names in {
            "topic": ["tuition", "visa", "admission", "application_fee", "program", "phone"],
            "level": ["bachelor", "mba"],
            "subject": ["law", "art"],
            "campus": ["hua_mak"],
            "gender": ["women"],
            "thing": ["form"],
            "name": ["university"],
        }.items()
        for name in names
        for more in ([{"broader": ["admission"]}] if name == "application_fee" else [{}])
    }
    | {
        name: {"group": "topic"}
        for name in ("price", "amount", "duration", "address", "how_to_apply")
    }
    | {"student": {"group": "topic", "weak": True}}
)
AMOUNT: Final = ("price", "amount")


def part(*names: str, kept: bool = False) -> Part:
    """A part that names concepts."""
    terms = tuple(Term(f"@{name}", TermKind.CONCEPT, 1.0, 1.0) for name in names)
    groups = frozenset(LEXICON.concept(name).group for name in names)
    return Part(terms, names, groups, kept=kept)


def strange(*terms: tuple[str, TermKind, float]) -> Part:
    """A part that the lexicon does not know."""
    return Part(tuple(Term(token, kind, 1.0, mass) for token, kind, mass in terms))


def wanted(*parts: Part | str | tuple[str, ...], excluded: tuple[str, ...] = ()) -> Wanted:
    """What a question of these parts wants: names of concepts stand for parts that name them."""
    read = [
        one if isinstance(one, Part) else part(*((one,) if isinstance(one, str) else one))
        for one in parts
    ]
    return read_wanted(LEXICON, Query(tuple(read), excluded=frozenset(excluded)))


def sets(names: tuple[frozenset[str], ...]) -> list[set[str]]:
    return [set(one) for one in names]


class TestSubjects:
    @pytest.mark.parametrize(
        ("parts", "subjects"),
        [
            (["tuition"], [{"tuition"}]),
            (["visa", "tuition"], [{"visa"}, {"tuition"}]),
            (["law", "art"], [{"law", "art"}]),
            (["law", "visa", "art"], [{"visa"}, {"law", "art"}]),
            (["admission", "application_fee"], [{"application_fee"}]),
            (["application_fee", "visa"], [{"application_fee"}, {"visa"}]),
            (["form"], [{"form"}]),
            (["form", "visa"], [{"visa"}]),
            (["mba", "hua_mak"], []),
            (["student"], []),
            ([part("visa", kept=True)], [{"visa"}]),
            (["women", part("visa", kept=True)], [{"women"}, {"visa"}]),
            (["phone", part("visa", kept=True)], []),
            ([AMOUNT, part("visa", kept=True)], [{"visa"}]),
            (["law", AMOUNT], []),
            (["law", "how_to_apply"], []),
        ],
    )
    def test_are_what_a_passage_must_speak_of(
        self, parts: list[Any], subjects: list[set[str]]
    ) -> None:
        assert sets(wanted(*parts).subjects) == subjects


class TestAspects:
    @pytest.mark.parametrize(
        ("parts", "aspects"),
        [
            ([AMOUNT], [set(AMOUNT)]),
            ([AMOUNT, "duration"], [{"duration"}]),
            (["duration", "phone"], [{"duration"}, {"phone"}]),
            (["price", "duration"], [{"price"}, {"duration"}]),
            (["address", "law"], [{"address"}]),
            (["address", "program", "law"], []),
            (["address", "program"], [{"address"}]),
            (["visa"], []),
        ],
    )
    def test_are_what_is_asked_of_the_subjects(
        self, parts: list[Any], aspects: list[set[str]]
    ) -> None:
        assert sets(wanted(*parts).aspects) == aspects


class TestFields:
    @pytest.mark.parametrize(
        ("parts", "told"),
        [
            (["law"], {"fields": [{"law"}], "field_only": True}),
            (
                ["law", "mba"],
                {"fields": [{"law"}], "field_only": True, "at_level": True},
            ),
            (["law", "mba", "phone"], {"fields": [{"law"}], "field_only": True}),
            (["law", "visa"], {"fields": [{"law"}]}),
            (["law", part("art", kept=True)], {"fields": [{"law"}], "field_only": True}),
            ([AMOUNT, part("art", kept=True)], {"fields": [{"art"}], "field_fee": True}),
            (["law", "tuition"], {"fields": [{"law"}], "field_fee": True}),
            (["law", "price"], {"fields": [{"law"}], "field_fee": True}),
            (["tuition"], {}),
            (["how_to_apply", "law"], {"fields": [{"law"}], "applying": True}),
            (["how_to_apply"], {"applying": True}),
            (["mba"], {"vague": True}),
            (["form"], {"vague": True}),
            (["university"], {"vague": True, "name_only": True}),
            (["university", "visa"], {}),
            (["university", "mba"], {"vague": True}),
        ],
    )
    def test_are_told_with_what_is_asked_of_them(
        self, parts: list[Any], told: Mapping[str, Any]
    ) -> None:
        found = wanted(*parts)

        assert sets(found.fields) == told.get("fields", [])
        for name in ("field_only", "field_fee", "vague", "applying", "name_only"):
            assert getattr(found, name) is told.get(name, False), name
        assert found.asks_field_at_level is told.get("at_level", False)


class TestForWhom:
    def test_qualifies_and_says_little(self) -> None:
        found = wanted("mba", "hua_mak", "student", "university", "visa", excluded=("bachelor",))

        assert [one.name for one in found.qualifiers] == ["mba", "hua_mak"]
        assert found.levels == {"mba"}
        assert found.light == 4
        assert found.excluded == {"@bachelor"}


WORD, FIGURE, GRAM = TermKind.WORD, TermKind.FIGURE, TermKind.GRAM


class TestWhatIsStrange:
    @pytest.mark.parametrize(
        ("terms", "found"),
        [
            ([("zorb", WORD, 1.0)], [({"zorb"}, 1.0)]),
            ([("zorb", WORD, 2.0)], [({"zorb"}, 1.0)]),
            ([("1885", FIGURE, 1.0)], [({"1885"}, 1.0)]),
            ([("188", FIGURE, 1.0)], []),
            ([("weekend", WORD, 0.6)], [({"weekend"}, 0.6)]),
            ([("safe", WORD, 0.99)], [({"safe"}, 0.99)]),
            ([("hm", WORD, 0.59)], []),
            ([("1885", FIGURE, 0.9)], []),
            ([("ab", GRAM, 0.5), ("bc", GRAM, 0.25)], []),
            ([("ab", GRAM, 0.5), ("bc", GRAM, 0.5)], [({"ab", "bc"}, 1.0)]),
            ([("ab", GRAM, 0.8)], [({"ab"}, 0.8)]),
        ],
    )
    def test_is_each_word_and_each_run_that_is_not_understood(
        self, terms: list[tuple[str, TermKind, float]], found: list[tuple[set[str], float]]
    ) -> None:
        seen = wanted(strange(*terms)).strange

        assert [(set(tokens), size) for tokens, size in seen] == found

    def test_is_no_word_of_every_day_when_a_subject_is_named(self) -> None:
        everyday = strange(("weekend", WORD, 0.6), ("zorb", WORD, 1.0))

        assert sets(tuple(one for one, _ in wanted(everyday, "visa").strange)) == [{"zorb"}]
        assert sets(tuple(one for one, _ in wanted(everyday, "phone").strange)) == [{"zorb"}]
        assert sets(tuple(one for one, _ in wanted(everyday, "mba").strange)) == [
            {"zorb"},
            {"weekend"},
        ]
