"""Tests of `backend/core/pace.py`."""

import asyncio

from backend.core.pace import Pace


class TestPace:
    async def test_lets_a_few_through_in_each_round_in_their_order(self) -> None:
        pace, passed = Pace(a_round=3), []

        async def pass_through(number: int) -> None:
            await pace.wait_for_turn()
            passed.append(number)

        tasks = [asyncio.create_task(pass_through(number)) for number in range(10)]
        seen = []
        while len(passed) < 10:
            await asyncio.sleep(0)
            seen.append(len(passed))

        assert passed == list(range(10))
        assert max(after - before for before, after in zip([0, *seen], seen, strict=False)) <= 3
        await asyncio.gather(*tasks)

    async def test_goes_on_after_those_who_waited_have_gone(self) -> None:
        pace = Pace(a_round=1)
        tasks = [asyncio.create_task(pace.wait_for_turn()) for _ in range(5)]
        await asyncio.sleep(0)
        for task in tasks[1:]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

        await asyncio.wait_for(asyncio.gather(*(pace.wait_for_turn() for _ in range(5))), 2)
