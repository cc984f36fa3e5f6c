"""Tests of `backend/services/chat_service.py`: a message that another worker is answering."""

import asyncio

import pytest

from backend.core.errors import TurnInProgress
from backend.core.worker import Worker
from backend.schemas.chat import ChatRequest
from backend.services import chat_service as module
from backend.services.chat_service import ChatService
from backend.services.turn import Opening, Turn
from backend.services.turn_engine import TurnEngine
from backend.services.turn_store import TurnStore
from tests.service import Service

KEY = "a-message-id-that-is-long-enough"
ASKED = ChatRequest(message="Tuition?", client_message_id=KEY)


def elsewhere(service: Service) -> TurnEngine:
    """A worker of another machine over the same database."""
    writer = service.app.state.stream_service.engine.reply_writer
    store = TurnStore(Worker("elsewhere", 1, 1.0), history_token_budget=1_000)
    return TurnEngine(service.database, writer, store)


async def begin(engine: TurnEngine) -> Turn:
    opening = Opening("Tuition?", None, None, KEY)
    return await engine.open(lambda db: engine.turn_store.begin(db, opening))


def chat(service: Service, *, turn_seconds: float) -> ChatService:
    state = service.app.state
    engine = state.stream_service.engine
    return ChatService(service.database, engine, state.erasure_service, turn_seconds=turn_seconds)


@pytest.fixture(autouse=True)
def _look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RETRY_SECONDS", 0.01)


async def test_whoever_repeats_it_gets_the_answer_to_the_first(service: Service) -> None:
    other = elsewhere(service)
    turn = await begin(other)
    waiting = asyncio.create_task(chat(service, turn_seconds=10).process_message(ASKED))
    await asyncio.sleep(0.05)
    assert not waiting.done()

    answer = await other.run(turn).result()

    found = await waiting
    assert (found.message_id, found.response) == (turn.answer_id, answer["content"])
    assert len(await service.stored()) == 2


async def test_whoever_repeats_it_waits_no_longer_than_an_answer_may_take(
    service: Service,
) -> None:
    await begin(elsewhere(service))

    with pytest.raises(TurnInProgress) as refused:
        async with asyncio.timeout(5):
            await chat(service, turn_seconds=0.05).process_message(ASKED)

    assert refused.value.retry_after == 1
