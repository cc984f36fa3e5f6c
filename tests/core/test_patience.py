"""Tests of `backend/core/patience.py`."""

import asyncio
from time import monotonic

import pytest

from backend.core.patience import Patience

SHORT, LONG = 0.02, 5.0


class TestPatience:
    async def test_ends_a_wait_that_lasts_too_long(self) -> None:
        patience = Patience()
        began = monotonic()

        with pytest.raises(TimeoutError), patience.of(SHORT):
            await asyncio.sleep(LONG)

        assert SHORT * 0.9 < monotonic() - began < LONG / 2

    async def test_goes_on_afterwards_as_if_nothing_had_been(self) -> None:
        patience = Patience()
        for _ in range(2):
            with pytest.raises(TimeoutError), patience.of(SHORT):
                await asyncio.sleep(LONG)

        with patience.of(LONG):
            await asyncio.sleep(0)

        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0

    async def test_many_short_waits_last_longer_than_each_may(self) -> None:
        patience = Patience()
        for _ in range(10):
            with patience.of(SHORT * 2):
                await asyncio.sleep(SHORT / 2)

    async def test_a_later_wait_with_less_time_is_ended_in_its_time(self) -> None:
        patience = Patience()
        with patience.of(LONG):
            await asyncio.sleep(0)
        began = monotonic()

        with pytest.raises(TimeoutError), patience.of(SHORT):
            await asyncio.sleep(LONG)

        assert monotonic() - began < LONG / 2

    async def test_a_later_wait_with_more_time_gets_it(self) -> None:
        patience = Patience()
        with patience.of(SHORT):
            await asyncio.sleep(0)

        with patience.of(LONG):
            await asyncio.sleep(SHORT * 3)

    async def test_time_between_the_waits_is_nobodys(self) -> None:
        patience = Patience()
        with patience.of(SHORT):
            await asyncio.sleep(0)

        await asyncio.sleep(SHORT * 3)

        with patience.of(LONG):
            await asyncio.sleep(SHORT)

    async def test_whoever_cancels_the_task_is_obeyed(self) -> None:
        patience, is_waiting = Patience(), asyncio.Event()

        async def wait() -> None:
            with patience.of(LONG):
                is_waiting.set()
                await asyncio.sleep(LONG)

        task = asyncio.create_task(wait())
        await is_waiting.wait()
        task.cancel()

        with pytest.raises(asyncio.CancelledError):
            await task

    async def test_a_cancelled_task_stays_cancelled_when_its_time_is_up_as_well(self) -> None:
        patience = Patience()

        async def wait() -> None:
            with patience.of(SHORT):
                try:
                    await asyncio.sleep(LONG)
                finally:
                    task.cancel()

        task = asyncio.create_task(wait())

        with pytest.raises(asyncio.CancelledError):
            await task

    async def test_an_error_in_time_is_itself(self) -> None:
        with pytest.raises(ZeroDivisionError), Patience().of(LONG):
            raise ZeroDivisionError

    async def test_no_time_at_all_is_over_at_once(self) -> None:
        with pytest.raises(TimeoutError), Patience().of(-1):
            await asyncio.sleep(LONG)

    async def test_leaves_no_timer_behind(self) -> None:
        patience, loop = Patience(), asyncio.get_running_loop()
        with patience.of(SHORT):
            await asyncio.sleep(0)

        patience.end()

        assert not [
            handle
            for handle in getattr(loop, "_scheduled", [])
            if not handle.cancelled() and getattr(handle._callback, "__self__", None) is patience
        ]
