"""One of several workers killed or told to end, with streams open."""

import os
import signal
import time

import psutil
import pytest

from tests.databases import on_every_database
from tests.faults.conftest import Environment
from tests.faults.people import READY_SECONDS, crowd, recovery, tell, until
from tests.processes import serve

pytestmark = pytest.mark.stress


def workers_of(pid: int) -> list[int]:
    """The processes that answer."""
    return [child.pid for child in psutil.Process(pid).children() if _answers(child)]


def _answers(child: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(child.cmdline())
    except psutil.Error:  # it has just ended
        return False


@on_every_database
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_the_others_go_on_and_the_dead_one_comes_back(
    number: signal.Signals, environment: Environment
) -> None:
    with serve("--workers", "2", **environment) as server:
        await recovery(server.url)

        async def are_two() -> bool:
            return len(workers_of(server.pid)) == 2

        await until(are_two)
        async with crowd(server.url) as people:
            await people.hear(12)
            before = workers_of(server.pid)
            os.kill(before[0], number)
            ended_at = time.monotonic()
            await recovery(server.url)

            async def is_replaced() -> bool:
                now = workers_of(server.pid)
                return before[0] not in now and len(now) == 2

            await until(is_replaced)
            await people.hear(12)
            ready_after = time.monotonic() - ended_at

    waits = max(person.longest_wait for person in people.people)
    cuts = sum(person.cuts for person in people.people)
    tell(
        f"{number.name}: two workers {ready_after:.2f} s after, {cuts} cut off, wait {waits:.2f} s"
    )
    assert people.refusals <= {(409, "turn_in_progress"), (503, "service_unavailable")}
    assert waits < 2 * READY_SECONDS


async def test_workers_end_with_the_process_that_looks_after_them(
    environment: Environment,
) -> None:
    with serve("--workers", "2", **environment) as server:
        await recovery(server.url)

        async def are_two() -> bool:
            return len(workers_of(server.pid)) == 2

        await until(are_two)
        workers = [psutil.Process(pid) for pid in workers_of(server.pid)]
        server.kill()

        async def have_ended() -> bool:
            return not any(worker.is_running() for worker in workers)

        await until(have_ended)
