"""The arrays of a volume: gathered batch by batch, in several processes, then put together."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import islice
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from backend.services.knowledge.batch import WEIGHT_UNIT, Batch, BatchAnalyser
from backend.services.knowledge.columns import Ints, distinct, pack, unpack
from backend.services.knowledge.hashing import hash_of
from backend.services.knowledge.index import K1, B
from backend.services.knowledge.spelling import MIN_LENGTH, halves
from backend.services.knowledge.volume_file import Array

MAX_WORDS: Final = 20_000
"""Words that misspelt ones are repaired to: the most frequent ones."""

_BATCH: Final = 2_000
_PIECE: Final = 1 << 16


class Sheet(NamedTuple):
    """What a volume keeps of an entry and finds it by."""

    fact_id: str
    title: str
    body: str
    aliases: tuple[str, ...]
    tags: tuple[str, ...]
    valid_until: int
    worth: float
    content: bytes


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was read of some entries: their contents and, with its own numbers, their terms."""

    hashes: NDArray[np.uint64]
    batches: list[Batch]
    words: Counter[str]
    contents: bytes
    sizes: Ints
    ids: NDArray[np.uint64]
    valid_until: NDArray[np.int32]
    worth: NDArray[np.float32]


def gather(sheets: Iterable[Sheet], analyser: BatchAnalyser, crumb: str) -> Gathered:
    """Read entries, some thousand at a time."""
    pending = iter(sheets)
    batches: list[Batch] = []
    kept: list[tuple[int, int, float]] = []
    contents: list[bytes] = []
    while batch := list(islice(pending, _BATCH)):
        batches.append(_moved(analyser.read(batch, crumb), len(kept)))
        kept.extend((hash_of(sheet.fact_id), sheet.valid_until, sheet.worth) for sheet in batch)
        contents.extend(sheet.content for sheet in batch)
    ids, valid_until, worth = zip(*kept, strict=True) if kept else ((), (), ())
    return Gathered(
        hashes=analyser.hashes,
        batches=batches,
        words=Counter(dict(analyser.count_words().most_common(4 * MAX_WORDS))),
        contents=b"".join(contents),
        sizes=np.fromiter(map(len, contents), dtype=np.int64, count=len(contents)),
        ids=np.array(ids, dtype=np.uint64),
        valid_until=np.array(valid_until, dtype=np.int32),
        worth=np.array(worth, dtype=np.float32),
    )


def put_together(parts: Sequence[Gathered]) -> dict[str, Array]:
    """The arrays of all parts by name; `Volume` says what each holds."""
    # Those that stand in some entry: more were met where no entry is found by them.
    tokens = distinct(np.concatenate([part.hashes[_used(part)] for part in parts]))
    batches: list[Batch] = []
    first = 0
    for part in parts:
        ranks = np.minimum(np.searchsorted(tokens, part.hashes), len(tokens) - 1)
        batches.extend(_moved(_renumbered(batch, ranks), first) for batch in part.batches)
        first += len(part.ids)
    terms = _terms(batches, len(tokens), first)
    return {
        "tokens": tokens,
        **terms,
        **_titles(batches, terms["idf"], first),
        **_found_by("id", *_numbered(np.concatenate([part.ids for part in parts]))),
        **_found_by("asked", *_joined([batch.asked for batch in batches])),
        **_words(sum((part.words for part in parts), Counter())),
        "entry_bytes": np.frombuffer(b"".join(part.contents for part in parts), dtype=np.uint8),
        "entry_ends": np.cumsum(np.concatenate([part.sizes for part in parts])),
        "valid_until": np.concatenate([part.valid_until for part in parts]),
        "worth": np.concatenate([part.worth for part in parts]),
    }


def _used(part: Gathered) -> NDArray[np.bool_]:
    """Which of the tokens were counted."""
    used = np.zeros(len(part.hashes), dtype=bool)
    for batch in part.batches:
        used[unpack(batch.counts)[0]] = True
    return used


def _moved(batch: Batch, first: int) -> Batch:
    """The batch with its entries standing behind others."""
    entries, tokens = batch.titled
    hashes, asking = batch.asked
    moved = batch.counts + np.uint64(first << 16)
    return Batch(moved, (entries + first, tokens), (hashes, asking + first))


def _renumbered(batch: Batch, ranks: Ints) -> Batch:
    tokens, entries, weights = unpack(batch.counts)
    counts = pack(ranks[tokens], entries, weights)
    return Batch(counts, (batch.titled[0], ranks[batch.titled[1]]), batch.asked)


def _terms(batches: Sequence[Batch], tokens: int, size: int) -> dict[str, Array]:
    """The entries that hold each term, with the term's share in their scores (BM25).

    Piece by piece: fresh memory for them all costs more time than what is done with it.
    """
    packed = np.concatenate([np.zeros(0, np.uint64), *(b.counts for b in batches)])
    packed.sort()
    pieces = [slice(first, first + _PIECE) for first in range(0, len(packed), _PIECE)]
    places = np.empty(len(packed), dtype=np.int32)
    shares = np.empty(len(packed), dtype=np.float32)
    counts, lengths = np.zeros(tokens, dtype=np.int64), np.zeros(size)
    for piece in pieces:
        ranks, entries, weights = unpack(packed[piece])
        frequencies = weights.astype(np.float32) * np.float32(WEIGHT_UNIT)
        places[piece], shares[piece] = entries, frequencies
        np.add.at(lengths, entries, frequencies.astype(np.float64))
        counts += np.bincount(ranks, minlength=tokens)
    norms = (K1 * (1 - B + B * lengths / (lengths.mean() if size else 1.0))).astype(np.float32)
    idf = np.log(1 + (size - counts + 0.5) / (counts + 0.5)).astype(np.float32)
    for piece in pieces:
        ranks, entries, _ = unpack(packed[piece])
        frequencies = shares[piece]
        shares[piece] = frequencies * np.float32(K1 + 1) / (frequencies + norms[entries])
        shares[piece] *= idf[ranks]
    return {"ends": np.cumsum(counts), "idf": idf, "places": places, "shares": shares}


def _titles(batches: Sequence[Batch], idf: Array, size: int) -> dict[str, Array]:
    """The concepts in each title, and how much they tell together."""
    entries, ranks = _joined([batch.titled for batch in batches])
    return {
        "focus": ranks.astype(np.int32),
        "focus_ends": np.cumsum(np.bincount(entries, minlength=size)),
        "focus_mass": np.bincount(entries, idf[ranks], minlength=size).astype(np.float32),
    }


def _joined(pairs: Sequence[tuple[Any, Any]]) -> tuple[Any, Any]:
    if not pairs:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    return np.concatenate([a for a, _ in pairs]), np.concatenate([b for _, b in pairs])


def _numbered(hashes: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], Ints]:
    return hashes, np.arange(len(hashes))


def _found_by(name: str, hashes: Array, places: Array) -> dict[str, Array]:
    """Places to be found by hashes, each of which may stand for several."""
    order = np.argsort(hashes, kind="stable")
    return {
        f"{name}_hashes": hashes[order].astype(np.uint64),
        f"{name}_places": places[order].astype(np.int32),
    }


def _words(counts: Counter[str]) -> dict[str, Array]:
    """The words for repairs, themselves and by their halves."""
    words = nlargest(MAX_WORDS, counts, key=lambda word: (counts[word], word))
    near = [
        (hash_of("\0".join(map(str, half))), number)
        for number, word in enumerate(words)
        if len(word) >= MIN_LENGTH
        for half in halves(word, len(word))
    ]
    hashes = np.array([hash_of(word) for word in words], dtype=np.uint64)
    near_hashes = np.array([key for key, _ in near], dtype=np.uint64)
    near_places = np.array([number for _, number in near], dtype=np.int64)
    return {
        "word_bytes": np.frombuffer("".join(words).encode(), dtype=np.uint8),
        "word_ends": np.cumsum(np.fromiter(map(len, words), dtype=np.int64, count=len(words))),
        **_found_by("word", *_numbered(hashes)),
        **_found_by("near", near_hashes, near_places),
    }
