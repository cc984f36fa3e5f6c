"""What a text is made of: tells at little cost which kinds of figures need not be looked for."""

import re
from dataclasses import dataclass
from typing import Final, Self

_WORDS: Final = re.compile("[a-z]+")
_DIGIT: Final = re.compile("[0-9]")
_THAI: Final = re.compile("[\u0e00-\u0e7f]")
_BURMESE: Final = re.compile("[\u1000-\u109f]")
_CHINESE: Final = re.compile("[\u3007\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Signs:
    """The Latin words of a text in lower case, and the scripts in it."""

    words: frozenset[str]
    digits: bool
    thai: bool
    burmese: bool
    chinese: bool

    @classmethod
    def of(cls, text: str) -> Self:
        """Look through a text in plain characters."""
        asian = not text.isascii()
        return cls(
            words=frozenset(_WORDS.findall(text.lower())),
            digits=_DIGIT.search(text) is not None,
            thai=asian and _THAI.search(text) is not None,
            burmese=asian and _BURMESE.search(text) is not None,
            chinese=asian and _CHINESE.search(text) is not None,
        )
