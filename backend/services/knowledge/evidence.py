"""Whether a passage answers a question, and not merely speaks of something in it.

A price and a month stand in the fees of the MBA when the rent of a dormitory is asked for; the
dormitories stand in a passage that says no price. An answer must speak of every subject of the
question, and hold what is asked of it: a sum, an hour, a telephone number.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from backend.services.knowledge.analysis import Analyser
from backend.services.knowledge.concept import NAME, Concept
from backend.services.knowledge.passage import Passage
from backend.services.knowledge.query import Part, Query, TermKind

_QUALIFYING: Final = frozenset({"level", "residence", "campus", "place"})
"""Groups that say for whom or where: a passage that holds for all need not name them."""

_LEVEL: Final = "level"
_THING: Final = "thing"
_FIELD: Final = "subject"
_WIDENING: Final = frozenset({"level", "subject"})
"""Groups in which what holds for the broader concept holds for the narrower one."""

_MAX_STRANGE: Final = 0.5
"""Share of a question that may be words which neither the lexicon nor the passage knows."""

_STRANGE_RUN: Final = 0.8
"""Words that a stretch of an unspaced script must make to be one that is not understood."""

_MONTHS: Final = (
    "(?-i:January|February|March|April|May|June|July|August|September|October|November|December)"
)
"""As they are written: "may" is a word."""

_NUMBERS: Final = r"(?:\d|one|two|three|four|five|six|seven|eight|nine|ten)"
_SHOWN: Final = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "amount": r"\d",
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
        "president": r"\b(?:dr|prof|rev|br|bro|mr|mrs|ms)\b\.? (?-i:[A-Z])",
    }.items()
}
"""What is asked about any subject, and how a passage shows that it says it."""

_FEES: Final = frozenset({"price", "tuition"})
_OFFICES: Final = frozenset({"phone", "email_address", "contact", "address", "website"})


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a question wants: each of `subjects` and `aspects` in any of its concepts.

    `qualifiers` are the levels, campuses and the like it is asked for, `light` counts what says
    little, `strange` holds what the lexicon does not know, with how many words each makes.
    `excluded` are the tokens of what is not meant. `any_field` tells that a fee is asked of a field
    of study.
    """

    subjects: tuple[frozenset[str], ...]
    aspects: tuple[frozenset[str], ...]
    qualifiers: tuple[Concept, ...]
    light: int
    strange: tuple[tuple[frozenset[str], float], ...]
    excluded: frozenset[str]
    any_field: bool


class Judge:
    """Judges passages by one question."""

    def __init__(self, analyser: Analyser, query: Query) -> None:
        self._analyser = analyser
        self._wanted = _read(analyser, query)

    @property
    def wants(self) -> bool:
        """Whether the question names anything that a passage must speak of."""
        return bool(self._wanted.subjects or self._wanted.aspects)

    @property
    def spans_levels(self) -> bool:
        """Whether a fee is asked of a field of study, but not for which degree: "business" is in
        the name of one, yet taught for others as well."""
        levels = (one for one in self._wanted.qualifiers if one.group == _LEVEL)
        return self._wanted.any_field and not any(levels)

    def accepts(self, passage: Passage) -> bool:
        """Whether the passage speaks of all that is asked and holds what is asked of it.

        What is asked of a subject must be said of it: a subject stands in the passage's name.
        """
        wanted = self._wanted
        heading = self._tokens((*passage.breadcrumb[1:], passage.title))
        named = heading | self._tokens(passage.aliases) | {f"@{name}" for name in passage.concepts}
        spoken = named | self._tokens((passage.text if passage.core else passage.body,))
        loose = passage.core or not (wanted.aspects and wanted.subjects)
        return (
            all(self._speaks_of(names, spoken) for names in wanted.subjects)
            and (loose or any(self._speaks_of(names, named) for names in wanted.subjects))
            and all(_shows(names, passage, named) for names in wanted.aspects)
            and not self._is_for_others(heading)
            and (bool(wanted.subjects) or self._names_level(named))
            and heading.isdisjoint(wanted.excluded)
            and self._is_understood(spoken)
        )

    def _tokens(self, texts: Iterable[str]) -> frozenset[str]:
        return self._analyser.tokens_of_passage(". ".join(texts))

    def _speaks_of(self, names: frozenset[str], spoken: frozenset[str]) -> bool:
        return any(f"@{name}" in spoken for name in self._with_wider(names))

    def _with_wider(self, names: Iterable[str]) -> Iterator[str]:
        for name in names:
            concept = self._analyser.lexicon.concept(name)
            yield name
            if concept.group in _WIDENING:
                yield from concept.broader

    def _names_level(self, named: frozenset[str]) -> bool:
        """Whether the passage is about the degree, if only that is asked about: "how long is a
        bachelor's?" is not answered by how long bachelor's students may keep books."""
        levels = [one.name for one in self._wanted.qualifiers if one.group == _LEVEL]
        return not levels or self._speaks_of(frozenset(levels), named)

    def _is_for_others(self, heading: frozenset[str]) -> bool:
        """Whether the passage's name says another level or campus than is asked for."""
        lexicon = self._analyser.lexicon
        named = [lexicon.concept(token[1:]) for token in heading if token.startswith("@")]
        for group in {concept.group for concept in self._wanted.qualifiers}:
            asked = {concept.name for concept in self._wanted.qualifiers if concept.group == group}
            meant = set(self._with_wider(asked))
            held = [concept for concept in named if concept.group == group]
            if held and not any(meant & {one.name, *one.broader} for one in held):
                return True
        return False

    def _is_understood(self, spoken: frozenset[str]) -> bool:
        """Whether the words that nobody knows are the smaller part of the question."""
        wanted = self._wanted
        strange = sum(size for tokens, size in wanted.strange if not _mostly(tokens, spoken))
        known = sum(size for tokens, size in wanted.strange if _mostly(tokens, spoken))
        known += len(wanted.subjects) + len(wanted.aspects)
        known += 0.5 * (len(wanted.qualifiers) + wanted.light)
        return known > 0 and strange / (strange + known) <= _MAX_STRANGE


def _mostly(tokens: frozenset[str], spoken: frozenset[str]) -> bool:
    return 2 * len(tokens & spoken) >= len(tokens)


def _shows(names: frozenset[str], passage: Passage, named: frozenset[str]) -> bool:
    """Whether a passage says what is asked: its name tells so, or a figure of that kind does."""
    for name in names:
        pattern = _SHOWN.get(name)
        if f"@{name}" in named or (pattern is not None and pattern.search(passage.body)):
            return True
    return False


def _read(analyser: Analyser, query: Query) -> _Wanted:
    wanted: dict[bool, dict[frozenset[str], str]] = {False: {}, True: {}}
    aspects: dict[frozenset[str], None] = {}
    things: list[frozenset[str]] = []
    qualifiers: list[Concept] = []
    strange: list[tuple[frozenset[str], float]] = []
    light = 0
    for part in query.parts:
        concepts = [analyser.lexicon.concept(name) for name in part.concepts]
        names = frozenset(part.concepts)
        qualifiers.extend(one for one in concepts if one.group in _QUALIFYING)
        if not concepts:
            strange.extend(_strange(part))
        elif any(one.weak or one.group in _QUALIFYING | {NAME} for one in concepts):
            light += 1
        elif names & _SHOWN.keys():
            aspects[names] = None
        elif part.groups == {_THING}:
            things.append(names)
        else:
            wanted[part.kept][names] = min(part.groups)
    any_field = False
    if any(names & _FEES for names in (*aspects, *wanted[False])):
        any_field = any(group == _FIELD for named in wanted.values() for group in named.values())
        # No fee is told by the field of study: the range holds for all.
        wanted = {kept: _without_fields(named) for kept, named in wanted.items()}
    subjects = _merge(wanted[False]) or _merge(wanted[True])
    if not wanted[False] and any(names & _OFFICES for names in aspects):
        # "And the phone?" after a question about fees asks for the university's.
        subjects = []
    return _Wanted(
        subjects=tuple(subjects or things),
        aspects=tuple(aspects),
        qualifiers=tuple(qualifiers),
        light=light,
        strange=tuple(strange),
        excluded=frozenset(f"@{name}" for name in query.excluded),
        any_field=any_field,
    )


def _without_fields(subjects: dict[frozenset[str], str]) -> dict[frozenset[str], str]:
    return {names: group for names, group in subjects.items() if group != _FIELD}


def _merge(subjects: dict[frozenset[str], str]) -> list[frozenset[str]]:
    """The subjects; of several fields of study any will do: "law or medicine?"."""
    fields = [names for names, group in subjects.items() if group in _WIDENING]
    others = [names for names, group in subjects.items() if group not in _WIDENING]
    return [*others, frozenset().union(*fields)] if fields else others


def _strange(part: Part) -> Iterator[tuple[frozenset[str], float]]:
    words = [
        term
        for term in part.terms
        if term.kind is TermKind.WORD or (term.kind is TermKind.FIGURE and not term.is_faint)
    ]
    yield from ((frozenset({term.token}), 1.0) for term in words if term.mass >= 1)
    grams = [term for term in part.terms if term.kind is TermKind.GRAM]
    size = sum(term.mass for term in grams)
    if size >= _STRANGE_RUN:
        yield frozenset(term.token for term in grams), size
