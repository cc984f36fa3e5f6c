"""What the assistant replies to a turn, and where the reply comes from."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from backend.core.errors import AssistantUnavailable
from backend.core.gemini import AUGeminiClient, FinishReason
from backend.core.language import Language, choose_language
from backend.models.base import utc_now
from backend.models.chat import AnsweredBy
from backend.services.grounding import ask_grounded
from backend.services.knowledge_service import KnowledgeContext, KnowledgeService, Passage
from backend.services.meaning import MeaningReader, WordsAlone
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
    model: str | None = None
    finish_reason: str = FinishReason.STOP.value
    upstream_error: str | None = None
    usage: dict[str, Any] | None = None

    def columns(self) -> dict[str, Any]:
        """The columns to store; shallow, since nothing in them is changed any more."""
        return {name: getattr(self, name) for name in self.__slots__}


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

    async def write(self, turn: Turn) -> Reply:
        """Reply to a turn; a Gemini that fails never leaves the asker without the facts."""
        questions = [said.content for said in turn.history if said.role == "user"]
        language = choose_language(turn.message, questions[-1] if questions else None)
        vector = await self.meaning_reader.read_question(turn.message, turn.history)
        context = self.knowledge_service.get_context(
            turn.message, history=turn.history, vector=vector
        )
        try:
            grounded = await ask_grounded(
                self.gemini_client, turn, context, language, seconds=self._seconds
            )
        except AssistantUnavailable as exc:
            return self._reply_from_knowledge(turn, context, language, exc)
        answer = grounded.answer
        cited = self.knowledge_service.cite(answer.text, context)
        self._note_gap(turn, context, language, cited)
        return Reply(
            content=answer.text,
            timestamp=utc_now(),
            answered_by=AnsweredBy.GEMINI,
            language=language.value,
            sources=_sources(cited),
            suggestions=[],
            unsupported=grounded.unsupported,
            model=answer.model,
            finish_reason=answer.finish_reason.value,
            usage=asdict(answer.usage),
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
            suggestions=[],
            unsupported=[],
            upstream_error=reason.code,
        )


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
