"""What the assistant replies to a turn, and where the reply comes from."""

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.core.errors import AssistantUnavailable
from backend.core.gemini import Answer, AUGeminiClient, FinishReason, Usage
from backend.core.gemini_errors import GeminiError
from backend.core.language import Language, choose_language
from backend.core.tracing import tracing
from backend.models.base import utc_now
from backend.models.chat import AnsweredBy
from backend.services.draft import Draft
from backend.services.grounding import (
    GroundedAnswer,
    ask_grounded,
    evidence_of,
    unsupported_in,
)
from backend.services.knowledge_service import KnowledgeContext, KnowledgeService, Passage
from backend.services.meaning import MeaningReader, WordsAlone
from backend.services.suggestion import Suggester
from backend.services.turn import Turn

NoteGap = Callable[[Turn, KnowledgeContext, Language, tuple[Passage, ...] | None], None]
"""Told of every turn: with the passages the model cited, or None when the facts answered."""


def _forget(*_turn: object) -> None:
    """Note no gap."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it is stored: the fields are the columns of its message."""

    content: str
    timestamp: datetime
    answered_by: AnsweredBy
    language: str
    sources: list[dict[str, Any]]
    suggestions: list[str]
    unsupported: list[str]
    usage: Usage
    model: str | None = None
    finish_reason: str = FinishReason.STOP.value
    upstream_error: str | None = None

    def columns(self) -> dict[str, Any]:
        """The columns to store; shallow, since nothing in them is changed any more."""
        return {name: getattr(self, name) for name in self.__slots__}


class AnswerCut(Exception):
    """Gemini broke off in the middle; `reply` is what there is."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


class ReplyWriter:
    """Asks Gemini with the facts that matter, or answers from the facts themselves.

    An answer whose figures have no support is asked for once more within `answer_seconds`.
    """

    def __init__(
        self,
        gemini_client: AUGeminiClient,
        knowledge_service: KnowledgeService,
        *,
        answer_seconds: float = 30.0,
        note_gap: NoteGap = _forget,
        meaning_reader: MeaningReader | None = None,
    ) -> None:
        self.gemini_client = gemini_client
        self.knowledge_service = knowledge_service
        self.meaning_reader = meaning_reader or WordsAlone()
        self._seconds = answer_seconds
        self._note_gap = note_gap
        self._suggester = Suggester(knowledge_service)

    async def write(self, turn: Turn) -> Reply:
        """Reply to a turn; a Gemini that fails never leaves the asker without the facts."""
        language = _language_of(turn)
        context = await self._choose_facts(turn)
        try:
            grounded = await ask_grounded(
                self.gemini_client, turn, context, language, seconds=self._seconds
            )
        except AssistantUnavailable as exc:
            return self._reply_from_knowledge(turn, context, language, exc)
        return self._reply_of_gemini(turn, context, language, grounded)

    async def stream(self, turn: Turn, draft: Draft) -> Reply:
        """Reply to a turn word by word; what is added to `draft` is the text of the reply.

        Raises:
            AnswerCut: Gemini broke off after its first word; what it wrote is kept.
        """
        language = _language_of(turn)
        context = await self._choose_facts(turn)
        answer: Answer | None = None
        try:
            pieces = self.gemini_client.stream_response(
                turn.message, context.text, turn.memory, language=language
            )
            async with aclosing(pieces):
                async for piece in pieces:
                    if isinstance(piece, Answer):
                        answer = piece
                        break
                    if not draft.size:
                        draft.open(_sources(self.knowledge_service.likely_passages(context)))
                    draft.add(piece.text)
        except AssistantUnavailable as exc:
            if draft.size:
                raise AnswerCut(self.cut_reply(turn, draft, reason=exc)) from exc
            reply = self._reply_from_knowledge(turn, context, language, exc)
            draft.open(reply.sources)
            draft.add(reply.content)
            return reply
        assert answer is not None  # noqa: S101 - the last item of a stream that ends well
        grounded = GroundedAnswer(answer, unsupported_in(answer, evidence_of(turn, context)))
        return self._reply_of_gemini(turn, context, language, grounded)

    def cut_reply(
        self, turn: Turn, draft: Draft | None, *, reason: AssistantUnavailable | None = None
    ) -> Reply:
        """What there is of an answer that was stopped or broke off."""
        return Reply(
            content=draft.text if draft else "",
            timestamp=utc_now(),
            answered_by=AnsweredBy.GEMINI,
            language=_language_of(turn).value,
            sources=draft.sources if draft else [],
            suggestions=[],
            unsupported=[],
            usage=_uncounted(reason) if reason else Usage(),
            finish_reason=(FinishReason.ERROR if reason else FinishReason.OTHER).value,
            upstream_error=reason.code if reason else None,
        )

    async def _choose_facts(self, turn: Turn) -> KnowledgeContext:
        with tracing.span("retrieval"):
            vector = await self.meaning_reader.read_question(turn.message, turn.history)
            return self.knowledge_service.get_context(
                turn.message, history=turn.history, vector=vector
            )

    def _reply_of_gemini(
        self,
        turn: Turn,
        context: KnowledgeContext,
        language: Language,
        grounded: GroundedAnswer,
    ) -> Reply:
        answer = grounded.answer
        cited = self.knowledge_service.cite(answer.text, context)
        self._note_gap(turn, context, language, cited)
        return Reply(
            content=answer.text,
            timestamp=utc_now(),
            answered_by=AnsweredBy.GEMINI,
            language=language.value,
            sources=_sources(cited),
            suggestions=self._suggester.suggest(turn, context, language, cited),
            unsupported=grounded.unsupported,
            model=answer.model,
            finish_reason=answer.finish_reason.value,
            usage=answer.usage,
        )

    def _reply_from_knowledge(
        self,
        turn: Turn,
        context: KnowledgeContext,
        language: Language,
        reason: AssistantUnavailable,
    ) -> Reply:
        answer = self.knowledge_service.compose_answer(turn.message, context, language)
        self._note_gap(turn, context, language, None)
        return Reply(
            content=answer.text,
            timestamp=utc_now(),
            answered_by=AnsweredBy.KNOWLEDGE,
            language=language.value,
            sources=_sources(answer.passages),
            suggestions=self._suggester.suggest(turn, context, language, answer.passages),
            unsupported=[],
            usage=_uncounted(reason),
            upstream_error=reason.code,
        )


def _language_of(turn: Turn) -> Language:
    questions = [said.content for said in turn.history if said.role == "user"]
    return choose_language(turn.message, questions[-1] if questions else None)


def _uncounted(reason: AssistantUnavailable) -> Usage:
    """What is known of a failure's cost: how often Gemini was asked; it counted no tokens."""
    return Usage(attempts=reason.attempts if isinstance(reason, GeminiError) else 0)


def _sources(passages: tuple[Passage, ...]) -> list[dict[str, Any]]:
    """A source for each passage; several facts of one file are told apart by their names."""
    return [
        {
            "id": passage.id,
            "title": source.title if source.url else f"{source.title}: {passage.title}",
            "url": source.url,
            "file": source.file,
            "date": source.date,
        }
        for passage in passages
        for source in (passage.source,)
    ]
