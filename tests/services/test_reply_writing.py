"""Tests of `backend/services/reply.py`: what is put down of a reply, whoever wrote it."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import pytest

from backend.core.conversation import HistoryMessage
from backend.core.gemini import GeminiConfig, Usage, build_gemini_client
from backend.core.gemini_errors import GeminiBadRequest, GeminiNotConfigured
from backend.core.language import Language
from backend.models.chat import AnsweredBy
from backend.services.draft import Draft
from backend.services.knowledge_service import KnowledgeContext, KnowledgeService, Passage
from backend.services.meaning import WordsAlone
from backend.services.reply import AnswerCut, ReplyWriter
from backend.services.turn import Turn
from tests.core.gemini_support import open_client
from tests.fakes import gemini_faults as faults
from tests.fakes.gemini_behaviours import failure, slow_answer, whole_answer
from tests.fakes.gemini_server import FakeGemini

QUESTION = "When does the shuttle bus leave?"
THAI = "รถรับส่งออกกี่โมง"
ANSWER = "It leaves at 7:30."
ENTRIES = [
    {
        "id": "bus",
        "title": "Shuttle bus",
        "text": "The shuttle bus leaves at 7:30.",
        "source": "https://www.au.edu/bus",
    },
    {"id": "pool", "title": "Swimming pool", "text": "The swimming pool is free on Sundays."},
]


@pytest.fixture
def knowledge(tmp_path: Path) -> KnowledgeService:
    (tmp_path / "au_life.json").write_text(json.dumps({"entries": ENTRIES}))
    return KnowledgeService(tmp_path, token_budget=500)


class Noted:
    """What is noted of questions: how they were answered."""

    def __init__(self) -> None:
        self.cited: list[list[str] | None] = []
        self.languages: list[Language] = []

    def __call__(
        self,
        _turn: Turn,
        _context: KnowledgeContext,
        language: Language,
        cited: tuple[Passage, ...] | None,
    ) -> None:
        self.cited.append(None if cited is None else [passage.id for passage in cited])
        self.languages.append(language)


class Reader(WordsAlone):
    """Notes what it is given to read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[tuple[str, Sequence[HistoryMessage]]] = []

    async def read_question(self, message: str, history: Sequence[HistoryMessage] = ()) -> None:
        self.read.append((message, history))


@asynccontextmanager
async def writing(
    fake: FakeGemini, knowledge: KnowledgeService, noted: Noted | None = None
) -> AsyncIterator[ReplyWriter]:
    async with open_client(fake, retries=1) as client:
        yield ReplyWriter(client, knowledge, note_gap=noted or Noted())


Said = tuple[Literal["user", "assistant"], str]


def turn_of(message: str, *history: Said) -> Turn:
    return Turn("s", 1, 2, message, tuple(HistoryMessage(*said) for said in history))


class TestWrite:
    async def test_of_the_model_s_answer_all_is_kept(
        self, fake_gemini: FakeGemini, knowledge: KnowledgeService
    ) -> None:
        fake_gemini.answer_with(ANSWER)
        noted = Noted()
        async with writing(fake_gemini, knowledge, noted) as writer:
            reply = await writer.write(turn_of(QUESTION))

        assert (reply.content, reply.answered_by) == (ANSWER, AnsweredBy.GEMINI)
        assert (reply.language, reply.finish_reason, reply.upstream_error) == ("en", "stop", None)
        assert reply.model
        assert reply.unsupported == []
        assert reply.usage.attempts == 1
        assert reply.usage.total_tokens > 0
        assert noted.cited == [["au_life#bus"]]
        [source] = reply.sources
        assert (source["id"], source["url"]) == ("au_life#bus", "https://www.au.edu/bus")
        assert set(reply.columns()) >= {"content", "sources", "suggestions", "usage", "model"}
        assert reply.columns()["content"] == ANSWER

    @pytest.mark.parametrize(
        ("question", "cited", "is_named"),
        [(QUESTION, "au_life#bus", False), ("Is the pool free?", "au_life#pool", True)],
    )
    async def test_a_fact_of_a_file_is_told_from_others_by_its_name(
        self,
        fake_gemini: FakeGemini,
        knowledge: KnowledgeService,
        question: str,
        cited: str,
        is_named: bool,
    ) -> None:
        fake_gemini.always(failure(400))
        async with writing(fake_gemini, knowledge) as writer:
            reply = await writer.write(turn_of(question))

        [source] = [source for source in reply.sources if source["id"] == cited]
        assert source["title"].endswith(": Swimming pool") == is_named
        assert (source["url"] is None) == is_named

    @pytest.mark.parametrize(("status", "asked"), [(400, 1), (500, 2)])
    async def test_without_the_model_the_facts_answer(
        self, fake_gemini: FakeGemini, knowledge: KnowledgeService, status: int, asked: int
    ) -> None:
        fake_gemini.always(failure(status))
        noted = Noted()
        async with writing(fake_gemini, knowledge, noted) as writer:
            reply = await writer.write(turn_of(QUESTION))

        assert "7:30" in reply.content
        assert (reply.answered_by, reply.model) == (AnsweredBy.KNOWLEDGE, None)
        assert reply.upstream_error is not None
        assert reply.usage == Usage(attempts=asked)
        assert len(fake_gemini.requests) == asked
        assert [source["id"] for source in reply.sources] == ["au_life#bus"]
        assert (noted.cited, noted.languages) == ([None], [Language.ENGLISH])

    async def test_without_a_key_nobody_is_asked(self, knowledge: KnowledgeService) -> None:
        writer = ReplyWriter(build_gemini_client(GeminiConfig()), knowledge)

        reply = await writer.write(turn_of(QUESTION))

        assert reply.upstream_error == GeminiNotConfigured.code
        assert reply.usage == Usage(attempts=0)

    async def test_the_question_is_read_with_what_was_said(
        self, knowledge: KnowledgeService
    ) -> None:
        reader = Reader()
        client = build_gemini_client(GeminiConfig())
        writer = ReplyWriter(client, knowledge, meaning_reader=reader)
        turn = turn_of("And on Sundays?", ("user", QUESTION), ("assistant", ANSWER))

        await writer.write(turn)

        assert reader.read == [(turn.message, turn.history)]

    @pytest.mark.parametrize(
        ("message", "history", "language"),
        [
            (QUESTION, [], "en"),
            (THAI, [("user", QUESTION), ("assistant", ANSWER)], "th"),
            ("MBA?", [], "en"),
            ("MBA?", [("user", THAI), ("assistant", ANSWER)], "th"),
            ("MBA?", [("user", QUESTION), ("assistant", THAI)], "en"),
            ("MBA?", [("user", THAI), ("assistant", "x"), ("user", QUESTION)], "en"),
            ("MBA?", [("user", QUESTION), ("assistant", "x"), ("user", THAI)], "th"),
        ],
    )
    async def test_is_in_the_language_of_the_last_question(
        self,
        knowledge: KnowledgeService,
        message: str,
        history: list[Said],
        language: str,
    ) -> None:
        writer = ReplyWriter(build_gemini_client(GeminiConfig()), knowledge)
        turn = turn_of(message, *history)

        assert (await writer.write(turn)).language == language
        assert writer.cut_reply(turn, None).language == language


class TestStream:
    async def test_what_is_shown_is_the_reply(
        self, fake_gemini: FakeGemini, knowledge: KnowledgeService
    ) -> None:
        fake_gemini.always(slow_answer(ANSWER, pieces=3, pause=0))
        noted, draft = Noted(), Draft(turn_of(QUESTION))
        async with writing(fake_gemini, knowledge, noted) as writer:
            reply = await writer.stream(turn_of(QUESTION), draft)

        assert draft.text == reply.content == ANSWER
        assert draft.size == 3
        assert [source["id"] for source in draft.sources] == ["au_life#bus"]
        assert (reply.answered_by, reply.unsupported) == (AnsweredBy.GEMINI, [])
        assert noted.cited == [["au_life#bus"]]

    async def test_figures_of_nowhere_are_marked(
        self, fake_gemini: FakeGemini, knowledge: KnowledgeService
    ) -> None:
        fake_gemini.script(whole_answer("It leaves at 9:45."))
        async with writing(fake_gemini, knowledge) as writer:
            reply = await writer.stream(turn_of(QUESTION), Draft(turn_of(QUESTION)))

        assert reply.unsupported == ["9:45"]

    async def test_without_the_model_the_facts_are_shown(
        self, fake_gemini: FakeGemini, knowledge: KnowledgeService
    ) -> None:
        fake_gemini.always(failure(400))
        draft = Draft(turn_of(QUESTION))
        async with writing(fake_gemini, knowledge) as writer:
            reply = await writer.stream(turn_of(QUESTION), draft)

        assert draft.text == reply.content
        assert "7:30" in reply.content
        assert draft.sources == reply.sources != []
        assert reply.answered_by is AnsweredBy.KNOWLEDGE
        assert reply.upstream_error == GeminiBadRequest.code

    async def test_one_that_breaks_off_keeps_what_was_shown(
        self, fake_gemini: FakeGemini, knowledge: KnowledgeService
    ) -> None:
        fake_gemini.always(faults.cut_after("It leaves"))
        draft = Draft(turn_of(QUESTION))
        async with writing(fake_gemini, knowledge) as writer:
            with pytest.raises(AnswerCut) as cut:
                await writer.stream(turn_of(QUESTION), draft)

        reply = cut.value.reply
        assert reply.content == draft.text == "It leaves"
        assert reply.sources == draft.sources != []
        assert (reply.answered_by, reply.finish_reason) == (AnsweredBy.GEMINI, "error")
        assert reply.upstream_error is not None
        assert reply.usage == Usage(attempts=1)
        assert reply.suggestions == reply.unsupported == []


class TestCutReply:
    def test_of_what_was_stopped_is_what_there_is(self, knowledge: KnowledgeService) -> None:
        writer = ReplyWriter(build_gemini_client(GeminiConfig()), knowledge)
        turn = turn_of(QUESTION)
        draft = Draft(turn)
        draft.open([{"id": "bus", "title": "Bus", "url": None, "file": None}])
        draft.add("It lea")

        whole, streamed = writer.cut_reply(turn, None), writer.cut_reply(turn, draft)

        assert (whole.content, whole.sources) == ("", [])
        assert (streamed.content, streamed.sources) == ("It lea", draft.sources)
        for reply in (whole, streamed):
            assert (reply.finish_reason, reply.upstream_error) == ("other", None)
            assert reply.usage == Usage()
