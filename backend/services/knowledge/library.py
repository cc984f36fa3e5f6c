"""The whole knowledge, read and indexed: one object, swapped as a whole and never changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from backend.core.errors import CategoryNotFound, FactNotFound
from backend.services.knowledge.analysis import Analyser
from backend.services.knowledge.bound import BoundPassages
from backend.services.knowledge.card import Card, CardWriter, count_words
from backend.services.knowledge.folder import FileProblem, Folder
from backend.services.knowledge.loader import Category, Material, read_folder
from backend.services.knowledge.passage import Passage
from backend.services.knowledge.shelf import Ranked, shelve
from backend.services.knowledge.sidefile import SideFile
from backend.services.knowledge.spelling import Speller, WordIndex
from backend.services.knowledge.text import fold

if TYPE_CHECKING:
    from backend.services.knowledge.volume_shelf import VolumeShelf

_MAX_SPELLING_WORDS: Final = 20_000
_OFFICE_TAG: Final = "contacts"
_PHONE_KEYS: Final = frozenset({"phone", "telephone", "tel", "phone_number", "hotline"})


@dataclass(frozen=True, slots=True)
class Office:
    """An entry that says where to turn to, and the concepts it is turned to about."""

    passage: Passage
    concepts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number to send people to, and whose it is."""

    name: str
    number: str
    passage: Passage


class Library:
    """The passages of a folder, ready to be searched."""

    def __init__(self, material: Material, last: "Library | None" = None) -> None:
        """Index what was read; what `last` knows of passages that are the same is kept."""
        self.version = material.version
        self.categories = tuple(_settle_conflicts(material.categories))
        bound = dict(_bound(self.categories))
        read = [category for category in self.categories if category.name not in bound]
        self.problems: tuple[FileProblem, ...] = tuple(material.problems)
        self.sidefile: SideFile = material.sidefile
        self.lexicon = material.vocabulary.lexicon
        passages = [passage for category in read for passage in category.passages]
        self.by_id = {passage.id: passage for passage in passages}
        known = last if last is not None and last.lexicon is self.lexicon else None
        self.writer: CardWriter = known.writer if known else CardWriter(self.lexicon)
        cards = self.writer.write(passages, known.cards if known else {})
        self.cards: dict[str, Card] = {card.passage.id: card for card in cards}
        self.words: WordIndex = _index_words(cards, known.words if known else None)
        self.volumes = _shelve_bound(bound)
        bound_words = (shelf.words for shelf in self.volumes.values())
        speller = Speller(material.vocabulary.words, self.words, *bound_words)
        self.analyser = Analyser(self.lexicon, speller, material.vocabulary.near)
        self.core = shelve([card for card in cards if card.passage.core])
        self.others = shelve([card for card in cards if not card.passage.core])
        self._facts = {
            category.name: {passage.fact_id: passage for passage in category.passages}
            for category in read
        }

    @classmethod
    def open(cls, directory: Path) -> "Library":
        """Read and index a folder; what is wrong with its files is in `problems`."""
        folder = Folder(directory)
        folder.look()
        return cls(read_folder(folder))

    @property
    def shelves(self) -> tuple[Ranked, ...]:
        """All shelves in stable order: the owner's first."""
        return (self.core, self.others, *self.volumes.values())

    @property
    def size(self) -> int:
        """How many passages there are."""
        return sum(shelf.index.size for shelf in self.shelves)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """All passages but those of large files, in stable order: the owner's first."""
        return (*self.core.passages, *self.others.passages)

    def all_passages(self) -> Iterator[Passage]:
        """All passages in stable order. Those of large files are made one by one: it takes time."""
        for shelf in self.shelves:
            yield from shelf.passages

    def count_expired(self, today: date) -> int:
        """How many passages do not hold any more."""
        return sum(len(shelf.expired(today)) for shelf in self.shelves)

    def holds(self, passage_id: str) -> bool:
        """Whether there is a passage of that id."""
        volume = self.volumes.get(passage_id.partition("#")[0])
        if volume is not None:
            return volume.passages.find(passage_id.partition("#")[2]) is not None
        return passage_id in self.by_id

    def shelf_of(self, passage: Passage) -> Ranked:
        """The shelf that a passage stands on."""
        volume = self.volumes.get(passage.category)
        if volume is not None:
            return volume
        return self.core if passage.core else self.others

    @cached_property
    def phones(self) -> tuple[Phone, ...]:
        """The telephone numbers in the owner's files."""
        return tuple(_phones(self.core.passages))

    @cached_property
    def lists(self) -> tuple[Passage, ...]:
        """The counted lists in the owner's files: which schools teach for which degree."""
        return tuple(passage for passage in self.core.passages if passage.is_list)

    @cached_property
    def offices(self) -> tuple[Office, ...]:
        """The entries tagged as contacts; their other tags say about what."""
        return tuple(
            Office(passage, self._concepts(tag for tag in passage.tags if tag != _OFFICE_TAG))
            for passage in self.others.passages
            if _OFFICE_TAG in passage.tags
        )

    def _concepts(self, words: Iterable[str]) -> frozenset[str]:
        matches = self.lexicon.find(fold(". ".join(words)))
        return frozenset(name for match in matches for name in match.concepts)

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
        volume = self.volumes.get(category)
        facts = self._facts.get(category)
        if volume is None and facts is None:
            raise CategoryNotFound
        passage = volume.passages.find(fact_id) if volume else (facts or {}).get(fact_id)
        if passage is None:
            raise FactNotFound
        return passage


def _index_words(cards: Sequence[Card], last: WordIndex | None) -> WordIndex:
    """What misspelt words are repaired to: `last` as long as they are the same words."""
    words = dict(count_words(cards).most_common(_MAX_SPELLING_WORDS))
    if last is not None and last.weights.keys() == words.keys():
        return last
    return WordIndex(dict.fromkeys(words, 0.2))


def _settle_conflicts(categories: Iterable[Category]) -> Iterator[Category]:
    """The categories; what would overrule an entry must be there to do so."""
    found = list(categories)
    read = (category for category in found if isinstance(category.passages, tuple))
    ids = {passage.id for category in read for passage in category.passages}

    def settle(passage: Passage) -> Passage:
        stands = passage.overruled_by is None or passage.overruled_by in ids
        return passage if stands else replace(passage, overruled_by=None)

    for category in found:
        if isinstance(category.passages, BoundPassages):
            yield replace(category, passages=category.passages.completed(settle))
        else:
            yield replace(category, passages=tuple(map(settle, category.passages)))


def _bound(categories: Iterable[Category]) -> Iterator[tuple[str, BoundPassages]]:
    for category in categories:
        if isinstance(category.passages, BoundPassages):
            yield category.name, category.passages


def _shelve_bound(bound: Mapping[str, BoundPassages]) -> "dict[str, VolumeShelf]":
    """A shelf for each large file, which has its own index."""
    if not bound:
        return {}
    from backend.services.knowledge.volume_shelf import VolumeShelf  # noqa: PLC0415 - as `Bindery`

    return {name: VolumeShelf(passages) for name, passages in bound.items()}


def _phones(passages: Iterable[Passage]) -> Iterator[Phone]:
    for passage in passages:
        for fact in passage.facts:
            key = fact.keys[-1].casefold() if fact.keys else ""
            if key in _PHONE_KEYS and isinstance(fact.value, str):
                yield Phone(passage.title, fact.value, passage)
