"""Four hosts behind nginx share one PostgreSQL and one Redis, and one after the other dies."""

import asyncio
import itertools
import os
import time
from pathlib import Path
from typing import Final

import pytest

from tests.bench.processes import start
from tests.faults.hosts import GATEWAY, bridge, running_hosts
from tests.faults.parts import running_postgres, running_redis
from tests.faults.people import Crowd, crowd, recovery, tell
from tests.nginx import deployed_nginx
from tests.processes import free_port

pytestmark = pytest.mark.stress

TURNS: Final = int(os.environ.get("STRESS_TURNS", "400"))
"""More by `STRESS_TURNS=20000`."""

KILL_SECONDS: Final = float(os.environ.get("STRESS_KILL_SECONDS", "20"))
_DOWN_SECONDS: Final = 3.0
_HOSTS: Final = 4
_PEOPLE: Final = 24


async def test_no_turn_is_lost_doubled_or_misplaced_while_hosts_die(tmp_path: Path) -> None:
    with (
        bridge(),
        running_postgres(address=GATEWAY) as postgres,
        running_redis(address=GATEWAY) as redis,
    ):
        gemini_port = free_port()
        environment = {
            "DATABASE_URL": postgres.url,
            "REDIS_URL": redis.url,
            "GEMINI_API_KEY": "k",
            "GEMINI_BASE_URL": f"http://{GATEWAY}:{gemini_port}",
            "SECRET_KEY": "shared-by-all-hosts-and-long-enough",
            "TRUSTED_PROXIES": GATEWAY,
            "RATE_LIMIT_ENABLED": "false",
            "LOG_LEVEL": "ERROR",
        }
        gemini = ("tests.fakes.gemini_server", "--host", "0.0.0.0", "--latency", "0.1")  # noqa: S104
        with (
            start(*gemini, "--port", str(gemini_port), port=gemini_port),
            running_hosts(_HOSTS, environment) as hosts,
            deployed_nginx(tmp_path, *(host.service for host in hosts)) as url,
        ):
            await recovery(url)
            kills, began = 0, time.monotonic()
            async with crowd(url, size=_PEOPLE) as people:
                for host in itertools.cycle(hosts):
                    if await enough(people, KILL_SECONDS - _DOWN_SECONDS):
                        break
                    host.kill()
                    kills += 1
                    tell(f"{host.address} killed after {people.answered} turns")
                    await enough(people, _DOWN_SECONDS)
                    host.start()
                answered = people.answered
                seconds = time.monotonic() - began
            report(people, f"{answered} turns in {seconds:.0f} s, {kills} hosts killed")
    assert answered >= TURNS


async def enough(people: Crowd, seconds: float) -> bool:
    """Let people talk for a while; True as soon as all turns are taken."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and people.answered < TURNS:  # noqa: ASYNC110 - it counts
        await asyncio.sleep(0.1)
    return people.answered >= TURNS


def report(people: Crowd, summary: str) -> None:
    """Print what was seen."""
    waits = sorted(person.longest_wait for person in people.people)
    cuts = sum(person.cuts for person in people.people)
    refusals = sum(len(person.refusals) for person in people.people)
    tell(
        f"{summary}; {cuts} connections cut, {refusals} refusals {sorted(people.refusals)},"
        f" longest wait {waits[-1]:.1f} s"
    )
