"""The passages of a large file: made when they are asked for."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, overload

from backend.services.knowledge.memo import Memo
from backend.services.knowledge.passage import Passage

if TYPE_CHECKING:
    from backend.services.knowledge.volume import Volume

_KEPT_PASSAGES: Final = 2_048


class BoundPassages(Sequence[Passage]):
    """The passages of a volume, made when they are asked for; the last ones are kept.

    `complete` adds what another file says of a passage.
    """

    def __init__(self, volume: "Volume", complete: Callable[[Passage], Passage]) -> None:
        self.volume = volume
        self._complete = complete
        self._kept = Memo[int, Passage](_KEPT_PASSAGES)

    def __len__(self) -> int:
        return self.volume.size

    @overload
    def __getitem__(self, place: int) -> Passage: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Passage, ...]: ...

    def __getitem__(self, place: int | slice) -> Passage | tuple[Passage, ...]:
        places = range(self.volume.size)[place]
        if isinstance(places, range):
            return tuple(self[number] for number in places)
        known = self._kept.get(places)
        if known is None:
            known = self._kept.keep(places, self._complete(self.volume.passage(places)))
        return known

    def __iter__(self) -> Iterator[Passage]:
        for place in range(self.volume.size):
            yield self._complete(self.volume.passage(place))

    def find(self, fact_id: str) -> Passage | None:
        """The passage of that id."""
        found = self.volume.find(fact_id)
        return None if found is None else self._complete(found)

    def completed(self, complete: Callable[[Passage], Passage]) -> "BoundPassages":
        """The same passages, once more completed."""
        return BoundPassages(self.volume, lambda passage: complete(self._complete(passage)))
