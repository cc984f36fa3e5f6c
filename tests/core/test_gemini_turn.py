"""What one turn may spend on Gemini, on a clock that takes no time."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from backend.core.circuit_breaker import CircuitBreaker, CircuitOpen
from backend.core.gemini_errors import (
    GeminiBadKey,
    GeminiBadRequest,
    GeminiBreakerOpen,
    GeminiCutOff,
    GeminiDailyQuotaExceeded,
    GeminiEmpty,
    GeminiError,
    GeminiMalformed,
    GeminiPromptBlocked,
    GeminiQuotaExceeded,
    GeminiTimeout,
    GeminiUnknownModel,
    GeminiUpstreamFailed,
)
from backend.core.gemini_turn import UpstreamTurn, deadline_passed
from backend.core.gemini_types import Answer, FinishReason, GeminiConfig, Usage
from backend.core.meter import Unmetered
from tests.core.skipped_time import in_no_time, now


class Counter(Unmetered):
    """Keeps what it is told of Gemini."""

    def __init__(self) -> None:
        self.answered: list[tuple[Usage, float]] = []
        self.failed: list[str] = []
        self.retried = 0

    def gemini_answered(self, usage: Usage, seconds: float) -> None:
        self.answered.append((usage, seconds))

    def gemini_failed(self, kind: str) -> None:
        self.failed.append(kind)

    def gemini_retried(self) -> None:
        self.retried += 1


def breaker_of(threshold: int = 2) -> CircuitBreaker:
    return CircuitBreaker(threshold=threshold, open_seconds=15, clock=now)


def begin(
    breaker: CircuitBreaker | None = None, counter: Counter | None = None, **settings: Any
) -> UpstreamTurn:
    return UpstreamTurn(GeminiConfig(**settings), breaker or breaker_of(), counter or Counter())


def seconds_shut(breaker: CircuitBreaker) -> float:
    """How long it lets no call through from now on."""
    try:
        breaker.enter().release()
    except CircuitOpen as exc:
        return exc.retry_after
    return 0.0


async def waited(turn: UpstreamTurn, error: GeminiError, *, attempt: int = 1) -> float | None:
    """The seconds between an attempt and the next one; None when there is none."""
    turn.attempts = attempt
    began = now()
    with suppress(type(error)):
        await turn.pause(error)
        return now() - began
    return None


class TestTime:
    @in_no_time
    async def test_is_that_of_the_whole_turn(self) -> None:
        turn, began = begin(timeout_seconds=30), now()
        assert (turn.deadline, turn.time_left()) == (began + 30, 30)
        await asyncio.sleep(31)
        assert turn.time_left() == pytest.approx(-1)

    @in_no_time
    async def test_of_an_answer_is_counted_from_the_beginning_of_the_turn(self) -> None:
        counter = Counter()
        answer = Answer("So.", "gemini", FinishReason.STOP, Usage(3, 4))
        turn = begin(counter=counter)
        await asyncio.sleep(7)
        assert turn.count(answer) is answer
        ((usage, seconds),) = counter.answered
        assert usage == Usage(3, 4)
        assert seconds == pytest.approx(7)

    @in_no_time
    async def test_is_over_with_what_failed_before_as_its_cause(self) -> None:
        failed = GeminiUpstreamFailed()
        error = deadline_passed(failed)
        assert (type(error), error.reason) == (GeminiTimeout, "deadline")
        assert error.__cause__ is failed


class TestPause:
    @pytest.mark.parametrize(
        ("attempt", "most"), [(1, 0.25), (2, 0.5), (3, 1.0), (4, 2.0), (5, 4.0), (6, 4.0), (9, 4.0)]
    )
    @in_no_time
    async def test_is_of_any_length_up_to_one_that_doubles(self, attempt: int, most: float) -> None:
        turn = begin(retries=9, timeout_seconds=1e9)
        waits = [
            await waited(turn, GeminiUpstreamFailed(), attempt=attempt) or 0.0 for _ in range(300)
        ]
        assert 0.0 <= min(waits) < most / 10
        assert most * 0.9 < max(waits) <= most * 1.001

    @in_no_time
    async def test_adds_to_what_it_is_asked_to_wait(self) -> None:
        turn = begin(timeout_seconds=1e9)
        waits = [await waited(turn, GeminiCutOff(retry_after=20)) or 0.0 for _ in range(300)]
        assert 20 <= min(waits) < 20.03
        assert 20.2 < max(waits) < 20.26

    @pytest.mark.parametrize(("asked", "goes_on"), [(28.0, True), (30.0, False), (31.0, False)])
    @in_no_time
    async def test_is_none_where_the_time_would_run_out(self, asked: float, goes_on: bool) -> None:
        turn = begin(timeout_seconds=30, backoff_seconds=0)
        waits = await waited(turn, GeminiUpstreamFailed(retry_after=asked))
        assert waits == (pytest.approx(asked) if goes_on else None)

    @pytest.mark.parametrize(
        ("error", "pauses"),
        [
            (GeminiUpstreamFailed(), [True, True, False]),
            (GeminiQuotaExceeded(), [True, True, False]),
            (GeminiMalformed(), [True, False, False]),
            (GeminiEmpty(), [True, False, False]),
            (GeminiDailyQuotaExceeded(), [False, False, False]),
            (GeminiTimeout(), [False, False, False]),
            (GeminiBadKey(), [False, False, False]),
        ],
        ids=lambda value: getattr(value, "code", ""),
    )
    @in_no_time
    async def test_is_made_as_often_as_asking_again_can_help(
        self, error: GeminiError, pauses: list[bool]
    ) -> None:
        counter = Counter()
        turn = begin(counter=counter, retries=2)
        made = [await waited(turn, error, attempt=attempt) is not None for attempt in (1, 2, 3)]
        assert made == pauses
        assert counter.failed == [error.code] * sum(pauses)
        assert counter.retried == sum(pauses)

    @in_no_time
    async def test_once_is_once_whatever_failed(self) -> None:
        turn = begin(retries=9)
        assert await waited(turn, GeminiEmpty()) is not None
        assert await waited(turn, GeminiUpstreamFailed()) is not None
        assert await waited(turn, GeminiMalformed()) is None

    @in_no_time
    async def test_ends_with_the_turn_when_others_opened_the_breaker(self) -> None:
        breaker, counter = breaker_of(), Counter()
        before, meanwhile = begin(breaker, counter), begin(breaker, counter)
        meanwhile.attempts = 1
        pausing = asyncio.create_task(meanwhile.pause(error := GeminiCutOff(retry_after=1)))
        await asyncio.sleep(0.1)
        breaker.enter().trip(9, "gemini_bad_key")

        with pytest.raises(GeminiCutOff) as caught:
            await pausing
        assert caught.value is error
        assert await waited(before, GeminiUpstreamFailed()) is None
        assert (counter.failed, counter.retried) == ([], 0)


class TestEnd:
    """What the breaker, the counts and the error are told of a turn that is over."""

    @pytest.mark.parametrize(
        ("errors", "seconds"),
        [
            ([None], 0),
            ([GeminiUpstreamFailed()], 0),
            ([GeminiUpstreamFailed(), GeminiTimeout()], 15),
            ([GeminiUpstreamFailed(), None, GeminiTimeout()], 0),
            ([GeminiUpstreamFailed(), GeminiPromptBlocked(), GeminiTimeout()], 0),
            ([GeminiUpstreamFailed(), GeminiBadRequest(), GeminiTimeout()], 0),
            ([GeminiUpstreamFailed(), GeminiBreakerOpen(), GeminiTimeout()], 15),
            ([GeminiUpstreamFailed(), asyncio.CancelledError(), GeminiTimeout()], 15),
            ([GeminiUpstreamFailed(), ZeroDivisionError(), GeminiTimeout()], 15),
            ([GeminiUpstreamFailed(), GeminiQuotaExceeded(), GeminiTimeout()], 15),
            ([GeminiBadKey()], 40),
            ([GeminiUnknownModel(retry_after=9)], 40),
            ([GeminiQuotaExceeded()], 0),
            ([GeminiQuotaExceeded(retry_after=0)], 0),
            ([GeminiQuotaExceeded(retry_after=43)], 43),
            ([GeminiDailyQuotaExceeded(retry_after=3_599)], 3_599),
            ([GeminiDailyQuotaExceeded(retry_after=90_000)], 3_600),
        ],
    )
    @in_no_time
    async def test_opens_the_breaker_for_as_long_as_the_failure_will_last(
        self, errors: list[BaseException | None], seconds: float
    ) -> None:
        breaker, counter = breaker_of(), Counter()
        for error in errors:
            turn = begin(breaker, counter, breaker_misconfigured_seconds=40)
            with suppress(BaseException), turn:
                turn.attempts = 2
                if error is not None:
                    raise error
            assert not isinstance(error, GeminiError) or error.attempts == 2

        assert seconds_shut(breaker) == pytest.approx(seconds)
        assert counter.failed == [error.code for error in errors if isinstance(error, GeminiError)]

    @in_no_time
    async def test_an_open_breaker_lets_no_turn_begin_and_is_counted(self) -> None:
        breaker, counter = breaker_of(), Counter()
        breaker.enter().trip(9, "gemini_bad_key")
        await asyncio.sleep(2)

        with pytest.raises(GeminiBreakerOpen) as caught:
            begin(breaker, counter)

        assert caught.value.reason == "gemini_bad_key"
        assert caught.value.retry_after == pytest.approx(7)
        assert counter.failed == ["gemini_breaker_open"]
