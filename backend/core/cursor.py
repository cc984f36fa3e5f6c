"""Page marks: opaque to clients, good for one list only, refused when altered."""

import base64
import hashlib
import json
from typing import Any, Final

from backend.core.errors import InvalidRequest

MAX_CURSOR_LENGTH: Final = 500
_MARK_BYTES: Final = 8
_REFUSAL: Final = "cursor: must be the next_cursor of the page before."


def write_cursor(place: list[Any], *, scope: str) -> str:
    """Pack a place in a list; `scope` names the list, and whose it is."""
    packed = json.dumps(place).encode()
    return base64.urlsafe_b64encode(_mark(packed, scope) + packed).decode().rstrip("=")


def read_cursor(cursor: str, *, scope: str) -> list[Any]:
    """Unpack what `write_cursor` packed for the same list.

    Raises:
        InvalidRequest: it is something else, or not as it was handed out.
    """
    try:
        packed = base64.b64decode(
            cursor.encode("ascii") + b"=" * (-len(cursor) % 4), b"-_", validate=True
        )
        place: list[Any] = json.loads(packed[_MARK_BYTES:])
    except ValueError as exc:
        raise InvalidRequest(_REFUSAL) from exc
    if write_cursor(place, scope=scope) != cursor:
        raise InvalidRequest(_REFUSAL)
    return place


def _mark(packed: bytes, scope: str) -> bytes:
    """A check sum, no signature: a cursor says where to go on in a list that is one's own."""
    return hashlib.blake2b(scope.encode() + b"\n" + packed, digest_size=_MARK_BYTES).digest()
