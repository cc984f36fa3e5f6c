"""Facts that are made up, put into words."""

from typing import Any

from backend.core.language import Language
from backend.services.knowledge.answers import AnswerWriter, KnowledgeAnswer
from backend.services.knowledge.choice import Choice
from backend.services.knowledge.context import KnowledgeContext
from backend.services.knowledge.library import Library
from backend.services.knowledge.passage import Fact, Passage, Source


def passage(**changes: Any) -> Passage:
    told: dict[str, Any] = {
        "id": "a#x",
        "category": "a",
        "fact_id": "x",
        "title": "Lift",
        "body": "Goes up.",
        "source": Source("A"),
        "raw": {},
        "core": False,
    }
    return Passage(**{**told, **changes})


def nested(*facts: Fact, **changes: Any) -> Passage:
    """A passage of the owner's files."""
    told = {"fact_id": "halls.lift", "breadcrumb": ("halls", "lift"), "title": "lift"}
    return passage(**{"core": True, "facts": facts, **told, **changes})


def write(
    library: Library,
    *passages: Passage,
    question: str = "lift?",
    language: Language = Language.ENGLISH,
    **changes: Any,
) -> KnowledgeAnswer:
    """The answer when these passages are chosen."""
    query = library.analyser.read_query(question)
    context = KnowledgeContext("", (), 0, query=query, **changes)
    context.made_choice.append(Choice(passages))
    return AnswerWriter(library, language).write(question, context)


def line(library: Library, one: Passage, question: str = "lift?") -> str:
    """The line that tells a passage."""
    return write(library, one, question=question).text.splitlines()[1]
