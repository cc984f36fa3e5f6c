"""Conversations as Markdown that shows what was said and does nothing else."""

import re
from typing import Final

from backend.schemas.session import ArchivedMessage, SessionRead

_LINE_ENDS: Final = re.compile(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
_ACTIVE: Final = re.compile(r"([\\`<\[\]&~])")
_ALL_MARKS: Final = re.compile(r"([\\`<>\[\]&~*_#|!(){}+\-])")
_NUMBERED: Final = re.compile(r"^(\s*\d+)([.)])")
_PLAIN_URL: Final = re.compile(r"https?://[^\s<>\\]+")
_SPEAKERS: Final = {"user": "You", "assistant": "AU-GURU"}


def write_heading(session: SessionRead) -> str:
    """The title of the file."""
    title = escape(" ".join(session.title.split())) or "Conversation"
    return f"# {title}\n\n{session.created_at:%Y-%m-%d %H:%M} UTC\n"


def write_message(message: ArchivedMessage) -> str:
    """Who spoke, when, and what, as a quotation.

    Nothing leaves a quotation whose every line is marked. In it no link, image, HTML or code
    begins; the emphasis and lists of an answer stay, while a question reads as it was typed.
    """
    mark = escape if message.role == "user" else _disarm
    quoted = "\n".join(f"> {mark(line)}" for line in _LINE_ENDS.split(message.content))
    told = "" if message.status == "complete" else f" ({message.status})"
    head = f"**{_SPEAKERS[message.role]}** · {message.timestamp:%Y-%m-%d %H:%M} UTC{told}"
    return f"\n{head}\n\n{quoted}\n{_write_sources(message)}"


def escape(line: str) -> str:
    """One line in which no character means anything to Markdown."""
    return _NUMBERED.sub(r"\1\\\2", _ALL_MARKS.sub(r"\\\1", line))


def _disarm(line: str) -> str:
    return _ACTIVE.sub(r"\\\1", line)


def _write_sources(message: ArchivedMessage) -> str:
    if not message.sources:
        return ""
    lines = [
        f"- {escape(' '.join(source.title.split()))}{_write_url(source.url)}"
        for source in message.sources
    ]
    return "\nSources:\n\n" + "\n".join(lines) + "\n"


def _write_url(url: str | None) -> str:
    return f": <{url}>" if url is not None and _PLAIN_URL.fullmatch(url) else ""
