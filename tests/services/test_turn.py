"""Tests of `backend/services/turn.py`: how a client's session is found again."""

import pytest

from backend.core.conversation import HistoryMessage
from backend.services.turn import MIN_ORIGIN_KEY_LENGTH, Opening, Turn

NAME = "n" * MIN_ORIGIN_KEY_LENGTH


def keys(
    *, user: str | None = None, message_id: str | None = None, chat: str | None = None
) -> list[str]:
    return Opening("Hello", None, user, message_id, chat_id=chat).origin_keys


class TestOriginKeys:
    @pytest.mark.parametrize("short", [None, "", "1", NAME[1:]])
    def test_a_name_that_two_browsers_may_make_finds_nothing(self, short: str | None) -> None:
        assert keys(message_id=short) == keys(chat=short) == keys(chat=short, user="u") == []

    @pytest.mark.parametrize("name", [NAME, NAME + "n"])
    def test_a_message_is_found_by_whoever_sent_it_alone(self, name: str) -> None:
        [anonymous] = keys(message_id=name)
        [mine] = keys(message_id=name, user="me")
        [theirs] = keys(message_id=name, user="they")

        assert len({anonymous, mine, theirs, *keys(message_id=name + "x")}) == 4
        assert keys(message_id=name, user="me") == [mine]

    def test_a_chat_begun_before_signing_in_is_found_after_one_s_own(self) -> None:
        [anonymous] = keys(chat=NAME)
        mine, before = keys(chat=NAME, user="me")

        assert before == anonymous
        assert mine not in {anonymous, *keys(chat=NAME, user="they")}

    def test_a_chat_is_found_whichever_message_comes(self) -> None:
        assert keys(chat=NAME, message_id=NAME + "1") == keys(chat=NAME, message_id=None)
        assert keys(chat="1", message_id=NAME) == []

    def test_a_key_is_no_name_that_somebody_could_read(self) -> None:
        [key] = keys(message_id=NAME)

        assert len(key) == 64
        assert NAME not in key


class TestMemory:
    SAID = (HistoryMessage("user", "Fees?"), HistoryMessage("assistant", "Some."))

    def test_without_a_summary_is_what_was_said(self) -> None:
        assert Turn("s", 1, 2, "And?", self.SAID).memory == self.SAID

    def test_begins_with_the_summary(self) -> None:
        summary = HistoryMessage("summary", "Asked about fees.")

        turn = Turn("s", 1, 2, "And?", self.SAID, summary=summary.content)

        assert turn.memory == (summary, *self.SAID)


def test_a_running_answer_is_named_by_its_session_and_its_id() -> None:
    turns = [Turn("s", 1, 2, "x"), Turn("s", 1, 3, "x"), Turn("t", 1, 2, "x")]

    assert [turn.key for turn in turns] == ["s:2", "s:3", "t:2"]
