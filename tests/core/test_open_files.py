"""The limit of open files, tried in a process of its own."""

import subprocess
import sys

import pytest

pytest.importorskip("resource", reason="Windows has no such limit")

_TRY = """
import resource
from backend.core.open_files import allow_open_files
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, most))
allow_open_files()
assert resource.getrlimit(resource.RLIMIT_NOFILE) == (most, most)
"""


def test_is_raised_to_what_the_system_allows() -> None:
    subprocess.run([sys.executable, "-c", _TRY], check=True, timeout=30)
