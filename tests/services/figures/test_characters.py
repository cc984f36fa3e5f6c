"""Which characters are the same, which nobody sees, and which numbers only count lines."""

import pytest

from backend.services.figures.characters import (
    count_list_lines,
    hide_citations,
    hide_numbering,
    plain,
    visible,
)
from backend.services.figures.figure import MASK


def hidden(text: str) -> str:
    """A text whose masks can be seen."""
    return text.replace(MASK, "#")


class TestPlain:
    @pytest.mark.parametrize(
        ("written", "text"),
        [
            ("a\tb\rc", "a b c"),
            ("ก\tb\rc", "ก b c"),
            ("１，５００．２５（％）", "1,500.25(%)"),
            ("1‐2‑3‒4–5—6―7−8﹣9", "1-2-3-4-5-6-7-8-9"),
            ("1\u00a02\u20023\u20074\u20095\u202f6\u30007", "1 2 3 4 5 6 7"),
            ("1‘2’3ʼ4", "1'2'3'4"),
            ("1〜2∼3～4", "1~2~3~4"),
            ("￥5", "¥5"),
            ("๐๑๒๓๔๕๖๗๘๙", "0123456789"),
            # The Burmese letter wa is typed for a zero; it also begins syllables.
            ("၁ဝ", "10"),
            ("၁,ဝဝဝ", "1,000"),
            ("၁.ဝ", "1.0"),
            ("၁ဝါ", "1ဝါ"),
            ("၁ဝန်", "1ဝန်"),
            ("ဝဝ", "ဝဝ"),
        ],
    )
    def test_writes_the_same_the_one_way_in_the_same_place(self, written: str, text: str) -> None:
        assert plain(written) == text
        assert len(plain(written)) == len(written)

    def test_masks_what_only_changes_how_a_sign_looks(self) -> None:
        assert hidden(plain("1\ufe0f\u20e3")) == "1#\u20e3"

    def test_leaves_out_what_nobody_sees(self) -> None:
        assert visible("1\u200b2\u00ad3\ufeff4\x005\u20606") == "123456"


class TestHideNumbering:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("1. Apply\n12) Pay", "## Apply\n### Pay"),
            ("- (3) Wait\n**4.** Come", "##### Wait\n####** Come"),
            ("5: Go", "## Go"),
            ("1.5 baht\n0. None\n123. None", "1.5 baht\n0. None\n123. None"),
            ("It takes 1. Then", "It takes 1. Then"),
            ("5:30", "5:30"),
            # Steps.
            ("see step 3 and Option #2", "see ###### and #########"),
            ("STEP 12; OPTION 3", "#######; ########"),
            ("step 123, steps 4, step 1.5", "step 123, steps 4, step 1.5"),
            ("the 21st century", "the ############"),
            ("ดูข้อ 3 และ ข้อ 45.5", "ดู##### และ ข้อ 45.5"),
            ("第4步 21世纪", "### ####"),
            # References in a sentence count up from one, and there is more than one of them.
            ("a (1) form, (2) photo and 3) passport", "a ### form, ### photo and ## passport"),
            ("a (1) form and (2) photo", "a ### form and ### photo"),
            ("a (1) form", "a (1) form"),
            ("a (2) form, (3) photo", "a (2) form, (3) photo"),
            ("a (1) form, (3) photo", "a (1) form, (3) photo"),
            ("a (1) form, (1) photo", "a (1) form, (1) photo"),
            ("a (0) form, (1) photo", "a (0) form, (1) photo"),
            ("(02) 719 (1) 5", "(02) 719 (1) 5"),
        ],
    )
    def test_masks_what_only_counts_lines_and_steps(self, text: str, shown: str) -> None:
        assert hidden(hide_numbering(text)) == shown


class TestHideCitations:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("see [1].", "see ###."),
            ("see [3][2, 1].", "see #########."),
            ("see 【2】", "see ###"),
            ("see [1-3]", "see #####"),
            ("see [3 the fees]", "see ############"),
            ("see [0]", "see [0]"),
            ("see [4]", "see [4]"),
            ("see [1, 4]", "see [1, 4]"),
            ("see [4, 1]", "see [4, 1]"),
            ("see [x] 1", "see [x] 1"),
            ("see 1", "see 1"),
        ],
    )
    def test_masks_references_to_the_facts_that_were_given(self, text: str, shown: str) -> None:
        assert hidden(hide_citations(text, 3)) == shown


class TestCountListLines:
    @pytest.mark.parametrize(
        ("text", "lines"),
        [
            ("", 0),
            ("one\ntwo", 0),
            ("- one", 1),
            ("Ways:\n- one\n* two\n • three\n●four", 4),
            ("1. one\n2) two\n**(3)** three\n4.5 four", 3),
        ],
    )
    def test_counts_the_items_of_an_answer(self, text: str, lines: int) -> None:
        assert count_list_lines(text) == lines
