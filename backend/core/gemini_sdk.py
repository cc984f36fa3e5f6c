"""Gemini through Google's SDK, google-generativeai 0.8.6, for who must have it.

Its end of life was on 2025-11-30. What it cannot do, measured against `gemini_rest`:
- no thinking level: its messages do not know the setting, which is dropped;
- no count of thoughts: it is derived, as what the total holds beyond question and answer;
- no async over REST: each call holds one of `_THREADS` worker threads, further ones wait;
- its import takes a second and some 60 MB, so nothing imports this module unless it is chosen.

The generated client is used below `GenerativeModel`, which keeps its settings in a global,
retries a 503 for up to 600 s whatever the timeout says, and gives streamed pieces one late.
"""

import asyncio
import warnings
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

with warnings.catch_warnings():
    # It announces its own end at every import.
    warnings.simplefilter("ignore")
    import google.generativeai as genai
    from google.ai.generativelanguage_v1beta.services.generative_service import (
        GenerativeServiceClient,
    )
    from google.ai.generativelanguage_v1beta.services.generative_service.transports import (
        GenerativeServiceRestTransport,
    )

from google.auth.api_key import Credentials
from google.protobuf.json_format import ParseError

from backend.core.gemini_errors import GeminiError, GeminiMalformed
from backend.core.gemini_sdk_http import CURRENT_CALL, GuardedAdapter, UpstreamCall
from backend.core.gemini_types import GeminiConfig, Reply, Usage

_THREADS: Final = 128

_T = TypeVar("_T")


class SdkTransport:
    """Runs the SDK's blocking calls in threads of its own."""

    def __init__(self, config: GeminiConfig) -> None:
        base = urlsplit(config.base_url.rstrip("/"))
        rest = GenerativeServiceRestTransport(
            host=f"{base.netloc}{base.path}",
            url_scheme=base.scheme,
            credentials=Credentials(config.api_key or ""),  # type: ignore[no-untyped-call]  # theirs
        )
        # The one private name: there is no public way to give the SDK a session.
        self._session = rest._session
        self._session.trust_env = False
        self._session.mount(f"{base.scheme}://", GuardedAdapter(config, _THREADS))
        self._client = GenerativeServiceClient(transport=rest)
        self._model = f"models/{config.model}"
        self._options: dict[str, Any] = {"retry": None, "timeout": config.timeout_seconds}
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="gemini-sdk")
        self._calls: set[UpstreamCall] = set()

    async def generate(self, payload: bytes) -> Reply:
        """Ask for a whole answer."""
        call = self._begin()
        try:
            return await self._run(call, lambda: self._generate(payload))
        except asyncio.CancelledError:
            call.abort()
            call.release()
            raise
        finally:
            self._calls.discard(call)

    async def stream(self, payload: bytes) -> AsyncGenerator[Reply, None]:
        """Ask for an answer in pieces."""
        call = self._begin()
        replies: Any = None
        try:
            replies = await self._run(call, lambda: self._open(payload))
            while (reply := await self._run(call, lambda: _next_reply(replies))) is not None:
                yield reply
        except asyncio.CancelledError:
            call.abort()
            call.release()
            raise
        except (GeminiError, GeneratorExit):
            if replies is not None:
                replies.cancel()
            call.abort()
            call.release()
            raise
        finally:
            self._calls.discard(call)

    async def aclose(self) -> None:
        """Cut what is under way and let the threads end."""
        for call in self._calls:
            call.abort()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._session.close()  # type: ignore[no-untyped-call]  # theirs

    def _begin(self) -> UpstreamCall:
        call = UpstreamCall()
        self._calls.add(call)
        return call

    async def _run(self, call: UpstreamCall, work: Callable[[], _T]) -> _T:
        context = copy_context()
        context.run(CURRENT_CALL.set, call)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, context.run, _run_call, call, work)

    def _generate(self, payload: bytes) -> Reply:
        return _reply(self._client.generate_content(self._request(payload), **self._options))

    def _open(self, payload: bytes) -> Any:
        request = self._request(payload)
        return self._client.stream_generate_content(request, **self._options)

    def _request(self, payload: bytes) -> Any:
        text = payload.decode("utf-8")
        request = genai.protos.GenerateContentRequest.from_json(text, ignore_unknown_fields=True)
        request.model = self._model
        return request


def _run_call(call: UpstreamCall, work: Callable[[], _T]) -> _T:
    try:
        return _translated(work)
    finally:
        call.release()


def _translated(work: Callable[[], _T]) -> _T:
    """Run in the worker thread; what the adapter lets pass, the SDK can only fail to read."""
    try:
        return work()
    except (ParseError, ValueError) as exc:
        raise GeminiMalformed(type(exc).__name__) from exc


def _next_reply(replies: Any) -> Reply | None:
    """The next piece; at the end, or when the call was cut, the connection is closed here.

    Left to the collector it would stay open for as long as that pleases.
    """
    message = None
    try:
        message = next(replies, None)
    finally:
        if message is None:
            replies.cancel()
    return None if message is None else _reply(message)


def _reply(message: Any) -> Reply:
    """Read one of the SDK's messages, below the layer that warns of each new enum value."""
    raw = type(message).pb(message)
    candidate = raw.candidates[0] if raw.candidates else None
    feedback = genai.protos.GenerateContentResponse.PromptFeedback.BlockReason
    return Reply(
        text="".join(p.text for p in candidate.content.parts) if candidate else "",
        finish_reason=_word(genai.protos.Candidate.FinishReason, candidate.finish_reason)
        if candidate
        else None,
        block_reason=_word(feedback, raw.prompt_feedback.block_reason),
        usage=_usage(raw.usage_metadata) if raw.HasField("usage_metadata") else None,
        model=raw.model_version or None,
    )


def _word(words: Any, number: int) -> str | None:
    """Name an enum value; 0 is what a missing field reads as."""
    if number == 0:
        return None
    known: dict[int, str] = {member.value: member.name for member in words}
    return known.get(number, f"UNKNOWN_{number}")


def _usage(counts: Any) -> Usage:
    prompt, output = counts.prompt_token_count, counts.candidates_token_count
    return Usage(
        input_tokens=prompt,
        output_tokens=output,
        thoughts_tokens=max(0, counts.total_token_count - prompt - output),
        cached_tokens=counts.cached_content_token_count,
        total_tokens=counts.total_token_count,
    )
