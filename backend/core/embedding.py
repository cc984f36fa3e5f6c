"""Vectors of texts: what the service asks of whatever makes them.

No array is imported here: who runs without vectors pays nothing for them.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Embedder(Protocol):
    """Makes vectors of length 1 in which texts of one meaning are near each other.

    `name` tells vectors of one kind from all others, their size included: those of different names
    are never compared. Every failure is raised as an `AssistantUnavailable`; cancelling a call
    gives it up at once.
    """

    name: str
    dimensions: int
    batch_size: int
    """Passages in one call."""

    async def embed_passages(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """A row for each text, in their order."""
        ...

    async def embed_question(self, text: str) -> "NDArray[np.float32]":
        """The vector of what is asked, to be compared with those of passages."""
        ...

    async def aclose(self) -> None:
        """Give back what is held."""
        ...
