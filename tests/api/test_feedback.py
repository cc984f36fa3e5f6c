"""Rating answers, over HTTP."""

from typing import Any

import pytest

from tests.databases import on_every_database
from tests.service import Service

URL = "/api/v1/chat"


async def answer_to(service: Service, message: str, **more: Any) -> tuple[str, int]:
    """Ask; gives the address of the answer's feedback, and the answer's id."""
    answer = await service.client.post(f"{URL}/", json={"message": message}, **more)
    body = answer.json()
    return f"{URL}/{body['session_id']}/messages/{body['message_id']}/feedback", body["message_id"]


async def shown(service: Service, url: str) -> list[str | None]:
    """What the history says of each message."""
    history = await service.history(url.split("/")[4])
    return [message["feedback"] for message in history]


@on_every_database
class TestFeedback:
    async def test_is_kept_replaced_and_taken_back(self, offline_service: Service) -> None:
        service = offline_service
        url, message_id = await answer_to(service, "How much is the MBA?")

        up = await service.client.put(url, json={"rating": "up", "comment": "  ดีมาก "})
        assert up.json() == {"message_id": message_id, "rating": "up", "comment": "ดีมาก"}
        assert await shown(service, url) == [None, "up"]

        down = await service.client.put(url, json={"rating": "down"})
        assert down.json() == {"message_id": message_id, "rating": "down", "comment": None}
        assert await shown(service, url) == [None, "down"]

        for _ in range(2):
            gone = await service.client.delete(url)
            assert gone.status_code == 200
            assert gone.json() == {"message_id": message_id, "rating": None, "comment": None}
        assert await shown(service, url) == [None, None]

    async def test_a_rating_that_cannot_be_read_changes_nothing(
        self, offline_service: Service
    ) -> None:
        service = offline_service
        url, _ = await answer_to(service, "How much is the MBA?")
        await service.client.put(url, json={"rating": "up", "comment": "Good"})
        bad: list[Any] = [
            {},
            {"rating": "sideways"},
            {"rating": None},
            {"rating": "down", "comment": "x" * 1_001},
            {"rating": "down", "comment": "\x00"},
            {"rating": "down", "stars": 5},
            [],
        ]

        answers = [await service.client.put(url, json=body) for body in bad]

        assert [answer.status_code for answer in answers] == [422] * len(bad)
        assert await shown(service, url) == [None, "up"]

    async def test_only_ones_own_answers_can_be_rated(self, offline_service: Service) -> None:
        service = offline_service
        mine, other = [await service.sign_up(f"{name}@au.edu") for name in "ab"]
        url, message_id = await answer_to(service, "Mine", headers=mine)
        foreign, foreign_id = await answer_to(service, "Somebody's")
        base = url.removesuffix(f"{message_id}/feedback")
        tries = [
            (url, other),
            (url, {}),
            (url, await service.sign_up_admin()),
            (f"{base}{message_id - 1}/feedback", mine),  # the question
            (f"{base}{foreign_id}/feedback", mine),  # an answer of another session
            (f"{base}{2**63 - 1}/feedback", mine),
        ]

        for address, headers in tries:
            put = await service.client.put(address, json={"rating": "up"}, headers=headers)
            delete = await service.client.delete(address, headers=headers)
            assert (put.status_code, delete.status_code) == (404, 404), address
        assert await shown(service, foreign) == [None, None]

    @pytest.mark.parametrize("message_id", ["0", "-1", "x", str(2**63)])
    async def test_an_id_that_no_message_can_have_is_refused(
        self, offline_service: Service, message_id: str
    ) -> None:
        url, real_id = await answer_to(offline_service, "Hello")
        address = url.replace(f"/{real_id}/", f"/{message_id}/")

        answer = await offline_service.client.put(address, json={"rating": "up"})

        assert answer.status_code == 422
