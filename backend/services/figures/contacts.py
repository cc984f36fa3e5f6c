"""Links, e-mail addresses and phone numbers."""

import re
from typing import Final
from urllib.parse import unquote

from backend.services.figures.figure import Atom, Figure, extract

_HOST: Final = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,8}"
_PATH: Final = r"(?::[0-9]{2,5})?(?:[/?#](?:&amp;|[A-Za-z0-9\-._~:/?#@$&+=%*])*)?"
_GENERIC: Final = r"(?:com|org|net|edu|info|gov|asia|app|dev|io)"
_SECOND: Final = r"(?:ac|co|or|go|edu|com|net|org|gov)\.[A-Za-z]{2}"
_SHORT: Final = r"(?:me|ly|be|gl|gg|th|cn|mm|co|page|link|site|online|us|uk|to|cc)"

# A bare name counts as a link only with an ending that no sentence has by a missing space
# ("Bangkok.It"), unless a path follows.
_LINK: Final = re.compile(
    rf"(?<![A-Za-z0-9@.\-])(?:(?:https?|ftp)://(?:{_HOST}[A-Za-z]{{2,24}}|[0-9.]{{7,15}}){_PATH}"
    rf"|www\.{_HOST}[A-Za-z]{{2,24}}{_PATH}"
    rf"|{_HOST}(?:{_SECOND}|{_GENERIC})(?![A-Za-z0-9\-]){_PATH}"
    rf"|{_HOST}{_SHORT}/[A-Za-z0-9\-._~/?=&%@]+"
    # A host by its number, or in other letters.
    r")|(?:https?|ftp)://(?:\[[0-9A-Fa-f:.]{2,45}\]|[^\x00-\x7f\s][^\x00\s()<>\[\]\"']{0,200})",
    re.IGNORECASE,
)
_EMAIL: Final = re.compile(
    rf"(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+-]{{0,63}}(?<!\.)@{_HOST}[A-Za-z]{{2,24}}"
)
_SCHEME: Final = re.compile(r"^[a-z]+://")

_GAP: Final = r"[ \-.()]{0,2}"
_THAI_PREFIX: Final = rf"(?:\(?(?:\+ ?|00)?66\)?{_GAP}(?:\(0\)|0)?|\(?0)"
_EXACT: Final = rf"{_THAI_PREFIX}{_GAP}(?:[689](?:{_GAP}[0-9]){{8}}|[2-57](?:{_GAP}[0-9]){{7}})"
_FOREIGN: Final = rf"(?:\(?\+ ?[0-9]|\(?0(?!\.))(?:{_GAP}[0-9]){{6,13}}"
_SHORTENED: Final = r"[2-9][ \-][0-9]{3}[ \-][0-9]{4}|[2-9][ \-][0-9]{4}[ \-][0-9]{4}"
_PHONE: Final = re.compile(
    rf"(?<![0-9A-Za-z+])(?<![0-9][.,])(?:{_EXACT}|{_FOREIGN}|{_SHORTENED})(?![0-9])"
)
_NOT_DIGITS: Final = re.compile(r"[^0-9]+")


def read_contacts(text: str, figures: list[Figure]) -> str:
    """Read and mask links and e-mail addresses."""
    if "@" in text:
        text = extract(_EMAIL, text, figures, _email)
    if "." in text or "://" in text:
        text = extract(_LINK, text, figures, _link)
    return text


def read_phones(text: str, figures: list[Figure]) -> str:
    """Read and mask phone numbers; dates must be masked already."""
    return extract(_PHONE, text, figures, _phone)


def to_phone(written: str) -> str:
    """A phone number without its marks, the country code of Thailand and the leading zero."""
    digits = _NOT_DIGITS.sub("", written)
    digits = digits.removeprefix("00")
    if digits.startswith("66") and len(digits) >= 10:
        digits = digits[2:]
    return digits.removeprefix("0")


def _email(found: re.Match[str]) -> Figure:
    atom: Atom = ("email", found[0].casefold())
    return Figure(found.start(), found.end(), ((atom,),), (atom,))


def _link(found: re.Match[str]) -> Figure:
    written = found[0].rstrip(".:*_~?#-$&+=%")
    host, path, query = _parts(written)
    whole = _join(host, path, query)
    above = [_join(host, path[:depth], "") for depth in range(len(path) + 1)]
    gives: tuple[Atom, ...] = tuple(("link", address) for address in (*above, whole))
    return Figure(found.start(), found.start() + len(written), ((("link", whole),),), gives)


def _parts(written: str) -> tuple[str, list[str], str]:
    """Host without www, the steps of the path, and the query."""
    address = _SCHEME.sub("", unquote(written.replace("&amp;", "&")).casefold()).split("#", 1)[0]
    place, _, query = address.partition("?")
    host, *path = place.split("/")
    return host.removeprefix("www."), [step for step in path if step], query


def _join(host: str, path: list[str], query: str) -> str:
    return "/".join([host, *path]) + (f"?{query}" if query else "")


def _phone(found: re.Match[str]) -> Figure:
    written = found[0]
    start = found.start()
    if written.startswith("(") and ")" not in written:
        start += 1
    atom: Atom = ("phone", to_phone(written))
    needs: tuple[tuple[Atom, ...], ...] = ((atom,),)
    if written[0] in "23456789" and not written.startswith("66"):
        needs = (*needs, tuple(("number", int(part)) for part in re.split(r"[ \-.()]+", written)))
    return Figure(start, found.end(), needs, (atom,))
