"""Long conversations: what the model is shown of them, and what it is told of the rest."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from backend.core.tokens import estimate_tokens
from backend.models import ChatMessage, ChatSession, MessageRole
from backend.services.history import FOLDED_AT_ONCE
from backend.services.summary import SUMMARY_TOKENS
from backend.services.summary_service import SummaryService
from tests.databases import on_every_database
from tests.fakes.gemini_behaviours import failure
from tests.fakes.gemini_payloads import Payload, default_text
from tests.fakes.gemini_server import FakeGemini
from tests.service import Service, make_settings, run_service

BUDGET = 300
_BLOCK = re.compile(r"<(summary|question|conversation)-(\w+)>\n(.*)\n</\1-\2>", re.DOTALL)
_TOPIC = re.compile(r"topic\d+")

SESSION = "6d0c2a4e-1f57-4a34-9a55-0d3f1b1f7c11"
USER, ASSISTANT = MessageRole.USER, MessageRole.ASSISTANT

Said = tuple[str, str]


def question(number: int) -> str:
    """A question of a Thai or English talk that names its topic."""
    if number % 2:
        return f"topic{number}: How do I apply for the dormitory at Suvarnabhumi {number}?"
    return f"topic{number}: ค่าเทอมปริญญาตรีคณะวิทยาศาสตร์เท่าไหร่ครับ ช่วยบอกหน่อย"


def is_for_notes(body: Payload) -> bool:
    return "keep the notes" in str(body["systemInstruction"])


def take_notes(body: Payload) -> str:
    """Answer as a model that forgets no topic and talks too much; questions as always."""
    if not is_for_notes(body):
        return default_text(body) + " คำตอบ answer" * 4
    topics = dict.fromkeys(_TOPIC.findall(json.dumps(body["contents"])))
    return f"Asked about {', '.join(topics)}. " + "ต่อไปเรื่อยๆ and so on " * 60


def read_prompt(body: Payload) -> tuple[str, list[Said]]:
    """The summary and the turns of a prompt, without the question that it asks."""
    summary, turns, asked = "", list[Said](), ""
    for content in body["contents"]:
        for part in content["parts"]:
            found = _BLOCK.search(part["text"])
            if found is None:
                turns.append((asked, part["text"]))
            elif found[1] == "summary":
                summary = found[3]
            else:
                asked = found[3]
    return summary, turns


async def read_session(service: Service) -> Row[Any]:
    """The one session, once its summary is brought up to date."""
    keeper: SummaryService = service.app.state.summary_service
    await keeper.settle()

    def read(db: Session) -> Row[Any]:
        return db.execute(select(ChatSession.__table__)).one()

    return await service.database.read(read)


async def talk(service: Service, turns: int, session_id: str | None = None) -> tuple[str, Any]:
    """A talk of so many turns; gives the session and what was said in it."""
    said: list[Said] = []
    for number in range(turns):
        answer = await service.ask(question(number), session_id=session_id)
        session_id = answer["session_id"]
        said.append((question(number), answer["response"]))
        await service.app.state.summary_service.settle()
    assert session_id is not None
    return session_id, said


async def add_talk(service: Service, roles: list[MessageRole], *, retired: int = 0) -> None:
    """A session in which these said "I said 1.", "I said 2." and so on; ids are the numbers.

    Answer number `retired` was written anew since.
    """
    said = [
        {
            "id": number,
            "session_id": SESSION,
            "role": role,
            "content": f"I said {number}.",
            "is_current": number != retired,
        }
        for number, role in enumerate(roles, start=1)
    ]

    def add(db: Session) -> None:
        db.execute(insert(ChatSession).values(id=SESSION))
        db.execute(insert(ChatMessage), said)

    await service.database.write(add)


def notes_of(fake_gemini: FakeGemini) -> list[str]:
    """What the model was given to summarise, one after the other."""
    bodies = [request.json() for request in fake_gemini.requests]
    return [str(body["contents"]) for body in bodies if is_for_notes(body)]


@pytest_asyncio.fixture
async def narrow(database_url: str, fake_gemini: FakeGemini) -> AsyncIterator[Service]:
    """The service with a memory for a few turns."""
    config = make_settings(
        DATABASE_URL=database_url,
        GEMINI_API_KEY="k",
        GEMINI_BASE_URL=fake_gemini.base_url,
        HISTORY_TOKEN_BUDGET=BUDGET,
    )
    fake_gemini.text = take_notes
    async with run_service(config) as running:
        yield running


@on_every_database
class TestLongConversations:
    @pytest.mark.slow
    async def test_prompts_stay_small_and_whole_and_keep_the_first_topic(
        self, narrow: Service, fake_gemini: FakeGemini
    ) -> None:
        _, said = await talk(narrow, 60)

        bodies = [request.json() for request in fake_gemini.requests]
        prompts = [read_prompt(body) for body in bodies if not is_for_notes(body)]
        assert len(prompts) == 60
        for number, (summary, turns) in enumerate(prompts):
            assert turns == said[number - len(turns) : number]
            assert sum(estimate_tokens(q) + estimate_tokens(a) for q, a in turns) <= BUDGET
            assert estimate_tokens(summary) <= SUMMARY_TOKENS
            untold = set(range(number - len(turns))) - {
                int(topic.removeprefix("topic")) for topic in _TOPIC.findall(summary)
            }
            assert len(untold) <= FOLDED_AT_ONCE or "topic0," in summary
        session = await read_session(narrow)
        assert "topic0," in session.summary
        assert "topic50" in session.summary
        assert len(bodies) - 60 <= 20

    async def test_without_a_model_the_titles_of_the_questions_are_kept(
        self, database_url: str
    ) -> None:
        config = make_settings(DATABASE_URL=database_url, HISTORY_TOKEN_BUDGET=BUDGET)
        async with run_service(config) as service:
            await talk(service, 24)
            session = await read_session(service)

        assert session.summary.startswith("- topic0: ค่าเทอม")
        assert _TOPIC.findall(session.summary.splitlines()[-1])[0] in {
            "topic18",
            "topic19",
            "topic20",
            "topic21",
            "topic22",
        }
        assert estimate_tokens(session.summary) <= SUMMARY_TOKENS

    async def test_a_model_that_fails_at_it_is_not_missed(
        self, narrow: Service, fake_gemini: FakeGemini
    ) -> None:
        await talk(narrow, 5)
        while (await read_session(narrow)).summary is None:
            fake_gemini.always(failure(400))
            await narrow.ask("And?", session_id=(await read_session(narrow)).id)

        assert (await read_session(narrow)).summary.startswith("- topic0")

    async def test_an_edited_question_is_in_no_summary(
        self, narrow: Service, fake_gemini: FakeGemini
    ) -> None:
        session_id, _ = await talk(narrow, 8)
        secret = "My secret is papaya. " * 100  # alone more than the memory holds
        await narrow.ask(secret, session_id=session_id)
        last = (await narrow.history(session_id))[-2]

        path = f"/api/v1/chat/{session_id}/messages/{last['id']}"
        edited = await narrow.client.put(path, json={"message": "topic9"})
        assert edited.status_code == 200
        session = await read_session(narrow)
        assert session.summary_until < last["id"]
        await talk(narrow, 6, session_id)

        notes = [r.body for r in fake_gemini.requests if is_for_notes(r.json())]
        assert notes
        assert not any(b"papaya" in body for body in notes)
        assert "papaya" not in (await read_session(narrow)).summary

    async def test_an_owner_gets_it_with_the_conversation(self, narrow: Service) -> None:
        headers = await narrow.sign_up("a@au.edu")
        narrow.client.headers.update(headers)
        session_id, _ = await talk(narrow, 12)
        before = await read_session(narrow)

        exported = (await narrow.client.get(f"/api/v1/chat/{session_id}/export")).json()
        everything = (await narrow.client.get("/api/v1/users/me/export")).json()
        listed = (await narrow.client.get("/api/v1/chat/")).text
        erased = await narrow.client.delete(f"/api/v1/chat/{session_id}")

        assert exported["summary"] == before.summary != ""
        assert everything["sessions"][0]["summary"] == before.summary
        assert "summary" not in listed
        assert erased.status_code == 200

    async def test_what_is_erased_meanwhile_does_not_come_back(
        self, narrow: Service, fake_gemini: FakeGemini
    ) -> None:
        session_id, _ = await talk(narrow, 4)
        fake_gemini.latency = 0.1
        for number in range(4, 8):
            await narrow.ask(question(number), session_id=session_id)
        await narrow.client.delete(f"/api/v1/chat/{session_id}")
        await narrow.app.state.summary_service.settle()

        def count(db: Session) -> int:
            return len(db.execute(select(ChatSession.id)).all())

        assert await narrow.database.read(count) == 0


class TestShortConversations:
    async def test_nobody_is_asked_for_a_summary(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        await talk(service, 12)

        assert len(fake_gemini.requests) == 12
        assert (await read_session(service)).summary is None

    async def test_many_short_turns_are_folded_as_well(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.answer_with("Yes.")
        session_id = (await service.ask("topic0"))["session_id"]
        for number in range(1, 25):
            await service.ask(f"topic{number}", session_id=session_id)

        session = await read_session(service)
        assert session.summary == "Yes."
        assert session.summary_until == 6

    async def test_a_question_is_folded_together_with_its_answer(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        """Twenty messages are folded at once; here the twentieth is a question."""
        await add_talk(service, [USER, *[USER, ASSISTANT] * 40])
        fake_gemini.answer_with("Noted.")

        await service.ask("And?", session_id=SESSION)
        first = await read_session(service)
        await service.ask("And then?", session_id=SESSION)
        second = await read_session(service)

        told = notes_of(fake_gemini)
        assert first.summary_until == 19
        assert second.summary_until == 39
        assert "said 19." in told[0]
        assert "said 20." not in told[0]
        assert "said 20." in told[1]
        assert "said 21." in told[1]

    async def test_an_answer_that_was_written_anew_is_in_no_summary(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        roles = [USER, ASSISTANT, ASSISTANT, *[USER, ASSISTANT] * 30]
        await add_talk(service, roles, retired=2)

        await service.ask("And?", session_id=SESSION)
        await read_session(service)

        [told] = notes_of(fake_gemini)
        assert "said 1." in told
        assert "said 2." not in told
        assert "said 3." in told
