"""Tests of `backend/services/knowledge/aspects.py`: how a text shows that it says what is asked."""

import pytest

from backend.services.knowledge.aspects import shows
from backend.services.knowledge.passage import Passage, Source


def shown(name: str, body: str, *named: str) -> bool:
    passage = Passage("a#x", "a", "x", "X", body, Source("A"), {})
    return shows(frozenset({name}), passage, frozenset(named))


class TestShows:
    @pytest.mark.parametrize(
        ("name", "says", "says_not"),
        [
            ("amount", "It has 5 doors.", "Since 1938, on the 2nd floor."),
            ("price", "It is 5 baht.", "It is 5 doors away."),
            ("price", "THB 500", "THB"),
            ("price", "Entrance is free.", "Freedom."),
            ("hours", "From 8:30.", "From room 830."),
            ("hours", "At 9 am.", "I am nine."),
            ("date", "On 5 May.", "You may go."),
            ("founded", "It began in 1705.", "It cost 1405."),
            ("duration", "It takes two years.", "It takes years."),
            ("phone", "Call +66 2 719 1919.", "Call 1919."),
            ("email_address", "Write to a@au.edu.", "Write @ home."),
            ("website", "See www.au.edu.", "See the web."),
            ("address", "On the second floor.", "On the net."),
            ("contact", "Ask the registrar.", "Nobody knows."),
            ("how_to_apply", "Send the form by email.", "Send it."),
            ("president", "He is Dr. Smith.", "See the dr. again."),
        ],
    )
    def test_by_a_figure_or_a_word_of_that_kind(self, name: str, says: str, says_not: str) -> None:
        assert shown(name, says)
        assert not shown(name, says_not)

    def test_by_the_name_of_what_is_asked(self) -> None:
        assert shown("hours", "Closed.", "@hours", "@price")
        assert shown("library", "Closed.", "@library")
        assert not shown("hours", "Closed.", "@price", "hours")

    def test_any_of_the_names_will_do(self) -> None:
        passage = Passage("a#x", "a", "x", "X", "5 baht", Source("A"), {})

        assert shows(frozenset({"hours", "price", "library"}), passage, frozenset())
        assert not shows(frozenset({"hours", "library"}), passage, frozenset())
        assert not shows(frozenset(), passage, frozenset())
