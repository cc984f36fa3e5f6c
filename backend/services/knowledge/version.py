"""Versions of what staff edit: an edit names the one it was made from."""

import hashlib
import json
from typing import Any, Final

_LENGTH: Final = 32
"""Hexadecimal digits: 128 bits are enough for contents that nobody forges against themselves."""


def version_of(content: Any) -> str:
    """The version of a JSON value: the same for equal content, however it is written."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()[:_LENGTH]
