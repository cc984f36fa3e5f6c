"""A circuit breaker: stop asking what keeps failing, then let one call try whether it is back."""

import time
from collections.abc import Callable
from enum import StrEnum


class BreakerState(StrEnum):
    """What the breaker does with the next call."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitOpen(Exception):
    """No call may be made now; `retry_after` is in seconds."""

    def __init__(self, retry_after: float, reason: str) -> None:
        self.retry_after = retry_after
        self.reason = reason
        super().__init__(reason)


class Permit:
    """Leave for one call. Settle it once, with one of its methods; later ones do nothing."""

    __slots__ = ("_breaker", "_settled", "epoch")

    def __init__(self, breaker: "CircuitBreaker", epoch: int) -> None:
        self._breaker = breaker
        self._settled = False
        self.epoch = epoch

    @property
    def is_current(self) -> bool:
        """False once the breaker has opened or closed since this call began."""
        return self._breaker.is_current(self)

    def succeed(self) -> None:
        """The other side answered, whatever it said."""
        if self._settle():
            self._breaker.record_success(self)

    def fail(self, reason: str) -> None:
        """The other side failed in a way that counts."""
        if self._settle():
            self._breaker.record_failure(self, reason)

    def trip(self, seconds: float, reason: str) -> None:
        """Every call would fail alike for so long: open at once."""
        if self._settle():
            self._breaker.record_trip(self, seconds, reason)

    def release(self) -> None:
        """Nothing was learned: the call was cancelled, or says nothing about the other side."""
        if self._settle():
            self._breaker.record_release(self)

    def _settle(self) -> bool:
        first = not self._settled
        self._settled = True
        return first


class CircuitBreaker:
    """Opens after `threshold` failures in a row, and for `open_seconds` lets no call through.

    After that one call probes while all others are still refused: its success closes the
    breaker, its failure opens it again. A probe that never settles loses its place after
    `probe_seconds`. Every opening and closing begins a new epoch, and a call that began in an
    earlier one has no say any more: slow failures of an old outage cannot open it again.

    For one event loop; not safe across threads. `clock` gives seconds that never go back.
    """

    def __init__(
        self,
        *,
        threshold: int = 5,
        open_seconds: float = 15.0,
        probe_seconds: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._threshold = threshold
        self._open_seconds = open_seconds
        self._probe_seconds = probe_seconds
        self._clock = clock
        self._epoch = 0
        self._failures = 0
        self._open_until: float | None = None
        self._probe: Permit | None = None
        self._probe_until = 0.0
        self._reason = ""

    @property
    def state(self) -> BreakerState:
        """The state that the next call would meet."""
        if self._open_until is None:
            return BreakerState.CLOSED
        waiting = self._clock() < self._open_until
        return BreakerState.OPEN if waiting else BreakerState.HALF_OPEN

    @property
    def reason(self) -> str | None:
        """Why it is not closed; None when it is."""
        return None if self._open_until is None else self._reason

    def enter(self) -> Permit:
        """Give leave for one call.

        Raises:
            CircuitOpen: no call may be made now.
        """
        if self._open_until is None:
            return Permit(self, self._epoch)
        now = self._clock()
        if now < self._open_until:
            raise CircuitOpen(self._open_until - now, self._reason)
        if self._probe is not None and now < self._probe_until:
            raise CircuitOpen(min(1.0, self._probe_until - now), self._reason)
        self._probe = Permit(self, self._epoch)
        self._probe_until = now + self._probe_seconds
        return self._probe

    def is_current(self, permit: Permit) -> bool:
        """Tell whether the breaker is as it was when `permit` was given."""
        return permit.epoch == self._epoch

    def record_success(self, permit: Permit) -> None:
        """Close after a good probe; otherwise begin counting anew."""
        if not self.is_current(permit):
            return
        self._failures = 0
        if permit is self._probe:
            self._probe = None
            self._open_until = None
            self._epoch += 1

    def record_failure(self, permit: Permit, reason: str) -> None:
        """Count; open at the threshold, or at once when it was the probe."""
        if not self.is_current(permit):
            return
        self._failures += 1
        if permit is self._probe or self._failures >= self._threshold:
            self._open(self._open_seconds, reason)

    def record_trip(self, permit: Permit, seconds: float, reason: str) -> None:
        """Open for `seconds`."""
        if self.is_current(permit):
            self._open(seconds, reason)

    def record_release(self, permit: Permit) -> None:
        """Let the next call probe in the place of one that came to nothing."""
        if permit is self._probe:
            self._probe = None

    def _open(self, seconds: float, reason: str) -> None:
        self._epoch += 1
        self._failures = 0
        self._probe = None
        self._open_until = self._clock() + seconds
        self._reason = reason
