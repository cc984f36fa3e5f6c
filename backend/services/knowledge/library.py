"""The whole knowledge, read and indexed: one object, swapped as a whole and never changed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from backend.core.errors import CategoryNotFound, FactNotFound
from backend.services.knowledge.analysis import Analyser
from backend.services.knowledge.index import Index
from backend.services.knowledge.loader import Category, FileProblem, Material, read_directory
from backend.services.knowledge.passage import Passage
from backend.services.knowledge.query import Query, TermKind
from backend.services.knowledge.sidefile import SideFile
from backend.services.knowledge.spelling import Speller, WordIndex

_CONCEPT_WEIGHT: Final = 2.5
_SUMMARY_WEIGHT: Final = 0.3
_MAX_SPELLING_WORDS: Final = 20_000
_PHONE_KEYS: Final = frozenset({"phone", "telephone", "tel", "phone_number", "hotline"})


@dataclass(frozen=True, slots=True)
class _Weights:
    """What a term counts by where it stands."""

    title: float
    body: float
    alias: float


_CORE_WEIGHTS: Final = _Weights(title=1.5, body=1.0, alias=1.0)
_ENTRY_WEIGHTS: Final = _Weights(title=2.0, body=0.6, alias=2.0)
"""Entries are sentences that touch on much else; their aliases are what people ask."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Passages that are ranked together, in stable order, with their index.

    `focus` holds the concepts of each entry's title, `asked` the places of the passages that have
    an alias which asks the same as a question of that key.
    """

    passages: tuple[Passage, ...]
    index: Index
    focus: tuple[frozenset[str], ...]
    asked: Mapping[frozenset[str], frozenset[int]]


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number to send people to, and whose it is."""

    name: str
    number: str
    passage: Passage


class Library:
    """The passages of a folder, ready to be searched."""

    def __init__(self, material: Material) -> None:
        self.categories = tuple(_settle_conflicts(material.categories))
        self.problems: tuple[FileProblem, ...] = tuple(material.problems)
        self.sidefile: SideFile = material.sidefile
        self.lexicon = material.vocabulary.lexicon
        passages = [passage for category in self.categories for passage in category.passages]
        self.by_id = {passage.id: passage for passage in passages}
        plain = Analyser(self.lexicon)
        words = _count_words(plain, passages)
        speller = Speller(material.vocabulary.words, WordIndex(dict.fromkeys(words, 0.2)))
        self.analyser = Analyser(self.lexicon, speller, material.vocabulary.near)
        self.core = _shelve(plain, [passage for passage in passages if passage.core])
        self.others = _shelve(plain, [passage for passage in passages if not passage.core])
        self._facts = {
            category.name: {passage.fact_id: passage for passage in category.passages}
            for category in self.categories
        }

    @classmethod
    def open(cls, directory: Path) -> "Library":
        """Read and index a folder; what is wrong with its files is in `problems`."""
        return cls(read_directory(directory))

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """All passages in stable order: the owner's first."""
        return (*self.core.passages, *self.others.passages)

    @cached_property
    def phones(self) -> tuple[Phone, ...]:
        """The telephone numbers in the owner's files."""
        return tuple(_phones(self.core.passages))

    def category(self, name: str) -> Category:
        """The category of that name.

        Raises:
            CategoryNotFound: there is none.
        """
        for category in self.categories:
            if category.name == name:
                return category
        raise CategoryNotFound

    def fact(self, category: str, fact_id: str) -> Passage:
        """One passage by its address in URLs.

        Raises:
            CategoryNotFound: there is no such category.
            FactNotFound: the category has no such fact.
        """
        facts = self._facts.get(category)
        if facts is None:
            raise CategoryNotFound
        if fact_id not in facts:
            raise FactNotFound
        return facts[fact_id]


def _count_words(analyser: Analyser, passages: Iterable[Passage]) -> Iterator[str]:
    """The words of the passages, the most frequent first, as many as spelling is worth."""
    counts: Counter[str] = Counter()
    for passage in passages:
        counts.update(analyser.words_of(" ".join((passage.text, *passage.aliases))))
    return (word for word, _ in counts.most_common(_MAX_SPELLING_WORDS))


def _settle_conflicts(categories: Iterable[Category]) -> Iterator[Category]:
    """The categories; what would overrule an entry must be there to do so."""
    found = list(categories)
    ids = {passage.id for category in found for passage in category.passages}
    for category in found:
        passages = tuple(
            passage
            if passage.overruled_by is None or passage.overruled_by in ids
            else replace(passage, overruled_by=None)
            for passage in category.passages
        )
        yield replace(category, passages=passages)


def _shelve(analyser: Analyser, passages: list[Passage]) -> Shelf:
    documents = []
    asked: dict[frozenset[str], set[int]] = defaultdict(set)
    for place, passage in enumerate(passages):
        aliases = [analyser.read_query(alias) for alias in passage.aliases]
        for alias in aliases:
            asked[alias.key].add(place)
        documents.append(_frequencies(analyser, passage, aliases))
    asked.pop(frozenset(), None)
    return Shelf(
        passages=tuple(passages),
        index=Index(documents),
        focus=tuple(_focus(analyser, passage) for passage in passages),
        asked={key: frozenset(places) for key, places in asked.items()},
    )


def _frequencies(
    analyser: Analyser, passage: Passage, aliases: Sequence[Query]
) -> dict[str, float]:
    """How often each term stands in a passage, its title and its aliases counting more."""
    frequencies: dict[str, float] = defaultdict(float)
    weights = _CORE_WEIGHTS if passage.core else _ENTRY_WEIGHTS
    title = ". ".join(dict.fromkeys((*passage.breadcrumb, passage.title)))
    body_weight = _SUMMARY_WEIGHT if _is_summary(passage) else weights.body
    for text, weight in ((title, weights.title), (passage.body, body_weight)):
        for term in analyser.terms_of_passage(text):
            frequencies[term.token] += weight * _presence(term.kind)
    known = {term.token: term for alias in aliases for term in alias.terms}
    known |= {term.token: term for term in analyser.terms_of_passage(". ".join(passage.tags))}
    for term in known.values():
        frequencies[term.token] += weights.alias * _presence(term.kind)
    listing = ("listing",) if any(fact.counted for fact in passage.facts) else ()
    # A list of named things is the answer for the kind of thing, before any one of them.
    concept_weight = 2 * _CONCEPT_WEIGHT if _is_summary(passage) else _CONCEPT_WEIGHT
    for concept in (*passage.concepts, *listing):
        frequencies[f"@{concept}"] += concept_weight
    return dict(frequencies)


def _focus(analyser: Analyser, passage: Passage) -> frozenset[str]:
    """The concepts in an entry's title: a question that names none of them asks for another."""
    if passage.core:
        return frozenset()
    terms = analyser.terms_of_passage(passage.title)
    return frozenset(term.token for term in terms if term.kind is TermKind.CONCEPT)


def _is_summary(passage: Passage) -> bool:
    """Whether the passage only lists the names of others, which are found by themselves."""
    return isinstance(passage.raw, list) and any(isinstance(item, dict) for item in passage.raw)


def _presence(kind: TermKind) -> float:
    """N-grams overlap each other: three of them make about one word."""
    return 0.35 if kind is TermKind.GRAM else 1.0


def _phones(passages: Iterable[Passage]) -> Iterator[Phone]:
    for passage in passages:
        for fact in passage.facts:
            key = fact.keys[-1].casefold() if fact.keys else ""
            if key in _PHONE_KEYS and isinstance(fact.value, str):
                yield Phone(passage.title, fact.value, passage)
