"""The Gemini client: one question in, an answer out, whole or in pieces.

Everything that does not depend on how Gemini is reached lives here: the prompt, the deadline,
retries, the circuit breaker and what a stop means. `gemini_rest` and `gemini_sdk` are the ways.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Final

from backend.core.circuit_breaker import CircuitBreaker
from backend.core.conversation import HistoryMessage
from backend.core.gemini_answer import GatheredAnswer, whole_answer
from backend.core.gemini_errors import (
    GeminiError,
    GeminiNotConfigured,
    GeminiTimeout,
)
from backend.core.gemini_rest import RestTransport
from backend.core.gemini_turn import UpstreamTurn, deadline_passed
from backend.core.gemini_types import (
    Answer,
    AnswerDelta,
    FinishReason,
    GeminiConfig,
    GeminiStatus,
    GeminiTransport,
    Reply,
    Usage,
)
from backend.core.gemini_wire import encode_request
from backend.core.language import Language
from backend.core.meter import UNMETERED, Meter
from backend.core.prompt import Prompt, build_notes_prompt, build_prompt

__all__ = [
    "AUGeminiClient",
    "Answer",
    "AnswerDelta",
    "FinishReason",
    "GeminiConfig",
    "GeminiStatus",
    "Usage",
    "build_gemini_client",
]

_TAIL_SECONDS: Final = 1.0
"""How long a stream may dawdle after the piece that says it is finished."""


class AUGeminiClient:
    """Asks Gemini. Built once and shared by all requests of one event loop.

    With no transport (no API key) it exists all the same, says so in `status` and raises
    `GeminiNotConfigured` when asked.
    """

    def __init__(
        self,
        config: GeminiConfig,
        transport: GeminiTransport | None,
        breaker: CircuitBreaker,
        meter: Meter = UNMETERED,
    ) -> None:
        self._config = config
        self._transport = transport
        self._breaker = breaker
        self._meter = meter

    async def generate_response(
        self,
        message: str,
        context: str,
        history: Sequence[HistoryMessage],
        *,
        language: Language | None = None,
        doubtful: Sequence[str] = (),
    ) -> Answer:
        """Answer `message` from the facts in `context`; `history` is oldest first.

        `doubtful` are the figures of an answer before, which the facts do not hold.

        An answer cut by its length is given with that finish reason. All times and attempts
        together stay within the configured timeout.

        Raises:
            GeminiError: there is no answer that may be shown; each way is a subclass.
        """
        self._require_transport()
        return await self._ask(
            build_prompt(message, context, history, language=language, doubtful=doubtful)
        )

    async def summarise(self, said: Sequence[HistoryMessage]) -> str:
        """Tell in short what was `said`, oldest first; an earlier summary may stand before it.

        Raises:
            GeminiError: there is no text that may be kept; each way is a subclass.
        """
        self._require_transport()
        return (await self._ask(build_notes_prompt(said))).text

    async def _ask(self, prompt: Prompt) -> Answer:
        transport = self._require_transport()
        payload = encode_request(prompt, self._config)
        last: GeminiError | None = None
        with UpstreamTurn(self._config, self._breaker, self._meter) as turn:
            try:
                async with asyncio.timeout_at(turn.deadline):
                    while True:
                        turn.attempts += 1
                        try:
                            reply = await transport.generate(payload)
                            return turn.count(
                                whole_answer(reply, self._config, turn.attempts, prompt.codes)
                            )
                        except GeminiError as error:
                            last = error
                            await turn.pause(error)
            except TimeoutError:
                raise deadline_passed(last) from last

    async def stream_response(
        self,
        message: str,
        context: str,
        history: Sequence[HistoryMessage],
        *,
        language: Language | None = None,
    ) -> AsyncGenerator[AnswerDelta | Answer, None]:
        """Answer in pieces: an `AnswerDelta` for each, then the whole `Answer` as the last item.

        The text of the answer is exactly that of its deltas. Once the first delta is out
        nothing is asked again. Closing the generator closes the connection to Gemini at once.

        Raises:
            GeminiError: as `generate_response`; `partial_text` is what was handed out before.
        """
        transport = self._require_transport()
        prompt = build_prompt(message, context, history, language=language)
        payload = encode_request(prompt, self._config)
        with UpstreamTurn(self._config, self._breaker, self._meter) as turn:
            answer: Answer | None = None
            while answer is None:
                turn.attempts += 1
                gathered = GatheredAnswer(self._config, prompt.codes)
                pieces = self._watched(transport.stream(payload), turn, gathered)
                try:
                    async with aclosing(pieces):
                        async for text in pieces:
                            yield AnswerDelta(text)
                    answer = turn.count(gathered.answer(turn.attempts))
                except GeminiError as error:
                    error.partial_text = gathered.text()
                    if error.partial_text:
                        raise
                    await turn.pause(error)
        yield answer

    async def aclose(self) -> None:
        """Close all connections to Gemini."""
        if self._transport is not None:
            await self._transport.aclose()

    def status(self) -> GeminiStatus:
        """Tell what readiness shows; asks nobody."""
        return GeminiStatus(
            configured=self._transport is not None,
            model=self._config.model,
            transport=self._config.transport,
            breaker=self._breaker.state,
            reason=self._breaker.reason,
        )

    def _require_transport(self) -> GeminiTransport:
        if self._transport is None:
            raise GeminiNotConfigured
        return self._transport

    async def _watched(
        self,
        replies: AsyncGenerator[Reply, None],
        turn: UpstreamTurn,
        gathered: GatheredAnswer,
    ) -> AsyncGenerator[str, None]:
        """Give the texts of a stream, each within its time, until it ends or must be stopped."""
        patience = self._config.first_byte_timeout
        async with aclosing(replies):
            while (reply := await self._next(replies, turn, patience, gathered)) is not None:
                text = gathered.add(reply)
                if text:
                    yield text
                patience = self._config.chunk_timeout
                if gathered.finished:
                    patience = min(patience, _TAIL_SECONDS)
        if text := gathered.rest():
            yield text

    async def _next(
        self,
        replies: AsyncGenerator[Reply, None],
        turn: UpstreamTurn,
        patience: float,
        gathered: GatheredAnswer,
    ) -> Reply | None:
        """Give the next piece; None at the end, and for any trouble once the answer is whole."""
        left = turn.time_left()
        try:
            with turn.patience.of(min(patience, left)):
                return await anext(replies, None)
        except TimeoutError:
            if gathered.finished:
                return None
            if left <= patience:
                raise deadline_passed(None) from None
            raise GeminiTimeout("chunk" if gathered.begun else "first byte") from None
        except GeminiError:
            if gathered.finished:
                return None
            raise


def build_gemini_client(config: GeminiConfig, meter: Meter = UNMETERED) -> AUGeminiClient:
    """Build the client for `config`, with the transport it names; without a key, with none."""
    breaker = CircuitBreaker(
        threshold=config.breaker_threshold,
        open_seconds=config.breaker_open_seconds,
        probe_seconds=config.timeout_seconds * 2,
    )
    return AUGeminiClient(config, _transport(config), breaker, meter)


def _transport(config: GeminiConfig) -> GeminiTransport | None:
    if config.api_key is None:
        return None
    if config.transport == "sdk":
        # Imported only when chosen: it costs more memory and time than all the rest.
        from backend.core.gemini_sdk import SdkTransport  # noqa: PLC0415

        return SdkTransport(config)
    return RestTransport(config)
