"""Tests of `backend/core/gemini_types.py`."""

import pytest

from backend.core.gemini_types import GeminiConfig


class TestTimeouts:
    @pytest.mark.parametrize(
        ("turn", "connect", "first_byte", "chunk"),
        [(30.0, 5.0, 20.0, 10.0), (10.0, 10 / 3, 20 / 3, 10 / 3), (1.0, 1 / 3, 2 / 3, 1 / 3)],
    )
    def test_follow_from_the_time_of_the_turn(
        self, turn: float, connect: float, first_byte: float, chunk: float
    ) -> None:
        config = GeminiConfig(timeout_seconds=turn)

        assert config.connect_timeout == pytest.approx(connect)
        assert config.first_byte_timeout == pytest.approx(first_byte)
        assert config.chunk_timeout == pytest.approx(chunk)

    def test_may_be_given_one_by_one(self) -> None:
        config = GeminiConfig(connect_seconds=7.0, first_byte_seconds=8.0, chunk_seconds=9.0)

        assert config.connect_timeout == 7.0
        assert config.first_byte_timeout == 8.0
        assert config.chunk_timeout == 9.0


def test_the_key_is_not_shown_with_the_rest() -> None:
    assert "a-key" not in repr(GeminiConfig(api_key="a-key"))
