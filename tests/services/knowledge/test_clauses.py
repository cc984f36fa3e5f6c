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
            ("ကျောင်းလခ ဘယ်လောက်လဲ ဘယ်မှာလဲ", ["ကျောင်းလခ ဘယ်လောက်လဲ", "ဘယ်မှာလဲ"]),
            ("学费多少 校区在哪里", ["学费多少", "校区在哪里"]),
            ("我是新生。学费多少？校区在哪里？谢谢你", ["我是新生 学费多少", "校区在哪里 谢谢你"]),
            ("ค่าเทอม ป.ตรี กี่บาท สมัครยังไง ขอบคุณค่ะ", ["ค่าเทอม ป.ตรี กี่บาท", "สมัครยังไง ขอบคุณค่ะ"]),
        ],
    )
    def test_are_the_questions_of_a_message(self, message: str, questions: list[str]) -> None:
        assert asked(message) == questions

    @pytest.mark.parametrize(
        "message",
        [
            "",
            "?",
            "How much is the MBA?",
            "is the dorm mixed, boys and girls together?",
            "สวัสดีค่ะ ค่าเทอมเท่าไหร่ คะ",
        ],
    )
    def test_of_one_question_are_none(self, message: str) -> None:
        assert asked(message) == []

    def test_of_a_letter_leave_out_what_it_only_tells(self) -> None:
        letter = f"My son lives in Yangon. {'He likes music a lot. ' * 6} What is the tuition?"

        assert asked(letter) == ["What is the tuition"]
        assert read_clauses(letter)[0][0] == "My son lives in Yangon"

    def test_are_not_more_than_can_be_looked_at(self) -> None:
        assert len(read_clauses("what is this? " * 50)) == MAX_CLAUSES

    @pytest.mark.parametrize(
        ("message", "questions"),
        [
            ("What is it? No", []),
            ("What is it? Noo", []),
            ("What is it? Why", ["What is it", "Why"]),
            ("Is it far? Is it. Is it", ["Is it far", "Is it", "Is it"]),
            ("A? B? What? When", ["What", "When"]),
        ],
    )
    def test_have_three_letters_or_more(self, message: str, questions: list[str]) -> None:
        assert asked(message) == questions

    @pytest.mark.parametrize(
        ("tale", "question", "length"),
        [
            ("I live here.", "What is it?", 120),
            ("我住这里。", "学费多少？", 24),
            ("อยู่นี่.", "กี่ปี", 60),
        ],
    )
    def test_of_a_letter_are_those_of_a_message_of_its_length(
        self, tale: str, question: str, length: int
    ) -> None:
        letter = f"{tale} {question}".ljust(length)
        shorter = letter.removesuffix(" ")

        assert asked(letter) == [question.rstrip("?？")]
        assert asked(shorter) == []

    def test_each_come_with_what_was_said_before(self) -> None:
        assert read_clauses("What is it? Who runs it? Why so?") == (
            ("What is it",),
            ("What is it", "Who runs it"),
            ("What is it", "Who runs it", "Why so"),
        )

    def test_are_the_first_four(self) -> None:
        message = "What is 1? What is 2? What is 3? What is 4? What is 5?"

        assert asked(message) == [f"What is {number}" for number in (1, 2, 3, 4)]
