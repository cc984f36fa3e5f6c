import json
from pathlib import Path

import pytest

from backend.services.knowledge.evaluation import (
    EvaluationError,
    Question,
    evaluate,
    read_questions,
)
from backend.services.knowledge_service import KnowledgeService

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
