"""Results that are kept, up to a number."""

from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Memo(dict[Key, Value]):
    """A cache that starts anew when it is full.

    `lru_cache` around a method would make a cycle of it and its object, which only the garbage
    collector frees, and that does not look at the knowledge.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size

    def keep(self, key: Key, value: Value) -> Value:
        """Keep a value; returns it."""
        if len(self) >= self._size:
            self.clear()
        self[key] = value
        return value
