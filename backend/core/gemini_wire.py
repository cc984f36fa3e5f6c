"""Gemini's REST API in JSON: writing requests, reading answers. No I/O."""

import json
import re
from typing import Any, Final, TypeVar

from backend.core.gemini_errors import (
    GeminiEmpty,
    GeminiError,
    GeminiMalformed,
    GeminiPromptBlocked,
    GeminiRecitation,
    GeminiSafetyStop,
    GeminiStopped,
)
from backend.core.gemini_failure import failure_of_error
from backend.core.gemini_types import FinishReason, GeminiConfig, Reply, Usage
from backend.core.json_text import write_json
from backend.core.prompt import Prompt

_T = TypeVar("_T")

_FINISHED: Final = {"STOP": FinishReason.STOP, "MAX_TOKENS": FinishReason.LENGTH}
_FLAGGED: Final = frozenset(
    {
        "SAFETY",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
    }
)
_RECITED: Final = frozenset({"RECITATION", "IMAGE_RECITATION"})

# Generations that obey a temperature. Google advises against any but the default for 3 and
# 3.1 (answers can loop), and 3.5 Flash-Lite and later ignore it.
_OBEYS_TEMPERATURE: Final = re.compile(r"gemini-[12](?![0-9])")

_MAX_MODEL_LENGTH: Final = 100
_MAX_TOKENS: Final = 1_000_000_000
"""More than any model reads in one question."""


def encode_request(prompt: Prompt, config: GeminiConfig) -> bytes:
    """Write the body that generateContent and streamGenerateContent take."""
    generation: dict[str, Any] = {"maxOutputTokens": config.max_output_tokens}
    if config.temperature is not None and _OBEYS_TEMPERATURE.match(config.model):
        generation["temperature"] = config.temperature
    if config.thinking_level:
        generation["thinkingConfig"] = {"thinkingLevel": config.thinking_level.upper()}
    body = {
        "systemInstruction": {"parts": [{"text": text} for text in prompt.system]},
        "contents": [
            {"role": content.role, "parts": [{"text": text} for text in content.texts]}
            for content in prompt.contents
        ],
        "generationConfig": generation,
    }
    return write_json(body)


def read_reply(body: bytes | str) -> Reply:
    """Read one payload in JSON: a whole answer, or a piece of a stream; raises as `reply_of`."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise GeminiMalformed("not JSON") from exc
    return reply_of(payload)


def reply_of(payload: object) -> Reply:
    """Read one decoded payload.

    Raises:
        GeminiMalformed: it is not of the promised shape.
        GeminiError: it is an error envelope, which streams can hold after a good status.
    """
    if not isinstance(payload, dict):
        raise GeminiMalformed("not an object")
    if "error" in payload:
        raise failure_of_error(0, payload["error"])
    candidate = _first_candidate(payload)
    return Reply(
        text=_text(candidate),
        finish_reason=_word(candidate, "finishReason"),
        block_reason=_word(_typed(payload, "promptFeedback", dict), "blockReason"),
        usage=_usage(payload),
        model=_model(_typed(payload, "modelVersion", str)),
    )


def _model(name: str | None) -> str | None:
    """A name fit to be stored and shown; it is only told, so an odd one is cut, not refused."""
    readable = "".join(char for char in name or "" if char.isascii() and char.isprintable())
    return readable[:_MAX_MODEL_LENGTH] or None


def stop_of(reply: Reply) -> GeminiError | None:
    """Tell why the text of `reply` must not be shown; None when nothing speaks against it."""
    if reply.block_reason is not None:
        return GeminiPromptBlocked(reply.block_reason)
    reason = reply.finish_reason
    if reason is None or reason in _FINISHED:
        return None
    if reason in _FLAGGED:
        return GeminiSafetyStop(reason)
    return GeminiRecitation(reason) if reason in _RECITED else GeminiStopped(reason)


def finish_of(reason: str, text: str) -> FinishReason:
    """Translate the reason of an answer that nothing speaks against.

    Raises:
        GeminiEmpty: there is no text in it.
    """
    if not text.strip():
        raise GeminiEmpty(reason)
    return _FINISHED[reason]


def _first_candidate(payload: dict[str, Any]) -> dict[str, Any]:
    candidates = _typed(payload, "candidates", list)
    first = candidates[0] if candidates else {}
    if not isinstance(first, dict):
        raise GeminiMalformed("a candidate is not an object")
    return first


def _text(candidate: dict[str, Any]) -> str:
    """Join the text parts, without those that are thoughts."""
    texts: list[str] = []
    for part in _typed(_typed(candidate, "content", dict), "parts", list):
        if not isinstance(part, dict):
            raise GeminiMalformed("a part is not an object")
        if not part.get("thought"):
            texts.append(_typed(part, "text", str))
    return "".join(texts)


def _usage(payload: dict[str, Any]) -> Usage | None:
    counts = _typed(payload, "usageMetadata", dict)
    if not counts:
        return None
    return Usage(
        input_tokens=_count(counts, "promptTokenCount"),
        output_tokens=_count(counts, "candidatesTokenCount"),
        thoughts_tokens=_count(counts, "thoughtsTokenCount"),
        cached_tokens=_count(counts, "cachedContentTokenCount"),
        total_tokens=_count(counts, "totalTokenCount"),
    )


def _count(counts: dict[str, Any], name: str) -> int:
    """A number of tokens; an absurd one counts as not told, for it would spoil all sums."""
    count = _typed(counts, name, int)
    return count if type(count) is int and 0 <= count <= _MAX_TOKENS else 0


def _word(holder: dict[str, Any], name: str) -> str | None:
    """Give an enum's value, which Google writes as a word or, when asked, as a number."""
    value = holder.get(name)
    if isinstance(value, int):
        return str(value)
    return _typed(holder, name, str) or None


def _typed(holder: dict[str, Any], name: str, kind: type[_T]) -> _T:
    """Give a field of one type; its empty value when the field is missing or null."""
    value = holder.get(name)
    if value is None:
        return kind()
    if not isinstance(value, kind):
        raise GeminiMalformed(f"{name} is not of type {kind.__name__}")
    return value
