"""The passages of the shipped knowledge."""

from datetime import date
from functools import cache
from pathlib import Path

import pytest

from backend.services.figures import Evidence
from backend.services.figures.characters import plain, visible
from backend.services.figures.figure import Atom
from backend.services.figures.reading import read_figures, read_proofs
from backend.services.knowledge.passage import Passage, Source
from backend.services.knowledge_service import KnowledgeService

EVERYTHING = 1_000_000
"""Tokens: a budget in which the whole knowledge has room."""


@cache
def shipped_service() -> KnowledgeService:
    return KnowledgeService(Path("data"), token_budget=1_500, today=lambda: date(2026, 1, 2))


@cache
def shipped_passages() -> tuple[Passage, ...]:
    return shipped_service().get_context("tuition", token_budget=EVERYTHING).passages


def make_passage(body: str, *, url: str | None = None, date: str | None = None) -> Passage:
    """A passage that says just this."""
    source = Source(title="A page", url=url, date=date)
    return Passage(
        id=f"made#{body}",
        category="made",
        fact_id="made",
        title="A fact",
        body=body,
        source=source,
        raw=None,
        core=False,
    )


def given(*identifiers: str) -> Evidence:
    """The shipped passages whose ids end so."""
    found = [p for p in shipped_passages() if p.id.endswith(identifiers)]
    assert len(found) >= len(identifiers)
    return Evidence(found)


@pytest.fixture(scope="module")
def usual() -> Evidence:
    """What a question about fees, dates and contacts is given."""
    return given(
        "undergraduate/domestic_students",
        "graduate/mba_programs",
        "/campuses",
        "/campuses/0",
        "/campuses/1",
        "faculties/undergraduate",
        "notable_dates/4",
        "calendar.semesters",
        "calendar.semester_2_2026",
        "undergraduate.thai_gpa",
        "library.study_rooms",
    )


def claims(text: str) -> list[str]:
    """What each figure of a text claims, as "number 5 / day 5" where it may be either."""
    figures = read_figures(plain(visible(text)))
    return [" / ".join(" + ".join(map(_named, one)) for one in figure.needs) for figure in figures]


def proofs(text: str) -> set[str]:
    """All that a text proves."""
    return set(map(_named, read_proofs(text)))


def _named(atom: Atom) -> str:
    return " ".join("-" if part is None else str(part) for part in atom)
