"""Tests of `backend/services/knowledge/binder.py`, and of how it is started and heard."""

import json
import os
import sys
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from backend.services.knowledge import bindery as module
from backend.services.knowledge.binder import bind
from backend.services.knowledge.bindery import BindingFailed, run_binder
from backend.services.knowledge.job import Job, Outcome, Status
from backend.services.knowledge.volume import Volume
from tests.services.knowledge.binding import GATE, make_job


def program(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Have a shell script in place of the binding program."""
    monkeypatch.setattr(module, "BINDER", ("/bin/sh", "-c", script))


class TestRunBinder:
    @pytest.mark.parametrize(
        ("script", "told"),
        [
            ("kill -15 $$", "killed by signal 15"),
            ("kill -9 $$", "killed by signal 9"),
            ("exit 1", "status 1"),
            ("exit 7", "status 7"),
            ("echo 'MemoryError: no room' >&2; exit 1", "MemoryError"),
            ("printf 'Traceback:\\n  line 1\\nOSError: full: disk\\n\\n' >&2; exit 1", "OSError"),
            ("printf '\\377\\n' >&2; exit 2", "\ufffd"),
        ],
    )
    def test_tells_how_the_program_ended(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, told: str
    ) -> None:
        program(monkeypatch, script)

        with pytest.raises(BindingFailed) as failed:
            run_binder(make_job(tmp_path, []))

        assert str(failed.value) == told

    def test_tells_that_it_could_not_be_started(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(module, "BINDER", (str(tmp_path / "none"),))

        with pytest.raises(BindingFailed, match="FileNotFoundError"):
            run_binder(make_job(tmp_path, []))

    def test_tells_that_it_took_too_long(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        program(monkeypatch, "exec sleep 5")
        monkeypatch.setattr(module, "_BUILD_SECONDS", 0.02)

        with pytest.raises(BindingFailed, match="TimeoutExpired"):
            run_binder(make_job(tmp_path, []))

    def test_hears_what_the_program_says(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        told = {"status": "broken", "message": "no", "place": "line 1"}
        program(monkeypatch, f"cat > {tmp_path}/asked; echo '{json.dumps(told)}'; echo oh >&2")
        job = make_job(tmp_path, [GATE])

        assert run_binder(job) == Outcome(Status.BROKEN, "no", "line 1")
        asked = json.loads((tmp_path / "asked").read_bytes())
        assert Job(**{**asked, "lexicons": tuple(asked["lexicons"])}) == job

    def test_starts_it_with_the_environment_and_one_thread(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("GATE", "open")
        told = '{"status": "bound", "message": "\'$GATE$OPENBLAS_NUM_THREADS\'", "place": null}'
        program(monkeypatch, f"echo '{told}'")

        assert run_binder(make_job(tmp_path, [])).message == "open1"


class TestBind:
    @pytest.mark.parametrize(
        ("wrong", "told", "more"),
        [
            (1, 1, None),
            (199, 199, None),
            (200, 200, None),
            (201, 200, "1 more like these"),
            (210, 200, "10 more like these"),
        ],
    )
    def test_tells_two_hundred_problems_and_how_many_more(
        self, tmp_path: Path, wrong: int, told: int, more: str | None
    ) -> None:
        job = make_job(tmp_path, [GATE, *({"id": f"e{n}"} for n in range(wrong))])

        assert bind(job) == Outcome(Status.BOUND)

        problems = [tuple(one) for one in Volume.open(Path(job.target)).problems]
        places = [place for _, place in problems]
        assert places[:told] == [f"entry e{n}" for n in range(told)]
        assert problems[told:] == ([] if more is None else [(more, None)])

    def test_does_a_job_once(self, tmp_path: Path) -> None:
        job = make_job(tmp_path, [GATE])
        bind(job)
        before = Path(job.target).stat()
        Path(job.path).unlink()

        assert bind(job) == Outcome(Status.BOUND)
        assert Path(job.target).stat() == before
        assert bind(replace(job, key="another")) == Outcome(Status.CHANGED)

    def test_says_what_is_wrong_with_a_file(self, tmp_path: Path) -> None:
        job = make_job(tmp_path, [GATE])
        path = Path(job.path)
        path.write_text('{"entries": [', "utf-8")
        digest = sha256(path.read_bytes()).hexdigest()

        outcome = bind(replace(job, digest=digest))

        assert outcome == Outcome(Status.BROKEN, "Expecting value", "line 1, column 14")

    def test_keeps_two_versions_of_each_file_and_no_leftovers(self, tmp_path: Path) -> None:
        others = [tmp_path / "other-1.volume", tmp_path / "gatesby-1.volume", tmp_path / "x.tmp"]
        old = [tmp_path / f"gates-old{n}.volume" for n in range(3)]
        for age, path in enumerate([*others, *old, tmp_path / ".gone.tmp"], 1):
            path.touch()
            os.utime(path, (time.time() - 100 * age,) * 2)

        job = make_job(tmp_path, [GATE])
        bind(job)

        left = {path.name for path in tmp_path.iterdir()}
        kept = {path.name for path in (*others, old[0], Path(job.target), Path(job.path))}
        assert left - {"lock"} == kept


def test_the_binder_is_a_module_of_this_code() -> None:
    assert (sys.executable, "-m", "backend.services.knowledge.binder") == module.BINDER
    assert len(module.code_version()) == 64
