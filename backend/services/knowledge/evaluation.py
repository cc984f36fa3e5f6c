"""Whether questions get the facts that answer them: what staff run before they publish an edit.

A file of questions holds one JSON object a line: `id`, `lang`, `question`, `history` (messages with
`role` and `content`), `must_include` (strings that the context must hold), `off_topic`, and
`unanswered` when the question is about the university and no fact answers it.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.core.conversation import HistoryMessage
from backend.services.knowledge.choice import choose_passages
from backend.services.knowledge_service import KnowledgeService

if TYPE_CHECKING:
    from backend.services.knowledge.vectors import QuestionVector

_WITH_FACTS: Final = ("direct", "follow-up")
_SEPARATORS: Final = re.compile(r"(?<=\d)[,\u00a0\u202f](?=\d{3}(?!\d))")


class EvaluationError(Exception):
    """The file of questions cannot be used; the message is one line that says where."""


class Question(BaseModel):
    """One line of a file of questions; members that are not listed are ignored."""

    model_config = ConfigDict(frozen=True)

    id: str
    lang: str
    question: Annotated[str, Field(min_length=1)]
    history: tuple[HistoryMessage, ...] = ()
    must_include: tuple[str, ...] = ()
    off_topic: bool = False
    unanswered: bool = False

    @property
    def kind(self) -> str:
        """What is tried with it."""
        if self.off_topic:
            return "off-topic"
        if self.unanswered:
            return "unanswered"
        return "follow-up" if self.history else "direct"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one question got: the wanted strings that are missing, the hint, the chosen passages,
    and those of which an answer without the model would be made."""

    question: Question
    missing: tuple[str, ...]
    hinted: bool
    chosen: tuple[str, ...]
    answers: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether a foreign question is hinted as such, one without a fact is not answered, or
        all facts of another are there."""
        if self.question.unanswered:
            return not (self.hinted or self.answers)
        return self.hinted if self.question.off_topic else not self.missing


@dataclass(slots=True)
class Share:
    """How many of a group are right."""

    right: int = 0
    total: int = 0

    def count(self, right: bool) -> None:
        """Add one."""
        self.right += right
        self.total += 1

    @property
    def value(self) -> float:
        """From 0 to 1; 1 for an empty group."""
        return self.right / self.total if self.total else 1.0


@dataclass(slots=True)
class EvaluationReport:
    """The outcome of all questions at one budget, in tokens."""

    budget: int
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def recall(self) -> Share:
        """Questions about the university whose facts are all in the context."""
        return _share(found for found in self.outcomes if found.question.kind in _WITH_FACTS)

    @property
    def answered(self) -> Share:
        """Questions with facts that get an answer without the model as well."""
        share = Share()
        for found in self.outcomes:
            if found.question.kind in _WITH_FACTS:
                share.count(bool(found.answers))
        return share

    @property
    def admitted(self) -> Share:
        """Questions about the university that no fact answers and that are told so."""
        return _share(found for found in self.outcomes if found.question.unanswered)

    @property
    def by_language(self) -> dict[str, Share]:
        """Recall for each language."""
        return self._recall_by(lambda question: question.lang)

    @property
    def by_kind(self) -> dict[str, Share]:
        """Recall for direct questions and follow-ups."""
        return self._recall_by(lambda question: question.kind)

    @property
    def hints_right(self) -> Share:
        """Foreign questions that are hinted as such."""
        return _share(found for found in self.outcomes if found.question.off_topic)

    @property
    def hints_wrong(self) -> Share:
        """Questions about the university that are hinted as foreign: `right` counts the wrong."""
        share = Share()
        for found in self.outcomes:
            if not found.question.off_topic:
                share.count(found.hinted)
        return share

    @property
    def misses(self) -> list[Outcome]:
        """The outcomes that are not right."""
        return [found for found in self.outcomes if not found.right]

    def lines(self) -> Iterator[str]:
        """The report in words, one line after the other."""
        yield f"Budget: {self.budget} tokens"
        yield _line("all facts in the context", self.recall)
        for groups in (self.by_language, self.by_kind):
            for name, share in sorted(groups.items()):
                yield _line(f"  {name}", share)
        if self.admitted.total:
            yield _line("told that no fact answers", self.admitted)
        yield _line("off-topic hints given rightly", self.hints_right)
        yield _line("off-topic hints given wrongly", self.hints_wrong)
        for found in self.misses:
            yield f"miss {found.question.id} [{found.question.lang}] {found.question.question}"
            reason = ", ".join(found.missing) if found.missing else "no hint"
            if found.question.unanswered:
                reason = f"nothing, but answered by {', '.join(found.answers)}"
            if found.hinted and not found.question.off_topic:
                reason = f"hinted as off-topic; {reason}"
            yield f"  missing: {reason}"
            yield f"  chosen: {', '.join(found.chosen) or 'nothing'}"

    def _recall_by(self, group: Callable[[Question], str]) -> dict[str, Share]:
        shares: dict[str, Share] = {}
        for found in self.outcomes:
            if found.question.kind in _WITH_FACTS:
                shares.setdefault(group(found.question), Share()).count(found.right)
        return shares


def read_questions(path: Path) -> list[Question]:
    """Read a file of questions.

    Raises:
        EvaluationError: the file cannot be read, or a line of it is no question.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise EvaluationError(f"{path}: cannot be read ({exc})") from exc
    return [_read_line(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]


def evaluate(
    service: KnowledgeService,
    questions: Iterable[Question],
    *,
    budget: int,
    vectors: "Mapping[str, QuestionVector] | None" = None,
) -> EvaluationReport:
    """Ask every question within `budget` tokens and look at what it gets.

    `vectors` are those of the questions by their ids, when an embedder is chosen.
    """
    report = EvaluationReport(budget)
    for question in questions:
        context = service.get_context(
            question.question,
            history=question.history,
            token_budget=budget,
            vector=(vectors or {}).get(question.id),
        )
        text = _normalise(context.text)
        missing = tuple(part for part in question.must_include if _normalise(part) not in text)
        chosen = tuple(passage.id for passage in context.passages)
        answers = tuple(passage.id for passage in choose_passages(context))
        report.outcomes.append(Outcome(question, missing, context.off_topic, chosen, answers))
    return report


def _read_line(path: Path, number: int, line: str) -> Question:
    try:
        return Question.model_validate(json.loads(line))
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise EvaluationError(f"{path}: line {number}: {where}: {first['msg']}") from exc
    except ValueError as exc:
        raise EvaluationError(f"{path}: line {number}: is not JSON") from exc


def _normalise(text: str) -> str:
    """Figures without separators, so that 112,000 holds 112000."""
    # Before as well: NFKC makes plain spaces of those that keep a figure in one line.
    plain = unicodedata.normalize("NFKC", _SEPARATORS.sub("", text))
    return _SEPARATORS.sub("", plain).casefold()


def _share(outcomes: Iterable[Outcome]) -> Share:
    share = Share()
    for found in outcomes:
        share.count(found.right)
    return share


def _line(name: str, share: Share) -> str:
    return f"{name}: {share.right}/{share.total} ({share.value:.3f})"
