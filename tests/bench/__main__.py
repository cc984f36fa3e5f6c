"""Run the bench and print its tables: `make bench`, or `python -m tests.bench --help`."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.bench import chat, knowledge, mixed, picture, sign_in, streams, workers
from tests.bench.machine import describe_machine
from tests.bench.processes import say
from tests.bench.table import Table

PARTS: Final[dict[str, Callable[[Table, int], int]]] = {
    "chat": chat.run,
    "streams": streams.run,
    "mixed": mixed.run,
    "workers": workers.run,
    "sign-in": sign_in.run,
    "knowledge": knowledge.run_scaled,
}


def main() -> int:
    """Measure and print; the status is 1 when something failed that should not have."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of the load")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=list(PARTS), metavar="PART")
    parser.add_argument("--soak", type=int, metavar="MINUTES", help="mixed users that long, alone")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw the turns as an SVG")
    options = parser.parse_args()
    say(describe_machine())
    if options.soak:
        return 1 if mixed.soak(options.soak) else 0
    table = Table()
    failures = sum(PARTS[part](table, 5 if options.quick else 1) for part in options.only)
    if options.picture:
        options.picture.write_text(picture.draw(table.rows, describe_machine()), "utf-8")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
