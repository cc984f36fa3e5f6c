"""Tests of `backend/services/knowledge/background.py`."""

import gc
import sys
from contextlib import suppress

import pytest

from backend.services.knowledge.background import building


class TestBuilding:
    @pytest.mark.parametrize("is_on", [True, False])
    def test_leaves_the_collector_and_the_threads_as_they_were(self, is_on: bool) -> None:
        was_on, interval = gc.isenabled(), sys.getswitchinterval()
        (gc.enable if is_on else gc.disable)()
        try:
            with suppress(ValueError), building():
                assert not gc.isenabled()
                assert sys.getswitchinterval() < interval
                raise ValueError("no such luck")

            assert gc.isenabled() is is_on
            assert sys.getswitchinterval() == interval
        finally:
            gc.unfreeze()
            (gc.enable if was_on else gc.disable)()
