"""Tests of `backend/api/v1/chat_versions.py`: answers written anew, questions in other words."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.api.test_bad_input import BODIES, JSON, assert_problem
from tests.databases import on_every_database
from tests.fakes import gemini_faults as faults
from tests.fakes.gemini_behaviours import Behaviour, whole_answer
from tests.fakes.gemini_server import FakeGemini
from tests.service import Service
from tests.streams import part_of, read_parts, text_of


async def regenerate(service: Service, answer: dict[str, Any], **kwargs: Any) -> httpx.Response:
    path = f"/api/v1/chat/{answer['session_id']}/messages/{answer['message_id']}/regenerate"
    return await service.client.post(path, **kwargs)


async def edit(
    service: Service, session_id: str, message_id: int, *, message: str = "Other", **fields: Any
) -> httpx.Response:
    path = f"/api/v1/chat/{session_id}/messages/{message_id}"
    return await service.client.put(path, json={"message": message, **fields})


@on_every_database
class TestRegenerate:
    async def test_the_new_answer_stands_and_the_old_one_is_kept(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.script(whole_answer("One."), whole_answer("Two."), whole_answer("Three."))
        answer = await service.ask("First")
        second = await regenerate(service, answer)
        third = await regenerate(service, answer, headers={"Accept": "text/event-stream"})

        assert second.json()["response"] == "Two."
        assert text_of(read_parts(third.content)) == "Three."
        said = [m["content"] for m in await service.history(answer["session_id"])]
        assert said == ["First", "Three."]
        path = f"/api/v1/chat/{answer['session_id']}/messages/{answer['message_id']}/versions"
        versions = (await service.client.get(path)).json()["versions"]
        assert [version["content"] for version in versions] == ["One.", "Two.", "Three."]

    @pytest.mark.parametrize(
        ("upstream", "written", "shown"),
        [
            (faults.stall_before_headers, [], ("One.", "complete")),
            (faults.stall_after("Two, and then"), ["Two, and then"], ("Two, and then", "stopped")),
        ],
    )
    async def test_one_that_is_stopped_stands_unless_it_has_no_word(
        self,
        service: Service,
        fake_gemini: FakeGemini,
        upstream: Behaviour,
        written: list[str],
        shown: tuple[str, str],
    ) -> None:
        fake_gemini.script(whole_answer("One."), upstream)
        answer = await service.ask("First", client_message_id="the-id-of-this-message")
        renewing = asyncio.create_task(
            regenerate(service, answer, headers={"Accept": "text/event-stream"})
        )
        async with asyncio.timeout(5):
            await fake_gemini.wait_until_asked(2)
        await asyncio.sleep(0.1)

        stopped = await service.client.post(f"/api/v1/chat/{answer['session_id']}/stop")
        await renewing

        assert stopped.json()["stopped"] is True
        [_, last] = await service.history(answer["session_id"])
        assert (last["content"], last["status"]) == shown
        path = f"/api/v1/chat/{answer['session_id']}/messages/{answer['message_id']}/versions"
        versions = (await service.client.get(path)).json()["versions"]
        assert [version["content"] for version in versions] == ["One.", *written]
        again = await service.ask("First", client_message_id="the-id-of-this-message")
        assert again["response"] == shown[0]

    async def test_one_that_breaks_off_leaves_the_whole_one_standing(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.script(whole_answer("One."), faults.cut_after("Two, and then"))
        answer = await service.ask("First")

        await regenerate(service, answer, headers={"Accept": "text/event-stream"})

        [question, shown] = await service.history(answer["session_id"])
        assert shown["content"] == "One."
        assert question["status"] == shown["status"] == "complete"

    async def test_one_that_breaks_off_takes_the_place_of_another_that_did(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.script(faults.cut_after("One, and"), faults.cut_after("Two, and then"))
        first = await service.client.post("/api/v1/chat/stream", json={"message": "First"})
        start = part_of(read_parts(first.content), "start")["messageMetadata"]
        [_, broken] = await service.history(start["session_id"])
        answer = {"session_id": start["session_id"], "message_id": broken["id"]}

        await regenerate(service, answer, headers={"Accept": "text/event-stream"})

        [_, shown] = await service.history(start["session_id"])
        assert (broken["content"], broken["status"]) == ("One, and", "interrupted")
        assert (shown["content"], shown["status"]) == ("Two, and then", "interrupted")

    async def test_the_model_does_not_see_the_answer_that_it_writes_anew(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.script(whole_answer("A marked answer."))
        await regenerate(service, await service.ask("First"))

        assert "A marked answer." not in str(fake_gemini.requests[-1].json())

    async def test_only_the_last_answer_can_be_renewed(self, service: Service) -> None:
        first = await service.ask("First")
        await service.ask("Second", session_id=first["session_id"])

        assert assert_problem(await regenerate(service, first))["code"] == "not_the_last_turn"
        assert len(await service.stored()) == 4

    async def test_what_is_no_answer_of_the_session_is_404(self, service: Service) -> None:
        first, other = await service.ask("First"), await service.ask("Other")
        question_id = (await service.history(first["session_id"]))[0]["id"]

        for message_id in (other["message_id"], question_id, 987_654):
            refused = await regenerate(service, {**first, "message_id": message_id})
            assert assert_problem(refused)["code"] == "message_not_found"
        versions = f"/api/v1/chat/{first['session_id']}/messages/{other['message_id']}/versions"
        assert (await service.client.get(versions)).status_code == 404


@on_every_database
class TestEditQuestion:
    async def test_takes_the_place_of_the_last_turn(self, service: Service) -> None:
        first = await service.ask("First")
        session_id = first["session_id"]
        await service.ask("Second", session_id=session_id)
        question_id = (await service.history(session_id))[2]["id"]

        edited = await edit(service, session_id, question_id, message="Other words")

        said = [m["content"] for m in await service.history(session_id)]
        assert said == ["First", first["response"], "Other words", edited.json()["response"]]

    async def test_twice_under_one_id_is_one_turn(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        session_id = (await service.ask("First"))["session_id"]
        question_id = (await service.history(session_id))[0]["id"]
        fields = {"client_message_id": "a-long-enough-message-id"}

        answers = [await edit(service, session_id, question_id, **fields) for _ in range(2)]

        assert answers[0].json() == answers[1].json()
        assert len(fake_gemini.requests) == 2

    async def test_an_earlier_question_stays_as_it_was(self, service: Service) -> None:
        session_id = (await service.ask("First"))["session_id"]
        await service.ask("Second", session_id=session_id)
        [first, answer, *_] = before = await service.history(session_id)

        assert (await edit(service, session_id, first["id"])).status_code == 409
        assert (await edit(service, session_id, answer["id"])).status_code == 404
        assert await service.history(session_id) == before


class TestBadInput:
    @pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
    async def test_changes_nothing(self, service: Service, body: bytes) -> None:
        session_id = (await service.ask("First"))["session_id"]
        before = await service.history(session_id)
        path = f"/api/v1/chat/{session_id}/messages/{before[0]['id']}"

        assert_problem(await service.client.put(path, content=body, headers=JSON))
        assert await service.history(session_id) == before

    async def test_somebody_elses_session_is_404(self, service: Service) -> None:
        mine = await service.sign_up("a@au.edu")
        asked = await service.client.post("/api/v1/chat/", json={"message": "First"}, headers=mine)
        answer = asked.json()
        path = f"/api/v1/chat/{answer['session_id']}/messages/{answer['message_id']}"

        for refused in (
            await regenerate(service, answer),
            await edit(service, answer["session_id"], answer["message_id"]),
            await service.client.get(f"{path}/versions"),
        ):
            assert assert_problem(refused)["code"] == "session_not_found"
