"""Reading a JSON file that people edit: whatever is wrong with it is one kind of error."""

import json
import re
from typing import Any

from backend.core.json_text import NotJson, read_json


class UnreadableFile(Exception):
    """A file cannot be used at all; the arguments are the message and the place."""

    def __init__(self, message: str, place: str | None = None) -> None:
        self.message = message
        self.place = place
        super().__init__(message)


def parse_json(content: bytes) -> Any:
    """The document in the content of a JSON file.

    Raises:
        UnreadableFile: it is not UTF-8, not JSON, or neither object nor list: what a failed export
            leaves behind (null) must not pass for a file without facts.
    """
    try:
        text = content.decode("utf-8-sig")
        document = read_json(text)
    except UnicodeDecodeError as exc:
        raise UnreadableFile("is not UTF-8", f"byte {exc.start}") from exc
    except json.JSONDecodeError as exc:
        raise UnreadableFile(exc.msg, f"line {exc.lineno}, column {exc.colno}") from exc
    except NotJson as exc:
        raise UnreadableFile(str(exc)) from exc
    except ValueError as exc:
        raise UnreadableFile("holds a number of too many digits") from exc
    except RecursionError as exc:
        raise UnreadableFile("is nested too deeply") from exc
    if not isinstance(document, dict | list):
        raise UnreadableFile("holds one value instead of facts")
    if re.search(r"\\u[dD][89a-fA-F]", text) and _holds_half_pair(document):
        raise UnreadableFile("holds half of a surrogate pair")
    return document


def _holds_half_pair(document: Any) -> bool:
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False
