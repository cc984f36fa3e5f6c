"""The command line: `python -m backend --help`.

Each command imports what it needs when it is chosen, and `serve` with several workers next to
nothing: the process that looks after them is small.
"""

import gc

# Imports leave nothing to collect, but looking for it takes a tenth of the time to start. Who
# has imported all switches it on again.
gc.disable()

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the process's exit status."""
    options = _parser().parse_args(arguments)
    return int(options.run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m backend", description="AU-GURU's commands.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="run the service")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    serve.add_argument(
        "--port",
        type=_port,
        default=os.environ.get("PORT") or "8000",
        help="port; the variable PORT says it where platforms choose it (%(default)s)",
    )
    serve.add_argument("--workers", type=_positive, default=1, help="processes (%(default)s)")
    serve.set_defaults(run=_serve)

    upgrade = commands.add_parser("migrate", help="bring the database to the current schema")
    upgrade.add_argument("revision", nargs="?", default="head", help="or to this one, or base")
    upgrade.set_defaults(run=_command("migrate"))

    keep = commands.add_parser("backup", help="write the whole database into a new file")
    keep.add_argument("file", metavar="FILE", type=Path)
    keep.set_defaults(run=_command("backup"))
    back = commands.add_parser("restore", help="make the database what a backup holds")
    back.add_argument("file", metavar="FILE", type=Path)
    back.add_argument("--replace", action="store_true", help="erase what the database holds now")
    back.set_defaults(run=_command("restore"))

    admin = commands.add_parser(
        "create-admin",
        help="make an administrator, or an account one",
        description="The password comes from ADMIN_PASSWORD, from a pipe, or is asked twice; an "
        "account that exists keeps its own when none is given.",
    )
    admin.add_argument("email", metavar="EMAIL")
    admin.set_defaults(run=_command("create_admin"))

    ask = commands.add_parser("ask", help="ask a question without a server; stores nothing")
    ask.add_argument("question", metavar="QUESTION")
    ask.set_defaults(run=_command("ask"))

    knowledge = commands.add_parser("knowledge", help="look after the university's facts")
    tasks = knowledge.add_subparsers(required=True, metavar="TASK")
    check = tasks.add_parser("check", help="list what is wrong with the files")
    check.set_defaults(run=_command("check_knowledge"))
    rate = tasks.add_parser("eval", help="tell for which questions the facts are found")
    rate.add_argument("file", metavar="FILE", type=Path, help="questions, one JSON object a line")
    rate.add_argument("--budget", type=_positive, default=400, help="tokens (%(default)s)")
    rate.set_defaults(run=_command("evaluate_knowledge"))
    return parser


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65_535:
        raise argparse.ArgumentTypeError("must be from 0 to 65535")
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _serve(options: argparse.Namespace) -> int:
    if options.workers > 1:
        from backend.supervisor import supervise

        return supervise(options.host, options.port, options.workers)
    from backend.server import serve

    return serve(options.host, options.port)


def _command(name: str) -> Command:
    """A function of `commands`, which is imported when it is called."""

    def run(options: argparse.Namespace) -> int:
        from backend import commands

        command: Command = getattr(commands, name)
        return command(options)

    return run


if __name__ == "__main__":
    sys.exit(main())
