"""A large file of entries, bound: its terms in arrays, its entries as bytes until asked for.

Mapped from the disk, so that what no question touches takes no memory. Never changed.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from backend.schemas.knowledge import KnowledgeEntry
from backend.services.knowledge.entries import to_passage
from backend.services.knowledge.hashing import hash_of
from backend.services.knowledge.passage import Passage
from backend.services.knowledge.volume_file import Array, BrokenVolume, open_contents


class Volume:
    """What `VolumeWriter` has gathered. In `arrays`, by entry in the file's order:

    `entry_bytes` and `entry_ends`: each as JSON; `valid_until`: a day's ordinal, or 0; `worth`;
    `focus_ends`, `focus` and `focus_mass`: the concepts in its title.

    By term in the order of the hashes in `tokens`: `idf`; `ends`, `places` and `shares`: the
    entries that hold it, and its share in their scores.

    To be looked up by hash: `id_hashes`, `asked_hashes` with places of entries; `word_hashes`,
    `near_hashes` with places of words, which are in `word_bytes` and `word_ends`.
    """

    def __init__(self, about: Any, arrays: dict[str, Array]) -> None:
        self.key: str = about["key"]
        self.file: str = about["file"]
        self.problems: tuple[tuple[str, str | None], ...] = tuple(map(tuple, about["problems"]))
        self.arrays = arrays
        self.size = len(arrays["entry_ends"])
        self.path: Path | None = None
        self.category = Path(self.file).stem

    @classmethod
    def open(cls, path: Path, key: str | None = None) -> "Volume":
        """Open a volume; the one of that key, when one is given.

        Raises:
            BrokenVolume: it is none, or another one.
            OSError: it cannot be read.
        """
        contents = open_contents(path)
        try:
            volume = cls(contents.about, dict(contents.arrays))
        except (KeyError, TypeError, ValueError) as exc:
            raise BrokenVolume("lacks a part") from exc
        if key is not None and volume.key != key:
            raise BrokenVolume("is another one")
        volume.path = path
        return volume

    def find(self, fact_id: str) -> Passage | None:
        """The entry of that id."""
        for place in self.look_up("id", hash_of(fact_id)):
            passage = self.passage(place)
            if passage.fact_id == fact_id:
                return passage
        return None

    def passage(self, place: int) -> Passage:
        """The passage of one entry."""
        entry = KnowledgeEntry.model_validate(json.loads(self.piece("entry", place)))
        return to_passage(entry, category=self.category, file=self.file)

    def look_up(self, name: str, key: int) -> list[int]:
        """The places that are found by a hash."""
        hashes = self.arrays[f"{name}_hashes"]
        number = np.uint64(key)
        first, end = (int(np.searchsorted(hashes, number, side)) for side in ("left", "right"))
        places: list[int] = self.arrays[f"{name}_places"][first:end].tolist()
        return places

    def piece(self, name: str, place: int) -> bytes:
        """One of the pieces of bytes that stand one after the other."""
        ends = self.arrays[f"{name}_ends"]
        first = int(ends[place - 1]) if place else 0
        return self.arrays[f"{name}_bytes"][first : int(ends[place])].tobytes()
