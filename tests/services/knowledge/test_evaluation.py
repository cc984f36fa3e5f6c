import json
from pathlib import Path
from typing import Any

import pytest

from backend.services.knowledge.evaluation import (
    EvaluationError,
    EvaluationReport,
    Outcome,
    Question,
    Share,
    evaluate,
    read_questions,
)
from backend.services.knowledge_service import KnowledgeService
from tests.services.knowledge.conftest import MakeService

RIGHT = Question(id="1", lang="en", question="MBA fee", must_include=("500000", "550,000"))
WRONG = Question(id="2", lang="th", question="ค่าเทอม MBA", must_include=("999",))
FOREIGN = Question(id="3", lang="en", question="bitcoin price", off_topic=True)
NOT_FOREIGN = Question(id="4", lang="en", question="tuition", off_topic=True)


class TestEvaluate:
    def test_counts_by_language_and_kind(self, owners: KnowledgeService) -> None:
        report = evaluate(owners, [RIGHT, WRONG, FOREIGN, NOT_FOREIGN], budget=200)

        assert (report.recall.right, report.recall.total) == (1, 2)
        assert report.by_language["en"].value == 1
        assert report.by_language["th"].value == 0
        assert report.by_kind["direct"].total == 2
        assert report.hints_right.value == 0.5
        assert report.hints_wrong.right == 0

    def test_tells_each_miss_with_what_was_chosen(self, owners: KnowledgeService) -> None:
        report = evaluate(owners, [RIGHT, WRONG, NOT_FOREIGN], budget=60)

        lines = list(report.lines())

        assert "miss 2 [th] ค่าเทอม MBA" in lines
        assert "  missing: 999" in lines
        assert lines[lines.index("  missing: 999") + 1].startswith(
            "  chosen: au_tuitions#/tuition_fees_thb/graduate/mba_programs"
        )
        assert "  missing: no hint" in lines

    def test_nothing_asked_is_nothing_missed(self, owners: KnowledgeService) -> None:
        assert evaluate(owners, [], budget=200).recall.value == 1


class TestUnansweredQuestions:
    def test_are_right_when_no_fact_is_given_for_an_answer(self, shipped: KnowledgeService) -> None:
        lacking = Question(id="5", lang="en", question="dorm room price", unanswered=True)
        answered = Question(id="6", lang="en", question="library card", unanswered=True)

        report = evaluate(shipped, [lacking, answered], budget=400)

        assert (report.admitted.right, report.admitted.total) == (1, 2)
        assert report.recall.total == 0
        assert "told that no fact answers: 1/2 (0.500)" in report.lines()
        [missed] = report.misses
        assert "au_campus_life#library.membership" in missed.answers


def outcome(number: int, *, hinted: bool = False, **changes: Any) -> Outcome:
    """What a question got: `missing` and `answers` beside members of the question."""
    told = {name: changes.pop(name, ()) for name in ("missing", "chosen", "answers")}
    question = {"id": str(number), "lang": "en", "question": f"q{number}", **changes}
    return Outcome(Question.model_validate(question), hinted=hinted, **told)


HISTORY = [{"role": "user", "content": "a"}]


class TestReport:
    REPORT = EvaluationReport(
        400,
        [
            outcome(1, answers=("a#x",), chosen=("a#x", "a#y")),
            outcome(2, lang="th", missing=("5", "6"), chosen=("a#y", "a#z"), answers=("a#y",)),
            outcome(3, lang="th", history=HISTORY, hinted=True),
            outcome(4, lang="zh", missing=("7",), hinted=True),
            outcome(5, off_topic=True, hinted=True),
            outcome(6, off_topic=True),
            outcome(7, off_topic=True, missing=("8",), hinted=True),
            outcome(8, unanswered=True),
            outcome(9, unanswered=True, answers=("a#x", "a#y")),
            outcome(10, unanswered=True, hinted=True),
            outcome(11, unanswered=True, hinted=True, answers=("a#x",)),
        ],
    )

    @pytest.mark.parametrize(
        ("share", "right", "total"),
        [
            ("recall", 2, 4),
            ("answered", 2, 4),
            ("admitted", 1, 4),
            ("hints_right", 2, 3),
            ("hints_wrong", 4, 8),
        ],
    )
    def test_counts_what_is_right(self, share: str, right: int, total: int) -> None:
        assert getattr(self.REPORT, share) == Share(right, total)

    def test_counts_by_language_and_by_kind_of_what_has_facts(self) -> None:
        assert self.REPORT.by_language == {"en": Share(1, 1), "th": Share(1, 2), "zh": Share(0, 1)}
        assert self.REPORT.by_kind == {"direct": Share(1, 3), "follow-up": Share(1, 1)}

    def test_is_told_line_by_line(self) -> None:
        assert list(self.REPORT.lines()) == [
            "Budget: 400 tokens",
            "all facts in the context: 2/4 (0.500)",
            "  en: 1/1 (1.000)",
            "  th: 1/2 (0.500)",
            "  zh: 0/1 (0.000)",
            "  direct: 1/3 (0.333)",
            "  follow-up: 1/1 (1.000)",
            "told that no fact answers: 1/4 (0.250)",
            "off-topic hints given rightly: 2/3 (0.667)",
            "off-topic hints given wrongly: 4/8 (0.500)",
            "miss 2 [th] q2",
            "  missing: 5, 6",
            "  chosen: a#y, a#z",
            "miss 4 [zh] q4",
            "  missing: hinted as off-topic; 7",
            "  chosen: nothing",
            "miss 6 [en] q6",
            "  missing: no hint",
            "  chosen: nothing",
            "miss 9 [en] q9",
            "  missing: nothing, but answered by a#x, a#y",
            "  chosen: nothing",
            "miss 10 [en] q10",
            "  missing: hinted as off-topic; nothing, but answered by ",
            "  chosen: nothing",
            "miss 11 [en] q11",
            "  missing: hinted as off-topic; nothing, but answered by a#x",
            "  chosen: nothing",
        ]

    def test_says_nothing_of_questions_without_a_fact_when_there_are_none(self) -> None:
        report = EvaluationReport(400, [outcome(1)])

        assert not any("no fact" in line for line in report.lines())

    @pytest.mark.parametrize(
        ("wanted", "missing"),
        [
            (("112,000",), ()),
            (("112000",), ()),
            (("112\u00a0000",), ()),
            (("ROOM １２",), ()),
            (("1120",), ()),
            (("999",), ("999",)),
            (("room 12", "9", "Gate"), ("9", "Gate")),
        ],
    )
    def test_finds_figures_and_words_in_any_writing(
        self, make_service: MakeService, wanted: tuple[str, ...], missing: tuple[str, ...]
    ) -> None:
        entry = {"id": "lift", "title": "Lift", "text": "Room 12 cost 112,000 baht."}
        service = make_service(halls={"entries": [entry]})
        question = Question(id="1", lang="en", question="lift", must_include=wanted)

        (found,) = evaluate(service, [question], budget=400).outcomes

        assert found.missing == missing
        assert found.chosen == ("halls#lift",)


class TestReadQuestions:
    def test_reads_lines_with_history(self, tmp_path: Path) -> None:
        path = tmp_path / "q.jsonl"
        history = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
        line = {"id": "1", "lang": "en", "question": "q", "history": history, "must_paths": []}
        path.write_text(f"{json.dumps(line)}\n\n", "utf-8")

        (question,) = read_questions(path)

        assert question.kind == "follow-up"
        assert question.history[1].content == "b"

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("{", "line 1: is not JSON"),
            ("[]", "line 1"),
            ('{"id": "1", "lang": "en"}', "line 1: question: Field required"),
            ('\n\n{"id": "1", "lang": "en", "question": ""}', "line 3: question: String should"),
            (
                '{"id": "1", "lang": "en", "question": "q", "history": [{"role": "user"}]}',
                "line 1: history.0.content: Field required",
            ),
        ],
    )
    def test_tells_where_a_file_is_wrong(self, tmp_path: Path, line: str, told: str) -> None:
        path = tmp_path / "q.jsonl"
        path.write_text(line, "utf-8")

        with pytest.raises(EvaluationError, match=told):
            read_questions(path)

    def test_tells_of_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(EvaluationError, match="cannot be read"):
            read_questions(tmp_path / "none.jsonl")
