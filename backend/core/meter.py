"""What the service counts. Whoever counts something knows this protocol and nothing else."""

from typing import Protocol

from backend.core.gemini_types import Usage


class Meter(Protocol):
    """Takes counts; no method waits or fails. All words given are of small, known sets."""

    def turn_ended(
        self,
        outcome: str,
        *,
        answered_by: str = "nobody",
        seconds: float | None = None,
        first_word_seconds: float | None = None,
    ) -> None:
        """A turn is over: complete, stopped, interrupted, erased or failed.

        `first_word_seconds` only for those that were streamed.
        """

    def gemini_answered(self, usage: Usage, seconds: float) -> None:
        """Gemini gave a whole answer, after all attempts."""

    def gemini_failed(self, kind: str) -> None:
        """One attempt, or a whole call, came to nothing; `kind` is an error's code."""

    def gemini_retried(self) -> None:
        """Gemini is asked again after a failure."""

    def request_ended(self, method: str, route: str, status: int) -> None:
        """A request was answered; `route` is the template that it matched."""


class Unmetered:
    """Counts nothing."""

    def turn_ended(
        self,
        outcome: str,
        *,
        answered_by: str = "nobody",
        seconds: float | None = None,
        first_word_seconds: float | None = None,
    ) -> None:
        """Forget it."""

    def gemini_answered(self, usage: Usage, seconds: float) -> None:
        """Forget it."""

    def gemini_failed(self, kind: str) -> None:
        """Forget it."""

    def gemini_retried(self) -> None:
        """Forget it."""

    def request_ended(self, method: str, route: str, status: int) -> None:
        """Forget it."""


UNMETERED = Unmetered()
