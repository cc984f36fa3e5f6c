"""Whether a passage answers a question, and not merely speaks of something in it.

A price and a month stand in the fees of the MBA when the rent of a dormitory is asked for; the
dormitories stand in a passage that says no price. An answer must speak of every subject of the
question, and hold what is asked of it: a sum, an hour, a telephone number.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final

from backend.services.knowledge.analysis import Analyser, Said
from backend.services.knowledge.aspects import AMOUNTS, FEES, shows
from backend.services.knowledge.concept import Concept
from backend.services.knowledge.context import Scored
from backend.services.knowledge.passage import Passage
from backend.services.knowledge.query import Query
from backend.services.knowledge.wanted import LEVEL, WIDENING, read_wanted

_MAX_STRANGE: Final = 0.5
"""Share of a question that may be words which neither the lexicon nor the passage knows."""

_SPECIAL: Final = frozenset({"@graduate", "@master", "@mba", "@doctoral", "@exchange", "@transfer"})
"""Tokens of what a passage's name says when it is not for whoever asks."""

_OVERVIEW: Final = "@overview"
"""Of what tells about the university itself, and not about a bookstore that has its name."""

_CAMPUS: Final = "campus"
_GRADUATE: Final = "graduate"
_GENDERS: Final = frozenset({"@female", "@male"})
"""What else an admission is of: 1973, when women were admitted, is no answer to who may apply."""


class Judge:
    """Judges passages by one question."""

    def __init__(self, analyser: Analyser, query: Query) -> None:
        self._analyser = analyser
        self._wanted = read_wanted(analyser.lexicon, query)

    @property
    def wants(self) -> bool:
        """Whether the question names anything that a passage must speak of."""
        return bool(self._wanted.subjects or self._wanted.aspects)

    @property
    def spans_levels(self) -> bool:
        """Whether a fee is asked of a field of study, but not for which degree: "business" is in
        the name of one, yet taught for others as well."""
        return self._wanted.field_fee and not self._wanted.levels

    def sift(self, accepted: Sequence[Scored]) -> list[Scored]:
        """Those of the accepted passages that say what is asked most plainly.

        Whether law is taught for a doctorate is told by the list of what is; "how much", which may
        ask for any figure, asks for a sum when there is one; papers are told by what is called
        papers, and by the doctorate's or the exchange's only when there are no others.
        """
        plainest = (
            self._lists_level,
            self._tells_sum,
            self._tells_each_field,
            self._tells_level,
            self._names_subjects,
            self._is_general,
        )
        for plainer in plainest:
            plain = [found for found in accepted if plainer(found.passage)]
            accepted = plain or accepted
        return list(accepted)

    def compared(self, accepted: Sequence[Scored]) -> list[Scored]:
        """The best for each of several degrees or campuses: "MBA or another master's?"."""
        best: dict[str, Scored] = {}
        for group in (LEVEL, _CAMPUS):
            asked = {one.name for one in self._wanted.qualifiers if one.group == group}
            for found in accepted if len(asked) > 1 else ():
                named = self._names_in(self._read(found.passage).heading, group)
                best = {**dict.fromkeys(asked & {one.name for one in named}, found), **best}
        return list(best.values())

    def accepts(self, passage: Passage) -> bool:
        """Whether the passage speaks of all that is asked and holds what is asked of it.

        What is asked of a subject must be said of it: a subject stands in the passage's name.
        """
        if self._lists_level(passage):
            return True
        wanted = self._wanted
        heading, named, spoken = self._read(passage)
        loose = passage.core or not (wanted.aspects and wanted.subjects)
        return (
            all(self._speaks_of(names, spoken) for names in wanted.subjects)
            and (loose or any(self._speaks_of(names, named) for names in wanted.subjects))
            and all(shows(names, passage, named) for names in wanted.aspects)
            and not self._is_for_others(heading)
            and not (passage.core and named & _GENDERS and not self._asked & _GENDERS)
            and (bool(wanted.subjects) or wanted.applying or self._names_level(named))
            and heading.isdisjoint(wanted.excluded)
            and self._is_understood(spoken)
            and (not wanted.name_only or passage.core or _OVERVIEW in named)
        )

    def _lists_level(self, passage: Passage) -> bool:
        """Whether the passage lists all that is taught for the degree at which a field is asked."""
        if not (self._wanted.asks_field_at_level and passage.is_list):
            return False
        heading = self._read(passage).heading
        return self._names_level(heading) and not self._is_for_others(heading)

    def _names_subjects(self, passage: Passage) -> bool:
        _, named, spoken = self._read(passage)
        told = spoken if passage.core and not passage.is_list else named
        return all(self._speaks_of(names, told) for names in self._wanted.subjects)

    def _is_general(self, passage: Passage) -> bool:
        """Whether the passage's name says no degree and no circle of students that none named."""
        if passage.core or self._wanted.levels:
            return True
        return self._read(passage).heading.isdisjoint(_SPECIAL - self._asked)

    @cached_property
    def _asked(self) -> frozenset[str]:
        return frozenset(f"@{name}" for names in self._wanted.subjects for name in names)

    def _read(self, passage: Passage) -> Said:
        return self._analyser.read_passage(passage)

    def _tells_level(self, passage: Passage) -> bool:
        """Whether the passage speaks of the graduate degree that is asked for: what names none is
        said of bachelors."""
        levels = self._wanted.levels
        return all(map(self._is_graduate, levels)) and self._speaks_of(
            levels, self._read(passage).spoken
        )

    def _is_graduate(self, level: str) -> bool:
        return _GRADUATE in {level, *self._analyser.lexicon.concept(level).broader}

    def _tells_each_field(self, passage: Passage) -> bool:
        """Whether a question about several fields, "law and medicine", finds them all here."""
        if not (self._wanted.field_only or self._wanted.applying):
            return False
        spoken = self._read(passage).spoken
        return all(self._speaks_of(names, spoken) for names in self._wanted.fields)

    def is_taught_at_level(self, passage: Passage, lists: Iterable[Passage]) -> bool:
        """Whether a field of which the fee is asked is taught for the degree of a passage's name.

        `lists` tell what is. Every field begins with a bachelor's degree.
        """
        levels = self._names_in(self._read(passage).heading, LEVEL)
        fields = frozenset().union(*self._wanted.fields)
        if not (self._wanted.field_fee and any(self._is_graduate(level.name) for level in levels)):
            return True
        return any(
            self._names_in(one.heading, LEVEL) == levels and self._speaks_of(fields, one.spoken)
            for one in map(self._read, (passage, *lists))
        )

    def _names_in(self, heading: frozenset[str], group: str) -> list[Concept]:
        """What a heading names of a group, the narrower concepts only."""
        named = [self._analyser.lexicon.concept(token[1:]) for token in heading if token[0] == "@"]
        wider = {name for concept in named for name in concept.broader}
        return [one for one in named if one.group == group and one.name not in wider]

    def _tells_sum(self, passage: Passage) -> bool:
        asked = any(names >= AMOUNTS for names in self._wanted.aspects)
        return asked and shows(FEES, passage, frozenset())

    def _speaks_of(self, names: frozenset[str], spoken: frozenset[str]) -> bool:
        return any(f"@{name}" in spoken for name in self._with_wider(names))

    def _with_wider(self, names: Iterable[str]) -> Iterator[str]:
        for name in names:
            concept = self._analyser.lexicon.concept(name)
            yield name
            if concept.group in WIDENING:
                yield from concept.broader

    def _names_level(self, named: frozenset[str]) -> bool:
        """Whether the passage is about the degree, if only that is asked about: "how long is a
        bachelor's?" is not answered by how long bachelor's students may keep books."""
        levels = self._wanted.levels
        return not levels or self._speaks_of(levels, named)

    def _is_for_others(self, heading: frozenset[str]) -> bool:
        """Whether the passage's name says another level or campus than is asked for."""
        for group in {concept.group for concept in self._wanted.qualifiers}:
            asked = {concept.name for concept in self._wanted.qualifiers if concept.group == group}
            meant = set(self._with_wider(asked))
            held = self._names_in(heading, group)
            if held and not any(one.name in meant or asked & {*one.broader} for one in held):
                return True
        return False

    def _is_understood(self, spoken: frozenset[str]) -> bool:
        """Whether the words that nobody knows are the smaller part of the question."""
        wanted = self._wanted
        strange = sum(size for tokens, size in wanted.strange if not _mostly(tokens, spoken))
        known = sum(size for tokens, size in wanted.strange if _mostly(tokens, spoken))
        if wanted.vague:
            known += 0.5 * (len(wanted.subjects) + wanted.light)
        else:
            known += len(wanted.subjects) + len(wanted.aspects)
            known += 0.5 * (len(wanted.qualifiers) + wanted.light)
        return known > 0 and strange / (strange + known) <= _MAX_STRANGE


def _mostly(tokens: frozenset[str], spoken: frozenset[str]) -> bool:
    return 2 * len(tokens & spoken) >= len(tokens)
