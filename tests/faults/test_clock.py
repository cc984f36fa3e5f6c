"""The clock set forward and back under a running service."""

from pathlib import Path

import pytest

from tests.databases import on_every_database
from tests.faults.conftest import Environment
from tests.faults.people import READY_SECONDS, crowd, recovery, tell
from tests.processes import serve

pytestmark = pytest.mark.stress

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


@on_every_database
@pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed")
@pytest.mark.parametrize("step", ["+3700", "-3700"])
async def test_an_hour_forward_or_back_changes_nothing_for_whoever_talks(
    step: str, environment: Environment, tmp_path: Path
) -> None:
    clock = tmp_path / "clock"
    clock.write_text("+0\n")
    environment = {
        **environment,
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with serve("--workers", "2", **environment) as server:
        async with crowd(server.url) as people:
            await people.hear(12)
            clock.write_text(f"{step}\n")
            await people.hear(12)
            ready_after = await recovery(server.url)
            clock.write_text("+0\n")
            await people.hear(12)

    tell(f"{step}: ready {ready_after:.2f} s after the step")
    assert people.refusals <= {(409, "turn_in_progress")}
    assert not sum(person.cuts for person in people.people)
    assert ready_after < READY_SECONDS
