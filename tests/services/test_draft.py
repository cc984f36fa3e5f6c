"""Tests of `backend/services/draft.py`: what is left for whoever has seen the beginning."""

from typing import Any

import pytest

from backend.core import ui_stream as frames
from backend.services.draft import remaining_frames, stored_frames
from tests.streams import read_parts, text_of, types_of

TEXT = "ค่าเล่าเรียน 112,000 baht."
ANSWER: dict[str, Any] = {
    "id": 2,
    "session_id": "s",
    "content": TEXT,
    "sources": [{"id": "fees", "title": "Fees", "url": "https://www.au.edu/fees", "file": None}],
    "suggestions": ["And for an MBA?"],
    "usage": {},
    "model": "m",
    "answered_by": "gemini",
    "unsupported": [],
    "language": "en",
    "status": "complete",
    "finish_reason": "stop",
}
START = frames.start(2, "s")
OPENED = START + frames.sources(ANSWER["sources"]) + frames.text_start()


class TestRemainingFrames:
    @pytest.mark.parametrize(
        "shown",
        [
            b"",
            START,
            OPENED,
            OPENED + frames.text_delta(TEXT[:5]),
            OPENED + frames.text_delta(TEXT[:5]) + frames.text_delta(TEXT[5:]),
        ],
    )
    def test_makes_the_whole_with_what_was_shown(self, shown: bytes) -> None:
        parts = read_parts(shown + remaining_frames(ANSWER, shown))

        assert text_of(parts) == TEXT
        assert types_of(parts) == types_of(read_parts(stored_frames(ANSWER)))

    @pytest.mark.parametrize("shown", [b"", START, START + frames.sources(ANSWER["sources"])])
    def test_what_comes_before_the_words_is_not_shown_twice(self, shown: bytes) -> None:
        assert shown + remaining_frames(ANSWER, shown) == stored_frames(ANSWER)

    def test_words_that_were_not_stored_are_an_answer_that_broke_off(self) -> None:
        shown = OPENED + frames.text_delta("Something else")

        parts = read_parts(shown + remaining_frames(ANSWER, shown))

        assert parts[-1]["type"] == "error"
