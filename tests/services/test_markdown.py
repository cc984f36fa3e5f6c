"""Tests of `backend/services/markdown.py`."""

from datetime import UTC, datetime
from typing import Literal

import pytest

from backend.schemas.chat import Source
from backend.schemas.session import ArchivedMessage, SessionRead
from backend.services.markdown import write_heading, write_message

MOMENT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


def written(content: str, role: Literal["user", "assistant"] = "assistant") -> list[str]:
    """The lines of the quotation."""
    message = ArchivedMessage(id=1, role=role, content=content, timestamp=MOMENT, status="complete")
    return write_message(message).split("\n")[3:-1]


@pytest.mark.parametrize("role", ["user", "assistant"])
@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "![](https://evil.example/pixel.png)",
        "[click](javascript:alert(1))",
        "[a]: javascript:alert(1)",
        "<https://evil.example>",
        "&lt;b&gt;",
        "```\ncode\n```",
        "~~~\n# Not a heading of the file",
        "first\r\rsecond\u2028third\x85fourth\x0bfifth",
        "\\[already escaped\\](x)",
    ],
)
def test_nothing_begins_a_link_an_image_html_or_code(
    role: Literal["user", "assistant"], text: str
) -> None:
    lines = written(text, role)

    assert all(line.startswith("> ") for line in lines)
    assert all(len(line.splitlines()) <= 1 for line in lines)
    for mark in "`<[]&~":
        for line in lines:
            before = [line[:at] for at, char in enumerate(line) if char == mark]
            assert all((len(text) - len(text.rstrip("\\"))) % 2 == 1 for text in before), line


def test_an_answer_keeps_its_emphasis_and_lists_a_question_is_shown_as_typed() -> None:
    assert written("**Fees**\n- 1,000 THB") == ["> **Fees**", "> - 1,000 THB"]
    assert written("**2*3**\n1. #x", "user") == ["> \\*\\*2\\*3\\*\\*", "> 1\\. \\#x"]


def test_a_title_stays_one_heading() -> None:
    session = SessionRead(session_id="s", title="a\n# b <i>", created_at=MOMENT, updated_at=MOMENT)

    assert write_heading(session) == "# a \\# b \\<i\\>\n\n2026-11-22 10:30 UTC\n"


def test_a_conversation_without_a_title_has_a_heading() -> None:
    session = SessionRead(session_id="s", title="", created_at=MOMENT, updated_at=MOMENT)

    assert write_heading(session).startswith("# Conversation\n\n2026-")


@pytest.mark.parametrize(
    ("role", "status", "speaker", "told"),
    [
        ("user", "complete", "You", ""),
        ("assistant", "complete", "AU-GURU", ""),
        ("assistant", "stopped", "AU-GURU", " (stopped)"),
        ("user", "interrupted", "You", " (interrupted)"),
    ],
)
def test_a_message_says_who_spoke_when_and_how_far_it_came(
    role: Literal["user", "assistant"],
    status: Literal["complete", "stopped", "interrupted"],
    speaker: str,
    told: str,
) -> None:
    message = ArchivedMessage(
        id=1, role=role, content="Hello\nthere", timestamp=MOMENT, status=status
    )

    assert write_message(message) == (
        f"\n**{speaker}** · 2026-11-22 10:30 UTC{told}\n\n> Hello\n> there\n"
    )


def test_a_source_is_named_and_linked_only_to_a_web_page() -> None:
    sources = [
        Source(id="1", title="Fees [2026]", url="https://www.au.edu/fees"),
        Source(id="2", title="x", url="javascript:alert(1)"),
        Source(id="3", title="y", url="https://a> <b"),
        Source(id="4", title=" a \n file "),
    ]
    message = ArchivedMessage(
        id=1, role="assistant", content="x", timestamp=MOMENT, status="complete", sources=sources
    )

    lines = write_message(message).split("\n")

    assert lines[3:] == [
        *("> x", "", "Sources:", ""),
        "- Fees \\[2026\\]: <https://www.au.edu/fees>",
        *("- x", "- y", "- a file", ""),
    ]
