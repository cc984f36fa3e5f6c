"""The model's words as plain text, whole or in pieces.

Plain text is what the model is asked for and what clients are promised. A client that takes it
for Markdown or HTML all the same must find no tag, no image that tells another host what was
said, and no link but one that is written out.
"""

import re
from typing import Final

from backend.core.hidden import strip_all_but_joiners, strip_lone_joiners

_TAG_START: Final = re.compile(r"<(?=[A-Za-z/!?])")
_LINK_MIDDLE: Final = re.compile(r"\](?=[(:])")

_TAIL: Final = "<]\u200c\u200d"
"""What the next character may change, besides a carriage return."""


class PlainText:
    """Cleans a text that comes in pieces; all pieces together give what the whole would."""

    def __init__(self) -> None:
        self._held = ""
        self._before = ""

    def feed(self, piece: str) -> str:
        """Give what is clean by now; an end that the next piece may change is kept back."""
        text = self._held + piece
        whole = text.rstrip("\r")
        seen = strip_all_but_joiners(whole)
        ready = seen.rstrip(_TAIL)
        self._held = seen[len(ready) :] + text[len(whole) :]
        return self._give(ready)

    def finish(self) -> str:
        """Give what was kept back."""
        rest, self._held = strip_all_but_joiners(self._held), ""
        return self._give(rest)

    def _give(self, text: str) -> str:
        # The character before tells whether a joiner at the start joins anything.
        text = strip_lone_joiners(self._before + text)[len(self._before) :]
        self._before = text[-1:] or self._before
        if "<" in text:
            text = _TAG_START.sub("< ", text)
        return _LINK_MIDDLE.sub("] ", text) if "]" in text else text
