"""The locks, and the check that notices when they are not made anew."""

import shutil
from pathlib import Path

import pytest

from tests.lock import LOCKS, ROOT, find_lock_drift


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A folder with the requirements and their locks."""
    for name in LOCKS:
        for ending in ("txt", "lock"):
            shutil.copy(ROOT / f"{name}.{ending}", tmp_path)
    return tmp_path


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


class TestDrift:
    def test_there_is_none(self) -> None:
        assert find_lock_drift() == []

    @pytest.mark.parametrize(
        ("file", "old", "new"),
        [
            ("requirements.txt", "fastapi==0.", "fastapi==1."),
            ("requirements.txt", "sniffio==1.3.1\n", ""),
            ("requirements.txt", "sniffio==1.3.1\n", "sniffio==1.3.1\nflask==3.0.0\n"),
            ("requirements-tracing.txt", "sdk==1", "sdk==2"),
            ("requirements.lock", "\nhttpx==0.", "\nhttpx==1."),
            ("requirements.lock", "\nredis==", "\nrediss=="),
            ("requirements-vectors.lock", "    --hash=sha256:", "    # "),
        ],
    )
    def test_is_found(self, copied: Path, file: str, old: str, new: str) -> None:
        edit(copied / file, old, new)

        assert find_lock_drift(copied)

    def test_of_a_lock_that_is_not_there_is_found(self, copied: Path) -> None:
        (copied / "requirements.lock").unlink()

        assert find_lock_drift(copied)


def test_locks_name_no_place_to_get_packages_from() -> None:
    for name in LOCKS:
        lock = (ROOT / f"{name}.lock").read_text()
        assert "://" not in lock
        assert "--index" not in lock
        assert "--find-links" not in lock
