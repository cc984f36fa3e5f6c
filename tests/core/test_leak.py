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


class TestLettersOf:
    @pytest.mark.parametrize(
        ("text", "letters"),
        [
            ("A-b, c!", b"abc"),
            ("1\u2024 \u201cCall\u201d", b"icaii"),
            ("ﬁt", b"fit"),
            ("aกb", b"a\0\0\0b"),
            ("", b""),
        ],
    )
    def test_gives_what_is_compared(self, text: str, letters: bytes) -> None:
        assert letters_of(text) == letters
