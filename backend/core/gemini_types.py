"""What goes into the Gemini client and what comes out of it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol

from backend.core.circuit_breaker import BreakerState


class FinishReason(StrEnum):
    """Why an answer ended, in the AI SDK's words."""

    STOP = "stop"
    LENGTH = "length"
    CONTENT_FILTER = "content-filter"
    ERROR = "error"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that the answer cost, and how many times Gemini was asked for it."""

    input_tokens: int = 0
    output_tokens: int = 0
    thoughts_tokens: int = 0
    cached_tokens: int = 0
    total_tokens: int = 0
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; `model` is the version that wrote it, as Gemini names it."""

    text: str
    model: str
    finish_reason: FinishReason
    usage: Usage


@dataclass(frozen=True, slots=True)
class AnswerDelta:
    """The next piece of a streamed answer; never empty, never a thought."""

    text: str


@dataclass(frozen=True, slots=True)
class GeminiConfig:
    """Everything the client is told; times are in seconds.

    `timeout_seconds` bounds a whole turn with all its attempts. The narrower times follow from
    it unless given: a stream's first piece within two thirds, each further one within a third,
    a connection within 5 s or a third.
    """

    api_key: str | None = field(default=None, repr=False)
    model: str = "gemini-3.5-flash-lite"
    base_url: str = "https://generativelanguage.googleapis.com"
    transport: Literal["rest", "sdk"] = "rest"
    thinking_level: str = ""
    max_output_tokens: int = 1_024
    timeout_seconds: float = 30.0
    temperature: float | None = 0.2
    retries: int = 2
    backoff_seconds: float = 0.25
    connect_seconds: float | None = None
    first_byte_seconds: float | None = None
    chunk_seconds: float | None = None
    max_answer_bytes: int = 2_097_152
    breaker_threshold: int = 5
    breaker_open_seconds: float = 15.0
    breaker_misconfigured_seconds: float = 30.0
    max_connections: int = 2_048
    max_keepalive: int = 20

    @property
    def connect_timeout(self) -> float:
        """How long making a connection may take."""
        return self.connect_seconds or min(5.0, self.timeout_seconds / 3)

    @property
    def first_byte_timeout(self) -> float:
        """How long a stream may take to its first piece."""
        return self.first_byte_seconds or self.timeout_seconds * 2 / 3

    @property
    def chunk_timeout(self) -> float:
        """How long the upstream may be silent once it has begun to answer."""
        return self.chunk_seconds or self.timeout_seconds / 3


@dataclass(frozen=True, slots=True)
class GeminiStatus:
    """What readiness says of Gemini; `reason` is the error code that opened the breaker."""

    configured: bool
    model: str
    transport: str
    breaker: BreakerState
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One payload of Gemini's, whole or a piece of a stream, read and checked.

    `finish_reason` and `block_reason` are Google's words. Thoughts are not in `text`.
    """

    text: str = ""
    finish_reason: str | None = None
    block_reason: str | None = None
    usage: Usage | None = None
    model: str | None = None


class GeminiTransport(Protocol):
    """One way to reach Gemini.

    Asks once, without retries and without a total deadline, which are the client's. Cancelling
    a call, or closing the generator, closes its connection at once. Every failure is raised as
    a `GeminiError`.
    """

    async def generate(self, payload: bytes) -> Reply:
        """Ask for a whole answer; `payload` is the REST API's request in JSON."""
        ...

    def stream(self, payload: bytes) -> AsyncGenerator[Reply, None]:
        """Ask for an answer in pieces."""
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...
