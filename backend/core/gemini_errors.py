"""Each way Gemini can fail to answer, a type of its own.

`vote` is what the failure tells the circuit breaker, `retry` whether asking again can help,
`finish_reason` what is stored of a streamed answer that ended so.
"""

from collections.abc import Iterator
from enum import Enum, auto
from typing import ClassVar

from backend.core.errors import AssistantUnavailable
from backend.core.gemini_types import FinishReason


class Retry(Enum):
    """How often it makes sense to ask again."""

    NEVER = auto()
    ONCE = auto()
    WHILE_TIME_LASTS = auto()


class Vote(Enum):
    """What an outcome says about the upstream as a whole."""

    ANSWERED = auto()
    FAILED = auto()
    TRIPS = auto()
    NOTHING = auto()


class GeminiError(AssistantUnavailable):
    """Base of all.

    `reason` is Google's own word for it, where there is one. `attempts` counts how often Gemini
    was asked. `partial_text` is what a stream had already handed out, "" otherwise.
    """

    code = "gemini_error"
    retry: ClassVar[Retry] = Retry.NEVER
    vote: ClassVar[Vote] = Vote.ANSWERED
    finish_reason: ClassVar[FinishReason] = FinishReason.ERROR

    def __init__(
        self,
        reason: str = "",
        *,
        detail: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail, retry_after=retry_after)
        self.reason = reason
        self.attempts = 0
        self.partial_text = ""

    @classmethod
    def kinds(cls) -> "Iterator[type[GeminiError]]":
        """All ways there are, this one included."""
        yield cls
        for narrower in cls.__subclasses__():
            yield from narrower.kinds()

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}" if self.reason else self.code


class GeminiNotConfigured(GeminiError):
    """There is no API key."""

    code = "gemini_not_configured"
    vote = Vote.NOTHING


class GeminiBreakerOpen(GeminiError):
    """Gemini failed too often lately and is not asked for a while; `reason` tells of what."""

    code = "gemini_breaker_open"
    vote = Vote.NOTHING


class GeminiPromptBlocked(GeminiError):
    """Google refused the question itself."""

    code = "gemini_prompt_blocked"
    default_detail = "This question cannot be answered. Please put it differently."
    finish_reason = FinishReason.CONTENT_FILTER


class GeminiSafetyStop(GeminiError):
    """The answer was stopped by a content filter; what there is of it must not be shown."""

    code = "gemini_safety_stop"
    default_detail = "The answer was stopped by a content filter. Please ask differently."
    finish_reason = FinishReason.CONTENT_FILTER


class GeminiRecitation(GeminiError):
    """The answer was stopped because it repeated a published text."""

    code = "gemini_recitation"
    finish_reason = FinishReason.CONTENT_FILTER


class GeminiPromptLeaked(GeminiError):
    """The answer repeats the prompt's rules or codes; `reason` says which, never the text."""

    code = "gemini_prompt_leaked"
    default_detail = "This question cannot be answered. Please put it differently."
    finish_reason = FinishReason.CONTENT_FILTER


class GeminiStopped(GeminiError):
    """The answer was stopped for another reason, known or new; it cannot be trusted whole."""

    code = "gemini_stopped"
    retry = Retry.ONCE
    finish_reason = FinishReason.OTHER


class GeminiEmpty(GeminiError):
    """The answer holds no text."""

    code = "gemini_empty"
    retry = Retry.ONCE
    finish_reason = FinishReason.OTHER


class GeminiQuotaExceeded(GeminiError):
    """Too many requests (429)."""

    code = "gemini_quota_exceeded"
    default_detail = "The assistant is asked too much at the moment. Please try again shortly."
    retry = Retry.WHILE_TIME_LASTS
    vote = Vote.TRIPS


class GeminiDailyQuotaExceeded(GeminiQuotaExceeded):
    """The day's requests are used up: asking again today is useless."""

    code = "gemini_daily_quota_exceeded"
    retry = Retry.NEVER


class GeminiBadKey(GeminiError):
    """Google does not accept the API key."""

    code = "gemini_bad_key"
    vote = Vote.TRIPS


class GeminiUnknownModel(GeminiError):
    """There is no such model, or not any more."""

    code = "gemini_unknown_model"
    vote = Vote.TRIPS


class GeminiBadRequest(GeminiError):
    """Google does not accept the request."""

    code = "gemini_bad_request"


class GeminiUnreachable(GeminiError):
    """No answer began: no connection, no name, no TLS, or the line went dead."""

    code = "gemini_unreachable"
    retry = Retry.WHILE_TIME_LASTS
    vote = Vote.FAILED


class GeminiCutOff(GeminiError):
    """The answer began and broke off."""

    code = "gemini_cut_off"
    retry = Retry.WHILE_TIME_LASTS
    vote = Vote.FAILED


class GeminiTimeout(GeminiError):
    """The answer did not come in time; `reason` names the time that ran out."""

    code = "gemini_timeout"
    default_detail = "The assistant takes too long at the moment. Please try again shortly."
    vote = Vote.FAILED


class GeminiMalformed(GeminiError):
    """What came is not what the API promises."""

    code = "gemini_malformed"
    retry = Retry.ONCE
    vote = Vote.FAILED


class GeminiUpstreamFailed(GeminiError):
    """Google says that it is overloaded or broken (408, 500, 502, 503, 504)."""

    code = "gemini_upstream_failed"
    retry = Retry.WHILE_TIME_LASTS
    vote = Vote.FAILED
