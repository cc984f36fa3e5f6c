"""The chat routes, over HTTP."""

import asyncio
from uuid import uuid4

import httpx
import pytest

from tests.databases import on_every_database
from tests.fakes.gemini_server import FakeGemini
from tests.service import Service

UNKNOWN = "/api/v1/chat/00000000-0000-4000-8000-000000000000"


@on_every_database
class TestSendMessage:
    async def test_answers_in_the_form_the_contract_says(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.answer_with("Tuition is 112,000 to 350,000 THB a year.")

        answer = await service.ask("How much is tuition?")

        assert answer["response"] == "Tuition is 112,000 to 350,000 THB a year."
        assert answer["answered_by"] == "gemini"
        assert answer["language"] == "en"
        assert answer["finish_reason"] == "stop"
        assert answer["timestamp"].endswith("Z")
        assert answer["usage"]["total_tokens"] > 0
        assert answer["unsupported"] == []
        assert any(source["file"] == "au_tuitions.json" for source in answer["sources"])
        [asked] = fake_gemini.requests
        assert asked.target.endswith(":generateContent"), "nobody reads a stream of it"

    async def test_both_sides_come_back_from_the_history(self, service: Service) -> None:
        answer = await service.ask("  How much is tuition?  ")

        question, reply = await service.history(answer["session_id"])

        assert (question["role"], question["content"]) == ("user", "How much is tuition?")
        assert (reply["role"], reply["content"]) == ("assistant", answer["response"])
        assert reply["id"] == answer["message_id"]
        assert reply["timestamp"] == answer["timestamp"]
        assert reply["sources"] == answer["sources"]
        assert question["timestamp"] <= reply["timestamp"]
        assert {question["status"], reply["status"]} == {"complete"}

    async def test_the_history_tells_how_far_an_answer_can_be_trusted(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.answer_with("It costs 999,777 baht.")
        answer = await service.ask("How much is tuition?")

        question, reply = await service.history(answer["session_id"])

        assert reply["unsupported"] == answer["unsupported"] != []
        told = ("answered_by", "language", "suggestions")
        assert [reply[name] for name in told] == [answer[name] for name in told]
        assert (question["unsupported"], question["answered_by"]) == ([], None)

    async def test_a_second_message_takes_the_conversation_along(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.answer_with("112,000 THB.")
        first = await service.ask("How much for a bachelor?")

        second = await service.ask("And for an MBA?", session_id=first["session_id"])

        assert second["session_id"] == first["session_id"]
        sent = fake_gemini.requests[-1].json()["contents"]
        assert [turn["role"] for turn in sent] == ["user", "model", "user"]
        assert "112,000 THB." in sent[1]["parts"][0]["text"]
        assert len(await service.history(first["session_id"])) == 4

    async def test_an_unknown_session_id_starts_a_new_session(self, service: Service) -> None:
        answer = await service.ask("Hello", session_id="nobody-knows-this")

        assert answer["session_id"] != "nobody-knows-this"
        assert len(await service.history(answer["session_id"])) == 2

    async def test_another_message_of_the_session_has_to_wait_its_turn(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        first = await service.ask("First")
        with fake_gemini.holding():
            running = asyncio.create_task(service.ask("Second", session_id=first["session_id"]))
            await fake_gemini.wait_until_asked(2)

            refused = await service.client.post(
                "/api/v1/chat/", json={"message": "Third", "session_id": first["session_id"]}
            )

        assert refused.status_code == 409
        assert refused.json()["code"] == "turn_in_progress"
        assert int(refused.headers["retry-after"]) >= 1
        await running
        contents = [m["content"] for m in await service.history(first["session_id"])]
        assert "Third" not in contents


@on_every_database
class TestSendMessageTwice:
    async def test_the_same_id_brings_the_stored_answer_back(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        key = str(uuid4())
        first = await service.ask("How much?", client_message_id=key)

        again = await service.ask("How much?", client_message_id=key)
        inside = await service.ask(
            "How much?", client_message_id=key, session_id=first["session_id"]
        )

        assert again == first
        assert inside == first
        assert len(fake_gemini.requests) == 1

    async def test_the_header_does_the_same(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        headers = {"Idempotency-Key": str(uuid4())}
        answers = [
            (
                await service.client.post(
                    "/api/v1/chat/", json={"message": "How much?"}, headers=headers
                )
            ).json()
            for _ in range(2)
        ]

        assert answers[0] == answers[1]
        assert len(fake_gemini.requests) == 1

    async def test_twenty_at_once_are_one_turn(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.latency = 0.1
        key = str(uuid4())

        answers = await asyncio.gather(
            *(service.ask("How much?", client_message_id=key) for _ in range(20))
        )

        assert all(answer == answers[0] for answer in answers)
        assert len(fake_gemini.requests) == 1
        assert len(await service.stored()) == 2

    async def test_the_same_id_with_another_message_is_refused(self, service: Service) -> None:
        key = str(uuid4())
        await service.ask("How much?", client_message_id=key)

        refused = await service.client.post(
            "/api/v1/chat/", json={"message": "Where?", "client_message_id": key}
        )

        assert refused.status_code == 409
        assert refused.json()["code"] == "idempotency_key_reused"
        assert len(await service.stored()) == 2

    @pytest.mark.parametrize("key", ["1", "k" * 15])
    async def test_a_short_id_is_nobody_elses(self, service: Service, key: str) -> None:
        mine = await service.ask("How much?", client_message_id=key)
        other = await service.ask("Where are you?", client_message_id=key)

        assert mine["session_id"] != other["session_id"]

    async def test_one_of_sixteen_characters_is_long_enough(self, service: Service) -> None:
        first = await service.ask("How much?", client_message_id="k" * 16)

        assert await service.ask("How much?", client_message_id="k" * 16) == first


class TestOwnership:
    async def test_nobody_else_reaches_a_persons_session(self, service: Service) -> None:
        mine = await service.sign_up("me@au.edu")
        other = await service.sign_up("other@au.edu")
        sent = await service.client.post("/api/v1/chat/", json={"message": "Hi"}, headers=mine)
        session_id = sent.json()["session_id"]
        url = f"/api/v1/chat/{session_id}"

        for headers in (other, {}):
            answers = [
                await service.client.get(f"{url}/history", headers=headers),
                await service.client.delete(url, headers=headers),
                await service.client.post(
                    "/api/v1/chat/",
                    json={"message": "Let me in", "session_id": session_id},
                    headers=headers,
                ),
            ]
            assert [answer.status_code for answer in answers] == [404] * 3
            assert {answer.json()["code"] for answer in answers} == {"session_not_found"}
        assert (await service.client.get(f"{url}/history", headers=mine)).status_code == 200
        assert len(await service.stored()) == 2

    async def test_a_deactivated_person_is_refused(self, service: Service) -> None:
        headers = await service.sign_up("gone@au.edu", is_active=False)

        answer = await service.client.post("/api/v1/chat/", json={"message": "Hi"}, headers=headers)

        assert answer.status_code == 401

    @pytest.mark.parametrize(
        "value",
        ["Bearer", "Bearer ", "Basic dTpw", "x", "Bearer a.b.c", "Bearer " + "a" * 5_000, ""],
    )
    async def test_a_bad_token_never_becomes_an_anonymous_visitor(
        self, service: Service, value: str
    ) -> None:
        answer = await service.client.post(
            "/api/v1/chat/", json={"message": "Hi"}, headers={"Authorization": value}
        )

        assert answer.status_code == 401
        assert answer.json()["code"] == "not_authenticated"
        assert answer.headers["www-authenticate"] == "Bearer"
        assert await service.stored() == []


@on_every_database
class TestHistory:
    async def test_pages_back_by_id_without_gap_or_repeat(self, service: Service) -> None:
        session_id = (await service.ask("Question 0"))["session_id"]
        for number in range(1, 6):
            await service.ask(f"Question {number}", session_id=session_id)
        url = f"/api/v1/chat/{session_id}/history"

        pages: list[list[int]] = []
        before: dict[str, int] = {}
        while True:
            page = (await service.client.get(url, params={"limit": 5, **before})).json()
            pages.insert(0, [message["id"] for message in page["messages"]])
            if not page["has_more"]:
                break
            before = {"before": page["messages"][0]["id"]}

        ids = [id_ for page in pages for id_ in page]
        assert ids == [message["id"] for message in await service.history(session_id)]
        assert [len(page) for page in pages] == [2, 5, 5]

    async def test_a_page_holds_a_hundred_messages_by_default(self, service: Service) -> None:
        session_id = (await service.ask("Question 0"))["session_id"]
        for number in range(1, 52):
            await service.ask(f"Question {number}", session_id=session_id)

        page = (await service.client.get(f"/api/v1/chat/{session_id}/history")).json()

        assert len(page["messages"]) == 100
        assert page["has_more"] is True
        assert page["messages"][-2]["content"] == "Question 51"

    async def test_an_unknown_session_is_404(self, service: Service) -> None:
        answer = await service.client.get(f"{UNKNOWN}/history")

        assert answer.status_code == 404
        assert answer.json()["code"] == "session_not_found"


@on_every_database
class TestResetSession:
    async def test_erases_every_message(self, service: Service) -> None:
        session_id = (await service.ask("Remember me"))["session_id"]

        answer = await service.client.delete(f"/api/v1/chat/{session_id}")

        assert answer.status_code == 200
        assert answer.json()["session_id"] == session_id
        assert isinstance(answer.json()["message"], str)
        assert await service.stored() == []
        gone = await service.client.get(f"/api/v1/chat/{session_id}/history")
        assert gone.status_code == 404

    async def test_an_unknown_session_is_404(self, service: Service) -> None:
        assert (await service.client.delete(UNKNOWN)).status_code == 404

    async def test_a_session_erased_while_it_is_answered_leaves_nothing(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        session_id = (await service.ask("First"))["session_id"]
        with fake_gemini.holding():
            running = asyncio.create_task(
                service.client.post(
                    "/api/v1/chat/", json={"message": "Second", "session_id": session_id}
                )
            )
            await fake_gemini.wait_until_asked(2)

            await service.client.delete(f"/api/v1/chat/{session_id}")

            answer: httpx.Response = await running
        assert answer.status_code == 404
        assert await service.stored() == []


class TestSlashes:
    @pytest.mark.parametrize("path", ["/api/v1/chat", "/api/v1/chat/"])
    async def test_a_message_is_taken_in_both_forms(self, service: Service, path: str) -> None:
        answer = await service.client.post(path, json={"message": "Hi"})

        assert answer.status_code == 200

    async def test_history_and_reset_are_served_in_both_forms(self, service: Service) -> None:
        session_id = (await service.ask("Hi"))["session_id"]

        history = await service.client.get(f"/api/v1/chat/{session_id}/history/")
        erased = await service.client.delete(f"/api/v1/chat/{session_id}/")

        assert (history.status_code, erased.status_code) == (200, 200)
