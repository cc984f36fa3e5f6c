"""What people are mailed: short, plain, in English and Thai."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from backend.core.mail import Mail
from backend.models.user import LinkPurpose


@dataclass(frozen=True, slots=True)
class _Letter:
    page: str
    subject: str
    text: str


_LETTERS: Final[Mapping[LinkPurpose, _Letter]] = {
    LinkPurpose.RESET: _Letter(
        page="reset-password",
        subject="Set a new password for AU-GURU / ตั้งรหัสผ่านใหม่",
        text="""\
Somebody, most likely you, asked for a new password for your AU-GURU account.
Open this page within {hours} hour to set one:

{link}

It works once. If it was not you, do nothing: your password stays as it is.

มีผู้ขอตั้งรหัสผ่านใหม่สำหรับบัญชี AU-GURU ของคุณ
กรุณาเปิดลิงก์ข้างต้นภายใน {hours} ชั่วโมงเพื่อตั้งรหัสผ่านใหม่ ลิงก์นี้ใช้ได้เพียงครั้งเดียว
หากคุณไม่ได้เป็นผู้ขอ ไม่ต้องดำเนินการใด ๆ รหัสผ่านเดิมของคุณจะไม่เปลี่ยนแปลง
""",
    ),
    LinkPurpose.CONFIRM: _Letter(
        page="confirm-email",
        subject="Confirm your e-mail address for AU-GURU / ยืนยันอีเมล",
        text="""\
Welcome to AU-GURU. Open this page within {hours} hours to confirm that this address is yours:

{link}

If you did not register, do nothing.

ยินดีต้อนรับสู่ AU-GURU กรุณาเปิดลิงก์ข้างต้นภายใน {hours} ชั่วโมงเพื่อยืนยันว่าอีเมลนี้เป็นของคุณ
หากคุณไม่ได้ลงทะเบียน ไม่ต้องดำเนินการใด ๆ
""",
    ),
}


def make_link(purpose: LinkPurpose, token: str, *, public_url: str) -> str:
    """The address of the page that takes the token; opening it alone changes nothing."""
    return f"{public_url}/{_LETTERS[purpose].page}?token={token}"


def write_letter(purpose: LinkPurpose, link: str, *, to: str, hours: int) -> Mail:
    """The mail that brings a link."""
    letter = _LETTERS[purpose]
    return Mail(to=to, subject=letter.subject, text=letter.text.format(link=link, hours=hours))
