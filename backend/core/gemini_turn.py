"""What one turn may spend on Gemini: attempts, time, and its say in the circuit breaker."""

import asyncio
import random
from types import TracebackType
from typing import Final, Self

from backend.core.circuit_breaker import CircuitBreaker, CircuitOpen
from backend.core.gemini_errors import (
    GeminiBreakerOpen,
    GeminiError,
    GeminiQuotaExceeded,
    GeminiTimeout,
    Retry,
    Vote,
)
from backend.core.gemini_types import Answer, GeminiConfig
from backend.core.meter import Meter
from backend.core.patience import Patience
from backend.core.tracing import tracing

_LONGEST_TRIP: Final = 3_600.0
"""Seconds: whatever a 429 asks for, Gemini is tried again after an hour."""

_LONGEST_BACKOFF: Final = 4.0


class UpstreamTurn:
    """One question's allowance. Use as a context manager around all that is asked for it.

    Leaving it settles the breaker's permit: a return is a success, a `GeminiError` is judged by
    its `vote`, anything else (a cancelled turn) teaches nothing.

    Raises:
        GeminiBreakerOpen: Gemini may not be asked now.
    """

    def __init__(self, config: GeminiConfig, breaker: CircuitBreaker, meter: Meter) -> None:
        try:
            self._permit = breaker.enter()
        except CircuitOpen as exc:
            meter.gemini_failed(GeminiBreakerOpen.code)
            raise GeminiBreakerOpen(exc.reason, retry_after=exc.retry_after) from None
        self._config = config
        self._meter = meter
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self.deadline = self._began + config.timeout_seconds
        self.attempts = 0
        self._span = tracing.span("upstream")
        self._once_used = False
        self.patience = Patience()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.patience.end()
        self._span.tell("gemini.attempts", self.attempts).__exit__(kind, error, trace)
        if error is None:
            self._permit.succeed()
        elif isinstance(error, GeminiError):
            self._meter.gemini_failed(error.code)
            error.attempts = self.attempts
            self._judge(error)
        else:
            self._permit.release()

    def time_left(self) -> float:
        """Seconds until the deadline; negative after it."""
        return self.deadline - self._loop.time()

    def count(self, answer: Answer) -> Answer:
        """Count what an answer cost; gives it back."""
        self._meter.gemini_answered(answer.usage, self._loop.time() - self._began)
        return answer

    async def pause(self, error: GeminiError) -> None:
        """Wait before the next attempt.

        Raises:
            GeminiError: `error` itself, when there shall be no further attempt.
        """
        if not self._may_retry(error):
            raise error
        backoff = min(_LONGEST_BACKOFF, self._config.backoff_seconds * 2 ** (self.attempts - 1))
        # Full jitter: many turns that failed together must not come back together.
        wait = (error.retry_after or 0.0) + random.uniform(0, backoff)  # noqa: S311 - no secret
        if wait >= self.time_left():
            raise error
        await asyncio.sleep(wait)
        if not self._permit.is_current:
            raise error
        self._meter.gemini_failed(error.code)
        self._meter.gemini_retried()

    def _may_retry(self, error: GeminiError) -> bool:
        if error.retry is Retry.NEVER or self.attempts > self._config.retries:
            return False
        if not self._permit.is_current:  # others have opened the breaker meanwhile
            return False
        if error.retry is Retry.ONCE:
            first, self._once_used = not self._once_used, True
            return first
        return True

    def _judge(self, error: GeminiError) -> None:
        if error.vote is Vote.ANSWERED:
            self._permit.succeed()
        elif error.vote is Vote.FAILED:
            self._permit.fail(error.code)
        elif error.vote is Vote.TRIPS and (seconds := self._trip_seconds(error)):
            self._permit.trip(seconds, error.code)
        else:
            self._permit.release()

    def _trip_seconds(self, error: GeminiError) -> float | None:
        if isinstance(error, GeminiQuotaExceeded):
            return min(error.retry_after, _LONGEST_TRIP) if error.retry_after else None
        return self._config.breaker_misconfigured_seconds


def deadline_passed(last: GeminiError | None) -> GeminiError:
    """Name a turn that ran out of time: what failed before says more than the clock."""
    timeout = GeminiTimeout("deadline")
    timeout.__cause__ = last
    return timeout
