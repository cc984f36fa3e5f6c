"""What all tests stand on: no way off the machine, and a Gemini of our own."""

from collections.abc import Iterator

import pytest

from tests.fakes.gemini_server import FakeGemini
from tests.fakes.network_guard import install_network_guard

install_network_guard()


@pytest.fixture
def fake_gemini() -> Iterator[FakeGemini]:
    """A Gemini upstream on loopback, fresh for this test."""
    with FakeGemini() as server:
        yield server
