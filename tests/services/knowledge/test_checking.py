"""Tests of `backend/services/knowledge/checking.py`: what staff are told of their files."""

from datetime import timedelta
from typing import Any

import pytest

from tests.services.knowledge.conftest import TODAY, MakeService

GATE: dict[str, Any] = {"id": "gate", "title": "Gate", "text": "Opens.", "facts": {"opens": 8}}
FEES = {"fees": {"fee": 5, "more": 6}}


def findings(make_service: MakeService, **files: Any) -> list[str]:
    """What is told of these files themselves."""
    told = [str(finding) for finding in make_service(**files).check()]
    return [line for line in told if not line.startswith("note: ")]


class TestFindings:
    def test_are_none_when_all_is_well(self, make_service: MakeService) -> None:
        other = {**GATE, "id": "door"}

        assert findings(make_service, a={"entries": [GATE]}, b={"entries": [other]}) == []

    @pytest.mark.parametrize(("days", "is_told"), [(-1, True), (0, False)])
    def test_tell_what_does_not_hold_any_more(
        self, make_service: MakeService, days: int, is_told: bool
    ) -> None:
        last = (TODAY + timedelta(days=days)).isoformat()
        told = findings(make_service, a={"entries": [{**GATE, "valid_until": last}]})

        line = f"warning: a.json: gate: held until {last}: no longer used"
        assert told == ([line] if is_told else [])

    def test_tell_each_file_after_the_first_that_has_the_same_id(
        self, make_service: MakeService
    ) -> None:
        other = {**GATE, "facts": {"opens": 9}}

        told = findings(
            make_service, a={"entries": [GATE]}, b={"entries": [other]}, c={"entries": [GATE]}
        )

        assert told == [
            "warning: b.json: gate: the same id says otherwise in a.json",
            "warning: c.json: gate: the same id stands in a.json",
        ]

    @pytest.mark.parametrize(
        ("note", "place", "told"),
        [
            (None, "own#", ["contradicts own#, which stands"]),
            ("Old.", "own#", ["contradicts own#, which stands (Old.)"]),
            ("Old.", "own#/none", []),
        ],
    )
    def test_tell_what_the_owners_files_overrule(
        self, make_service: MakeService, note: str | None, place: str, told: list[str]
    ) -> None:
        entry = {**GATE, **({"note": note} if note else {})}
        rulings = {"overruled": {"gate": place}}

        found = findings(make_service, own=FEES, a={"entries": [entry]}, legacy=rulings)

        assert found == [f"warning: a.json: gate: {message}" for message in told]

    def test_tell_places_of_the_side_file_that_are_not_there(
        self, make_service: MakeService
    ) -> None:
        paths: dict[str, Any] = {
            "own#": {"concepts": ["tuition", "zeppelin", "balloon"]},
            "own#/none": {"concepts": "tuition"},
            "other#/none": {},
            "a#gate": {},
            "a#none": {},
        }

        found = findings(make_service, own=FEES, a={"entries": [GATE]}, legacy={"paths": paths})

        assert [line for line in found if line.startswith("warning")] == [
            "warning: legacy.json: own#: there is no concept 'zeppelin'",
            "warning: legacy.json: own#: there is no concept 'balloon'",
            "warning: legacy.json: own#/none: there is no such place",
            "warning: legacy.json: a#none: there is no such place",
        ]
