import pytest

from backend.services.knowledge.clauses import MAX_CLAUSES, read_clauses


def asked(message: str) -> list[str]:
    return [clause[-1] for clause in read_clauses(message)]


class TestClauses:
    @pytest.mark.parametrize(
        ("message", "questions"),
        [
            (
                "How long is the MBA? What does it cost?",
                ["How long is the MBA", "What does it cost"],
            ),
            ("where is Hua Mak and who runs it", ["where is Hua Mak", "who runs it"]),
            ("学费多少？校区在哪里？", ["学费多少", "校区在哪里"]),
            ("ค่าเทอมเท่าไหร่ สมัครยังไง", ["ค่าเทอมเท่าไหร่", "สมัครยังไง"]),
            ("ကျောင်းလခ ဘယ်လောက်လဲ။ ဘယ်မှာလဲ။", ["ကျောင်းလခ ဘယ်လောက်လဲ", "ဘယ်မှာလဲ"]),
        ],
    )
    def test_are_the_questions_of_a_message(self, message: str, questions: list[str]) -> None:
        assert asked(message) == questions

    @pytest.mark.parametrize(
        "message", ["", "?", "How much is the MBA?", "is the dorm mixed, boys and girls together?"]
    )
    def test_of_one_question_are_none(self, message: str) -> None:
        assert asked(message) == []

    def test_of_a_letter_leave_out_what_it_only_tells(self) -> None:
        letter = f"My son lives in Yangon. {'He likes music a lot. ' * 6} What is the tuition?"

        assert asked(letter) == ["What is the tuition"]
        assert read_clauses(letter)[0][0] == "My son lives in Yangon"

    def test_are_not_more_than_can_be_looked_at(self) -> None:
        assert len(read_clauses("what is this? " * 50)) == MAX_CLAUSES
