"""Whether the time of a refused sign-in tells who has an account."""

import http.client
import json
import tempfile
from collections.abc import Iterator
from contextlib import closing
from statistics import median
from time import perf_counter
from typing import Final
from urllib.parse import urlencode

from tests.bench.processes import say, start_service
from tests.bench.table import Table

TRIES: Final = 200
_EMAIL: Final = "known@au.edu"
_PASSWORD: Final = "a long enough password"
_UPSTREAM: Final = "http://127.0.0.1:9"
"""Nobody is asked there."""


def run(_table: Table, scale: int) -> int:
    """Measure and print; returns how many sign-ins were not refused as they must be."""
    tries = TRIES // scale
    times: dict[bool, list[float]] = {True: [], False: []}
    failures = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        start_service(_UPSTREAM, f"sqlite:///{folder}/bench.db") as service,
        closing(http.client.HTTPConnection("127.0.0.1", service.port)) as connection,
    ):
        account = json.dumps({"email": _EMAIL, "password": _PASSWORD})
        _post(connection, "register", account, "application/json")
        for is_known, email in _people(tries):
            form = urlencode({"username": email, "password": "a wrong password"})
            began = perf_counter()
            status = _post(connection, "login", form, "application/x-www-form-urlencoded")
            times[is_known].append(perf_counter() - began)
            failures += status != 401
    unknown, known = (median(times[is_known]) * 1_000 for is_known in (False, True))
    say(
        f"\nsign-in refused {tries} times each: unknown address {unknown:.2f} ms, known "
        f"{known:.2f} ms (medians), {abs(unknown - known) / known * 100:.1f} % apart"
    )
    return failures


def _people(tries: int) -> Iterator[tuple[bool, str]]:
    """One after the other, each first as often: what slows the machine slows both."""
    for number in range(tries):
        pair = [(True, _EMAIL), (False, f"unknown{number}@au.edu")]
        yield from pair if number % 2 else reversed(pair)


def _post(
    connection: http.client.HTTPConnection, operation: str, body: str, media_type: str
) -> int:
    connection.request("POST", f"/api/v1/users/{operation}", body, {"Content-Type": media_type})
    response = connection.getresponse()
    response.read()
    return response.status
