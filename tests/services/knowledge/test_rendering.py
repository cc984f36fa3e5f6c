"""Figures, keys and lists as people read them."""

from collections.abc import Sequence

import pytest

from backend.services.knowledge.passage import Fact, FactValue, Span
from backend.services.knowledge.rendering import (
    MAX_TEXT_LENGTH,
    Wording,
    clean,
    cut,
    is_cut,
    label_words,
    unit_of,
    words_of,
    write_facts,
    write_number,
    write_value,
)


class TestKeys:
    @pytest.mark.parametrize(
        ("key", "words"),
        [
            ("annual_fee_range", "annual fee range"),
            ("annualFeeRange", "annual Fee Range"),
            ("year2Fee", "year2 Fee"),
            ("MBA_fee", "MBA fee"),
            ("on-site__ fee", "on site fee"),
            ("_fee_", "fee"),
            ("a\x00b", "a b"),
            ("", ""),
        ],
    )
    def test_are_told_as_words(self, key: str, words: str) -> None:
        assert words_of(key) == words

    @pytest.mark.parametrize(
        ("key", "inherited", "unit"),
        [
            ("fee_thb", None, "THB"),
            ("fee_THB", "USD", "THB"),
            ("duration_months", "THB", "months"),
            ("rate_pct", None, "%"),
            ("thb", None, None),
            ("months", None, None),
            ("thb_fee", None, None),
            ("fee", "THB", "THB"),
            ("fee", "USD", "USD"),
            ("fee", "months", None),
            ("fee", None, None),
        ],
    )
    def test_name_a_unit_or_take_over_a_currency(
        self, key: str, inherited: str | None, unit: str | None
    ) -> None:
        assert unit_of(key, inherited) == unit

    @pytest.mark.parametrize(
        ("key", "unit", "words"),
        [
            ("entry_fee_thb", "THB", "entry fee"),
            ("entry_fee_Baht", "THB", "entry fee"),
            ("entry_fee_thb", None, "entry fee thb"),
            ("entry_fee_thb", "USD", "entry fee thb"),
            ("entry_fee", "THB", "entry fee"),
            ("thb", "THB", "thb"),
        ],
    )
    def test_leave_out_the_unit_that_follows_the_figure(
        self, key: str, unit: str | None, words: str
    ) -> None:
        assert label_words(key, unit) == words


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "key", "unit", "written"),
        [
            (9999, "", None, "9999"),
            (10000, "", None, "10,000"),
            (-10000, "", None, "-10,000"),
            (1500, "", "THB", "1,500"),
            (1500, "", "USD", "1,500"),
            (1500, "", "months", "1500"),
            (15000, "", "months", "15,000"),
            (15000, "year", None, "15000"),
            (15000, "entry_Year", None, "15000"),
            (15000, "yearly", None, "15,000"),
            (15000, "year", "THB", "15,000"),
            (99.5, "", "THB", "99.5"),
            (12000.0, "", None, "12,000"),
            (3.0, "", None, "3"),
            (1e15, "", None, "1,000,000,000,000,000.0"),
            (1e14, "", None, "100,000,000,000,000"),
            (12345.5, "", None, "12,345.5"),
        ],
    )
    def test_are_separated_unless_they_are_years_or_codes(
        self, value: float, key: str, unit: str | None, written: str
    ) -> None:
        assert write_number(value, key=key, unit=unit) == written


class TestValues:
    @pytest.mark.parametrize(
        ("value", "unit", "written"),
        [
            (True, None, "yes"),
            (False, "THB", "no"),
            ("two\nlines ", None, "two lines"),
            ("18-24", "months", "18-24 months"),
            ("18–24", "months", "18–24 months"),
            ("about 18", "months", "about 18"),
            ("80.5", "%", "80.5%"),
            (80, "%", "80%"),
            (80, None, "80"),
            (Span(1, 2), "THB", "1-2 THB"),
            (Span(12000, 15000), None, "12,000-15,000"),
            ((1, "b", True), "THB", "1, b, yes"),
            ((20000, 5), None, "20,000, 5"),
        ],
    )
    def test_carry_their_unit_behind_figures_only(
        self, value: FactValue, unit: str | None, written: str
    ) -> None:
        assert write_value(Fact(("fee",), value, unit)) == written

    def test_are_plain_in_what_is_a_year(self) -> None:
        assert write_value(Fact(("since_year",), Span(10000, 20000))) == "10000-20000"
        assert write_value(Fact(("a", "year"), 20000)) == "20000"
        assert write_value(Fact(("year", "a"), 20000)) == "20,000"
        assert write_value(Fact((), 20000)) == "20,000"

    def test_are_counted_when_they_sum_up_a_list(self) -> None:
        wording = Wording(in_all="{names} ({count})", dash="~")

        assert write_value(Fact((), ("a", "b", "c"), counted=True)) == "3 in all: a, b, c"
        assert write_value(Fact((), ("a", "b"), counted=True), wording=wording) == "a, b (2)"
        assert write_value(Fact((), ("a", "b"))) == "a, b"
        assert write_value(Fact((), "a", counted=True)) == "a"

    def test_may_have_the_words_of_another_language(self) -> None:
        fact = Fact(("fee",), Span(1, 2), "THB")

        assert write_value(fact, unit_name="baht", wording=Wording(dash="~")) == "1~2 baht"
        assert write_value(Fact((), 3), unit_name="years") == "3 years"


class TestBody:
    @pytest.mark.parametrize(
        ("facts", "body"),
        [
            ([Fact(("name",), "Law"), Fact(("fee_thb",), 5, "THB")], "Law; fee 5 THB"),
            ([Fact((), "Law"), Fact(("room",), 12000)], "Law; room 12000"),
            (
                [Fact(("more_fees", "card"), 5), Fact(("more_fees", "name"), "x"), Fact(("a",), 1)],
                "more fees: card 5, x; a 1",
            ),
            ([Fact(("a", "b", "c"), 1), Fact(("d", "c"), 2)], "a b: c 1; d: c 2"),
            ([], ""),
        ],
    )
    def test_tells_the_facts_of_a_group_together(self, facts: Sequence[Fact], body: str) -> None:
        assert write_facts(facts) == body

    def test_is_cut_when_it_is_long(self) -> None:
        body = write_facts([Fact(("k",), "word")] * 1_000)

        assert len(body) <= MAX_TEXT_LENGTH
        assert is_cut(body)


class TestCutting:
    @pytest.mark.parametrize(
        ("text", "limit", "left"),
        [
            ("one two", 7, "one two"),
            ("one two three", 9, "one two…"),
            ("one two three", 8, "one two…"),
            ("one two three", 12, "one two…"),
            ("abcdefghijkl", 6, "abcde…"),
            ("a bcdefghijkl", 8, "a bcdef…"),
            ("abcd efghijkl", 8, "abcd…"),
            ("abc defghijkl", 8, "abc def…"),
        ],
    )
    def test_ends_with_a_word_unless_half_would_be_lost(
        self, text: str, limit: int, left: str
    ) -> None:
        assert cut(text, limit) == left

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("a" * (MAX_TEXT_LENGTH - 1) + "…", True),
            ("a" * (MAX_TEXT_LENGTH - 41) + "…", True),
            ("a" * (MAX_TEXT_LENGTH - 42) + "…", False),
            ("a" * MAX_TEXT_LENGTH, False),
            ("…", False),
        ],
    )
    def test_is_told_by_length_and_ending(self, text: str, told: bool) -> None:
        assert is_cut(text) is told

    def test_is_told_of_every_text_that_was_cut_at_a_word(self) -> None:
        for size in range(1, 40):
            assert is_cut(cut(f"{'x' * size} " * 1_000)), size


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [(" a b ", "a b"), ("a\x00\n b", "a  b"), ("\ta\u2028", "a"), ("\x7f", ""), ("a\x9fb", "a b")],
)
def test_control_characters_are_no_part_of_a_sentence(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned
