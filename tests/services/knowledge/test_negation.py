"""What a question says it is not about."""

import pytest

from backend.services.knowledge.lexicon import Lexicon
from backend.services.knowledge.negation import leave_out_negated

LEXICON = Lexicon.build(
    {
        "negation": {"group": "stop", "en": ["not", "except"]},
        "negation_after": {"group": "stop", "en": ["excluded"]},
        "mba": {"group": "level", "en": ["mba", "xba"]},
        "xba": {"group": "topic", "en": ["xba"]},
        "phd": {"group": "level", "en": ["phd"]},
        "visa": {"group": "topic", "en": ["visa"]},
    }
)


@pytest.mark.parametrize(
    ("question", "kept", "negated"),
    [
        ("fee not mba", "fee not", {"mba"}),
        ("fee not for the mba", "fee not for the", {"mba"}),
        ("not sure about mba", "not sure about mba", set()),
        ("not visa", "not visa", set()),
        ("not xba", "not xba", set()),
        ("not visa mba", "not visa mba", set()),
        ("the mba", "the mba", set()),
        ("not mba phd", "not phd", {"mba"}),
        ("not mba not phd", "not not", {"mba", "phd"}),
        ("not mba mba", "not mba", set()),
        ("mba excluded", "", {"mba"}),
        ("fee mba excluded phd", "fee phd", {"mba"}),
        ("visa excluded mba", "visa mba", set()),
        ("excluded mba", "mba", set()),
        ("not excluded mba", "not mba", set()),
        ("", "", set()),
    ],
)
def test_leaves_out_what_others_can_stand_in_for(
    question: str, kept: str, negated: set[str]
) -> None:
    rest, left_out = leave_out_negated(LEXICON.find(question), LEXICON)

    assert " ".join(match.text for match in rest) == kept
    assert left_out == negated
