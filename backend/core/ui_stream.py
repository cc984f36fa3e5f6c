"""The frames of a streamed answer: the AI SDK's UI message stream protocol, version 1.

Each function gives one server-sent event, ready for the wire. Only part types of that protocol and
`data-*` are made: its clients check every part, and one that they do not know breaks the answer.
Source: the npm package `ai` 6 and 7, `ui-message-stream/ui-message-chunks.ts`.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from backend.core.json_text import write_json

HEADERS: Final = {
    "x-vercel-ai-ui-message-stream": "v1",
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",
}
"""`no-transform` keeps proxies from compressing, which would hold the stream back until its end."""

DONE: Final = b"data: [DONE]\n\n"
KEEP_ALIVE: Final = b": keep-alive\n\n"

_TEXT_ID: Final = "answer"


def _frame(part: Mapping[str, Any]) -> bytes:
    # JSON escapes every line break, so that a part is always one `data` line.
    return b"data: %b\n\n" % write_json(part)


def start(message_id: int, session_id: str) -> bytes:
    """The answer begins; its id is the one it has in the history."""
    return _frame(
        {
            "type": "start",
            "messageId": str(message_id),
            "messageMetadata": {"session_id": session_id},
        }
    )


def sources(found: Sequence[Mapping[str, Any]]) -> bytes:
    """A page (`source-url`) or one of the university's files (`source-document`) for each."""
    return b"".join(map(_source, found))


def _source(source: Mapping[str, Any]) -> bytes:
    if source["url"]:
        part = {"type": "source-url", "url": source["url"]}
    else:
        part = {"type": "source-document", "mediaType": "application/json"}
        if source["file"]:
            part["filename"] = source["file"]
    return _frame({**part, "sourceId": source["id"], "title": source["title"]})


def text_start() -> bytes:
    """The text begins."""
    return _frame({"type": "text-start", "id": _TEXT_ID})


def text_delta(text: str) -> bytes:
    """More of the text."""
    return _frame({"type": "text-delta", "id": _TEXT_ID, "delta": text})


def text_end() -> bytes:
    """The text is as long as it gets."""
    return _frame({"type": "text-end", "id": _TEXT_ID})


def suggestions(questions: Sequence[str]) -> bytes:
    """Questions that may be asked next."""
    return _frame({"type": "data-suggestions", "data": list(questions)})


def finish(reason: str, metadata: Mapping[str, Any]) -> bytes:
    """The answer is stored; `metadata` tells how it came about."""
    return _frame({"type": "finish", "finishReason": reason, "messageMetadata": metadata})


def abort() -> bytes:
    """Somebody has stopped the answer."""
    return _frame({"type": "abort", "reason": "stopped"})


def text_in(frames: bytes) -> str | None:
    """The text that these frames hold; None when it has not begun."""
    parts = [
        json.loads(line.removeprefix(b"data: "))
        for line in frames.splitlines()
        if line.startswith(b"data: {")
    ]
    if not any(part["type"] == "text-start" for part in parts):
        return None
    return "".join(part["delta"] for part in parts if part["type"] == "text-delta")


def error(text: str) -> bytes:
    """The answer broke off; `text` is shown to the reader."""
    return _frame({"type": "error", "errorText": text})
