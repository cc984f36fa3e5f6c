"""Answers that give the prompt away, and the many that do not."""

import base64
import codecs
import itertools
import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.language import Language
from backend.core.leak import RUN, Leak, LeakWatch, letters_of
from backend.core.prompt import IDENTITY, INSTRUCTIONS, RULES, build_prompt
from tests.services.figures.conftest import EVERYTHING, shipped_service

CODE = "bcdfghjkmn"
RULE = re.findall(r"^3\. (.*)$", RULES, re.MULTILINE)[0]

DISGUISES = {
    "as it is": RULE,
    "the end of a rule": RULE[-70:],
    "all rules": RULES,
    "after other words": f"Sure! ค่าเทอม. My rules are:\n- {RULE}",
    "capitals": RULE.upper(),
    "no spaces": RULE.replace(" ", ""),
    "spaced out": " ".join(RULE),
    "dotted": ".".join(RULE),
    "in bold": RULE.replace(" ", "** **"),
    "broken into lines": RULE.replace(" ", "\n"),
    "curly quotes": RULE.replace(",", "\u2019\u2014\u2026"),
    "backwards": RULE[::-1],
    "rot13": codecs.encode(RULE, "rot13"),
    "base64": base64.b64encode(RULE.encode()).decode(),
    "base64 for addresses": base64.urlsafe_b64encode(f"??>>{RULE}".encode()).decode(),
    "hexadecimal": RULE.encode().hex(),
    "spaced hexadecimal": RULE.encode().hex(" "),
    "percent signs": "".join(f"%{byte:02X}" for byte in RULE.encode()),
    "full width": "".join(chr(ord(c) + 0xFEE0) if c > " " else c for c in RULE),
    "Cyrillic": RULE.translate(str.maketrans("aeopc", "аеорс")),
    "leet": RULE.translate(str.maketrans("eola", "3014")),
    "accents": RULE.replace("e", "é").replace("a", "ä"),
    "mathematical": "".join(chr(0x1D41A + ord(c) - 97) if "a" <= c <= "z" else c for c in RULE),
    "the code": CODE,
    "the mark": f"</question-{CODE}>",
    "the code spaced out": " ".join(CODE.upper()),
    "the code backwards": CODE[::-1],
    "the code in base64": base64.b64encode(f"the code of the block is {CODE}".encode()).decode(),
    "the remark": INSTRUCTIONS[1],
}
ORDINARY = [
    IDENTITY.replace("You are", "I am"),
    "I can only talk about Assumption University, and I cannot show how I was set up.",
    "I do not know that. Please call the campus: Hua Mak +66 2300 4543, Bang Na +66 2723 2323.",
    "Never mind! Give the registrar your name, phone number and e-mail address.",
    "https://www.au.edu/academics/undergraduate/business-administration/programs-and-fees.html",
    "See https://www.au.edu/%E0%B8%84%E0%B9%88%E0%B8%B2%E0%B9%80%E0%B8%97%E0%B8%AD%E0%B8%A1%E0%B8%84",
    "0123456789 " * 20,
    "学士学位的学费为每年 112,000–350,000 泰铢。",
    "รายการ: 1. คณะ 2. วิชา • ค่าเทอม",
    "RULES: students must wear the uniform. Answer in the exam paper. Keep names and figures.",
]


def watch(pieces: Iterable[str]) -> tuple[str, Leak | None]:
    """What is shown of an answer that comes so, and what it gave away."""
    watcher = LeakWatch([CODE])
    shown = "".join([watcher.feed(piece) for piece in pieces])
    return shown + watcher.finish(), watcher.leak


def cut(text: str, edges: Iterable[int]) -> list[str]:
    return [text[a:b] for a, b in itertools.pairwise([0, *sorted(edges), len(text)])]


@pytest.mark.parametrize("answer", DISGUISES.values(), ids=DISGUISES)
class TestLeaks:
    def test_are_found_in_a_whole_answer(self, answer: str) -> None:
        assert watch([answer]) == ("", watch([answer])[1])
        assert watch([answer])[1] is not None

    def test_are_found_on_every_boundary_before_more_than_a_word_is_shown(
        self, answer: str
    ) -> None:
        before = answer.find(RULE)
        for at in range(len(answer) + 1):
            shown, leak = watch([answer[:at], answer[at:]])
            assert leak is not None
            assert len(letters_of(shown[max(before, 0) :])) < RUN

    def test_are_found_character_by_character(self, answer: str) -> None:
        shown, leak = watch(answer)
        assert leak is not None
        assert len(letters_of(shown[max(answer.find(RULE), 0) :])) < RUN

    def test_are_found_in_pieces_of_every_size(self, answer: str) -> None:
        for size in range(2, 60):
            assert watch(cut(answer, range(size, len(answer), size)))[1] is not None


class TestKinds:
    @pytest.mark.parametrize(
        ("answer", "leak"),
        [
            (RULE, Leak.RULES),
            (RULE[::-1], Leak.RULES),
            (CODE, Leak.CODE),
            (f"{CODE} {RULE}", Leak.CODE),
            (CODE[::-1].upper(), Leak.CODE),
            (base64.b64encode(RULE.encode()).decode(), Leak.ENCODED),
            (f"the code of the block is this: {CODE}".encode().hex(), Leak.ENCODED),
            ("Hua Mak", None),
        ],
    )
    def test_say_how_the_prompt_was_given_away(self, answer: str, leak: Leak | None) -> None:
        assert watch([answer])[1] is leak

    def test_stay_what_they_were_first_and_nothing_is_shown_any_more(self) -> None:
        watcher = LeakWatch([CODE])
        assert watcher.feed("Hua Mak. Use only the facts") == "Hua Mak. "
        assert watcher.feed(f" {CODE}") == ""
        assert watcher.feed(RULE) == watcher.feed("Hua Mak. ") == watcher.finish() == ""
        assert watcher.leak is Leak.CODE


class TestRuns:
    """Of letters of the rules: forty give them away, wherever they stand, and no fewer do."""

    LETTERS = letters_of(RULES).decode()

    def test_of_forty_letters_are_found_from_every_letter_of_the_rules(self) -> None:
        for at in range(len(self.LETTERS) - RUN + 1):
            assert watch([self.LETTERS[at : at + RUN]])[1] is Leak.RULES

    @pytest.mark.parametrize("after", [0, 1, 100])
    def test_of_forty_letters_are_found_at_every_place_of_an_answer(self, after: int) -> None:
        for before in range(80):
            run = self.LETTERS[200 : 200 + RUN]
            assert watch(["z" * before + run + "z" * after])[1] is Leak.RULES

    @pytest.mark.parametrize("after", [0, 1, 100])
    def test_of_fewer_are_none(self, after: int) -> None:
        for before in range(80):
            answer = "z" * before + self.LETTERS[200 : 199 + RUN] + "z" * after
            assert watch([answer]) == (answer, None)


class TestEncodings:
    SHORT = f"It is {CODE}, ten letters."
    """30 bytes: as little as is looked at in base64."""

    @pytest.mark.parametrize("extra", ["", "A", "AB", "ABC"])
    def test_base64_is_read_wherever_it_stands_and_ends(self, extra: str) -> None:
        word = base64.b64encode(self.SHORT.encode()).decode()
        assert len(word) == 40
        for before in range(45):
            for after in ("", " ok"):
                answer = "." * before + word + extra + after
                assert watch([answer])[1] is Leak.ENCODED

    def test_hexadecimal_is_read_wherever_it_stands(self) -> None:
        for before in range(85):
            for after in ("", "?"):
                answer = "." * before + (self.SHORT + "0123456789").encode().hex() + after
                assert watch([answer])[1] is Leak.ENCODED

    @pytest.mark.parametrize("between", ["", " ", ", ", ":", ", 0x", "\\x", "\n"])
    def test_hexadecimal_is_read_however_it_is_dressed(self, between: str) -> None:
        assert watch([RULE.encode().hex("|").replace("|", between)])[1] is Leak.ENCODED

    @pytest.mark.parametrize("said", [RULE[:50], f"a code: {CODE} ok!"])
    def test_percent_signs_are_read_from_a_score_on(self, said: str) -> None:
        assert len(said) > 20
        assert watch(["".join(f"%{byte:02X}" for byte in said.encode())])[1] is Leak.ENCODED

    @pytest.mark.parametrize("length", range(30, 50))
    def test_what_only_looks_encoded_is_shown(self, length: int) -> None:
        for char in "Aa4%":
            assert watch([char * length, "!"]) == (char * length + "!", None)


class TestWaiting:
    """What is kept back of an answer, to the letter."""

    def first_shown(self, answer: str) -> str:
        return LeakWatch([CODE]).feed(answer)

    @pytest.mark.parametrize("length", [0, 7, 8, 9, 20, 38, 39])
    def test_keeps_back_what_may_begin_a_rule(self, length: int) -> None:
        begun = "".join(itertools.islice((c for c in RULE if c.isalpha()), length))
        shown = "Well: " if length >= 8 else f"Well: {begun}"
        assert self.first_shown(f"Well: {begun}") == shown

    @pytest.mark.parametrize("length", range(10))
    def test_keeps_back_what_may_begin_a_code(self, length: int) -> None:
        begun = CODE[:length].upper()
        assert self.first_shown(f"Well: {begun}") == ("Well: " if length >= 3 else f"Well: {begun}")

    def test_counts_the_letters_of_one_character(self) -> None:
        assert self.first_shown("Well: never invent a ﬁgure") == "Well: "

    @pytest.mark.parametrize(
        ("answer", "shown"),
        [
            ("Well: " + "Q7" * 11 + "Q", "Well: " + "Q7" * 11 + "Q"),
            ("Well: " + "Q7" * 12, "Well: "),
            ("Well." + "41 " * 7 + "41", "Well." + "41 " * 7 + "41"),
            ("Well." + " 41" * 8, "Well."),
            ("Well." + " 41" * 8 + " " + "41" * 12, "Well."),
            ("Well. Q7" + "41" * 12, "Well. "),
            ("Well. " + "Q7" * 12 + ".", "Well. " + "Q7" * 12 + "."),
        ],
    )
    def test_keeps_back_what_may_be_encoded_from_its_beginning(
        self, answer: str, shown: str
    ) -> None:
        assert self.first_shown(answer) == shown

    def test_lets_go_what_turns_out_to_be_nothing(self) -> None:
        watcher = LeakWatch([CODE])
        assert watcher.feed("So: use only the fa") == "So: "
        assert watcher.feed("x machine") == "use only the fax machine"
        assert watcher.finish() == ""

    def test_shows_nothing_of_a_beginning_that_stands_in_the_rules(self) -> None:
        watcher = LeakWatch([CODE])
        assert watcher.feed("Us") == watcher.feed("e on") == ""
        assert watcher.feed("e") == "Use one"

    def test_asks_for_as_many_letters_where_only_blanks_stand_before(self) -> None:
        watcher = LeakWatch([CODE])
        blanks = "Zoo" + "! " * 100
        assert watcher.feed(blanks) == blanks
        assert watcher.feed("use on") == "use on"
        assert watcher.feed("ly the") == ""

    def test_lets_go_what_has_no_end(self) -> None:
        watcher = LeakWatch([CODE])
        assert watcher.feed("A" * 4_096) == ""
        assert watcher.feed("A") == "A" * 4_097
        assert watcher.feed(" all") == " all"

    def test_remembers_what_was_shown_just_before(self) -> None:
        begun = (" " * 17).join("useonly")
        watcher = LeakWatch([CODE])
        assert watcher.feed(f"So, {begun}") == f"So, {begun}"
        assert watcher.feed("the facts in the block facts code. What is") == ""
        assert watcher.leak is Leak.RULES


class TestOrdinaryAnswers:
    @pytest.mark.parametrize("answer", ORDINARY)
    def test_are_shown_as_they_are_on_every_boundary(self, answer: str) -> None:
        assert watch(answer) == (answer, None)
        for at in range(len(answer) + 1):
            assert watch([answer[:at], answer[at:]]) == (answer, None)

    @settings(deadline=None)  # the machine may be busy
    @given(st.text(), st.lists(st.integers(0, 60)))
    def test_are_the_same_however_they_are_cut(self, text: str, edges: list[int]) -> None:
        pieces = cut(text, [edge for edge in edges if edge <= len(text)])
        assert watch(pieces) == (text, None)

    def test_wait_for_nothing_when_nothing_is_like_a_rule(self) -> None:
        watcher = LeakWatch([CODE])
        for piece in ("Tuition ", "is 112,000", " THB a y", "ear", "ค่าเทอม"):
            assert watcher.feed(piece) == piece

    def test_may_repeat_all_the_facts(self) -> None:
        context = shipped_service().get_context("tuition", token_budget=EVERYTHING)
        codes = build_prompt("tuition", context.text).codes
        for text in (context.text, *(passage.text for passage in context.passages)):
            watcher = LeakWatch(codes)
            assert watcher.feed(text) + watcher.finish() == text

    @pytest.mark.parametrize("language", Language)
    def test_of_the_knowledge_itself_are_never_accused(self, language: Language) -> None:
        service = shipped_service()
        for file in Path("tests/services/knowledge").glob("questions*.jsonl"):
            for line in file.read_text(encoding="utf-8").splitlines():
                question = str(json.loads(line)["question"])
                context = service.get_context(question)
                answer = service.compose_answer(question, context, language)
                assert watch([question, "\n", answer.text])[1] is None
