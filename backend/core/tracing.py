"""Spans of traces: what a request spends its time on. They hold names and numbers, never text.

Nothing is made of them until `tracing.use` is given something to begin spans with (`otel`): then
a span costs one call that gives back a ready object.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Final, Protocol, Self

_YES: Final = frozenset({"1", "true"})


def traces_wanted(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the standard variables ask for traces."""
    if environ.get("OTEL_SDK_DISABLED", "").lower() in _YES:
        return False
    exporter = environ.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    return exporter != "none" and any(
        (
            exporter,
            environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"),
            environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
        )
    )


class Span(AbstractContextManager["Span"], Protocol):
    """Ends with its block; an exception that passes makes it a failed one, named by its type."""

    def tell(self, name: str, value: str | int) -> Self:
        """Add an attribute; never what people or files say."""


class _NoSpan(nullcontext["_NoSpan"]):
    """Nothing, told nothing."""

    def __enter__(self) -> Self:
        return self

    def tell(self, _name: str, _value: str | int) -> Self:
        """Forget it."""
        return self


_NOTHING: Final = _NoSpan()

BeginSpan = Callable[[str], Span]


class Tracing:
    """Where spans begin."""

    def __init__(self) -> None:
        self._begin: BeginSpan | None = None

    def use(self, begin: BeginSpan | None) -> None:
        """Begin spans so from now on; None makes nothing of them again."""
        self._begin = begin

    def span(self, name: str) -> Span:
        """Begin a span within the request that is being answered, if there is one."""
        return _NOTHING if self._begin is None else self._begin(name)


tracing: Final = Tracing()
"""Of the whole process, as logging is."""
