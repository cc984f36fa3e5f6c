"""Tests of `backend/services/draft.py`: what readers are shown, from the beginning or later."""

from typing import Any

import pytest

from backend.core import ui_stream as frames
from backend.services.draft import (
    INTERRUPTED_TEXT,
    Draft,
    closing_frames,
    remaining_frames,
    stored_frames,
)
from backend.services.turn import Turn
from tests.streams import drain, part_of, read_parts, text_of, types_of

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
WHOLE = ["start", "source-url", "text-start", "text-delta", "text-end", "data-suggestions"]


class TestStoredFrames:
    def test_show_an_answer_as_it_would_have_been_streamed(self) -> None:
        parts = read_parts(stored_frames(ANSWER))

        assert types_of(parts) == [*WHOLE, "finish"]
        assert part_of(parts, "start")["messageId"] == "2"
        assert text_of(parts) == TEXT
        assert part_of(parts, "data-suggestions")["data"] == ["And for an MBA?"]

    def test_tell_at_the_end_how_it_came_about(self) -> None:
        finish = part_of(read_parts(stored_frames(ANSWER)), "finish")

        names = ("usage", "model", "answered_by", "unsupported", "sources", "language", "status")
        assert finish["finishReason"] == "stop"
        assert finish["messageMetadata"] == {name: ANSWER[name] for name in names}

    def test_tell_of_a_stopped_one_that_it_was(self) -> None:
        parts = read_parts(stored_frames({**ANSWER, "status": "stopped"}))

        assert types_of(parts) == [*WHOLE, "abort", "finish"]

    def test_of_one_without_a_word_hold_no_text(self) -> None:
        empty = {"content": "", "sources": None, "suggestions": None, "status": "stopped"}

        parts = read_parts(stored_frames({**ANSWER, **empty}))

        assert types_of(parts) == ["start", "data-suggestions", "abort", "finish"]
        assert part_of(parts, "data-suggestions")["data"] == []


def begun() -> Draft:
    return Draft(Turn("s", 1, 2, "How much?"))


class TestDraft:
    async def test_is_shown_as_it_is_stored(self) -> None:
        draft = begun()
        draft.open(ANSWER["sources"])
        draft.add(TEXT[:5])
        draft.add(TEXT[5:])
        draft.finish(ANSWER)

        parts = await drain(draft.log.read())

        assert types_of(parts) == [*WHOLE, "finish"]
        assert text_of(parts) == draft.text == TEXT
        assert parts[0] == read_parts(stored_frames(ANSWER))[0]
        assert parts[-2:] == read_parts(closing_frames(ANSWER) + frames.DONE)
        assert draft.sources == ANSWER["sources"]

    def test_counts_its_pieces_and_knows_when_the_first_one_came(self) -> None:
        draft = begun()
        draft.open([])
        assert (draft.text, draft.size, draft.begun_at) == ("", 0, None)

        draft.add("a")
        began = draft.begun_at
        draft.add("b")

        assert (draft.text, draft.size) == ("ab", 2)
        assert draft.begun_at == began is not None

    @pytest.mark.parametrize(
        ("text", "shown"), [(None, INTERRUPTED_TEXT), ("It was erased.", "It was erased.")]
    )
    async def test_that_breaks_off_says_so_last(self, text: str | None, shown: str) -> None:
        early, late = begun(), begun()
        late.open(ANSWER["sources"])
        for draft in (early, late):
            draft.fail() if text is None else draft.fail(text)

        before, after = [await drain(draft.log.read()) for draft in (early, late)]

        assert types_of(before) == ["start", "error"]
        assert types_of(after) == ["start", "source-url", "text-start", "text-end", "error"]
        assert before[-1]["errorText"] == after[-1]["errorText"] == shown

    async def test_that_was_stopped_elsewhere_says_so_last(self) -> None:
        draft = begun()
        draft.open([])
        draft.add("Half")
        draft.stop()

        parts = await drain(draft.log.read())

        assert types_of(parts) == ["start", "text-start", "text-delta", "text-end", "abort"]


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

        assert parts[-1] == {"type": "error", "errorText": INTERRUPTED_TEXT}
        assert text_of(parts) == "Something else"

    def test_hold_no_piece_when_all_was_shown(self) -> None:
        rest = remaining_frames(ANSWER, OPENED + frames.text_delta(TEXT))

        assert rest == frames.text_end() + closing_frames(ANSWER) + frames.DONE
