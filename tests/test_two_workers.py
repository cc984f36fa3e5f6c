"""Two processes over one database, as behind a proxy that sends requests to either."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.databases import REDIS_URL, needs_redis, on_every_database
from tests.fakes import gemini_faults as faults
from tests.fakes.gemini_behaviours import slow_answer
from tests.fakes.gemini_server import FakeGemini
from tests.nginx import running_nginx
from tests.processes import ServerProcess, free_port, serve
from tests.streams import CHAT, begin, part_of, read_parts, text_of

ANSWER = "ค่าเล่าเรียน 学费 ကျောင်းလခ 🎓 is 112,000 baht."

pytestmark = pytest.mark.stress
Workers = tuple[ServerProcess, ServerProcess]


@contextmanager
def serve_twice(database_url: str, gemini_url: str, **more: str) -> Iterator[Workers]:
    environment = {
        "DATABASE_URL": database_url,
        "GEMINI_API_KEY": "k",
        "GEMINI_BASE_URL": gemini_url,
        "RATE_LIMIT_ENABLED": "false",
        **more,
    }
    with serve(**environment) as one, serve(**environment) as other:
        yield one, other


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        yield client


@on_every_database
async def test_the_same_message_50_times_at_once_is_one_turn(
    database_url: str, fake_gemini: FakeGemini, client: httpx.AsyncClient
) -> None:
    fake_gemini.latency = 0.3
    body = {"message": "Tuition?", "client_message_id": "a-long-enough-message-id"}
    with serve_twice(database_url, fake_gemini.base_url) as workers:
        answers = await asyncio.gather(
            *(client.post(f"{workers[n % 2].url}{CHAT}", json=body) for n in range(50))
        )
        session_id = answers[0].json()["session_id"]
        history = await client.get(f"{workers[0].url}{CHAT}{session_id}/history")

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len(fake_gemini.requests) == 1
    assert len(history.json()["messages"]) == 2


@needs_redis
@on_every_database
async def test_the_other_worker_shows_the_answer_from_every_moment(
    database_url: str, fake_gemini: FakeGemini, client: httpx.AsyncClient
) -> None:
    fake_gemini.always(slow_answer(ANSWER, pieces=8, pause=0.08))
    with serve_twice(database_url, fake_gemini.base_url, REDIS_URL=REDIS_URL) as (one, other):
        reading, session_id = await begin(client, one.url)
        joined = []
        while not reading.done():
            url = f"{other.url}{CHAT}{session_id}/stream"
            joined.append(asyncio.create_task(client.get(url)))
            await asyncio.sleep(0.04)
        responses = await asyncio.gather(*joined)
        texts = [text_of(read_parts(r.content)) for r in responses if r.status_code == 200]

    assert text_of(read_parts(await reading)) == ANSWER
    assert len(texts) >= 8
    assert set(texts) == {ANSWER}


@needs_redis
@on_every_database
async def test_a_stop_through_the_other_worker_reaches_the_model(
    database_url: str, fake_gemini: FakeGemini, client: httpx.AsyncClient
) -> None:
    fake_gemini.always(faults.stall_after("The tuition is"))
    with serve_twice(database_url, fake_gemini.base_url, REDIS_URL=REDIS_URL) as (one, other):
        reading, session_id = await begin(client, one.url)
        await fake_gemini.wait_until_asked()
        await asyncio.sleep(0.2)
        asked_at = time.monotonic()
        stopped = await client.post(f"{other.url}{CHAT}{session_id}/stop")
        closed_at = await fake_gemini.wait_until_closed()

    assert stopped.json()["stopped"] is True
    parts = read_parts(await reading)
    assert text_of(parts) == "The tuition is"
    assert part_of(parts, "abort")
    print(f"the call was closed {1000 * (closed_at - asked_at):.0f} ms after the stop")  # noqa: T201


SITE = """
gzip on; gzip_proxied any; gzip_types *; gzip_min_length 0;
server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass {url}; proxy_http_version 1.1; }}
}}
"""


@contextmanager
def proxied(url: str, folder: Path) -> Iterator[str]:
    """An nginx before the service, set up as if nobody had thought of streams."""
    port = free_port()
    with running_nginx(folder, SITE.format(port=port, url=url), port=port) as address:
        yield address


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
async def test_nginx_with_gzip_holds_nothing_back(
    database_url: str, fake_gemini: FakeGemini, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    fake_gemini.always(slow_answer(ANSWER, pieces=6, pause=0.15))
    with (
        serve(
            DATABASE_URL=database_url, GEMINI_API_KEY="k", GEMINI_BASE_URL=fake_gemini.base_url
        ) as server,
        proxied(server.url, tmp_path) as url,
    ):
        moments = []
        body = b""
        async with client.stream(
            "POST",
            f"{url}{CHAT}stream",
            json={"message": "Tuition?"},
            headers={"Accept-Encoding": "gzip"},
        ) as response:
            async for piece in response.aiter_bytes():
                moments.append(time.monotonic())
                body += piece

    assert text_of(read_parts(body)) == ANSWER
    assert len(moments) >= 6
    assert moments[-1] - moments[0] > 0.4
