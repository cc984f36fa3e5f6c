"""The JSON bodies that Gemini's REST API answers with, good and bad."""

import json
import re
from typing import Any, Final

Payload = dict[str, Any]

FINISH_REASONS: Final = {
    "FINISH_REASON_UNSPECIFIED": 0,
    "STOP": 1,
    "MAX_TOKENS": 2,
    "SAFETY": 3,
    "RECITATION": 4,
    "OTHER": 5,
    "LANGUAGE": 6,
    "BLOCKLIST": 7,
    "PROHIBITED_CONTENT": 8,
    "SPII": 9,
    "MALFORMED_FUNCTION_CALL": 10,
}
BLOCK_REASONS: Final = {
    "BLOCK_REASON_UNSPECIFIED": 0,
    "SAFETY": 1,
    "OTHER": 2,
    "BLOCKLIST": 3,
    "PROHIBITED_CONTENT": 4,
}
_UNKNOWN_ENUM: Final = 99
_QUESTION: Final = re.compile(r"<question-([a-z]+)>\s*(.*?)\s*</question-\1>", re.DOTALL)

_STATUS_WORDS: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def question_of(body: Payload) -> str:
    """Find the last thing the user said, without the delimiters around it."""
    parts = body["contents"][-1]["parts"]
    texts = [str(part.get("text", "")) for part in parts]
    found = [match for text in texts for match in _QUESTION.finditer(text)]
    return found[-1].group(2) if found else texts[-1]


def default_text(body: Payload) -> str:
    """Give the answer of a server that was told nothing: it quotes the question."""
    return f"You asked: {question_of(body)}"


def usage(prompt: int = 120, output: int = 30, thoughts: int = 0, cached: int = 0) -> Payload:
    """Give usage metadata; like Google, fields that are zero are left out."""
    fields = {
        "promptTokenCount": prompt,
        "candidatesTokenCount": output,
        "thoughtsTokenCount": thoughts,
        "cachedContentTokenCount": cached,
        "totalTokenCount": prompt + output + thoughts,
    }
    return {name: count for name, count in fields.items() if count}


def candidate(
    text: str | None, finish_reason: str | None = "STOP", *, thought: str | None = None
) -> Payload:
    """Give one answer with one candidate; `text` None leaves its content without parts."""
    parts: list[Payload] = [{"text": thought, "thought": True}] if thought is not None else []
    if text is not None:
        parts.append({"text": text})
    entry: Payload = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if finish_reason is not None:
        entry["finishReason"] = finish_reason
    return {"candidates": [entry], "modelVersion": "gemini-fake-001"}


def blocked(reason: str = "SAFETY") -> Payload:
    """Give the answer to a prompt that was refused."""
    return {"promptFeedback": {"blockReason": reason}, "usageMetadata": usage(output=0)}


def error_body(
    status: int, message: str = "made up", details: list[Payload] | None = None
) -> Payload:
    """Give Google's error envelope."""
    error: Payload = {"code": status, "message": message}
    error["status"] = _STATUS_WORDS.get(status, "UNKNOWN")
    if details:
        error["details"] = details
    return {"error": error}


def retry_info(delay: str) -> Payload:
    """Give a RetryInfo detail; `delay` as protobuf writes durations, such as "1.5s"."""
    return {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}


def quota_failure(quota_id: str) -> Payload:
    """Give a QuotaFailure detail, such as for "GenerateRequestsPerDayPerProjectPerModel"."""
    return {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [{"quotaMetric": "generate_content_requests", "quotaId": quota_id}],
    }


def key_invalid() -> Payload:
    """Give the detail that a 400 for a wrong API key carries."""
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
    }


def encode(payload: object, *, numeric_enums: bool = False) -> bytes:
    """Encode as the API does, with enum values as numbers for who asks so."""
    if numeric_enums and isinstance(payload, dict):
        payload = _with_numbers(payload)
    return json.dumps(payload, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _with_numbers(payload: Payload) -> Payload:
    copy: Payload = json.loads(json.dumps(payload))
    candidates = copy.get("candidates")
    for entry in candidates if isinstance(candidates, list) else []:
        if isinstance(entry, dict):
            _number(entry, "finishReason", FINISH_REASONS)
    feedback = copy.get("promptFeedback")
    if isinstance(feedback, dict):
        _number(feedback, "blockReason", BLOCK_REASONS)
    return copy


def _number(holder: Payload, name: str, numbers: dict[str, int]) -> None:
    if isinstance(holder.get(name), str):
        holder[name] = numbers.get(holder[name], _UNKNOWN_ENUM)
