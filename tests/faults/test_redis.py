"""Redis killed and started again: the service goes on as single workers would, and says so."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from tests.databases import on_every_database
from tests.fakes.gemini_behaviours import slow_answer
from tests.fakes.gemini_server import FakeGemini
from tests.faults.conftest import Environment
from tests.faults.parts import RedisServer
from tests.faults.people import READY_SECONDS, crowd, readiness, recovery, tell, until
from tests.processes import serve
from tests.streams import CHAT, begin, read_parts, text_of, types_of

pytestmark = pytest.mark.stress

ANSWER = "ค่าเล่าเรียน 学费 ကျောင်းလခ 🎓 is 112,000 baht, as the university's page of fees says."


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=40, trust_env=False) as client:
        yield client


@on_every_database
async def test_a_killed_redis_loses_nothing_and_readiness_tells(
    environment: Environment, own_redis: RedisServer
) -> None:
    with (
        serve(**environment, REDIS_URL=own_redis.url) as one,
        serve(**environment, REDIS_URL=own_redis.url) as other,
    ):
        async with crowd(one.url, other.url) as people:
            await people.hear(12)
            own_redis.kill()
            during = await readiness(one.url)
            await people.hear(12)
            own_redis.start()
            ready_after = await recovery(one.url)
            await people.hear(6)

    tell(f"ready {ready_after:.2f} s after Redis came back")
    assert during["status"] == "ready"
    assert during["redis"]["state"] == "degraded"
    assert ready_after < READY_SECONDS
    assert people.refusals <= {(409, "turn_in_progress")}


@pytest.mark.parametrize("way", ["killed", "silent"])
async def test_a_reader_elsewhere_gets_the_whole_answer_although_redis_dies(
    way: str,
    environment: Environment,
    own_redis: RedisServer,
    fake_gemini: FakeGemini,
    client: httpx.AsyncClient,
) -> None:
    fake_gemini.always(slow_answer(ANSWER, pieces=10, pause=0.3))
    environment = {**environment, "REDIS_URL": own_redis.url}
    with serve(**environment) as one, serve(**environment) as other:
        reading, session_id = await begin(client, one.url)
        read = b""
        url = f"{other.url}{CHAT}{session_id}/stream"

        await fake_gemini.wait_until_asked()
        async with client.stream("GET", url) as response:
            assert response.status_code == 200
            async for piece in response.aiter_bytes():
                if b"text-delta" in piece and not reading.done():
                    break_redis(own_redis, way)
                read += piece
        first = await reading
        restore_redis(own_redis, way)

    parts = read_parts(read)
    assert text_of(read_parts(first)) == ANSWER
    assert text_of(parts) == ANSWER
    assert types_of(parts)[-1] == "finish"
    assert "error" not in types_of(parts)


async def test_limits_rejoin_and_stop_do_without_redis_and_find_it_again(
    environment: Environment,
    own_redis: RedisServer,
    fake_gemini: FakeGemini,
    client: httpx.AsyncClient,
) -> None:
    environment = {
        **environment,
        "REDIS_URL": own_redis.url,
        "RATE_LIMIT_ENABLED": "true",
        "RATE_LIMIT_CHAT": "2/hour",
    }
    with serve(**environment) as one, serve(**environment) as other:

        async def ask(url: str) -> int:
            return (await client.post(f"{url}{CHAT}", json={"message": "Tuition?"})).status_code

        before = [await ask(one.url), await ask(other.url), await ask(one.url)]
        own_redis.kill()
        during = [await ask(one.url), await ask(other.url)]

        fake_gemini.always(slow_answer(ANSWER, pieces=40, pause=0.2))
        reading, session_id = await begin(client, one.url)
        await fake_gemini.wait_until_asked(5)
        stopped = await client.post(f"{other.url}{CHAT}{session_id}/stop")
        first = read_parts(await reading)
        own_redis.start()
        await recovery(one.url)

        async def is_counted() -> bool:
            return await ask(one.url) == 429

        fake_gemini.always(None)
        await until(is_counted)

    assert before == [200, 200, 429]
    assert during == [200, 200]
    assert stopped.status_code == 200, stopped.text
    assert "abort" in types_of(first)


def break_redis(redis: RedisServer, way: str) -> None:
    redis.kill() if way == "killed" else redis.pause()


def restore_redis(redis: RedisServer, way: str) -> None:
    redis.start() if way == "killed" else redis.resume()
