"""Taking turns on the event loop."""

import asyncio
from collections import deque
from typing import Final

A_ROUND: Final = 4
"""Steps that follow each other before others get the loop: some milliseconds."""


class Pace:
    """Lets `a_round` callers through in each round of the event loop, in the order they came.

    Whatever is due at the same moment otherwise runs as one piece: with 500 answers that is half
    a second, for which health checks and everybody else would wait.
    """

    def __init__(self, a_round: int = A_ROUND) -> None:
        self._a_round = a_round
        self._begun = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def wait_for_turn(self) -> None:
        """Go on in this round of the loop, or in the first later one that has room."""
        loop = asyncio.get_running_loop()
        if self._begun == 0:
            loop.call_soon(self._next_round, loop)
        self._begun += 1
        if self._begun > self._a_round:
            turn = loop.create_future()
            self._waiting.append(turn)
            await turn

    def _next_round(self, loop: asyncio.AbstractEventLoop) -> None:
        self._begun = 0
        while self._waiting and self._begun < self._a_round:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                self._begun += 1
        if self._waiting:
            self._begun = self._a_round
        if self._begun:
            loop.call_soon(self._next_round, loop)
