"""The commands besides `serve`, each done when it returns; what it gives is the exit status."""

import argparse
import asyncio
import gc
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from backend.admin_command import BadInput
from backend.admin_command import create_admin as make_admin
from backend.backup import BackupFailed, back_up
from backend.backup import restore as put_back
from backend.config import settings
from backend.core.errors import AssistantUnavailable
from backend.core.log import configure_logging
from backend.database import database, engine
from backend.migration import migrate as bring_up
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

# The command line has switched it off for the imports: a first look through all that they
# leave would take longer than most commands.
gc.freeze()
gc.enable()


def migrate(options: argparse.Namespace) -> int:
    """Bring the database to a schema."""
    bring_up(engine, options.revision)
    return 0


def backup(options: argparse.Namespace) -> int:
    """Write the whole database into a file."""
    return _tell_failure(partial(back_up, engine, options.file))


def restore(options: argparse.Namespace) -> int:
    """Make the database what a backup holds."""
    return _tell_failure(partial(put_back, engine, options.file, replace=options.replace))


def _tell_failure(work: Callable[[], None]) -> int:
    """Do it; what went wrong is one line, and the status 1."""
    configure_logging("WARNING", settings.LOG_FORMAT)
    try:
        work()
    except BackupFailed as exc:
        sys.stderr.write(f"{exc}\n")
        return 1
    return 0


def create_admin(options: argparse.Namespace) -> int:
    """Make or promote an administrator; the status is 2 when what was given cannot be used."""
    configure_logging("ERROR", settings.LOG_FORMAT)
    try:
        _say(make_admin(settings, options.email))
    except BadInput as exc:
        sys.stderr.write(f"{exc}\n")
        return 2
    return 0


def ask(options: argparse.Namespace) -> int:
    """Answer one question, with its sources."""
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


def check_knowledge(_options: argparse.Namespace) -> int:
    """List what there is to know about the files; the status is 1 when a part cannot be used."""
    findings = build_knowledge(settings).check()
    for finding in findings:
        _say(str(finding))
    return 1 if any(finding.level is Level.ERROR for finding in findings) else 0


def evaluate_knowledge(options: argparse.Namespace) -> int:
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
