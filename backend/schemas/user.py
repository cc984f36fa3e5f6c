"""What crosses HTTP about people."""

import unicodedata
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from backend.schemas.session import SessionArchive
from backend.utils.helpers import check_text, is_blank

MIN_PASSWORD_LENGTH: Final = 8
MAX_PASSWORD_LENGTH: Final = 128
"""Characters after normalising, of any script: 128 Thai ones are 384 bytes."""

MAX_EMAIL_LENGTH: Final = 320
MAX_NAME_LENGTH: Final = 200


def normalize_email(text: str) -> str:
    """The one way an address is stored and looked up: NFC, lower case, no blanks around it.

    Raises:
        ValueError: it is no address. Whether its host exists is not asked.
    """
    # Imported with the first address: its tables are only needed by people with an account.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    address = check_text(text)
    if len(address) > MAX_EMAIL_LENGTH:
        raise ValueError("is not an e-mail address")
    try:
        found = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as exc:
        raise ValueError("is not an e-mail address") from exc
    # Lower case can take a letter apart that NFC had composed.
    return unicodedata.normalize("NFC", found.normalized.lower())


def normalize_password(text: str) -> str:
    """The one way a password is hashed and checked: NFC, as a phone and a laptop may differ.

    NFC, not NFKC: that would make different characters equal and passwords easier to guess.

    Raises:
        ValueError: it holds what cannot be encoded or typed.
    """
    check_text(text)
    return unicodedata.normalize("NFC", text)


def _check_new_password(secret: SecretStr) -> SecretStr:
    password = normalize_password(secret.get_secret_value())
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        raise ValueError(f"must be {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters long")
    if is_blank(password):
        raise ValueError("must hold at least one visible character")
    return SecretStr(password)


def _check_name(text: str) -> str:
    name = unicodedata.normalize("NFC", check_text(text))
    if is_blank(name):
        raise ValueError("must hold at least one visible character")
    if any(unicodedata.category(char) == "Cc" for char in name):
        raise ValueError("must not hold control characters")
    return name


# Bounds stand before the trimming, which the document knows nothing of, and after it: to normalise
# may make a text longer.
Email = Annotated[
    str,
    StringConstraints(max_length=MAX_EMAIL_LENGTH),
    AfterValidator(normalize_email),
    Field(
        max_length=MAX_EMAIL_LENGTH,
        examples=["somchai@au.edu"],
        json_schema_extra={"format": "email"},
    ),
]
NewPassword = Annotated[
    SecretStr,
    AfterValidator(_check_new_password),
    Field(
        description=f"{MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters of any script.",
        # No longest one: it follows the normalising, which makes most of them shorter.
        json_schema_extra={"minLength": MIN_PASSWORD_LENGTH},
    ),
]
GivenPassword = Annotated[
    SecretStr, Field(max_length=1_024, description="The present password, asked once more.")
]
FullName = Annotated[
    str,
    StringConstraints(max_length=MAX_NAME_LENGTH),
    AfterValidator(_check_name),
    Field(max_length=MAX_NAME_LENGTH, json_schema_extra={"minLength": 1}),
]
Role = Literal["user", "admin"]
LinkToken = Annotated[str, Field(max_length=1_024, description="The `token` in the mailed link.")]


class _Written(BaseModel):
    """Where people are written, a field that is not known is refused: it may be an attack."""

    model_config = ConfigDict(extra="forbid")


class UserCreate(_Written):
    """A new account."""

    email: Email
    password: NewPassword
    full_name: FullName | None = None


class UserRead(BaseModel):
    """An account, as its owner and administrators see it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    email: str
    full_name: str | None
    role: Role
    is_active: bool
    email_confirmed_at: datetime | None = Field(
        description="When a link mailed to the address was used; null before."
    )
    created_at: datetime
    updated_at: datetime


class SignInRead(BaseModel):
    """A place where somebody is signed in."""

    created_at: datetime
    used_at: datetime = Field(description="When it was last carried on.")
    expires_at: datetime


class UserArchive(BaseModel):
    """Everything that is stored about a person."""

    profile: UserRead
    sign_ins: list[SignInRead]
    sessions: list[SessionArchive]


class UserUpdate(_Written):
    """Changes to one's own account; what is left out stays.

    A null `full_name` takes the name away. A new `email` asks for the `password`.
    """

    full_name: FullName | None = None
    email: Email | None = None
    password: GivenPassword | None = None


class UserChange(_Written):
    """Changes by an administrator; what is left out stays."""

    full_name: FullName | None = None
    role: Role | None = None
    is_active: bool | None = Field(default=None, strict=True)


class UserList(BaseModel):
    """A page of accounts, newest first."""

    items: list[UserRead]
    next_cursor: str | None = Field(description="For the next page; null on the last one.")


class PasswordChange(_Written):
    """A new password for one's own account."""

    current_password: GivenPassword
    new_password: NewPassword


class PasswordCheck(_Written):
    """The password again, for what cannot be taken back."""

    password: GivenPassword


class RefreshRequest(BaseModel):
    """A refresh token, good for one use. What else the last answer held may be sent along."""

    refresh_token: Annotated[str, Field(max_length=4_096)]


class TokenResponse(BaseModel):
    """Who is signed in shows `access_token`; `refresh_token` gets the next pair, once."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - RFC 6749's word
    expires_in: int = Field(description="Seconds until the access token expires.")
    refresh_token: str


class LinkRequest(_Written):
    """Where to mail a link to."""

    email: Email


class LinkUse(_Written):
    """The link that was mailed."""

    token: LinkToken


class PasswordReset(LinkUse):
    """The link that was mailed, and the password that is to hold from now on."""

    new_password: NewPassword


class Done(BaseModel):
    """What was done, in a sentence."""

    message: str
