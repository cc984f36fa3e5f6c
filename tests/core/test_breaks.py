"""Tests of `backend/core/breaks.py`."""

import asyncio
from collections.abc import Sequence
from time import monotonic, thread_time

from backend.core.breaks import Breaks

FOR_EVER = 1e-9
"""A share of the time so small that no test sees the end of a break."""


def work(breaks: Breaks, done: list[int], pieces: Sequence[int] = (1, 2, 3)) -> float:
    """Do the pieces, 10 ms each; returns the seconds they took in all."""
    began = monotonic()
    for piece in breaks.between(pieces):
        until = thread_time() + 0.01
        while thread_time() < until:
            pass
        done.append(piece)
    return monotonic() - began


class TestBreaks:
    def test_are_not_taken_until_they_are_allowed(self) -> None:
        done: list[int] = []

        work(Breaks(FOR_EVER), done)

        assert done == [1, 2, 3]

    def test_leave_no_more_than_a_share_of_the_time_to_the_work(self) -> None:
        breaks, done = Breaks(0.25), list[int]()
        breaks.allow()

        took = work(breaks, done)

        assert done == [1, 2, 3]
        assert took >= 0.03 + 2 * 0.03

    def test_the_first_piece_is_waited_for_by_nobody(self) -> None:
        breaks = Breaks(FOR_EVER)
        breaks.allow()
        assert next(breaks.between("ab")) == "a"

    async def test_end_for_whoever_is_in_a_hurry(self) -> None:
        breaks, done = Breaks(FOR_EVER), list[int]()
        breaks.allow()
        working = asyncio.create_task(asyncio.to_thread(work, breaks, done))
        await asyncio.sleep(0.3)
        assert done == [1]

        breaks.end()

        await asyncio.wait_for(working, 10)
        assert done == [1, 2, 3]
