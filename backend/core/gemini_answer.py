"""Putting an answer together from what Gemini sends, whole or in pieces."""

from dataclasses import replace

from backend.core.gemini_errors import GeminiCutOff, GeminiEmpty
from backend.core.gemini_types import Answer, GeminiConfig, Reply, Usage
from backend.core.gemini_wire import finish_of, stop_of


class GatheredAnswer:
    """What has come of an answer so far: all of it at once, or the pieces of a stream."""

    def __init__(self, config: GeminiConfig) -> None:
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
        """Give the text so far."""
        return "".join(self._texts)

    def add(self, reply: Reply) -> str:
        """Take in a piece; give the text that may be shown.

        Raises:
            GeminiError: the piece stops the answer. Its own text is not given out.
        """
        self.begun = True
        stop = stop_of(reply)
        if stop is not None:
            raise stop
        self._reason = self._reason or reply.finish_reason
        self._usage = reply.usage or self._usage
        self._model = reply.model or self._model
        if reply.text:
            self._texts.append(reply.text)
        return reply.text

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


def whole_answer(reply: Reply, config: GeminiConfig, attempts: int) -> Answer:
    """Give the answer that came in one piece.

    Raises:
        GeminiError: there is none that may be shown.
    """
    gathered = GatheredAnswer(config)
    gathered.add(reply)
    if not reply.text and reply.finish_reason is None:
        raise GeminiEmpty("no candidates")
    return gathered.answer(attempts)
