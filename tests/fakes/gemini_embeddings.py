"""What the fake Gemini answers to `batchEmbedContents`: vectors that follow from the texts."""

import zlib
from collections.abc import Callable
from typing import Final

from tests.fakes.gemini_behaviours import Behaviour, payloads
from tests.fakes.gemini_http import Exchange
from tests.fakes.gemini_payloads import Payload

DIMENSIONS: Final = 768

MakeVector = Callable[[str], list[float]]


def vector_of(text: str) -> list[float]:
    """Count the words of a text in buckets: texts that share words are near each other."""
    values = [0.0] * DIMENSIONS
    for word in text.casefold().split():
        values[zlib.crc32(word.encode()) % DIMENSIONS] += 1.0
    return values


def texts_of(body: Payload) -> list[str]:
    """The texts of a request, without the words that say what they are for."""
    texts = [str(request["content"]["parts"][0]["text"]) for request in body["requests"]]
    return [text.rpartition("| query: ")[2].rpartition("| text: ")[2] for text in texts]


def embeddings(vectors: list[list[float]]) -> Payload:
    """Give the body of a good answer."""
    return {"embeddings": [{"values": values} for values in vectors]}


def all_embedded(make: MakeVector = vector_of) -> Behaviour:
    """Answer well, with the vectors that `make` gives."""

    async def behave(exchange: Exchange) -> None:
        texts = texts_of(exchange.request.json())
        await payloads(embeddings([make(text) for text in texts]))(exchange)

    return behave


def refused_with(word: str, refusal: Behaviour) -> Behaviour:
    """Answer well unless a text holds `word`."""

    async def behave(exchange: Exchange) -> None:
        found = any(word in text for text in texts_of(exchange.request.json()))
        await (refusal if found else all_embedded())(exchange)

    return behave
