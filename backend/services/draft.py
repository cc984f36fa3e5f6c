"""An answer while it is written: the text so far, and what its readers are shown of it."""

from collections.abc import Mapping
from time import monotonic
from typing import Any, Final

from backend.core import ui_stream as frames
from backend.core.replay import ReplayLog
from backend.services.turn import Turn

INTERRUPTED_TEXT: Final = "The answer was cut off. Please ask again."


class Draft:
    """A streamed answer as far as it has come; everything that is added goes to its log.

    `begun_at` is when its first word came, by the monotonic clock.
    """

    def __init__(self, turn: Turn) -> None:
        self.log = ReplayLog()
        self.sources: list[dict[str, Any]] = []
        self.begun_at: float | None = None
        self._pieces: list[str] = []
        self._has_text = False
        self.log.append(frames.start(turn.answer_id, turn.session_id))

    @property
    def text(self) -> str:
        """All that was written."""
        return "".join(self._pieces)

    @property
    def size(self) -> int:
        """How many pieces were written."""
        return len(self._pieces)

    def open(self, sources: list[dict[str, Any]]) -> None:
        """Show where the facts stand, then begin the text."""
        self.sources = sources
        self._has_text = True
        self.log.append(frames.sources(sources) + frames.text_start())

    def add(self, text: str) -> None:
        """Write on."""
        if self.begun_at is None:
            self.begun_at = monotonic()
        self._pieces.append(text)
        self.log.append(frames.text_delta(text))

    def finish(self, answer: Mapping[str, Any]) -> None:
        """Tell the end of an answer that is stored; `answer` has its columns."""
        self._close(closing_frames(answer))

    def stop(self) -> None:
        """Tell that another worker was asked to stop the answer, and has stored what there was."""
        self._close(frames.abort())

    def fail(self, text: str = INTERRUPTED_TEXT) -> None:
        """Tell that the answer broke off; `text` is fit to show."""
        self._close(frames.error(text))

    def _close(self, last: bytes) -> None:
        end = frames.text_end() if self._has_text else b""
        self.log.append(end + last + frames.DONE)
        self.log.close()


def stored_frames(answer: Mapping[str, Any]) -> bytes:
    """All frames of an answer that was written before; `answer` has its columns."""
    content = answer["content"]
    text = frames.text_start() + frames.text_delta(content) + frames.text_end() if content else b""
    return b"".join(
        (
            frames.start(answer["id"], answer["session_id"]),
            frames.sources(answer["sources"] or []),
            text,
            closing_frames(answer),
            frames.DONE,
        )
    )


def remaining_frames(answer: Mapping[str, Any], shown: bytes) -> bytes:
    """What is left of a stored answer for a reader who has been `shown` some of its frames.

    A reader who has seen words that were not stored is told that the answer broke off.
    """
    text = frames.text_in(shown)
    if text is None:
        whole = stored_frames(answer)
        return whole if not shown else whole.removeprefix(shown)
    if not answer["content"].startswith(text):
        return frames.error(INTERRUPTED_TEXT) + frames.DONE
    rest = answer["content"][len(text) :]
    delta = frames.text_delta(rest) if rest else b""
    return delta + frames.text_end() + closing_frames(answer) + frames.DONE


def closing_frames(answer: Mapping[str, Any]) -> bytes:
    """What follows the text of a stored answer."""
    stopped = frames.abort() if answer["status"] == "stopped" else b""
    metadata = {
        name: answer[name]
        for name in ("usage", "model", "answered_by", "unsupported", "sources", "language")
    }
    return b"".join(
        (
            frames.suggestions(answer["suggestions"] or []),
            stopped,
            frames.finish(answer["finish_reason"], {**metadata, "status": answer["status"]}),
        )
    )
