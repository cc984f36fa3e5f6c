"""Tests of `backend/core/worker.py`."""

import subprocess
import sys
from dataclasses import replace

import pytest

from backend.core.worker import Worker, current_worker, find_worker


class TestWorker:
    def test_this_process_lives(self) -> None:
        assert not current_worker().is_dead()

    def test_reads_back_what_it_wrote(self) -> None:
        worker = current_worker()

        assert Worker.parse(str(worker)) == worker

    def test_a_process_that_ended_is_dead(self) -> None:
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
            worker = find_worker(child.pid)
            assert worker is not None
            assert not worker.is_dead()
            child.kill()
            child.wait()

        assert worker.is_dead()

    def test_a_number_that_came_back_is_not_the_same_process(self) -> None:
        assert replace(current_worker(), started=1.0).is_dead()

    def test_nobody_knows_of_another_machine(self) -> None:
        assert not replace(current_worker(), host="elsewhere", pid=1, started=1.0).is_dead()

    def test_what_is_no_worker_is_none(self) -> None:
        assert Worker.parse("nonsense") is None

    def test_is_found_without_proc_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("backend.core.worker._HAS_PROC", False)  # as on macOS
        worker = current_worker()

        assert worker.started > 0
        assert not worker.is_dead()
        assert find_worker(2**22 + 1) is None
