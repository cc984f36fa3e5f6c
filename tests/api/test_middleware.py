"""Tests of `backend/api/middleware.py`."""

import asyncio

from starlette.types import Message, Receive, Scope, Send

from backend.api.middleware import PaceMiddleware


class Rounds:
    """An application that notes in which round of the event loop each request begins."""

    def __init__(self) -> None:
        self.now = 0
        self.begun: list[tuple[int, str]] = []

    async def __call__(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        self.begun.append((self.now, scope["path"]))

    async def count(self) -> None:
        while True:
            self.now += 1
            await asyncio.sleep(0)


async def receive() -> Message:
    return {"type": "http.disconnect"}


async def send(_message: Message) -> None:
    return None


async def request_all(app: Rounds, paths: list[str], *, cancel: int | None = None) -> None:
    pace = PaceMiddleware(app, a_round=4)
    counter = asyncio.create_task(app.count())
    tasks = [
        asyncio.ensure_future(pace({"type": "http", "path": path}, receive, send)) for path in paths
    ]
    if cancel is not None:
        await asyncio.sleep(0)
        tasks[cancel].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    counter.cancel()


class TestPaceMiddleware:
    async def test_a_burst_begins_a_few_at_a_time_in_its_order(self) -> None:
        app = Rounds()
        paths = [f"/{number}" for number in range(42)]

        await request_all(app, paths)

        assert [path for _, path in app.begun] == paths
        rounds = [number for number, _ in app.begun]
        assert max(rounds.count(number) for number in rounds) <= 8

    async def test_health_checks_do_not_wait(self) -> None:
        app = Rounds()

        await request_all(app, [*(f"/{number}" for number in range(42)), "/health"])

        assert (app.begun[0][0], "/health") in app.begun[:6]

    async def test_whoever_goes_away_does_not_hold_the_others_up(self) -> None:
        app = Rounds()

        await request_all(app, [f"/{number}" for number in range(10)], cancel=7)

        assert [path for _, path in app.begun] == [f"/{n}" for n in range(10) if n != 7]

    async def test_a_quiet_service_lets_every_request_in_at_once(self) -> None:
        app = Rounds()
        pace = PaceMiddleware(app, a_round=4)
        for number in range(10):
            await pace({"type": "http", "path": f"/{number}"}, receive, send)
            await asyncio.sleep(0)

        assert len(app.begun) == 10
