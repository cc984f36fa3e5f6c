"""Answers made of the facts themselves, for when the model does not write them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from backend.core.language import Language
from backend.services.knowledge.choice import choose
from backend.services.knowledge.context import KnowledgeContext
from backend.services.knowledge.library import Library, Phone
from backend.services.knowledge.passage import Fact, Passage
from backend.services.knowledge.phrases import PHRASES, Phrases
from backend.services.knowledge.rendering import (
    CURRENCIES,
    SILENT_KEYS,
    Wording,
    label_words,
    write_value,
)
from backend.services.knowledge.small_talk import SmallTalk, read_small_talk


@dataclass(frozen=True, slots=True)
class KnowledgeAnswer:
    """An answer without the model, and the passages it is made of."""

    text: str
    passages: tuple[Passage, ...] = ()


class AnswerWriter:
    """Writes answers from one library in one language."""

    def __init__(self, library: Library, language: Language) -> None:
        self._library = library
        self._language = language
        self._phrases: Phrases = PHRASES[language]
        self._wording = Wording(in_all=self._phrases.in_all, dash="–")

    def write(self, message: str, context: KnowledgeContext) -> KnowledgeAnswer:
        """Answer with the facts that match; say so honestly when none does."""
        small_talk = read_small_talk(message)
        if small_talk is not None:
            return KnowledgeAnswer(self._small_talk(small_talk))
        choice = choose(context)
        if not choice.passages:
            return self._unknown(context)
        concepts = set(context.query.said)
        lines = [f"• {self._line(passage, concepts)}" for passage in choice.passages]
        lines += ["", self._sources(choice.passages)]
        if choice.partial:
            lines += ["", self._phrases.partly, *map(self._phone, self._library.phones)]
        return KnowledgeAnswer("\n".join([self._phrases.found, *lines]), choice.passages)

    def _small_talk(self, kind: SmallTalk) -> str:
        return {
            SmallTalk.GREETING: self._phrases.welcome,
            SmallTalk.THANKS: self._phrases.thanks,
            SmallTalk.FAREWELL: self._phrases.farewell,
            SmallTalk.IDENTITY: self._phrases.identity,
        }[kind]

    def _unknown(self, context: KnowledgeContext) -> KnowledgeAnswer:
        """An honest word, the office that such questions are for, and the campus phones."""
        phones: Sequence[Phone] = self._library.phones
        office = None if context.off_topic else self._office(context)
        if not (phones or office):
            return KnowledgeAnswer(self._phrases.unknown)
        lines = [f"• {self._line(office, set())}"] if office else []
        lines += map(self._phone, phones)
        word = [self._phrases.unknown, self._phrases.phones]
        text = "\n".join([*([self._phrases.foreign] if context.off_topic else word), *lines])
        found = [office] if office else []
        return KnowledgeAnswer(
            text, tuple(dict.fromkeys([*found, *(phone.passage for phone in phones)]))
        )

    def _phone(self, phone: Phone) -> str:
        return f"• {phone.name}{self._phrases.colon}{phone.number}"

    def _office(self, context: KnowledgeContext) -> Passage | None:
        """The office that shares most with what is asked, the first of equals."""
        lexicon = self._library.lexicon
        asked = set(context.query.concepts)
        asked |= {wider for name in asked for wider in lexicon.concept(name).broader}
        asked = {name for name in asked if not lexicon.concept(name).generic}
        best = max(
            self._library.offices, key=lambda office: len(office.concepts & asked), default=None
        )
        return best.passage if best is not None and best.concepts & asked else None

    def _line(self, passage: Passage, concepts: set[str]) -> str:
        """One passage for a person: its name, then its facts with their labels and units."""
        if not passage.core or not passage.facts:
            told = passage.body.casefold().startswith(passage.title.casefold())
            heading = "" if told else f"{passage.title}{self._phrases.colon}"
            body = f"{heading}{passage.body}"
        else:
            body = self._nested(passage, concepts)
        return body + self._remarks(passage)

    def _nested(self, passage: Passage, concepts: set[str]) -> str:
        facts = self._asked_for(passage, concepts)
        heading = self._heading(passage)
        named = [fact for fact in facts if fact.value != heading]
        body = self._phrases.separator.join(self._fact(fact) for fact in named)
        return f"{heading} – {body}" if heading and body else heading or body

    def _asked_for(self, passage: Passage, concepts: set[str]) -> Sequence[Fact]:
        """The facts whose own name is asked for, when some are; else all."""
        analyser = self._library.analyser
        told = {other for name in concepts for other in _TOLD_WITH.get(name, ())}
        concepts = concepts | told
        asked = []
        for fact in passage.facts:
            label = label_words(fact.keys[-1], fact.unit) if fact.keys else ""
            named = {term.token.removeprefix("@") for term in analyser.terms_of_passage(label)}
            if named & concepts & (_ASKABLE | told):
                asked.append(fact)
        if asked and concepts & _FEES and not any(map(_is_sum, asked)):
            # "How long is it, and what does it cost?"
            asked += filter(_is_sum, passage.facts)
        return asked or passage.facts

    def _heading(self, passage: Passage) -> str:
        if passage.breadcrumb and passage.title != passage.breadcrumb[-1]:
            return passage.title
        keys = passage.fact_id.split(".")[-2:]
        return ", ".join(self._label(key, None) for key in keys if not key.isdigit() and key != "~")

    def _fact(self, fact: Fact) -> str:
        unit = self._library.sidefile.unit(fact.unit, self._language) if fact.unit else None
        value = write_value(fact, unit_name=unit, wording=self._wording)
        key = fact.keys[-1] if fact.keys else ""
        if not key or key in SILENT_KEYS:
            return value
        return f"{self._label(key, fact.unit)}{self._phrases.colon}{value}"

    def _label(self, key: str, unit: str | None) -> str:
        known = self._library.sidefile.label(key, self._language)
        words = label_words(key, unit)
        return known or words[:1].upper() + words[1:]

    def _remarks(self, passage: Passage) -> str:
        remarks = []
        if passage.source.date:
            remarks.append(self._phrases.as_of.format(date=passage.source.date))
        if passage.doubtful:
            where = passage.source.url or passage.source.title
            remarks.append(self._phrases.uncertain.format(where=where))
        return f" ({', '.join(remarks)})" if remarks else ""

    def _sources(self, passages: Sequence[Passage]) -> str:
        names = dict.fromkeys(_source_name(passage) for passage in passages)
        return f"{self._phrases.sources}{self._phrases.colon}{self._phrases.separator.join(names)}"


# Concepts that name one figure or name among the facts of an object. Others ("tuition", "campus")
# name the object as a whole.
_ASKABLE: Final = frozenset(
    {
        "insurance",
        "matriculation",
        "duration",
        "phone",
        "address",
        "website",
        "founder",
        "philosophy",
        "founded",
        "first_focus",
        "former_name",
        "arrival",
        "acc",
    }
)

_TOLD_WITH: Final = {"founded": ("acc", "founder", "gabriel"), "former_name": ("acc",)}
"""What a fact says little without: in 1938 the college before the university was registered."""


_FEES: Final = frozenset({"price", "tuition"})


def _is_sum(fact: Fact) -> bool:
    return fact.unit in CURRENCIES


def _source_name(passage: Passage) -> str:
    source = passage.source
    where = source.url or source.file
    return source.title if where is None or where == source.title else f"{source.title} ({where})"
