"""Tests of `backend/services/knowledge/bindery.py`: what is bound, and where it is kept."""

import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

from backend.services.knowledge import bindery as module
from backend.services.knowledge.binder import bind
from backend.services.knowledge.bindery import Bindery, BindingFailed, Large, NotEntries
from backend.services.knowledge.job import Job, Outcome, Status
from backend.services.knowledge.json_file import UnreadableFile
from tests.services.knowledge.binding import GATE, make_job

START: Final = b'{"entries": ['


class TestTakes:
    @pytest.mark.parametrize(
        ("size", "beside", "takes"),
        [
            (1_000, 0, True),
            (999, 0, False),
            (999, 1, True),
            (500, 500, True),
            (500, 499, False),
            (50, 950, True),
            (50, 949, False),
            (49, 10_000, False),
        ],
    )
    def test_what_is_large_by_itself_or_with_others_unless_it_is_small(
        self, size: int, beside: int, takes: bool
    ) -> None:
        content = START.ljust(size)

        assert Bindery(least_bytes=1_000).takes(content, beside) is takes

    @pytest.mark.parametrize(
        ("start", "takes"),
        [
            (START, True),
            (b"\xef\xbb\xbf \n" + START, True),
            (b'{"about": "gates",\n "entries" : [', True),
            (b'{"about": "' + b"x" * 4_000 + b'", "entries": [', True),
            (b'{"about": "' + b"x" * 8_000 + b'", "entries": [', False),
            (b'[{"entries": [', False),
            (b'{"entries": {', False),
            (b"", False),
        ],
    )
    def test_what_looks_like_entries(self, start: bytes, takes: bool) -> None:
        assert Bindery(least_bytes=100).takes(start.ljust(20_000)) is takes


class TestBindery:
    @pytest.fixture
    def large(self, tmp_path: Path) -> Large:
        job = make_job(tmp_path, [GATE])
        return Large(Path(job.path), job.digest)

    @pytest.mark.parametrize(
        ("mode", "is_used"),
        [(0o700, True), (0o755, True), (0o720, False), (0o702, False), (0o777, False)],
    )
    def test_keeps_volumes_where_no_others_may_write(
        self, tmp_path: Path, large: Large, mode: int, is_used: bool
    ) -> None:
        cache = tmp_path / "cache"
        cache.mkdir()
        cache.chmod(mode)

        assert Bindery(cache, run=bind).bind(large, [b"{}"], wait=True)

        assert any(cache.iterdir()) is is_used

    @pytest.mark.parametrize("kind", ["file", "link", "under a file"])
    def test_keeps_none_in_what_is_no_folder_of_ones_own(
        self, tmp_path: Path, large: Large, kind: str
    ) -> None:
        cache, elsewhere = tmp_path / "cache", tmp_path / "elsewhere"
        elsewhere.mkdir(mode=0o700)
        if kind == "link":
            cache.symlink_to(elsewhere)
        else:
            cache.touch(mode=0o600)

        where = cache / "below" if kind == "under a file" else cache
        volume = Bindery(where, run=bind).bind(large, [b"{}"], wait=True)

        assert volume is not None
        assert volume.path is not None
        assert not volume.path.is_relative_to(tmp_path)
        assert list(elsewhere.iterdir()) == []

    def test_makes_the_folder_for_its_owner_alone(self, tmp_path: Path, large: Large) -> None:
        cache = tmp_path / "new" / "cache"

        volume = Bindery(cache, run=bind).bind(large, [b"{}"], wait=True)

        assert volume is not None
        assert volume.path is not None
        assert volume.path.parent == cache
        assert cache.stat().st_mode & 0o777 == 0o700

    def test_goes_on_from_the_last_version_of_a_file(self, tmp_path: Path, large: Large) -> None:
        jobs: list[Job] = []

        def run(job: Job) -> Outcome:
            jobs.append(job)
            return bind(job)

        bindery = Bindery(tmp_path / "cache", run=run)
        first = bindery.bind(large, [b"{}"], wait=True)
        changed = make_job(tmp_path, [{**GATE, "colour": "red"}])

        second = bindery.bind(Large(large.path, changed.digest), [b"{}"], wait=True)

        assert first is not None
        assert second is not None
        assert [job.last for job in jobs] == [None, str(first.path)]
        assert second.passage(0).body == "Opens at nine."
        assert bindery.bind(Large(large.path, changed.digest), [b"{}"], wait=False) is second

    def test_has_a_volume_for_each_lexicon(self, tmp_path: Path, large: Large) -> None:
        bindery = Bindery(tmp_path / "cache", run=bind)
        lexicons = ([b"{}"], [b'{"gate": ["gate"]}'], [b"{}", b"{}"])

        volumes = [bindery.bind(large, lexicon, wait=True) for lexicon in lexicons]

        assert len({volume.key for volume in volumes if volume is not None}) == 3

    @pytest.mark.parametrize(("wait", "runs"), [(False, 1), (True, 2)])
    def test_tries_again_what_failed_when_it_is_asked_to(
        self, large: Large, wait: bool, runs: int
    ) -> None:
        tried: list[Job] = []

        def run(job: Job) -> Outcome:
            tried.append(job)
            raise BindingFailed("MemoryError")

        bindery = Bindery(run=run)
        for again in (True, wait):
            with pytest.raises(UnreadableFile, match=r"could not be indexed \(MemoryError\)"):
                bindery.bind(large, [], wait=again)

        assert len(tried) == runs

    def test_tries_again_what_failed_after_a_while(
        self, large: Large, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tried: list[Job] = []

        def run(job: Job) -> Outcome:
            tried.append(job)
            if len(tried) == 1:
                raise BindingFailed("MemoryError")
            return bind(job)

        bindery = Bindery(run=run)
        monkeypatch.setattr(module, "_RETRY_SECONDS", 0.05)
        volume, deadline = None, time.monotonic() + 10
        while volume is None:
            assert time.monotonic() < deadline
            with suppress(UnreadableFile):
                volume = bindery.bind(large, [b"{}"], wait=False)
            time.sleep(0.005)

        assert len(tried) == 2

    @pytest.mark.parametrize(
        ("outcome", "error"),
        [
            (Outcome(Status.BROKEN, "no", "line 1"), UnreadableFile),
            (Outcome(Status.NESTED), NotEntries),
        ],
    )
    def test_never_tries_again_what_cannot_be_bound(
        self, large: Large, outcome: Outcome, error: type[Exception]
    ) -> None:
        tried: list[Job] = []

        def run(job: Job) -> Outcome:
            tried.append(job)
            return outcome

        bindery = Bindery(run=run)
        for _ in range(3):
            with pytest.raises(error) as told:
                bindery.bind(large, [], wait=True)
            assert getattr(told.value, "place", "line 1") == "line 1"

        assert len(tried) == 1

    def test_says_nothing_of_a_file_that_changed_meanwhile(self, large: Large) -> None:
        bindery = Bindery(run=lambda _: Outcome(Status.CHANGED))

        assert bindery.bind(large, [], wait=True) is None

    def test_goes_with_the_process_without_a_cache(self, large: Large) -> None:
        bindery = Bindery(run=bind)
        volume = bindery.bind(large, [b"{}"], wait=True)
        assert volume is not None
        assert volume.path is not None
        folder = volume.path.parent
        assert folder.stat().st_mode & 0o777 == 0o700

        del volume, bindery

        assert not folder.exists()
