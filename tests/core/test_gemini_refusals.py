"""Reading Google's error envelopes and Retry-After, whatever stands in them."""

import json
import time
from email.utils import formatdate
from typing import Any

import pytest

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
from backend.core.gemini_failure import failure_of_error, failure_of_response
from backend.core.gemini_types import GeminiConfig
from backend.core.gemini_wire import encode_request
from backend.core.prompt import build_prompt


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("header", "seconds"),
        [
            ("7", 7),
            (" 1.5", 1.5),
            ("7\x1c", 7),
            ("0", 0),
            ("-3", None),
            ("soon", None),
            ("", None),
            ("9" * 400, None),
            (None, None),
            ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ],
    )
    def test_reads_seconds_and_ignores_nonsense(
        self, header: str | None, seconds: float | None
    ) -> None:
        assert failure_of_response(503, b"", header).retry_after == seconds

    def test_reads_a_date(self) -> None:
        error = failure_of_response(503, b"", formatdate(time.time() + 100, usegmt=True))
        assert error.retry_after == pytest.approx(100, abs=2)

    @pytest.mark.parametrize(
        ("delay", "seconds"), [("2s", 2), ("0.5s", 0.5), ("x", None), (5, None), (None, None)]
    )
    def test_reads_retry_info(self, delay: object, seconds: float | None) -> None:
        error = failure_of_error(429, {"details": [{"retryDelay": delay}]})
        assert error.retry_after == seconds


class TestEnvelopes:
    @pytest.mark.parametrize(
        "envelope",
        [
            None,
            [],
            "text",
            {"details": 5},
            {"details": [5, None, {"violations": 5}, {"violations": [5]}]},
            {"details": [{"reason": []}]},
            {"code": "x", "status": 5},
        ],
    )
    def test_a_strange_envelope_leaves_the_status_to_tell(self, envelope: Any) -> None:
        body = json.dumps({"error": envelope}).encode()
        assert type(failure_of_response(400, body)) is GeminiBadRequest

    @pytest.mark.parametrize("reason", ["API_KEY_INVALID", "API_KEY_EXPIRED"])
    def test_tells_a_bad_key_from_a_bad_request(self, reason: str) -> None:
        details = [{}, {"reason": "OTHER"}, {"reason": reason}]
        assert type(failure_of_error(400, {"details": details})) is GeminiBadKey
        assert type(failure_of_error(400, {"details": details[:2]})) is GeminiBadRequest
        assert type(failure_of_error(404, {"details": details})) is GeminiUnknownModel

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (0, GeminiMalformed),
            (204, GeminiMalformed),
            (302, GeminiMalformed),
            (399, GeminiMalformed),
            (400, GeminiBadRequest),
            (401, GeminiBadKey),
            (402, GeminiBadRequest),
            (403, GeminiBadKey),
            (404, GeminiUnknownModel),
            (405, GeminiBadRequest),
            (408, GeminiUpstreamFailed),
            (428, GeminiBadRequest),
            (429, GeminiQuotaExceeded),
            (499, GeminiBadRequest),
            (500, GeminiUpstreamFailed),
            (503, GeminiUpstreamFailed),
            (599, GeminiUpstreamFailed),
        ],
    )
    def test_each_status_has_its_meaning(self, status: int, kind: type[GeminiError]) -> None:
        error = failure_of_response(status, b"")
        assert type(error) is kind
        assert error.reason == str(status)

    @pytest.mark.parametrize(
        ("envelope", "kind", "reason"),
        [
            ({"code": 429, "status": "RESOURCE_EXHAUSTED"}, GeminiQuotaExceeded, "429 RESOURCE_"),
            ({"code": 503, "status": 5}, GeminiUpstreamFailed, "503"),
            ({"code": "503"}, GeminiMalformed, "0"),
            ({}, GeminiMalformed, "0"),
            (None, GeminiMalformed, "0"),
            ({"code": 500, "status": "x" * 200}, GeminiUpstreamFailed, "500 " + "x" * 96),
        ],
    )
    def test_in_a_stream_the_code_tells_what_a_status_would(
        self, envelope: object, kind: type[GeminiError], reason: str
    ) -> None:
        error = failure_of_error(0, envelope)
        assert type(error) is kind
        assert error.reason.startswith(reason)
        assert len(error.reason) <= 100

    @pytest.mark.parametrize(
        ("status", "quota", "kind"),
        [
            (429, "GenerateRequestsPerDayPerProject", GeminiDailyQuotaExceeded),
            (429, "GenerateRequestsPerMinutePerProject", GeminiQuotaExceeded),
            (503, "GenerateRequestsPerDayPerProject", GeminiUpstreamFailed),
        ],
    )
    def test_tells_a_day_without_quota_from_a_busy_minute(
        self, status: int, quota: str, kind: type[GeminiError]
    ) -> None:
        violations = [{"quotaId": "PerMinute"}, None, {}, {"quotaId": quota}]
        error = failure_of_error(status, {"details": [{}, {"violations": violations}]})
        assert type(error) is kind

    @pytest.mark.parametrize(
        ("header", "delays", "seconds"),
        [
            (None, [], None),
            (7.0, [], 7),
            (None, [None, "x", "3s", "9s"], 3),
            (7.0, ["3s"], 7),
            (3.0, ["7s"], 7),
            (0.0, [], 0),
        ],
    )
    def test_the_longest_wait_that_is_asked_for_is_the_one(
        self, header: float | None, delays: list[object], seconds: float | None
    ) -> None:
        details = [{"retryDelay": delay} for delay in delays]
        error = failure_of_error(503, {"details": details}, retry_after=header)
        assert error.retry_after == seconds

    def test_says_code_and_reason_but_nothing_of_the_upstream_to_people(self) -> None:
        error = failure_of_error(500, {"status": "INTERNAL", "message": "stack trace"})
        assert str(error) == "gemini_upstream_failed: 500 INTERNAL"
        assert "INTERNAL" not in error.detail
        assert str(GeminiError()) == "gemini_error"

    def test_all_codes_differ(self) -> None:
        kinds = list(GeminiError.kinds())
        assert {GeminiError, GeminiQuotaExceeded, GeminiDailyQuotaExceeded} < set(kinds)
        assert len({kind.code for kind in kinds}) == len(kinds) >= 18


class TestRequests:
    @pytest.mark.parametrize(
        ("model", "sent"),
        [
            ("gemini-2.5-flash", True),
            ("gemini-2.0-flash-lite", True),
            ("gemini-3.5-flash-lite", False),
            ("gemini-3-pro-preview", False),
            ("gemini-12-flash", False),
            ("gemini-flash-latest", False),
        ],
    )
    def test_only_models_that_obey_a_temperature_are_told_one(self, model: str, sent: bool) -> None:
        body = json.loads(encode_request(build_prompt("?", ""), GeminiConfig(model=model)))
        assert ("temperature" in body["generationConfig"]) is sent

    def test_a_lone_surrogate_does_not_stop_the_request(self) -> None:
        body = encode_request(build_prompt("a\ud800b", "c\udfffd"), GeminiConfig())
        assert json.loads(body)["contents"][0]["parts"][0]["text"].split("\n")[1] == "ab"
