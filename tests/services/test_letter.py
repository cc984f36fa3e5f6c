"""Tests of `backend/services/letter.py`: what the two letters say."""

import pytest

from backend.models import LinkPurpose
from backend.services.letter import make_link, write_letter

LINK = "https://chat.au.edu/page?token=t.o-k_n"


@pytest.mark.parametrize(
    ("purpose", "page"),
    [(LinkPurpose.RESET, "reset-password"), (LinkPurpose.CONFIRM, "confirm-email")],
)
def test_a_link_leads_to_the_page_of_its_purpose(purpose: LinkPurpose, page: str) -> None:
    link = make_link(purpose, "t.o-k_n", public_url="https://chat.au.edu")

    assert link == f"https://chat.au.edu/{page}?token=t.o-k_n"


@pytest.mark.parametrize(
    ("purpose", "subject", "thai"),
    [
        (LinkPurpose.RESET, "Set a new password", "ตั้งรหัสผ่านใหม่"),
        (LinkPurpose.CONFIRM, "Confirm your e-mail address", "ยืนยันอีเมล"),
    ],
)
def test_a_letter_says_in_both_languages_what_it_is_for_and_how_long(
    purpose: LinkPurpose, subject: str, thai: str
) -> None:
    mail = write_letter(purpose, LINK, to="a@au.edu", hours=13)

    assert mail.to == "a@au.edu"
    assert subject in mail.subject
    assert thai in mail.subject
    assert "within 13 hour" in mail.text
    assert "ภายใน 13 ชั่วโมง" in mail.text
    assert f"\n{LINK}\n" in mail.text
    assert "{" not in mail.text
