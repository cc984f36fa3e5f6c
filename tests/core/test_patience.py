"""Tests of `backend/core/patience.py`."""

import asyncio
from time import monotonic

import pytest

from backend.core.patience import Patience
from tests.core.skipped_time import in_no_time, now

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


class TestToTheSecond:
    """The same on a clock that takes no time."""

    @pytest.mark.parametrize("seconds", [0.5, 3.0, 600.0])
    @in_no_time
    async def test_a_wait_lasts_as_long_as_it_is_given(self, seconds: float) -> None:
        patience, began = Patience(), now()
        with patience.of(seconds):
            await asyncio.sleep(seconds - 0.1)
        with pytest.raises(TimeoutError), patience.of(seconds):
            await asyncio.sleep(seconds + 0.1)
        assert now() - began == pytest.approx(2 * seconds - 0.1)

    @pytest.mark.parametrize(
        "waits",
        [
            [(10, 9), (10, 9), (10, 9), (10, 11)],
            [(10, 1), (2, 1.9), (2, 2.1)],
            [(2, 1), (10, 9.9), (10, 10.1)],
            [(10, 9), (10, 0), (1, 0.9), (10, 10.1)],
            [(5, 6), (5, 6), (1, 0.5), (5, 6)],
        ],
    )
    @in_no_time
    async def test_each_of_many_waits_has_its_own_time(
        self, waits: list[tuple[float, float]]
    ) -> None:
        patience = Patience()
        for given, needed in waits:
            began = now()
            try:
                with patience.of(given):
                    await asyncio.sleep(needed)
            except TimeoutError:
                assert needed > given
            assert now() - began == pytest.approx(min(given, needed))

    @in_no_time
    async def test_waits_begin_anew_after_an_end(self) -> None:
        patience = Patience()
        with patience.of(5):
            await asyncio.sleep(1)
        patience.end()
        began = now()
        with pytest.raises(TimeoutError), patience.of(7):
            await asyncio.sleep(8)
        assert now() - began == pytest.approx(7)

    @in_no_time
    async def test_a_task_that_was_cancelled_can_still_run_out_of_time(self) -> None:
        async def tidy_up() -> str:
            try:
                await asyncio.sleep(LONG)
            finally:
                with pytest.raises(TimeoutError), Patience().of(1):
                    await asyncio.sleep(LONG)
            return "never"

        task = asyncio.create_task(tidy_up())
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()
