"""Characters that nobody sees and that change what others mean: out of every text, in and out.

They hide words from a person that a model reads (tag characters spell whole sentences), take
filters' words apart, and turn the order of what is shown around.
"""

import re
from typing import Final

_ALWAYS: Final = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls, but tabs and line ends
    "\u00ad\u061c\u115f\u1160\u180b-\u180f\u200b\u200e\u200f"  # soft hyphens, fillers, directions
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"  # overrides, isolates, annotations
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # beams; tags and variations that spell words
    "\ud800-\udfff"  # halves of pairs: they can be neither stored nor sent
)
_HIDDEN: Final = re.compile(f"[{_ALWAYS}]+")
_ANY: Final = re.compile(f"[\r\u0085\u2028\u2029{_ALWAYS}]")
_HIDDEN_ASCII: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")
_LINE_ENDS: Final = re.compile("\r\n?|[\u0085\u2028\u2029]")

# A joiner joins two characters of a script that needs it, or two emoji; elsewhere it only hides.
_NEEDS_JOINERS: Final = (
    "\u0600-\u08ff\u0900-\u0dff\u0e01-\u0fff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"
    "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
)
_LONE_JOINER: Final = re.compile(
    f"(?<![{_NEEDS_JOINERS}])[\u200c\u200d]+|[\u200c\u200d]+(?![{_NEEDS_JOINERS}])"
)


def strip_hidden(text: str) -> str:
    """Drop what is invisible, and write every end of a line as a line feed.

    The joiners that Burmese, Thai and emoji are written with stay where they join something.
    """
    return strip_lone_joiners(strip_all_but_joiners(text))


def strip_all_but_joiners(text: str) -> str:
    """The same for a text whose end may be the middle of another: all joiners stay."""
    if text.isascii():
        if text.replace("\n", "").isprintable():
            return text
        return _HIDDEN_ASCII.sub("", _LINE_ENDS.sub("\n", text))
    if _ANY.search(text) is None:
        return text
    return _HIDDEN.sub("", _LINE_ENDS.sub("\n", text))


def strip_lone_joiners(text: str) -> str:
    """Drop the joiners that join nothing."""
    return _LONE_JOINER.sub("", text) if "\u200d" in text or "\u200c" in text else text
