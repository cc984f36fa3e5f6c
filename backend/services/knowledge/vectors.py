"""Passages and questions as vectors, and what their nearness adds to the scores of the words."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.core.conversation import HistoryMessage
from backend.services.knowledge.analysis import MAX_QUERY_LENGTH, Analyser
from backend.services.knowledge.context import Scored
from backend.services.knowledge.followup import is_follow_up
from backend.services.knowledge.library import Library
from backend.services.knowledge.passage import Passage
from backend.services.knowledge.shelf import Shelf

MAX_PASSAGES: Final = 20_000
"""The first so many have vectors: more would take minutes to make and hundreds of megabytes."""

WEIGHT: Final = 1.0
"""Of the z-score of nearness beside that of the words."""

_NEAREST: Final = 20
"""Passages that come in by nearness alone."""

_WORDLESS_SPREAD: Final = 0.1
"""The spread of scores when no passage shares a word with the question."""

_LOOKED_BACK: Final = 3


@dataclass(frozen=True, slots=True)
class ShelfVectors:
    """The vectors of a shelf: `matrix` has a row for each of the `places` on it."""

    places: NDArray[np.int64]
    matrix: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """The vectors of one version of the knowledge, as far as they are known."""

    version: str
    core: ShelfVectors
    others: ShelfVectors

    @property
    def count(self) -> int:
        """How many passages have one."""
        return len(self.core.places) + len(self.others.places)


@dataclass(frozen=True, slots=True)
class QuestionVector:
    """A question, and the passages it can be compared with."""

    values: NDArray[np.float32]
    passages: PassageVectors

    def rank(
        self, library: Library, core: Sequence[Scored], others: Sequence[Scored], today: date
    ) -> tuple[list[Scored], list[Scored]]:
        """What the words found, with nearness added; a library of another version stays as it is.

        Only the order of the facts follows it, and which come in: whether a question is about the
        university, and answered at all, its words decide.
        """
        if library.version != self.passages.version:
            return list(core), list(others)
        first = len(library.core.passages)
        return (
            self._rank(library.core, self.passages.core, core, 0, today),
            self._rank(library.others, self.passages.others, others, first, today),
        )

    def _rank(
        self, shelf: Shelf, vectors: ShelfVectors, found: Sequence[Scored], first: int, today: date
    ) -> list[Scored]:
        cosines = vectors.matrix @ self.values
        deviation = float(cosines.std()) if len(cosines) > 1 else 0.0
        if not deviation:
            return list(found)
        nearness = np.zeros(len(shelf.passages))
        nearness[vectors.places] = (cosines - cosines.mean()) / deviation
        # In the words' own scale, which what follows compares scores in: adding their spread times
        # the one z-score orders passages as the sum of both z-scores does.
        gain = nearness * WEIGHT * _spread(found, len(shelf.passages))
        by_place = {one.place - first: one for one in found}
        ranked = [
            one._replace(score=one.score + gain[place])
            for place, one in by_place.items()
            if one.score + gain[place] > 0
        ]
        for place in _nearest(nearness):
            passage = shelf.passages[place]
            if place not in by_place and gain[place] > 0 and not passage.is_expired(today):
                ranked.append(Scored(passage, float(gain[place]), 0.0, 0.0, first + place))
        return sorted(ranked, key=lambda one: -one.score)


def _spread(found: Sequence[Scored], total: int) -> float:
    """The standard deviation of the words' scores, which are zero for all that is not found."""
    scores = np.zeros(total)
    scores[: len(found)] = [one.score for one in found]
    return float(scores.std()) or _WORDLESS_SPREAD


def _nearest(nearness: NDArray[np.float64]) -> list[int]:
    if len(nearness) <= _NEAREST:
        return list(range(len(nearness)))
    best: list[int] = np.argpartition(nearness, -_NEAREST)[-_NEAREST:].tolist()
    return best


@dataclass(frozen=True, slots=True)
class PassageTexts:
    """What vectors are made of: the texts by their hash, and the hashes in each shelf's order."""

    texts: Mapping[str, str]
    core: Sequence[str]
    others: Sequence[str]


def read_texts(library: Library) -> PassageTexts:
    """The texts of the first `MAX_PASSAGES` passages, the owner's before all others.

    Aliases belong to them: with those in other languages the model found more (1.000 of 378
    questions at 200 tokens, 0.989 without).
    """
    texts: dict[str, str] = {}

    def read(passages: Sequence[Passage], room: int) -> list[str]:
        hashes = []
        for passage in islice(passages, room):
            text = " ".join((passage.text, *passage.aliases))
            key = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
            texts[key] = text
            hashes.append(key)
        return hashes

    core = read(library.core.passages, MAX_PASSAGES)
    others = read(library.others.passages, MAX_PASSAGES - len(core))
    return PassageTexts(texts, core, others)


def assemble(
    version: str, texts: PassageTexts, known: Mapping[str, bytes], dimensions: int
) -> PassageVectors:
    """The vectors of a library; those that are not known yet are left out."""
    return PassageVectors(
        version, _stack(texts.core, known, dimensions), _stack(texts.others, known, dimensions)
    )


def _stack(hashes: Sequence[str], known: Mapping[str, bytes], dimensions: int) -> ShelfVectors:
    places = [place for place, key in enumerate(hashes) if key in known]
    packed = b"".join(known[hashes[place]] for place in places)
    matrix = np.frombuffer(packed, dtype="<f2").reshape(-1, dimensions).astype(np.float32)
    return ShelfVectors(np.array(places, dtype=np.int64), matrix)


def pack(vectors: NDArray[np.float32]) -> list[bytes]:
    """Each row as it is stored: half precision loses nothing that matters to an order."""
    return [row.tobytes() for row in vectors.astype("<f2")]


def question_in_full(analyser: Analyser, message: str, history: Sequence[HistoryMessage]) -> str:
    """A follow-up together with the question that it follows; others as they are."""
    earlier = [said.content for said in history if said.role == "user"][-_LOOKED_BACK:]
    said: list[str] = []
    for text in [*earlier, message]:
        follows = bool(said) and is_follow_up(text, analyser.read_query(text))
        said = [*said[-1:], text] if follows else [text]
    return " ".join(said)[-MAX_QUERY_LENGTH:]
