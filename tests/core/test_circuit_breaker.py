"""The circuit breaker, on a clock of its own."""

from contextlib import suppress

import pytest

from backend.core.circuit_breaker import BreakerState, CircuitBreaker, CircuitOpen


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(threshold=3, open_seconds=10, probe_seconds=60, clock=clock)


def fail(breaker: CircuitBreaker, times: int = 1) -> None:
    for _ in range(times):
        breaker.enter().fail("broken")


def state_of(breaker: CircuitBreaker) -> BreakerState:
    return breaker.state


def is_refused(breaker: CircuitBreaker) -> bool:
    with suppress(CircuitOpen):
        breaker.enter().release()
        return False
    return True


class TestOpening:
    def test_opens_after_enough_failures_in_a_row(self, breaker: CircuitBreaker) -> None:
        fail(breaker, 2)
        assert state_of(breaker) is BreakerState.CLOSED
        fail(breaker)
        assert state_of(breaker) is BreakerState.OPEN
        assert breaker.reason == "broken"

    def test_says_how_long_to_wait(self, breaker: CircuitBreaker, clock: Clock) -> None:
        fail(breaker, 3)
        clock.now += 4
        with pytest.raises(CircuitOpen) as caught:
            breaker.enter()
        assert caught.value.retry_after == pytest.approx(6)
        assert caught.value.reason == "broken"

    def test_a_success_between_begins_the_count_anew(self, breaker: CircuitBreaker) -> None:
        fail(breaker, 2)
        breaker.enter().succeed()
        fail(breaker, 2)
        assert state_of(breaker) is BreakerState.CLOSED

    def test_a_released_call_counts_neither_way(self, breaker: CircuitBreaker) -> None:
        fail(breaker, 2)
        breaker.enter().release()
        fail(breaker)
        assert state_of(breaker) is BreakerState.OPEN

    def test_trips_at_once_for_as_long_as_it_is_told(
        self, breaker: CircuitBreaker, clock: Clock
    ) -> None:
        breaker.enter().trip(30, "bad key")
        clock.now += 29
        assert state_of(breaker) is BreakerState.OPEN
        clock.now += 1
        assert state_of(breaker) is BreakerState.HALF_OPEN

    def test_a_permit_is_settled_once(self, breaker: CircuitBreaker) -> None:
        permit = breaker.enter()
        for _ in range(5):
            permit.fail("broken")
        permit.trip(9, "broken")
        assert state_of(breaker) is BreakerState.CLOSED
        permit.succeed()
        fail(breaker, 2)
        assert state_of(breaker) is BreakerState.OPEN

    def test_is_as_its_defaults_say_unless_told_otherwise(self, clock: Clock) -> None:
        breaker = CircuitBreaker(clock=clock)
        fail(breaker, 4)
        assert state_of(breaker) is BreakerState.CLOSED
        assert breaker.reason is None
        fail(breaker)
        clock.now += 14.5
        assert state_of(breaker) is BreakerState.OPEN
        clock.now += 0.5
        assert state_of(breaker) is BreakerState.HALF_OPEN

    def test_a_trip_counts_no_failure(self, breaker: CircuitBreaker, clock: Clock) -> None:
        fail(breaker, 2)
        breaker.enter().trip(10, "bad key")
        clock.now += 10
        breaker.enter().succeed()
        fail(breaker, 2)
        assert state_of(breaker) is BreakerState.CLOSED


class TestProbing:
    @pytest.fixture(autouse=True)
    def _half_open(self, breaker: CircuitBreaker, clock: Clock) -> None:
        fail(breaker, 3)
        clock.now += 10

    def test_lets_one_call_through(self, breaker: CircuitBreaker) -> None:
        probe = breaker.enter()
        assert is_refused(breaker)
        probe.succeed()
        assert state_of(breaker) is BreakerState.CLOSED
        assert breaker.reason is None
        assert not is_refused(breaker)

    def test_opens_again_when_the_probe_fails(self, breaker: CircuitBreaker) -> None:
        fail(breaker)
        assert state_of(breaker) is BreakerState.OPEN

    def test_a_cancelled_probe_gives_its_place_to_the_next(self, breaker: CircuitBreaker) -> None:
        breaker.enter().release()
        breaker.enter().succeed()
        assert state_of(breaker) is BreakerState.CLOSED

    def test_asks_the_others_to_wait_no_longer_than_the_probe_may_take(
        self, breaker: CircuitBreaker, clock: Clock
    ) -> None:
        breaker.enter()
        for passed, seconds in ((0.0, 1.0), (58.5, 1.0), (1.0, 0.5)):
            clock.now += passed
            with pytest.raises(CircuitOpen) as caught:
                breaker.enter()
            assert caught.value.retry_after == pytest.approx(seconds)
            assert caught.value.reason == "broken"

    def test_failures_of_lost_probes_count_as_any_others(
        self, breaker: CircuitBreaker, clock: Clock
    ) -> None:
        lost = []
        for _ in range(3):
            lost.append(breaker.enter())
            clock.now += 60
        probe = breaker.enter()
        lost[0].fail("late")
        lost[1].fail("late")
        assert state_of(breaker) is BreakerState.HALF_OPEN
        assert probe.is_current
        lost[2].fail("late")
        assert state_of(breaker) is BreakerState.OPEN
        assert breaker.reason == "late"
        assert not probe.is_current

    def test_a_good_answer_to_a_lost_probe_does_not_close_it(
        self, breaker: CircuitBreaker, clock: Clock
    ) -> None:
        lost = breaker.enter()
        clock.now += 60
        breaker.enter()
        lost.succeed()
        assert state_of(breaker) is BreakerState.HALF_OPEN
        assert is_refused(breaker)

    def test_a_failed_probe_opens_it_for_the_whole_time_again(
        self, breaker: CircuitBreaker, clock: Clock
    ) -> None:
        fail(breaker)
        clock.now += 9.5
        assert is_refused(breaker)
        clock.now += 0.5
        breaker.enter().succeed()
        assert state_of(breaker) is BreakerState.CLOSED

    def test_a_lost_probe_does_not_wedge_it(self, breaker: CircuitBreaker, clock: Clock) -> None:
        lost = breaker.enter()
        clock.now += 60
        second = breaker.enter()
        lost.release()
        assert is_refused(breaker)
        second.succeed()
        assert state_of(breaker) is BreakerState.CLOSED


class TestConcurrentCalls:
    def test_failures_of_an_old_outage_do_not_open_it_again(
        self, breaker: CircuitBreaker, clock: Clock
    ) -> None:
        old = [breaker.enter() for _ in range(5)]
        fail(breaker, 3)
        clock.now += 10
        breaker.enter().succeed()
        for permit in old:
            assert not permit.is_current
            permit.fail("late")
        assert state_of(breaker) is BreakerState.CLOSED
        fail(breaker, 2)
        assert state_of(breaker) is BreakerState.CLOSED

    def test_an_old_success_does_not_close_it(self, breaker: CircuitBreaker) -> None:
        old = breaker.enter()
        fail(breaker, 3)
        old.succeed()
        assert state_of(breaker) is BreakerState.OPEN

    def test_an_old_trip_does_not_open_it(self, breaker: CircuitBreaker, clock: Clock) -> None:
        old = breaker.enter()
        fail(breaker, 3)
        clock.now += 10
        breaker.enter().succeed()
        old.trip(99, "late")
        assert state_of(breaker) is BreakerState.CLOSED
