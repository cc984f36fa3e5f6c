"""What is asked about any subject, and how a passage shows that it says it."""

import re
from typing import Final

from backend.services.knowledge.passage import Passage

_MONTHS: Final = (
    "(?-i:January|February|March|April|May|June|July|August|September|October|November|December)"
)
"""As they are written: "may" is a word."""

_NUMBERS: Final = r"(?:\d|one|two|three|four|five|six|seven|eight|nine|ten)"
SHOWN: Final = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "amount": r"(?<![A-Za-z\d])(?!(?:19|20)\d\d\b)\d+(?!\d|st\b|nd\b|rd\b|th\b)",
        "price": r"(?:thb|baht|usd)\s*\d|\d\s*(?:thb|baht|usd)\b|\bfree\b|\bpays?\b.*\bno\b",
        "hours": r"\b\d{1,2}[:.]\d\d\b|\b\d{1,2} ?[ap]\.?m\b|\b24 hours\b",
        "date": rf"\b(?:{_MONTHS})\b",
        "founded": rf"\b1[5-9]\d\d\b|\b20\d\d\b|\b(?:{_MONTHS})\b",
        "duration": rf"\b{_NUMBERS}+(?:[-–]\d+)?[ -](?:hour|day|week|month|year)s?\b|\bduration\b",
        "phone": r"\+?\d[\d ()\-]{6,}\d",
        "email_address": r"\S@\S",
        "website": r"https?://|\bwww\.|\b\w+\.(?:edu|com|org|ac)\b",
        "address": r"\b(?:floor|buildings?|hall|rd|road|moo|bangkok|counter)\b|\brooms? [a-z]*\d"
        r"|\b(?:hua mak|suvarnabhumi)\b|\beither campus\b"
        r"|\b(?:services|affairs|office)\b"
        r"|\b[a-z]{1,2}\d{2,}\b",
        "contact": r"\+?\d[\d ()\-]{6,}\d|https?://|\bwww\.|\S@\S"
        r"|\b(?:ask|contact|room|building|office|cent(?:er|re)|division|department)\b",
        "how_to_apply": r"\b(?:apply|application|forms?|issued|email|online|register)\b",
        "president": r"\b(?:dr|prof|rev|br|bro|mr|mrs|ms)\b\.? (?-i:[A-Z])",
    }.items()
}

AMOUNTS: Final = frozenset({"price", "amount"})
"""What "how much" may ask for."""

FIGURES: Final = frozenset({"duration", "founded", "hours", "date"})
"""What asks for a figure of its own: "how much time" asks for no sum."""

FEES: Final = frozenset({"price", "tuition"})
OFFICES: Final = frozenset({"phone", "email_address", "contact", "address", "website"})


def shows(names: frozenset[str], passage: Passage, named: frozenset[str]) -> bool:
    """Whether a passage says what is asked: its name tells so, or a figure of that kind does."""
    for name in names:
        pattern = SHOWN.get(name)
        if f"@{name}" in named or (pattern is not None and pattern.search(passage.body)):
            return True
    return False
