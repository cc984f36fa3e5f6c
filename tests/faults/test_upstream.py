"""Gemini dead, slow, flapping, cut in the middle, or nowhere to be found: the facts answer."""

import asyncio
import itertools

import httpx
import pytest

from tests.fakes import gemini_faults as faults
from tests.fakes.gemini_behaviours import Behaviour, failure
from tests.fakes.gemini_http import Exchange
from tests.fakes.gemini_server import FakeGemini
from tests.faults.conftest import Environment
from tests.faults.people import (
    READY_SECONDS,
    answer_in_time,
    crowd,
    readiness,
    recovery,
    tell,
    until,
)
from tests.processes import serve
from tests.streams import CHAT

pytestmark = pytest.mark.stress

HASTY = {"GEMINI_TIMEOUT_SECONDS": "2"}
QUESTION = {"message": "How much is the tuition for a bachelor's degree?"}


def flapping() -> Behaviour:
    """Every third request is answered, the others fail in turn."""
    turns = itertools.cycle([failure(503), faults.cut_after("The tuition is"), answer_in_time])

    async def behave(exchange: Exchange) -> None:
        await next(turns)(exchange)

    return behave


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("dead", failure(503)),
        ("slow", faults.stall_before_headers),
        ("silent in the middle", faults.stall_after("The tuition is")),
        ("cut in the middle", faults.cut_after("The tuition is")),
        ("flapping", flapping()),
    ],
)
async def test_people_are_answered_all_along_and_by_the_model_again(
    name: str, fault: Behaviour, environment: Environment, fake_gemini: FakeGemini
) -> None:
    with serve("--workers", "2", **environment, **HASTY) as server:
        async with crowd(server.url) as people:
            await people.hear(6)
            fake_gemini.always(fault)
            slowest = await people.hear(12)
            fake_gemini.always(answer_in_time)
            ready_after = await recovery(server.url)
            by_model = await answered_by_gemini(server.url)

    tell(f"{name}: 12 answers in {slowest:.1f} s, ready {ready_after:.1f}, model {by_model:.1f} s")
    assert people.refusals <= {(409, "turn_in_progress")}


async def test_a_dead_upstream_never_makes_the_service_unready(
    environment: Environment, fake_gemini: FakeGemini
) -> None:
    with serve(**environment, **HASTY) as server, fake_gemini.refusing():
        async with crowd(server.url) as people:
            await people.hear(12)
        during = await readiness(server.url)

    assert during["status"] == "ready"
    assert during["gemini"]["state"] == "degraded"


async def test_a_name_that_nobody_knows_is_an_upstream_that_is_away(
    environment: Environment,
) -> None:
    environment = {**environment, "GEMINI_BASE_URL": "http://gemini.invalid"}
    with serve(**environment, **HASTY) as server:
        async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
            answers = [await client.post(f"{server.url}{CHAT}", json=QUESTION) for _ in range(7)]
        during = await readiness(server.url)

    assert {answer.json()["answered_by"] for answer in answers} == {"knowledge"}
    assert "112,000" in answers[0].json()["response"]
    assert during["status"] == "ready"
    assert during["gemini"]["state"] == "degraded"


async def answered_by_gemini(url: str) -> float:
    """The seconds until the model words an answer again."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:

        async def is_back() -> bool:
            response = await client.post(f"{url}{CHAT}", json=QUESTION)
            return bool(response.json()["answered_by"] == "gemini")

        await until(is_back)
    assert READY_SECONDS
    return loop.time() - began
