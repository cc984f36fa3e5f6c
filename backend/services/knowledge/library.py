"""The whole knowledge, read and indexed: one object, swapped as a whole and never changed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from backend.core.errors import CategoryNotFound, FactNotFound
from backend.services.knowledge.analysis import Analyser
from backend.services.knowledge.card import Card, count_words, write_cards
from backend.services.knowledge.folder import FileProblem, Folder
from backend.services.knowledge.loader import Category, Material, read_folder
from backend.services.knowledge.passage import Passage
from backend.services.knowledge.shelf import shelve
from backend.services.knowledge.sidefile import SideFile
from backend.services.knowledge.spelling import Speller, WordIndex

_MAX_SPELLING_WORDS: Final = 20_000
_PHONE_KEYS: Final = frozenset({"phone", "telephone", "tel", "phone_number", "hotline"})


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
        self.problems: tuple[FileProblem, ...] = tuple(material.problems)
        self.sidefile: SideFile = material.sidefile
        self.lexicon = material.vocabulary.lexicon
        passages = [passage for category in self.categories for passage in category.passages]
        self.by_id = {passage.id: passage for passage in passages}
        plain = Analyser(self.lexicon)
        known = last.cards if last is not None and last.lexicon is self.lexicon else {}
        cards = write_cards(plain, passages, known)
        self.cards: dict[str, Card] = {card.passage.id: card for card in cards}
        words = dict(count_words(cards).most_common(_MAX_SPELLING_WORDS))
        speller = Speller(material.vocabulary.words, WordIndex(dict.fromkeys(words, 0.2)))
        self.analyser = Analyser(self.lexicon, speller, material.vocabulary.near)
        self.core = shelve([card for card in cards if card.passage.core])
        self.others = shelve([card for card in cards if not card.passage.core])
        self._facts = {
            category.name: {passage.fact_id: passage for passage in category.passages}
            for category in self.categories
        }

    @classmethod
    def open(cls, directory: Path) -> "Library":
        """Read and index a folder; what is wrong with its files is in `problems`."""
        folder = Folder(directory)
        folder.look()
        return cls(read_folder(folder))

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


def _phones(passages: Iterable[Passage]) -> Iterator[Phone]:
    for passage in passages:
        for fact in passage.facts:
            key = fact.keys[-1].casefold() if fact.keys else ""
            if key in _PHONE_KEYS and isinstance(fact.value, str):
                yield Phone(passage.title, fact.value, passage)
