"""Every way the upstream can fail: its type, its attempts, and that the next turn works."""

import json
import time

import pytest

from backend.core.gemini_errors import (
    GeminiBadKey,
    GeminiBadRequest,
    GeminiCutOff,
    GeminiDailyQuotaExceeded,
    GeminiEmpty,
    GeminiError,
    GeminiMalformed,
    GeminiPromptBlocked,
    GeminiQuotaExceeded,
    GeminiRecitation,
    GeminiSafetyStop,
    GeminiStopped,
    GeminiTimeout,
    GeminiUnknownModel,
    GeminiUnreachable,
    GeminiUpstreamFailed,
)
from tests.core.gemini_support import (
    Way,
    ask,
    ask_in_pieces,
    both_ways,
    open_client,
    until_allowed,
)
from tests.fakes import gemini_faults as faults
from tests.fakes.gemini_behaviours import Behaviour, failure, payloads
from tests.fakes.gemini_payloads import blocked, candidate, key_invalid, quota_failure
from tests.fakes.gemini_server import FakeGemini

Fault = tuple[str, Behaviour, type[GeminiError], int]
"""A name, what the server does, the error that must come of it, and the attempts it is worth."""

LINE_FAULTS: list[Fault] = [
    ("cut before headers", faults.cut_before_headers, GeminiUnreachable, 3),
    ("cut in headers", faults.cut_in_headers, GeminiUnreachable, 3),
    ("not HTTP", faults.raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), GeminiUnreachable, 3),
    ("cut in the body", faults.cut_after(""), GeminiCutOff, 3),
    ("cut in a chunk", faults.cut_in_chunk(""), GeminiCutOff, 3),
]
STATUS_FAULTS: list[Fault] = [
    ("400", failure(400), GeminiBadRequest, 1),
    ("400 bad key", failure(400, [key_invalid()]), GeminiBadKey, 1),
    ("401", failure(401), GeminiBadKey, 1),
    ("403", failure(403), GeminiBadKey, 1),
    ("404", failure(404), GeminiUnknownModel, 1),
    ("408", failure(408), GeminiUpstreamFailed, 3),
    ("413", failure(413), GeminiBadRequest, 1),
    ("429", failure(429), GeminiQuotaExceeded, 3),
    (
        "429 for the day",
        failure(429, [quota_failure("GenerateRequestsPerDayPerProjectPerModel-FreeTier")]),
        GeminiDailyQuotaExceeded,
        1,
    ),
    ("500", failure(500), GeminiUpstreamFailed, 3),
    ("502", failure(502), GeminiUpstreamFailed, 3),
    ("503", failure(503), GeminiUpstreamFailed, 3),
    ("504", failure(504), GeminiUpstreamFailed, 3),
    (
        "503 in HTML",
        faults.whole(503, b"<html>", {"Content-Type": "text/html"}),
        GeminiUpstreamFailed,
        3,
    ),
    ("a vast 500", faults.whole(500, b"x" * 300_000), GeminiUpstreamFailed, 3),
    (
        "204",
        faults.raw(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"),
        GeminiMalformed,
        2,
    ),
    ("302", failure(302, headers={"Location": "https://example.com/"}), GeminiMalformed, 2),
    ("307", failure(307, headers={"Location": "/elsewhere"}), GeminiMalformed, 2),
]
BODY_FAULTS: list[Fault] = [
    ("not JSON", faults.whole(200, b"{oops"), GeminiMalformed, 2),
    ("truncated JSON", faults.whole(200, b'{"candidates": [{"content": {"pa'), GeminiMalformed, 2),
    ("HTML", faults.whole(200, b"<html>", {"Content-Type": "text/html"}), GeminiMalformed, 2),
    *(
        (
            f"JSON called {kind}",
            faults.whole(200, json.dumps(candidate("Yes.")).encode(), {"Content-Type": kind}),
            GeminiMalformed,
            2,
        )
        for kind in ("text/html", "application/geo+json", "application/json-seq")
    ),
    ("no content type", faults.whole(200, b"{}", {"Content-Type": ""}), GeminiMalformed, 2),
    ("deep nesting", faults.whole(200, b'{"a":' + b"[" * 100_000), GeminiMalformed, 2),
    ("candidates of a wrong type", payloads({"candidates": 5}), GeminiMalformed, 2),
    ("candidate of a wrong type", payloads({"candidates": ["x"]}), GeminiMalformed, 2),
    (
        "parts of a wrong type",
        payloads({"candidates": [{"content": {"parts": [7]}}]}),
        GeminiMalformed,
        2,
    ),
    ("text of a wrong type", payloads(candidate(5)), GeminiMalformed, 2),  # type: ignore[arg-type]  # the point
    ("usage of a wrong type", payloads({"usageMetadata": []}), GeminiMalformed, 2),
    ("no finish reason", payloads(candidate("half a sen", None)), GeminiCutOff, 3),
    (
        "candidate without content",
        payloads({"candidates": [{"finishReason": "STOP"}]}),
        GeminiEmpty,
        2,
    ),
    ("no parts", payloads(candidate(None)), GeminiEmpty, 2),
    ("blank text", payloads(candidate(" \n")), GeminiEmpty, 2),
    ("thoughts only", payloads(candidate(None, thought="hm")), GeminiEmpty, 2),
    (
        "all tokens thought away",
        payloads(candidate(None, "MAX_TOKENS", thought="hm")),
        GeminiEmpty,
        2,
    ),
    ("oversized", faults.oversized(3_000), GeminiMalformed, 2),
    ("gzip bomb", faults.gzip_bomb(20), GeminiMalformed, 2),
    ("unknown encoding", faults.whole(200, b"{}", {"Content-Encoding": "br"}), GeminiMalformed, 2),
]
STOP_FAULTS: list[Fault] = [
    *(
        (reason, payloads(candidate("flagged words", reason)), GeminiSafetyStop, 1)
        for reason in ("SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII")
    ),
    ("RECITATION", payloads(candidate("flagged words", "RECITATION")), GeminiRecitation, 1),
    *(
        (reason, payloads(candidate("flagged words", reason)), GeminiStopped, 2)
        for reason in ("LANGUAGE", "OTHER", "MALFORMED_FUNCTION_CALL", "A_NEW_ONE")
    ),
    *(
        (f"blocked: {reason}", payloads(blocked(reason)), GeminiPromptBlocked, 1)
        for reason in ("SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "A_NEW_ONE")
    ),
    (
        "error in a good answer",
        payloads({"error": {"code": 503, "status": "UNAVAILABLE", "message": "m"}}),
        GeminiUpstreamFailed,
        3,
    ),
]
FAULTS = LINE_FAULTS + STATUS_FAULTS + BODY_FAULTS + STOP_FAULTS
WHOLE_ONLY: list[Fault] = [
    ("promised more bytes", faults.wrong_length, GeminiCutOff, 3),
    ("empty body", faults.whole(200, b""), GeminiMalformed, 2),
    ("an array", faults.whole(200, b"[]"), GeminiMalformed, 2),
    ("no candidates", payloads({}), GeminiEmpty, 2),
]
SLOW: list[tuple[str, Behaviour]] = [
    ("before headers", faults.stall_before_headers),
    ("in the body", faults.stall_after("")),
    ("in a chunk", faults.stall_in_chunk("")),
    ("drop by drop", faults.slow_drip()),
]


@both_ways
class TestGenerateResponse:
    @pytest.mark.parametrize(
        ("behaviour", "kind", "attempts"),
        [pytest.param(*fault[1:], id=fault[0]) for fault in FAULTS + WHOLE_ONLY],
    )
    async def test_names_the_failure_and_answers_the_next_question(
        self,
        fake_gemini: FakeGemini,
        way: Way,
        behaviour: Behaviour,
        kind: type[GeminiError],
        attempts: int,
    ) -> None:
        fake_gemini.script(*[behaviour] * attempts)
        async with open_client(fake_gemini, way) as client:
            with pytest.raises(GeminiError) as caught:
                await ask(client)
            assert type(caught.value) is kind
            assert caught.value.attempts == attempts == len(fake_gemini.requests)
            assert caught.value.partial_text == ""
            await until_allowed(client)
            assert (await ask(client)).text == "You asked: What does the MBA cost?"

    @pytest.mark.parametrize("behaviour", [pytest.param(s[1], id=s[0]) for s in SLOW])
    async def test_does_not_wait_longer_than_the_deadline(
        self, fake_gemini: FakeGemini, way: Way, behaviour: Behaviour
    ) -> None:
        fake_gemini.script(behaviour)
        async with open_client(fake_gemini, way, timeout_seconds=0.3) as client:
            began = time.monotonic()
            with pytest.raises(GeminiTimeout) as caught:
                await ask(client)
            assert time.monotonic() - began < 0.6
            assert caught.value.attempts == 1
            await fake_gemini.wait_until_closed()
            assert (await ask(client)).text

    async def test_is_refused_and_recovers_when_the_port_opens_again(
        self, fake_gemini: FakeGemini, way: Way
    ) -> None:
        async with open_client(fake_gemini, way) as client:
            with fake_gemini.refusing(), pytest.raises(GeminiUnreachable) as caught:
                await ask(client)
            assert caught.value.attempts == 3
            assert (await ask(client)).text

    async def test_takes_a_handshake_that_never_ends_for_unreachable(
        self, fake_gemini: FakeGemini, way: Way
    ) -> None:
        secure = fake_gemini.base_url.replace("http://", "https://")
        async with open_client(
            fake_gemini, way, base_url=secure, connect_seconds=0.1, retries=0
        ) as client:
            with pytest.raises(GeminiUnreachable):
                await ask(client)


@both_ways
class TestStreamResponse:
    @pytest.mark.parametrize(
        ("behaviour", "kind", "attempts"),
        [pytest.param(*fault[1:], id=fault[0]) for fault in FAULTS],
    )
    async def test_names_the_failure_and_answers_the_next_question(
        self,
        fake_gemini: FakeGemini,
        way: Way,
        behaviour: Behaviour,
        kind: type[GeminiError],
        attempts: int,
    ) -> None:
        fake_gemini.script(*[behaviour] * attempts)
        async with open_client(fake_gemini, way) as client:
            with pytest.raises(GeminiError) as caught:
                await ask_in_pieces(client)
            assert type(caught.value) is kind
            shown = caught.value.partial_text
            assert shown.strip() == ("half a sen" if kind is GeminiCutOff and shown else "")
            assert caught.value.attempts == len(fake_gemini.requests) == (1 if shown else attempts)
            fake_gemini.forget_script()
            await until_allowed(client)
            assert (await ask_in_pieces(client))[1].text == "You asked: What does the MBA cost?"

    @pytest.mark.parametrize("behaviour", [pytest.param(s[1], id=s[0]) for s in SLOW])
    async def test_does_not_wait_longer_than_for_the_first_piece(
        self, fake_gemini: FakeGemini, way: Way, behaviour: Behaviour
    ) -> None:
        fake_gemini.script(behaviour)
        async with open_client(fake_gemini, way, first_byte_seconds=0.15) as client:
            began = time.monotonic()
            with pytest.raises(GeminiTimeout) as caught:
                await ask_in_pieces(client)
            assert time.monotonic() - began < 0.5
            assert caught.value.reason == "first byte"
            await fake_gemini.wait_until_closed()
            assert (await ask_in_pieces(client))[1].text
