"""Tests of `backend/services/meaning.py`: which reader the settings get."""

from pathlib import Path

import pytest

from backend.core.gemini import GeminiConfig
from backend.core.gemini_embedding import GeminiEmbedder
from backend.database import Database
from backend.services.knowledge_service import KnowledgeService
from backend.services.meaning import WordsAlone, build_meaning_reader
from backend.services.vector_service import VectorService
from tests.service import make_settings


def config_with(key: str | None) -> GeminiConfig:
    return GeminiConfig(api_key=key, model="m")


class TestBuildMeaningReader:
    @pytest.mark.parametrize(
        ("embedder", "key", "reason"),
        [
            ("off", "key", "EMBEDDER is off."),
            ("off", None, "EMBEDDER is off."),
            ("gemini", None, "GEMINI_API_KEY is not set: the facts are chosen by their words."),
        ],
    )
    async def test_reads_words_alone_and_says_why(
        self, database: Database, tmp_path: Path, embedder: str, key: str | None, reason: str
    ) -> None:
        knowledge = KnowledgeService(tmp_path, token_budget=500)
        config = make_settings(EMBEDDER=embedder)
        reader = build_meaning_reader(config, config_with(key), database, knowledge)

        assert isinstance(reader, WordsAlone)
        status = reader.status()
        assert (status.model, status.passages, status.total) == (None, 0, 0)
        assert status.reason == reason
        async with reader.running():
            await reader.read_question("Fees?")

    async def test_reads_vectors_where_they_are_asked_for_and_a_model_answers(
        self, database: Database, tmp_path: Path
    ) -> None:
        knowledge = KnowledgeService(tmp_path, token_budget=500)
        config = make_settings(EMBEDDER="gemini", GEMINI_EMBEDDING_MODEL="some-model")
        reader = build_meaning_reader(config, config_with("key"), database, knowledge)

        assert isinstance(reader, VectorService)
        assert isinstance(reader.embedder, GeminiEmbedder)
        assert reader.embedder.name.startswith("some-model/")
        await reader.embedder.aclose()
