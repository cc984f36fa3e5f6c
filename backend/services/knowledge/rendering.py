"""How facts are written: figures with separators and units, keys as words, lists with a count."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final

from backend.services.knowledge.passage import Fact, FactValue, Scalar, Span

MAX_TEXT_LENGTH: Final = 1_200
"""Characters of one passage that are sent; a longer text is cut there and reported."""

SILENT_KEYS: Final = frozenset(
    {"name", "title", "event", "description", "text", "label", "heading", "answer", "content"}
)
"""Keys whose value speaks for itself: "name Hua Mak Campus" says no more than the name alone."""

_PLAIN_KEYS: Final = re.compile(
    r"(?:^|_)(?:year|years|since|in|id|code|zip|postal|room|number|no|phone|fax|tel|ext)$"
)
_UNITS: Final = {
    "thb": "THB",
    "baht": "THB",
    "usd": "USD",
    "months": "months",
    "month": "months",
    "weeks": "weeks",
    "days": "days",
    "hours": "hours",
    "percent": "%",
    "pct": "%",
}
CURRENCIES: Final = frozenset({"THB", "USD"})
_SEPARATED_FROM: Final = 10_000
"""Smaller figures without a unit may be years or course codes and are written without separator."""

_LAST_WORD: Final = 40
"""Characters: a word that is longer is cut itself."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@lru_cache(maxsize=1_024)
def words_of(key: str) -> str:
    """A key as words: "annual_fee_range" is "annual fee range"."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", clean(key))
    return re.sub(r"[_\-\s]+", " ", spaced).strip()


def clean(text: str) -> str:
    """Take out what no sentence holds: line breaks, NUL and other control characters."""
    return (text if text.isprintable() else _CONTROL.sub(" ", text)).strip()


def unit_of(key: str, inherited: str | None) -> str | None:
    """The unit that a key names ("duration_months"), else an amount's currency from above."""
    parts = key.casefold().split("_")
    own = _UNITS.get(parts[-1]) if len(parts) > 1 else None
    if own is not None:
        return own
    return inherited if inherited in CURRENCIES else None


def label_words(key: str, unit: str | None) -> str:
    """A key as words without the unit that follows its figure anyway."""
    head, found, last = key.rpartition("_")
    if found and unit is not None and _UNITS.get(last.casefold()) == unit:
        return words_of(head)
    return words_of(key)


def write_number(value: float, *, key: str = "", unit: str | None = None) -> str:
    """A figure with separators, except years, codes and the like."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if _PLAIN_KEYS.search(key.casefold()) and unit is None:
        return str(value)
    separated = unit in CURRENCIES or abs(value) >= _SEPARATED_FROM
    return f"{value:,}" if separated else str(value)


@dataclass(frozen=True, slots=True)
class Wording:
    """What stands around values: the defaults are those of the prompt, in plain ASCII."""

    in_all: str = "{count} in all: {names}"
    dash: str = "-"


PROMPT_WORDING: Final = Wording()


def write_value(
    fact: Fact, *, unit_name: str | None = None, wording: Wording = PROMPT_WORDING
) -> str:
    """The value of a fact in English, or with the words of another language around it."""
    key = fact.keys[-1] if fact.keys else ""
    text = _write(fact, key, wording.dash)
    unit = unit_name or fact.unit
    carries_unit = unit is not None and _is_figure(fact.value)
    written = f"{text} {unit}".replace(" %", "%") if carries_unit else text
    if fact.counted and isinstance(fact.value, tuple):
        return wording.in_all.format(count=len(fact.value), names=written)
    return written


def write_facts(facts: Sequence[Fact]) -> str:
    """The body of a passage: its facts with their labels, those of one group together."""
    parts: list[str] = []
    for above, members in groupby(facts, key=lambda fact: fact.keys[:-1]):
        written = [_write_labelled(fact) for fact in members]
        if above:
            label = " ".join(map(words_of, above))
            parts.append(f"{label}: {', '.join(written)}")
        else:
            parts.extend(written)
    return cut("; ".join(parts))


def is_cut(text: str) -> bool:
    """Whether a text was shortened."""
    return len(text) >= MAX_TEXT_LENGTH - _LAST_WORD and text.endswith("…")


def _write_labelled(fact: Fact) -> str:
    key = fact.keys[-1] if fact.keys else ""
    value = write_value(fact)
    if not key or key in SILENT_KEYS:
        return value
    return f"{label_words(key, fact.unit)} {value}"


def cut(text: str, limit: int = MAX_TEXT_LENGTH) -> str:
    """Shorten a text at a word's end."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    return (head.rsplit(" ", 1)[0] if " " in head[limit // 2 :] else head) + "…"


def _write(fact: Fact, key: str, dash: str) -> str:
    value, unit = fact.value, fact.unit
    if isinstance(value, Span):
        low = write_number(value.low, key=key, unit=unit)
        return f"{low}{dash}{write_number(value.high, key=key, unit=unit)}"
    if isinstance(value, tuple):
        return ", ".join(_write_scalars(value, key, unit))
    return next(iter(_write_scalars((value,), key, unit)))


def _write_scalars(values: Iterable[Scalar], key: str, unit: str | None) -> Iterable[str]:
    for value in values:
        if isinstance(value, bool):
            yield "yes" if value else "no"
        elif isinstance(value, str):
            yield clean(value)
        else:
            yield write_number(value, key=key, unit=unit)


def _is_figure(value: FactValue) -> bool:
    """Whether a unit belongs after the value: figures, and texts made of figures ("18-24")."""
    if isinstance(value, str):
        return re.fullmatch(r"[\d.,\s\-–~]+", value) is not None
    return isinstance(value, Span) or (
        isinstance(value, int | float) and not isinstance(value, bool)
    )
