"""Reading Gemini's refusals: from an HTTP status and Google's error envelope to an error type."""

import json
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

from backend.core.gemini_errors import (
    GeminiBadKey,
    GeminiBadRequest,
    GeminiDailyQuotaExceeded,
    GeminiError,
    GeminiMalformed,
    GeminiQuotaExceeded,
    GeminiUnknownModel,
    GeminiUpstreamFailed,
)

MAX_ERROR_BYTES: Final = 65_536
"""More of an error's body is not read."""

_BY_STATUS: Final[Mapping[int, type[GeminiError]]] = {
    400: GeminiBadRequest,
    401: GeminiBadKey,
    403: GeminiBadKey,
    404: GeminiUnknownModel,
    408: GeminiUpstreamFailed,
    429: GeminiQuotaExceeded,
}
_KEY_REASONS: Final = frozenset({"API_KEY_INVALID", "API_KEY_EXPIRED"})
_DURATION: Final = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s")
_SECONDS: Final = re.compile(r"\d{1,9}(?:\.\d{1,9})?")


def failure_of_response(status: int, body: bytes, retry_after: str | None = None) -> GeminiError:
    """Name what an answer other than 200 means; `retry_after` is the header of that name."""
    asked = _header_seconds(retry_after)
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        payload = None
    error = payload.get("error") if isinstance(payload, dict) else None
    return failure_of_error(status, error, retry_after=asked)


def failure_of_error(
    status: int, error: object, *, retry_after: float | None = None
) -> GeminiError:
    """Name what an error envelope means; `status` 0 takes the code that stands in it."""
    envelope = error if isinstance(error, dict) else {}
    code = status or _code(envelope)
    details = [detail for detail in _list(envelope, "details") if isinstance(detail, dict)]
    kind = _kind(code, details)
    word = envelope.get("status")
    reason = f"{code} {word}" if isinstance(word, str) else str(code)
    return kind(reason[:100], retry_after=_longest(retry_after, _retry_info(details)))


def _kind(code: int, details: list[dict[str, Any]]) -> type[GeminiError]:
    if code == 400 and any(str(detail.get("reason")) in _KEY_REASONS for detail in details):
        return GeminiBadKey
    if code == 429 and _is_daily(details):
        return GeminiDailyQuotaExceeded
    if code in _BY_STATUS:
        return _BY_STATUS[code]
    if code >= 500:
        return GeminiUpstreamFailed
    return GeminiBadRequest if code >= 400 else GeminiMalformed


def _is_daily(details: list[dict[str, Any]]) -> bool:
    violations = [item for detail in details for item in _list(detail, "violations")]
    return any(
        "PerDay" in str(item.get("quotaId", "")) for item in violations if isinstance(item, dict)
    )


def _retry_info(details: list[dict[str, Any]]) -> float | None:
    for detail in details:
        found = _DURATION.fullmatch(str(detail.get("retryDelay", "")))
        if found:
            return float(found.group(1))
    return None


def _header_seconds(value: str | None) -> float | None:
    """Read a Retry-After header: seconds, or the date to wait for."""
    if value is None:
        return None
    if _SECONDS.fullmatch(seconds := value.strip()):
        return float(seconds)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _longest(*waits: float | None) -> float | None:
    return max((wait for wait in waits if wait is not None), default=None)


def _code(envelope: dict[str, Any]) -> int:
    code = envelope.get("code")
    return code if isinstance(code, int) else 0


def _list(holder: dict[str, Any], name: str) -> list[Any]:
    value = holder.get(name)
    return value if isinstance(value, list) else []
