"""What a question wants of a passage that is to answer it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from backend.services.knowledge.aspects import AMOUNTS, FEES, FIGURES, OFFICES, SHOWN
from backend.services.knowledge.concept import NAME, Concept
from backend.services.knowledge.lexicon import Lexicon
from backend.services.knowledge.query import Part, Query, TermKind

WIDENING: Final = frozenset({"level", "subject"})
"""Groups in which what holds for the broader concept holds for the narrower one."""

_QUALIFYING: Final = frozenset({"level", "residence", "campus", "place"})
"""Groups that say for whom or where: a passage that holds for all need not name them."""

_STUDY: Final = "program"
_PLACE: Final = frozenset({"address"})
_APPLYING: Final = "how_to_apply"
_GENDER: Final = "gender"
LEVEL: Final = "level"
_THING: Final = "thing"
_FIELD: Final = "subject"

_EVERYDAY: Final = 0.6
"""Mass from which a word says something, if it is not one of the lexicon's: "weekend", "safe"."""

_STRANGE_RUN: Final = 0.8
"""Words that a stretch of an unspaced script must make to be one that is not understood."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question wants: each of `subjects` and `aspects` in any of its concepts.

    `qualifiers` are the levels, campuses and the like it is asked for, `light` counts what says
    little, `strange` holds what the lexicon does not know, with how many words each makes.
    `excluded` are the tokens of what is not meant, `fields` the fields of study that are named:
    `field_only` tells that nothing else is, `field_fee` that a fee is asked of them, `vague` that
    no subject is named but things like the campus or a degree: every word counts then. `applying`
    tells that it is asked how one applies, `name_only` that nothing but the university is named.
    """

    subjects: tuple[frozenset[str], ...]
    aspects: tuple[frozenset[str], ...]
    qualifiers: tuple[Concept, ...]
    light: int
    strange: tuple[tuple[frozenset[str], float], ...]
    excluded: frozenset[str]
    fields: tuple[frozenset[str], ...]
    field_only: bool
    field_fee: bool
    vague: bool
    applying: bool
    name_only: bool

    @property
    def levels(self) -> frozenset[str]:
        """The degrees it is asked for."""
        return frozenset(one.name for one in self.qualifiers if one.group == LEVEL)

    @property
    def asks_field_at_level(self) -> bool:
        """Whether the question is what is taught for a degree."""
        return self.field_only and bool(self.levels) and not self.aspects


@dataclass(slots=True)
class _Reading:
    """The parts of a question, sorted; `named` by whether they come from the question before."""

    aspects: dict[frozenset[str], None] = field(default_factory=dict)
    things: list[frozenset[str]] = field(default_factory=list)
    qualifiers: list[Concept] = field(default_factory=list)
    strange: list[tuple[frozenset[str], float]] = field(default_factory=list)
    named: dict[bool, dict[frozenset[str], str]] = field(
        default_factory=lambda: {False: {}, True: {}}
    )
    everyday: list[tuple[frozenset[str], float]] = field(default_factory=list)
    light: int = 0
    studied: bool = False

    def add(self, part: Part, concepts: list[Concept]) -> None:
        """Sort one part in."""
        names = frozenset(part.concepts)
        self.studied = self.studied or _STUDY in names
        self.qualifiers.extend(one for one in concepts if one.group in _QUALIFYING)
        if not concepts:
            self.strange.extend(_strange(part))
            self.everyday.extend(_everyday(part))
        elif any(one.weak or one.group in _QUALIFYING | {NAME} for one in concepts):
            self.light += 1
        elif names & SHOWN.keys():
            self.aspects[names] = None
        elif part.groups == {_THING}:
            self.things.append(names)
        else:
            self.named[part.kept][names] = min(part.groups)

    @property
    def asks_fee(self) -> bool:
        """Whether it is asked what something costs."""
        return any(names & FEES for names in (*self.aspects, *self.named[False]))

    @property
    def asks_how_to_apply(self) -> bool:
        """Whether it is asked how one applies."""
        return any(_APPLYING in names for names in self.aspects)

    def settle_aspects(self) -> None:
        """ "How much" beside another figure that is asked for means that one, and where one studies
        law is a school and no street."""
        meant = set(self.aspects)
        if any(names & FIGURES for names in meant):
            meant.discard(AMOUNTS)
        if self.studied and self.fields():
            meant.discard(_PLACE)
        self.aspects = {names: None for names in self.aspects if names in meant}

    def fields(self) -> tuple[frozenset[str], ...]:
        """The fields of study; those of the question before when none is named."""
        own, kept = (
            tuple(names for names, group in self.named[when].items() if group == _FIELD)
            for when in (False, True)
        )
        return own or kept

    def leave_out_fields(self) -> None:
        """No fee is told by the field of study, nor how to apply: the range holds for all."""
        self.named = {kept: _without_fields(named) for kept, named in self.named.items()}

    def subjects(self) -> dict[frozenset[str], str]:
        """What a passage must speak of; what was asked about before when nothing else is named."""
        own, kept = self.named[False], self.named[True]
        if not own and any(names & OFFICES for names in self.aspects):
            # "And the phone?" after a question about fees asks for the university's.
            return {}
        if all(group == _GENDER for group in own.values()):
            # "And for women?" says of whom, not of what.
            return {**own, **kept}
        return own


def read_wanted(lexicon: Lexicon, query: Query) -> Wanted:
    """What a question wants."""
    reading = _Reading()
    for part in query.parts:
        reading.add(part, [lexicon.concept(name) for name in part.concepts])
    fields, field_fee = reading.fields(), False
    reading.settle_aspects()
    if reading.asks_fee:
        field_fee = bool(fields)
    if reading.asks_fee or reading.asks_how_to_apply:
        reading.leave_out_fields()
    subjects = _without_wider(lexicon, reading.subjects())
    # "Weekend MBA?" asks for the weekend, "the MBA's fee at the weekend" for the fee.
    vague = not (subjects or reading.aspects)
    return Wanted(
        subjects=tuple(_merge(subjects) or reading.things),
        aspects=tuple(reading.aspects),
        qualifiers=tuple(reading.qualifiers),
        light=reading.light,
        strange=(*reading.strange, *(reading.everyday if vague else ())),
        excluded=frozenset(f"@{name}" for name in query.excluded),
        fields=fields,
        field_only=set(subjects.values()) == {_FIELD},
        field_fee=field_fee,
        vague=vague,
        applying=reading.asks_how_to_apply,
        name_only=all(part.groups == {NAME} for part in query.parts),
    )


def _without_fields(subjects: dict[frozenset[str], str]) -> dict[frozenset[str], str]:
    return {names: group for names, group in subjects.items() if group != _FIELD}


def _without_wider(
    lexicon: Lexicon, subjects: dict[frozenset[str], str]
) -> dict[frozenset[str], str]:
    """The subjects without those that another one means as well: an application fee's admission."""
    wider = {
        broader for names in subjects for name in names for broader in lexicon.concept(name).broader
    }
    return {names: group for names, group in subjects.items() if not names <= wider}


def _merge(subjects: dict[frozenset[str], str]) -> list[frozenset[str]]:
    """The subjects; of several fields of study any will do: "law or medicine?"."""
    fields = [names for names, group in subjects.items() if group in WIDENING]
    others = [names for names, group in subjects.items() if group not in WIDENING]
    return [*others, frozenset().union(*fields)] if fields else others


def _everyday(part: Part) -> Iterator[tuple[frozenset[str], float]]:
    for term in part.terms:
        if term.kind is TermKind.WORD and _EVERYDAY <= term.mass < 1:
            yield frozenset({term.token}), term.mass


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
