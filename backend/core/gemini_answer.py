"""Putting an answer together from what Gemini sends, whole or in pieces."""

from collections.abc import Iterable
from dataclasses import replace

import structlog

from backend.core.answer_text import PlainText
from backend.core.gemini_errors import GeminiCutOff, GeminiEmpty, GeminiPromptLeaked
from backend.core.gemini_types import Answer, GeminiConfig, Reply, Usage
from backend.core.gemini_wire import finish_of, stop_of
from backend.core.leak import LeakWatch

logger = structlog.get_logger(__name__)


class GatheredAnswer:
    """What has come of an answer so far: all of it at once, or the pieces of a stream.

    `codes` are those of its prompt, which it must not repeat.
    """

    def __init__(self, config: GeminiConfig, codes: Iterable[str] = ()) -> None:
        self._plain = PlainText()
        self._watch = LeakWatch(codes)
        self._texts: list[str] = []
        self._reason: str | None = None
        self._usage = Usage()
        self._model = config.model
        self.begun = False

    @property
    def finished(self) -> bool:
        """True once a piece has said why the answer ends."""
        return self._reason is not None

    def text(self) -> str:
        """Give the text that may be shown so far."""
        return "".join(self._texts)

    def add(self, reply: Reply) -> str:
        """Take in a piece; give the text that may be shown by now.

        Raises:
            GeminiError: the piece stops the answer. Its own text is not given out.
            GeminiPromptLeaked: the answer repeats the prompt.
        """
        self.begun = True
        stop = stop_of(reply)
        if stop is not None:
            raise stop
        self._reason = self._reason or reply.finish_reason
        self._usage = reply.usage or self._usage
        self._model = reply.model or self._model
        return self._show(self._watched(self._plain.feed(reply.text)))

    def rest(self) -> str:
        """Give the text that was kept back until the end.

        Raises:
            GeminiPromptLeaked: the answer repeats the prompt.
        """
        return self._show(self._watched(self._plain.finish()) + self._watch.finish())

    def _watched(self, text: str) -> str:
        text = self._watch.feed(text)
        if self._watch.leak is not None:
            logger.warning("prompt_leak_stopped", leak=self._watch.leak.value, model=self._model)
            raise GeminiPromptLeaked(self._watch.leak.value)
        return text

    def _show(self, text: str) -> str:
        if not self._texts:
            text = text.lstrip()  # who has read nothing but blanks can still be given the facts
        if text:
            self._texts.append(text)
        return text

    def answer(self, attempts: int) -> Answer:
        """Give the whole.

        Raises:
            GeminiCutOff: the stream ended without saying that it is finished.
            GeminiEmpty: there is no text in it.
        """
        if self._reason is None:
            raise GeminiCutOff("no finish reason")
        text = self.text()
        return Answer(
            text=text,
            model=self._model,
            finish_reason=finish_of(self._reason, text),
            usage=replace(self._usage, attempts=attempts),
        )


def whole_answer(
    reply: Reply, config: GeminiConfig, attempts: int, codes: Iterable[str] = ()
) -> Answer:
    """Give the answer that came in one piece.

    Raises:
        GeminiError: there is none that may be shown.
    """
    gathered = GatheredAnswer(config, codes)
    gathered.add(reply)
    gathered.rest()
    if not reply.text and reply.finish_reason is None:
        raise GeminiEmpty("no candidates")
    return gathered.answer(attempts)
