"""The service as a process: killed, stopped and started again."""

import asyncio
import socket

import httpx
import pytest

from tests.databases import on_every_database
from tests.fakes.gemini_server import FakeGemini
from tests.processes import serve


async def post(url: str, **body: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False) as client:
        return await client.post("/api/v1/chat/", json=body)


async def wait_for_requests(fake_gemini: FakeGemini, count: int) -> None:
    async with asyncio.timeout(10):
        await fake_gemini.wait_until_asked(count)


@on_every_database
@pytest.mark.slow
class TestKill:
    async def test_what_was_stored_is_there_and_the_next_turn_works(
        self, database_url: str, fake_gemini: FakeGemini
    ) -> None:
        environment = {
            "DATABASE_URL": database_url,
            "GEMINI_API_KEY": "k",
            "GEMINI_BASE_URL": fake_gemini.base_url,
        }
        with serve(**environment) as server:
            answered = (await post(server.url, message="First")).json()
            session_id = answered["session_id"]
            fake_gemini.latency = 5
            cut_off = asyncio.create_task(post(server.url, message="Second", session_id=session_id))
            await wait_for_requests(fake_gemini, 2)
            server.kill()
            [failure] = await asyncio.gather(cut_off, return_exceptions=True)
        fake_gemini.latency = 0

        with serve(**environment) as server:
            url = f"{server.url}/api/v1/chat/{session_id}/history"
            async with httpx.AsyncClient(trust_env=False) as client:
                messages = (await client.get(url)).json()["messages"]
            again = await post(server.url, message="Third", session_id=session_id)

        assert isinstance(failure, httpx.TransportError)
        assert [(m["content"], m["status"]) for m in messages] == [
            ("First", "complete"),
            (answered["response"], "complete"),
            ("Second", "interrupted"),
        ]
        assert again.status_code == 200


@pytest.mark.slow
class TestStop:
    async def test_a_running_turn_is_finished_first(
        self, database_url: str, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.latency = 0.2
        with serve(
            DATABASE_URL=database_url,
            GEMINI_API_KEY="k",
            GEMINI_BASE_URL=fake_gemini.base_url,
        ) as server:
            running = asyncio.create_task(post(server.url, message="First"))
            await wait_for_requests(fake_gemini, 1)
            status = await asyncio.to_thread(server.stop)

            assert (await running).status_code == 200
        assert status in {0, -15}


@pytest.mark.slow
class TestWorkers:
    async def test_end_with_the_process_that_looks_after_them(self, database_url: str) -> None:
        with serve("--workers", "2", DATABASE_URL=database_url) as server:
            server.kill()

            async with asyncio.timeout(10):
                while is_taken(server.port):  # noqa: ASYNC110 - other processes tell nobody
                    await asyncio.sleep(0.05)


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
