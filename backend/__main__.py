"""The command line: `python -m backend --help`."""

import gc

# Imports leave nothing to collect, but looking for it takes a tenth of the time to start.
gc.disable()

import argparse
import asyncio
import os
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from backend.admin_command import BadInput, create_admin
from backend.backup import BackupFailed, back_up, restore
from backend.config import settings
from backend.core.database_file import DatabaseFile
from backend.core.errors import AssistantUnavailable
from backend.core.http_protocol import GuardedHttpProtocol
from backend.core.log import configure_logging
from backend.core.metrics_folder import metrics_folder
from backend.core.open_files import allow_open_files
from backend.database import database, engine
from backend.migration import migrate
from backend.parts import build_gemini, build_gemini_config, build_knowledge
from backend.services.knowledge.checking import Level
from backend.services.knowledge.evaluation import (
    EvaluationError,
    Question,
    evaluate,
    read_questions,
)
from backend.services.knowledge_service import KnowledgeService
from backend.services.meaning import build_embedder
from backend.services.reply import Reply, ReplyWriter
from backend.services.turn import Turn

if TYPE_CHECKING:
    from backend.services.knowledge.vectors import QuestionVector

gc.enable()


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
    upgrade.set_defaults(run=_migrate)

    keep = commands.add_parser("backup", help="write the whole database into a new file")
    keep.add_argument("file", metavar="FILE", type=Path)
    keep.set_defaults(run=_back_up)
    back = commands.add_parser("restore", help="make the database what a backup holds")
    back.add_argument("file", metavar="FILE", type=Path)
    back.add_argument("--replace", action="store_true", help="erase what the database holds now")
    back.set_defaults(run=_restore)

    admin = commands.add_parser(
        "create-admin",
        help="make an administrator, or an account one",
        description="The password comes from ADMIN_PASSWORD, from a pipe, or is asked twice; an "
        "account that exists keeps its own when none is given.",
    )
    admin.add_argument("email", metavar="EMAIL")
    admin.set_defaults(run=_create_admin)

    ask = commands.add_parser("ask", help="ask a question without a server; stores nothing")
    ask.add_argument("question", metavar="QUESTION")
    ask.set_defaults(run=_ask)

    knowledge = commands.add_parser("knowledge", help="look after the university's facts")
    tasks = knowledge.add_subparsers(required=True, metavar="TASK")
    check = tasks.add_parser("check", help="list what is wrong with the files")
    check.set_defaults(run=_check_knowledge)
    rate = tasks.add_parser("eval", help="tell for which questions the facts are found")
    rate.add_argument("file", metavar="FILE", type=Path, help="questions, one JSON object a line")
    rate.add_argument("--budget", type=_positive, default=400, help="tokens (%(default)s)")
    rate.set_defaults(run=_evaluate_knowledge)
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
    fault = _find_fault(options)
    if fault is not None:
        sys.stderr.write(f"Cannot start: {fault}\n")
        return 1
    configure_logging(settings.LOG_LEVEL, settings.LOG_FORMAT)  # of what looks after workers
    shares_metrics = options.workers > 1 and settings.shows_metrics
    with metrics_folder() if shares_metrics else nullcontext():
        _run_server(options)
    return 0


def _run_server(options: argparse.Namespace) -> None:
    allow_open_files()
    uvicorn.run(
        "backend.main:app",
        host=options.host,
        port=options.port,
        workers=options.workers,
        # It would believe forwarding headers from loopback; `api.edge` reads them.
        proxy_headers=False,
        http=GuardedHttpProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=2_048,
        # On a reload new workers have so long to become ready.
        timeout_worker_healthcheck=30,
        timeout_graceful_shutdown=int(settings.GEMINI_TIMEOUT_SECONDS) + 5,
    )


def _find_fault(options: argparse.Namespace) -> str | None:
    """What no waiting will mend, told in one line before workers are started in vain.

    A database server may come later; a file in a folder that is not there will not.
    """
    file = DatabaseFile.of(engine)
    fault = file.fault() if file is not None else None
    if fault is not None:
        return f"DATABASE_URL: {fault}"
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            options.host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as exc:
        return f"{options.host} port {options.port}: {exc.strerror}"
    return None


def _migrate(options: argparse.Namespace) -> int:
    migrate(engine, options.revision)
    return 0


def _back_up(options: argparse.Namespace) -> int:
    return _tell_failure(partial(back_up, engine, options.file))


def _restore(options: argparse.Namespace) -> int:
    return _tell_failure(partial(restore, engine, options.file, replace=options.replace))


def _tell_failure(work: Callable[[], None]) -> int:
    """Do it; what went wrong is one line, and the status 1."""
    configure_logging("WARNING", settings.LOG_FORMAT)
    try:
        work()
    except BackupFailed as exc:
        sys.stderr.write(f"{exc}\n")
        return 1
    return 0


def _create_admin(options: argparse.Namespace) -> int:
    """Make or promote an administrator; the status is 2 when what was given cannot be used."""
    configure_logging("ERROR", settings.LOG_FORMAT)
    try:
        _say(create_admin(settings, options.email))
    except BadInput as exc:
        sys.stderr.write(f"{exc}\n")
        return 2
    return 0


def _ask(options: argparse.Namespace) -> int:
    reply = asyncio.run(_reply(options.question))
    _say(reply.content)
    for source in reply.sources:
        _say(f"- {source['title']} ({source['url'] or source['file']})")
    return 0


async def _reply(question: str) -> Reply:
    gemini_client = build_gemini(settings)
    try:
        writer = ReplyWriter(gemini_client, build_knowledge(settings))
        return await writer.write(Turn("", question_id=0, answer_id=0, message=question))
    finally:
        await gemini_client.aclose()


def _check_knowledge(_options: argparse.Namespace) -> int:
    """List what there is to know about the files; the status is 1 when a part cannot be used."""
    findings = build_knowledge(settings).check()
    for finding in findings:
        _say(str(finding))
    return 1 if any(finding.level is Level.ERROR for finding in findings) else 0


def _evaluate_knowledge(options: argparse.Namespace) -> int:
    """Print the report; the status is 2 when the file cannot be read."""
    try:
        questions = read_questions(options.file)
    except EvaluationError as exc:
        _say(str(exc))
        return 2
    service = build_knowledge(settings)
    vectors: dict[str, QuestionVector] = {}
    if settings.EMBEDDER != "off":
        try:
            vectors = asyncio.run(_read_vectors(service, questions))
        except AssistantUnavailable as exc:
            _say(f"EMBEDDER={settings.EMBEDDER}: there are no vectors ({exc.code}).")
            return 2
        _say(f"Questions with a vector: {len(vectors)} of {len(questions)}")
    for line in evaluate(service, questions, budget=options.budget, vectors=vectors).lines():
        _say(line)
    return 0


async def _read_vectors(
    service: KnowledgeService, questions: Sequence[Question]
) -> "dict[str, QuestionVector]":
    """The vectors of questions by their ids, without the limit of time that a turn has."""
    from backend.services.vector_service import VectorService  # noqa: PLC0415 - arrays cost 20 MB

    embedder = build_embedder(settings, build_gemini_config(settings))
    vector_service = VectorService(embedder, database, service, question_seconds=60.0)
    try:
        await vector_service.refresh()
        return {
            question.id: vector
            for question in questions
            if (vector := await vector_service.read_question(question.question, question.history))
        }
    finally:
        await embedder.aclose()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
