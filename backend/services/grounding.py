"""An answer of the model's, checked: whether its figures stand in the facts it was given."""

import asyncio
import re
from dataclasses import dataclass, fields, replace
from time import monotonic
from typing import Final

import structlog

from backend.core.errors import AssistantUnavailable
from backend.core.gemini import Answer, AUGeminiClient, FinishReason, Usage
from backend.core.language import Language
from backend.services.figures import Evidence, find_unsupported
from backend.services.knowledge_service import KnowledgeContext
from backend.services.turn import Turn

logger = structlog.get_logger(__name__)

_MAX_NAMED: Final = 20
"""Figures that are named when the model is asked again; more would only cost tokens."""

_LONGEST_TAIL: Final = 60
_CUT_OFF: Final = re.compile(r"[+(]?\d[\d.,:/\-() ]*\w*$|\S*[@.]\S*$")


@dataclass(frozen=True, slots=True)
class GroundedAnswer:
    """An answer, and which of its figures stand in no fact; its usage is that of all asks."""

    answer: Answer
    unsupported: list[str]


async def ask_grounded(
    gemini_client: AUGeminiClient,
    turn: Turn,
    context: KnowledgeContext,
    language: Language,
    *,
    seconds: float,
) -> GroundedAnswer:
    """Ask for an answer; once more, with what is wrong named, when it has unsupported figures.

    The second ask is the same question with a remark after it, which is stored nowhere. It must
    end within `seconds` of the start, and when it fails or is no better the first answer stands.

    Raises:
        AssistantUnavailable: the first ask gave no answer.
    """
    deadline = monotonic() + seconds
    history = turn.memory
    evidence = evidence_of(turn, context)
    answer = await gemini_client.generate_response(
        turn.message, context.text, history, language=language
    )
    first = GroundedAnswer(answer, unsupported_in(answer, evidence))
    if not first.unsupported:
        return first
    try:
        async with asyncio.timeout(deadline - monotonic()):
            again = await gemini_client.generate_response(
                turn.message,
                context.text,
                history,
                language=language,
                doubtful=first.unsupported[:_MAX_NAMED],
            )
    except (AssistantUnavailable, TimeoutError) as exc:
        logger.info("correction_failed", reason=type(exc).__name__, figures=len(first.unsupported))
        return first
    second = GroundedAnswer(again, unsupported_in(again, evidence))
    best = second if len(second.unsupported) < len(first.unsupported) else first
    usage = _add(answer.usage, again.usage)
    return replace(best, answer=replace(best.answer, usage=usage))


def evidence_of(turn: Turn, context: KnowledgeContext) -> Evidence:
    """What the figures of an answer may rest on: the facts, and what the asker has said."""
    asked = [turn.message, *(said.content for said in turn.history if said.role == "user")]
    return Evidence(context.passages, asked)


def unsupported_in(answer: Answer, evidence: Evidence) -> list[str]:
    """The unsupported figures; what was cut off in the middle is not judged."""
    text = answer.text
    if answer.finish_reason is FinishReason.LENGTH:
        tail = text[-_LONGEST_TAIL:]
        text = text[: len(text) - len(tail)] + _CUT_OFF.sub("", tail)
    return find_unsupported(text, evidence)


def _add(first: Usage, second: Usage) -> Usage:
    names = [field.name for field in fields(Usage)]
    return Usage(**{name: getattr(first, name) + getattr(second, name) for name in names})
