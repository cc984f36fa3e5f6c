"""Structured logs: one event a line, with the ids of request, session and user.

Never with what people wrote.
"""

import hashlib
import logging
import sys
import traceback
from collections.abc import Iterator

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger


def configure_logging(level: str, log_format: str) -> None:
    """Send structlog's and the standard library's events to standard error.

    `level` is a standard level name; `log_format` is "console" for people or "json" for machines.
    """
    processors: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _render_exception,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*processors, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    bridge = logging.StreamHandler(sys.stderr)
    bridge.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=processors,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [bridge]
    root.setLevel(level)
    # Its INFO lines carry whole URLs. Nothing here calls it; what joins the process may.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # Its lines carry paths, and the ids of sessions in them are the keys to these.
    logging.getLogger("uvicorn.access").handlers = [logging.NullHandler()]
    logging.getLogger("uvicorn.access").propagate = False


def bind_session(session_id: str) -> None:
    """Name the session in all further lines of this request.

    By a digest: the id of an anonymous session opens it to whoever reads the log. Who has the id
    finds the lines: `printf %s ID | sha256sum | cut -c-16`.
    """
    digest = hashlib.sha256(session_id.encode()).hexdigest()[:16]
    structlog.contextvars.bind_contextvars(session_id=digest)


def bind_user(user_id: str) -> None:
    """Name who is signed in, in all further lines of this request."""
    structlog.contextvars.bind_contextvars(user_id=user_id)


def _render_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Write a traceback without local variables: they hold messages, tokens and keys."""
    exc_info = event.pop("exc_info", None)
    exc = sys.exc_info()[1] if exc_info is True else exc_info
    if isinstance(exc, tuple):
        exc = exc[1]
    if isinstance(exc, BaseException):
        event["exception"] = "".join(_format(exc))
    return event


def _format(exc: BaseException) -> Iterator[str]:
    """The chain of exceptions, first cause first."""
    cause = exc.__cause__ or (None if exc.__suppress_context__ else exc.__context__)
    if cause is not None:
        yield from _format(cause)
    yield from traceback.format_tb(exc.__traceback__)
    yield f"{type(exc).__qualname__}{_words(exc)}\n"


def _words(exc: BaseException) -> str:
    """What an exception says, as far as it cannot repeat what people sent.

    pydantic's words hold what was validated; PostgreSQL's hold whole rows in their further lines,
    and values in the first one when it could not read them (class 22).
    """
    # The process that looks after workers logs too, and has neither.
    from pydantic import ValidationError
    from sqlalchemy.exc import DBAPIError

    if isinstance(exc, ValidationError):
        return ""
    cause = exc.orig if isinstance(exc, DBAPIError) else exc
    sqlstate: str | None = getattr(cause, "sqlstate", None)
    if sqlstate is not None and sqlstate.startswith("22"):
        return f": SQLSTATE {sqlstate}"
    if sqlstate is not None or cause is not exc:
        first_line, _, _ = str(cause).partition("\n")
        return f": {first_line}"
    return f": {exc}"
