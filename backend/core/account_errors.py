"""What can go wrong with accounts."""

from backend.core.errors import (
    AUGuruError,
    Conflict,
    Forbidden,
    InvalidRequest,
    NotAuthenticated,
    NotFound,
    ServiceUnavailable,
)


class InvalidCredentials(NotAuthenticated):
    """The address is unknown, the password wrong or the account not active: nobody learns which."""

    code = "invalid_credentials"
    title = "Invalid credentials"
    default_detail = "The e-mail address or the password is wrong."


class WrongPassword(Forbidden):
    """Somebody who is signed in gave a wrong password where it is asked again."""

    code = "wrong_password"
    title = "Wrong password"
    default_detail = "The password is wrong."


class WeakPassword(InvalidRequest):
    """The password is one of those that are tried first."""

    code = "weak_password"
    title = "Weak password"
    default_detail = "password: is too easy to guess."


class InvalidLink(AUGuruError):
    """A mailed link was used, replaced, has expired, or never was one."""

    status = 400
    code = "invalid_link"
    title = "Invalid link"
    default_detail = "This link cannot be used any more. Please ask for a new one."


class EmailTaken(Conflict):
    """There is an account of this address."""

    code = "email_taken"
    title = "E-mail address taken"
    default_detail = "There is an account with this e-mail address already."


class LastAdministrator(Conflict):
    """The service would be left without an active administrator."""

    code = "last_administrator"
    title = "Last administrator"
    default_detail = "This is the last active administrator. Appoint another one first."


class OwnAccount(Conflict):
    """An administrator's own account is deleted with the password, like everybody's."""

    code = "own_account"
    title = "Own account"
    default_detail = "Your own account is deleted under /users/me."


class UserNotFound(NotFound):
    """There is no such person."""

    code = "user_not_found"
    title = "User not found"
    default_detail = "There is no such account."


class TooManySignIns(ServiceUnavailable):
    """More passwords wait to be hashed than can be hashed in a moment."""

    code = "too_many_sign_ins"
    title = "Too many sign-ins"
    default_detail = "Too many people are signing in at the moment. Please try again shortly."


class MailUnavailable(ServiceUnavailable):
    """No mail server is set, or more mail waits for it than it takes."""

    code = "mail_unavailable"
    title = "Mail unavailable"
    default_detail = "No mail can be sent at the moment. Please try again later."
