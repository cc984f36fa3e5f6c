"""The metrics of several workers: any of them tells those of all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.core.metrics_folder import FOLDER_VARIABLE, metrics_folder
from tests.metrics import Metrics, read_metrics
from tests.processes import ROOT

COUNT = """
import asyncio, os, sys
from backend.core.prometheus import PrometheusMeter

meter = PrometheusMeter(version="1", python="3", database="sqlite")
meter.turn_ended("complete", answered_by="gemini", seconds=0.3)
meter.show("workers", 1, "Processes that answer.")
print(asyncio.run(meter.render()).decode(), flush=True)
sys.stdin.read()
"""


class Counting:
    """A process that counts one turn, tells the metrics and lives on."""

    def __init__(self, folder: str) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, "-c", COUNT],
            cwd=ROOT,
            env={**os.environ, FOLDER_VARIABLE: folder},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def metrics(self) -> Metrics:
        assert self._popen.stdout is not None
        lines = []
        while line := self._popen.stdout.readline().strip():
            lines.append(line)
        return read_metrics("\n".join(lines) + "\n")

    def kill(self) -> None:
        self._popen.kill()
        self._popen.communicate()


class TestFolder:
    def test_adds_up_what_all_have_counted_and_forgets_how_the_dead_stood(
        self, tmp_path: Path
    ) -> None:
        first = Counting(str(tmp_path))
        alone = first.metrics()
        second = Counting(str(tmp_path))
        both = second.metrics()
        first.kill()
        second.kill()
        third = Counting(str(tmp_path))
        after = third.metrics()
        third.kill()

        turns = 'turns_total{answered_by="gemini",outcome="complete"}'
        assert [metrics[turns] for metrics in (alone, both, after)] == [1, 2, 3]
        assert [metrics["turn_seconds_count"] for metrics in (alone, both, after)] == [1, 2, 3]
        assert [metrics["workers"] for metrics in (alone, both, after)] == [1, 2, 1]

    def test_tells_of_the_others_while_a_worker_has_only_made_its_file(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "counter_999999999.db").touch()
        counting = Counting(str(tmp_path))
        metrics = counting.metrics()
        counting.kill()

        assert metrics["workers"] == 1

    def test_is_gone_at_the_end_and_those_of_killed_services_too(self) -> None:
        with metrics_folder():
            folder = Path(os.environ[FOLDER_VARIABLE])
            assert folder.is_dir()
            left = folder.with_name(folder.name.replace(f"-{os.getpid()}-", "-999999999-"))
            left.mkdir()
            with pytest.MonkeyPatch.context() as patch:
                patch.delenv(FOLDER_VARIABLE)
                with metrics_folder():
                    assert not left.exists()
                    assert folder.is_dir()
            os.environ[FOLDER_VARIABLE] = str(folder)

        assert not folder.exists()
        assert FOLDER_VARIABLE not in os.environ
