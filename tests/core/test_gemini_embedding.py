"""Vectors from Gemini, over a real connection to the fake one."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest

from backend.core.gemini_embedding import DIMENSIONS, GeminiEmbedder, read_vectors
from backend.core.gemini_errors import (
    GeminiBadKey,
    GeminiCutOff,
    GeminiError,
    GeminiMalformed,
    GeminiNotConfigured,
    GeminiQuotaExceeded,
    GeminiTimeout,
    GeminiUnknownModel,
    GeminiUnreachable,
    GeminiUpstreamFailed,
)
from backend.core.gemini_types import GeminiConfig
from tests.core.gemini_support import API_KEY, gemini_config
from tests.fakes.gemini_behaviours import Behaviour, failure, payloads
from tests.fakes.gemini_embeddings import embeddings, vector_of
from tests.fakes.gemini_faults import gzip_bomb, stall_before_headers, wrong_length
from tests.fakes.gemini_http import Exchange
from tests.fakes.gemini_server import FakeGemini

GOOD = vector_of("good")
UNIT = [1.0] + [0.0] * (DIMENSIONS - 1)


@asynccontextmanager
async def open_embedder(
    fake: FakeGemini, model: str = "gemini-embedding-2", **changes: Any
) -> AsyncIterator[GeminiEmbedder]:
    embedder = GeminiEmbedder(gemini_config(fake, **changes), model)
    try:
        yield embedder
    finally:
        await embedder.aclose()


class TestGoodAnswer:
    async def test_has_a_row_of_length_one_for_each_text_in_order(
        self, fake_gemini: FakeGemini
    ) -> None:
        texts = ["the library opens at eight", "fees of the MBA", "ค่าเทอม 学费 ကျောင်းလခ"]
        async with open_embedder(fake_gemini) as embedder:
            vectors = await embedder.embed_passages(texts)

        assert vectors.shape == (3, DIMENSIONS)
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0)
        for vector, text in zip(vectors, texts, strict=True):
            assert np.dot(vector, vector_of(text)) > 0.99 * np.linalg.norm(vector_of(text))

    async def test_of_a_question_is_near_what_says_the_same(self, fake_gemini: FakeGemini) -> None:
        async with open_embedder(fake_gemini) as embedder:
            passages = await embedder.embed_passages(["fees of the MBA", "opening hours"])
            question = await embedder.embed_question("fees of the MBA")

        near, far = passages @ question
        assert near > 0.99 > far


class TestRequest:
    async def test_holds_the_key_in_a_header_and_nowhere_else(
        self, fake_gemini: FakeGemini
    ) -> None:
        async with open_embedder(fake_gemini) as embedder:
            await embedder.embed_question("Where?")

        request = fake_gemini.requests[0]
        assert request.headers["x-goog-api-key"] == API_KEY
        assert request.target == "/v1beta/models/gemini-embedding-2:batchEmbedContents"
        assert API_KEY not in request.body.decode()

    async def test_says_in_the_text_what_it_is_for(self, fake_gemini: FakeGemini) -> None:
        async with open_embedder(fake_gemini) as embedder:
            await embedder.embed_question("Where?")
            await embedder.embed_passages(["Here."])

        asked, given = (request.json()["requests"][0] for request in fake_gemini.requests)
        assert asked == {
            "model": "models/gemini-embedding-2",
            "content": {"parts": [{"text": "task: search result | query: Where?"}]},
            "outputDimensionality": DIMENSIONS,
        }
        assert given["content"]["parts"] == [{"text": "title: none | text: Here."}]

    async def test_says_it_in_a_field_to_the_first_generation(
        self, fake_gemini: FakeGemini
    ) -> None:
        async with open_embedder(fake_gemini, "gemini-embedding-001") as embedder:
            await embedder.embed_question("Where?")
            await embedder.embed_passages(["Here."])

        asked, given = (request.json()["requests"][0] for request in fake_gemini.requests)
        assert (asked["taskType"], given["taskType"]) == ("RETRIEVAL_QUERY", "RETRIEVAL_DOCUMENT")
        assert asked["content"]["parts"] == [{"text": "Where?"}]

    async def test_holds_no_half_characters(self, fake_gemini: FakeGemini) -> None:
        async with open_embedder(fake_gemini) as embedder:
            await embedder.embed_question("a\ud800b")

        assert "a?b" in fake_gemini.requests[0].body.decode()

    async def test_that_is_given_up_leaves_no_connection(self, fake_gemini: FakeGemini) -> None:
        fake_gemini.embedding = stall_before_headers
        async with open_embedder(fake_gemini) as embedder:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await embedder.embed_question("Where?")

            await fake_gemini.wait_until_closed()


async def hung_up(exchange: Exchange) -> None:
    exchange.hang_up(reset=True)


class TestFailure:
    @pytest.mark.parametrize(
        ("behaviour", "error"),
        [
            (failure(401), GeminiBadKey),
            (failure(404), GeminiUnknownModel),
            (failure(429), GeminiQuotaExceeded),
            (failure(503), GeminiUpstreamFailed),
            (hung_up, GeminiUnreachable),
            (wrong_length, GeminiCutOff),
            (stall_before_headers, GeminiTimeout),
            (gzip_bomb(20), GeminiMalformed),
        ],
    )
    async def test_has_a_type_of_its_own(
        self, fake_gemini: FakeGemini, behaviour: Behaviour, error: type[GeminiError]
    ) -> None:
        fake_gemini.embedding = behaviour
        seconds = 0.2 if behaviour is stall_before_headers else 5.0
        async with open_embedder(fake_gemini, timeout_seconds=seconds) as embedder:
            with pytest.raises(error):
                await embedder.embed_question("Where?")

    @pytest.mark.parametrize(
        "body",
        [
            {},
            [],
            None,
            "no",
            {"embeddings": None},
            {"embeddings": []},
            {"embeddings": [{}]},
            {"embeddings": [{"values": "0.1"}]},
            {"embeddings": [{"values": [{}] * DIMENSIONS}]},
            {"embeddings": [{"values": ["x"] * DIMENSIONS}]},
            {"embeddings": [{"values": [[0.1]] * DIMENSIONS}]},
            embeddings([GOOD[:-1]]),
            embeddings([GOOD * 4]),
            embeddings([GOOD, GOOD]),
            embeddings([[0.0] * DIMENSIONS]),
            embeddings([[float("nan"), *GOOD[1:]]]),
            embeddings([[1e400, *GOOD[1:]]]),
        ],
    )
    async def test_of_another_shape_is_malformed(
        self, fake_gemini: FakeGemini, body: object
    ) -> None:
        fake_gemini.embedding = payloads(body)
        async with open_embedder(fake_gemini) as embedder:
            with pytest.raises(GeminiMalformed):
                await embedder.embed_question("Where?")

    async def test_of_one_call_is_forgotten_by_the_next(self, fake_gemini: FakeGemini) -> None:
        good, fake_gemini.embedding = fake_gemini.embedding, failure(500)
        async with open_embedder(fake_gemini) as embedder:
            with pytest.raises(GeminiUpstreamFailed):
                await embedder.embed_question("Where?")
            fake_gemini.embedding = good

            assert (await embedder.embed_question("Where?")).shape == (DIMENSIONS,)

    def test_to_have_a_key_is_told_at_once(self) -> None:
        with pytest.raises(GeminiNotConfigured):
            GeminiEmbedder(GeminiConfig(), "gemini-embedding-2")


def body_of(*vectors: object) -> bytes:
    return json.dumps({"embeddings": [{"values": vector} for vector in vectors]}).encode()


class TestReadVectors:
    def test_brings_each_to_length_one(self) -> None:
        first = [3.0, 4.0] + [0.0] * (DIMENSIONS - 2)
        second = [0.0] * (DIMENSIONS - 1) + [-2]

        vectors = read_vectors(body_of(first, second), count=2)

        assert vectors.dtype == np.float32
        assert vectors.shape == (2, DIMENSIONS)
        assert vectors[0, :3].tolist() == pytest.approx([0.6, 0.8, 0.0])
        assert vectors[1, -2:].tolist() == [0.0, -1.0]

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"[]",
            b"{}",
            b'{"embeddings": 5}',
            b'{"embeddings": [5]}',
            b'{"embeddings": [{}]}',
            body_of(),
            body_of(UNIT),
            body_of(UNIT, UNIT, UNIT),
            body_of(UNIT, UNIT[:-1]),
            body_of(UNIT[:-1], UNIT[:-1]),
            body_of([*UNIT, 0.0], [*UNIT, 0.0]),
            body_of(UNIT, ["x", *UNIT[1:]]),
            body_of(UNIT, [None, *UNIT[1:]]),
            body_of(UNIT, [float("nan"), *UNIT[1:]]),
            body_of(UNIT, [float("inf"), *UNIT[1:]]),
            body_of(UNIT, [10**400, *UNIT[1:]]),
            body_of([0.0] * DIMENSIONS, UNIT),
        ],
    )
    def test_refuses_what_are_not_so_many_vectors(self, body: bytes) -> None:
        with pytest.raises(GeminiMalformed):
            read_vectors(body, count=2)

    def test_takes_as_many_as_were_asked_for(self) -> None:
        assert read_vectors(body_of(UNIT, UNIT), count=2).shape == (2, DIMENSIONS)
