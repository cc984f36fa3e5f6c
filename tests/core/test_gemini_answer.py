"""Putting answers together, and what of them may be shown by when."""

import pytest

from backend.core.gemini_answer import GatheredAnswer, whole_answer
from backend.core.gemini_errors import (
    GeminiCutOff,
    GeminiEmpty,
    GeminiError,
    GeminiPromptBlocked,
    GeminiPromptLeaked,
    GeminiRecitation,
    GeminiSafetyStop,
    GeminiStopped,
)
from backend.core.gemini_types import Answer, FinishReason, GeminiConfig, Reply, Usage
from backend.core.prompt import RULES

CONFIG = GeminiConfig(model="gemini-asked")
CODE = "bcdfghjkmnpqrs"


def gathered(*replies: Reply) -> tuple[GatheredAnswer, list[str]]:
    """An answer in pieces, and what each of them showed; the last is what was kept back."""
    answer = GatheredAnswer(CONFIG, [CODE])
    return answer, [*(answer.add(reply) for reply in replies), answer.rest()]


class TestWholeAnswer:
    def test_has_text_model_reason_usage_and_attempts(self) -> None:
        reply = Reply(" Zoo.", "MAX_TOKENS", None, Usage(1, 2, 3, 4, 5), "gemini-told")
        assert whole_answer(reply, CONFIG, 7) == Answer(
            "Zoo.", "gemini-told", FinishReason.LENGTH, Usage(1, 2, 3, 4, 5, attempts=7)
        )

    def test_is_of_the_model_that_was_asked_unless_another_is_named(self) -> None:
        assert whole_answer(Reply("Zoo.", "STOP"), CONFIG, 1) == Answer(
            "Zoo.", "gemini-asked", FinishReason.STOP, Usage()
        )

    @pytest.mark.parametrize(
        ("reply", "kind", "reason"),
        [
            (Reply(), GeminiEmpty, "no candidates"),
            (Reply("", "STOP"), GeminiEmpty, "STOP"),
            (Reply(" \n", "MAX_TOKENS"), GeminiEmpty, "MAX_TOKENS"),
            (Reply("Zoo."), GeminiCutOff, "no finish reason"),
            (Reply(" "), GeminiCutOff, "no finish reason"),
            (Reply("Zoo.", "SAFETY"), GeminiSafetyStop, "SAFETY"),
            (Reply("Zoo.", "RECITATION"), GeminiRecitation, "RECITATION"),
            (Reply("Zoo.", "OTHER"), GeminiStopped, "OTHER"),
            (Reply("Zoo.", "STOP", "SAFETY"), GeminiPromptBlocked, "SAFETY"),
            (Reply(f"Zoo {CODE}.", "STOP"), GeminiPromptLeaked, "code"),
            (Reply(f"Zoo. {RULES}", "STOP"), GeminiPromptLeaked, "rules"),
        ],
    )
    def test_is_none_where_none_may_be_shown(
        self, reply: Reply, kind: type[GeminiError], reason: str
    ) -> None:
        with pytest.raises(GeminiError) as caught:
            whole_answer(reply, CONFIG, 1, [CODE])
        assert type(caught.value) is kind
        assert caught.value.reason == reason
        assert (caught.value.attempts, caught.value.partial_text) == (0, "")

    def test_may_hold_the_codes_of_other_prompts(self) -> None:
        assert whole_answer(Reply(f"Zoo {CODE}.", "STOP"), CONFIG, 1).text == f"Zoo {CODE}."


class TestGatheredAnswer:
    def test_shows_each_piece_and_then_what_was_kept_back(self) -> None:
        answer, shown = gathered(Reply("Zoo"), Reply(""), Reply(" is bcd"), Reply("", "STOP"))
        assert shown == ["Zoo", "", " is ", "", "bcd"]
        assert answer.text() == answer.answer(1).text == "Zoo is bcd"

    def test_begins_with_no_blank(self) -> None:
        answer, shown = gathered(Reply(" \n"), Reply(" Zoo "), Reply(" is", "STOP"))
        assert "".join(shown) == answer.text() == "Zoo  is"
        assert shown[0] == ""

    def test_is_begun_with_any_piece_and_finished_with_a_reason(self) -> None:
        answer = GatheredAnswer(CONFIG)
        assert (answer.begun, answer.finished) == (False, False)
        answer.add(Reply(""))
        assert (answer.begun, answer.finished) == (True, False)
        answer.add(Reply("", "STOP"))
        assert (answer.begun, answer.finished) == (True, True)

    def test_shows_nothing_of_a_piece_that_leaks(self) -> None:
        answer = GatheredAnswer(CONFIG, [CODE])
        assert answer.add(Reply("Zoo: bcdfg")) == "Zoo: "
        with pytest.raises(GeminiPromptLeaked):
            answer.add(Reply(CODE[5:]))
        assert answer.text() == "Zoo: "
