"""JSON as the standard has it, read strictly and written compactly."""

import json
import math
from typing import Any, NoReturn

from pydantic_core import PydanticSerializationError, to_json


class NotJson(ValueError):
    """Python would take it for JSON; the message tells what the document holds."""


def read_json(text: str | bytes) -> Any:
    """The value of a document. NaN, Infinity and numbers beyond all bounds are no JSON.

    Raises:
        NotJson: it holds one of these.
        ValueError: it is not JSON, or holds a number of too many digits.
        RecursionError: it is nested too deeply.
    """
    return json.loads(text, parse_constant=_refuse, parse_float=_parse_float)


def write_json(value: Any) -> bytes:
    """A value as compact JSON in UTF-8, letters of all languages as they are.

    Written by pydantic's own writer: a prompt takes it a seventh of the time. Half of a surrogate
    pair, which is no character and has no UTF-8, becomes a question mark.
    """
    try:
        return to_json(value)
    except PydanticSerializationError:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")


def _refuse(name: str) -> NoReturn:
    raise NotJson(f"holds {name}, which is not JSON")


def _parse_float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise NotJson("holds a number beyond all bounds")
    return number
