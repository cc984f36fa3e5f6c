"""Texts as numbers of 64 bits, by which volumes find them."""

from hashlib import blake2b
from typing import Final

ALL_BITS: Final = (1 << 64) - 1


def hash_of(text: str) -> int:
    """The number of a text; a million texts share one with a chance of one in 30 million."""
    return int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest())


def hash_of_key(key: frozenset[str]) -> int:
    """The number of what a question comes down to: the sum of those of its terms, in any order."""
    return sum(map(hash_of, key)) & ALL_BITS
