"""Fixtures of the tests of services."""

import pytest

from tests.fakes.gemini_server import FakeGemini
from tests.services.tap import Tap


@pytest.fixture
def tap(fake_gemini: FakeGemini) -> Tap:
    tap = Tap()
    fake_gemini.always(tap)
    return tap
