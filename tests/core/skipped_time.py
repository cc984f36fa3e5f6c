"""An event loop on whose clock a wait takes no time, so that hours can be told to the second."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec

P = ParamSpec("P")


class _Skipping(selectors.SelectSelector):
    """Where nothing else is due but a timer, it is that time already."""

    now = 1_000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(None if timeout is None else 0)
        if not found and timeout:
            self.now += timeout
        return found


class _SkippingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _Skipping()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


def in_no_time(scenario: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run a test whose waits only the loop's own clock notices; nothing may come from outside."""

    @wraps(scenario)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=_SkippingLoop) as runner:
            runner.run(scenario(*args, **kwargs))

    return run


def now() -> float:
    """The time of the running loop."""
    return asyncio.get_running_loop().time()
