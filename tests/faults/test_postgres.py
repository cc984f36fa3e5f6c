"""PostgreSQL stopped and started under a service that is being used."""

import asyncio

import pytest

from tests.faults.conftest import Environment
from tests.faults.parts import Postgres
from tests.faults.people import READY_SECONDS, crowd, read_refusal, readiness, recovery, tell
from tests.processes import serve
from tests.streams import CHAT

pytestmark = pytest.mark.stress


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_a_stopped_postgresql_loses_nothing_and_the_pool_heals(
    mode: str, own_postgres: Postgres, environment: Environment
) -> None:
    with serve("--workers", "2", **{**environment, "DATABASE_URL": own_postgres.url}) as server:
        await recovery(server.url)
        async with crowd(server.url) as people:
            await people.hear(12)
            await asyncio.to_thread(own_postgres.stop, mode)
            during = await readiness(server.url)
            newcomer = await people.client.post(f"{server.url}{CHAT}", json={"message": "Hello?"})
            for _ in range(10):
                await asyncio.sleep(0.2)
            await asyncio.to_thread(own_postgres.start)
            ready_after = await recovery(server.url)
            answered_after = ready_after + await people.hear(6)

    tell(f"{mode}: ready {ready_after:.2f} s, answers {answered_after:.2f} s after the start")
    assert during["status"] == "not_ready"
    assert during["database"]["state"] == "failed"
    # Of the others, all may be waiting for answers that are still to be stored.
    assert read_refusal(newcomer) == (503, "database_unavailable")
    assert ready_after < READY_SECONDS
