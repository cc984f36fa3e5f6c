"""Which questions the facts did not answer, and what of such a question may be kept."""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from backend.services.knowledge.choice import choose_passages
from backend.services.knowledge.concept import NAME
from backend.services.knowledge.context import KnowledgeContext
from backend.services.knowledge.passage import Passage
from backend.services.knowledge.query import Query
from backend.services.knowledge.small_talk import read_small_talk
from backend.services.knowledge.text import fold
from backend.services.knowledge.version import version_of

MAX_LENGTH: Final = 300
_TOPIC_MASS: Final = 0.5
_ADDRESSES: Final = re.compile(r"[^\s<>()\[\],;:]+@[^\s<>()\[\],;:]+")
_LONG_NUMBERS: Final = re.compile(r"\+?\d(?:[ \-.()/]{0,2}\d){6,}")
"""Seven digits, as a student's number has: sums of money have fewer or commas between them."""

_NOT_WORDS: Final = re.compile(r"[^\w\u0e00-\u0e7f\u1000-\u109f]+")


@dataclass(frozen=True, slots=True)
class Gap:
    """A question as it is kept. `passages` were found for it and did not answer."""

    text_key: str
    topic: str
    question: str
    passages: tuple[str, ...]


def is_gap(message: str, context: KnowledgeContext, cited: tuple[Passage, ...] | None) -> bool:
    """Whether a question about the university got no fact for an answer.

    `cited` is what the model's answer draws on; None when the facts themselves had to answer. A
    model that knows no answer sends people to the telephone: that alone answers nothing, unless
    the number is what was asked for.
    """
    if context.off_topic or not context.query.terms or read_small_talk(message):
        return False
    library = context.edition.library if context.edition else None
    phones = {phone.passage for phone in library.phones} if library else set()
    if cited is not None and not phones.issuperset(cited):
        return False
    found = choose_passages(context)
    return not found if cited is None else not any(passage in found for passage in cited)


def make_gap(question: str, context: KnowledgeContext) -> Gap:
    """What is kept of a question; what may be personal in it is masked."""
    masked = _masked(question)
    key = make_text_key(question)
    return Gap(
        text_key=key,
        topic=_topic(context.query) or f"text:{key[:32]}",
        question=masked,
        passages=answering(context),
    )


def make_text_key(question: str) -> str:
    """The key under which a question is kept, however it is written."""
    return hashlib.sha256(normalise(_masked(question)).encode()).hexdigest()


def answering(context: KnowledgeContext) -> tuple[str, ...]:
    """The passages that would answer, each with its version."""
    return tuple(f"{one.id}@{version_of(one.raw)}" for one in choose_passages(context))


def _masked(question: str) -> str:
    return mask(question)[:MAX_LENGTH].strip()


def mask(text: str) -> str:
    """The text without e-mail addresses and long numbers."""
    return _LONG_NUMBERS.sub("[number]", _ADDRESSES.sub("[e-mail]", text))


def normalise(text: str) -> str:
    """The text as it is counted: case, accents, spaces and punctuation make no difference."""
    return _NOT_WORDS.sub(" ", fold(text)).strip()


def _topic(query: Query) -> str:
    """What is asked for, in concepts: the same in every language."""
    names = {
        name
        for part in query.parts
        if NAME not in part.groups and any(term.mass >= _TOPIC_MASS for term in part.terms)
        for name in part.concepts
    }
    return " ".join(sorted(names))[:MAX_LENGTH]
