"""Vectors from Gemini's embedding models, over the REST API."""

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.core.gemini_errors import GeminiMalformed, GeminiNotConfigured, GeminiTimeout
from backend.core.gemini_rest import RestTransport
from backend.core.gemini_types import GeminiConfig

DIMENSIONS: Final = 768
"""The models give 3,072 and are trained so that the first 768 tell almost as much."""

# The first generation is told by a field what a text is; later ones ignore that field and want it
# said in the text, in these words.
_TAKES_TASK_TYPE: Final = re.compile(r"(gemini-embedding-001|text-embedding-|embedding-001)")
_QUESTION_FORM: Final = "task: search result | query: {text}"
_PASSAGE_FORM: Final = "title: none | text: {text}"


class GeminiEmbedder:
    """Asks `batchEmbedContents` once for each call, without retries: who asks can do without."""

    def __init__(self, config: GeminiConfig, model: str) -> None:
        if config.api_key is None:
            raise GeminiNotConfigured
        self.name = f"{model}/{DIMENSIONS}"
        self.dimensions = DIMENSIONS
        self.batch_size = 20
        self._model = model
        self._task_types = _TAKES_TASK_TYPE.match(model) is not None
        self._seconds = config.timeout_seconds
        self._transport = RestTransport(replace(config, model=model))

    async def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """A row for each text.

        Raises:
            GeminiError: there are no vectors; each way is a subclass.
        """
        return await self._embed(texts, "RETRIEVAL_DOCUMENT", _PASSAGE_FORM)

    async def embed_question(self, text: str) -> NDArray[np.float32]:
        """The vector of a question; raises as `embed_passages`."""
        vectors = await self._embed([text], "RETRIEVAL_QUERY", _QUESTION_FORM)
        vector: NDArray[np.float32] = vectors[0]
        return vector

    async def aclose(self) -> None:
        """Close all connections."""
        await self._transport.aclose()

    async def _embed(self, texts: Sequence[str], task: str, form: str) -> NDArray[np.float32]:
        requests = [self._request(text, task, form) for text in texts]
        payload = json.dumps({"requests": requests}, ensure_ascii=False, separators=(",", ":"))
        try:
            async with asyncio.timeout(self._seconds):
                body = await self._transport.embed(payload.encode("utf-8", "replace"))
        except TimeoutError:
            raise GeminiTimeout("deadline") from None
        return read_vectors(body, count=len(texts))

    def _request(self, text: str, task: str, form: str) -> dict[str, Any]:
        said = text if self._task_types else form.format(text=text)
        request: dict[str, Any] = {
            "model": f"models/{self._model}",
            "content": {"parts": [{"text": said}]},
            "outputDimensionality": DIMENSIONS,
        }
        if self._task_types:
            request["taskType"] = task
        return request


def read_vectors(body: bytes, *, count: int) -> NDArray[np.float32]:
    """Read an answer that must hold `count` vectors, and bring each to length 1.

    Only vectors of the full size come with that length.

    Raises:
        GeminiMalformed: it is not of the promised shape.
    """
    try:
        found = json.loads(body)["embeddings"]
        vectors = np.array([entry["values"] for entry in found], dtype=np.float64)
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as exc:
        raise GeminiMalformed("no vectors") from exc
    if vectors.shape != (count, DIMENSIONS):
        raise GeminiMalformed(f"vectors of the shape {vectors.shape}")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise GeminiMalformed("vectors without a direction")
    unit: NDArray[np.float32] = (vectors / lengths).astype(np.float32)
    return unit
