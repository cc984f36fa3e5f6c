"""Everything a route can ask for, one alias each."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Header, Path, Query, Request
from fastapi.security import OAuth2PasswordRequestForm
from pydantic import AfterValidator, StringConstraints

from backend.api.identity import (
    get_admin_user,
    get_current_user,
    get_identity,
    get_optional_identity,
    get_optional_user,
)
from backend.core.account_errors import UserNotFound
from backend.core.cursor import MAX_CURSOR_LENGTH
from backend.core.errors import SessionNotFound
from backend.core.knowledge_errors import VersionRequired
from backend.core.log import bind_session
from backend.models.user import User
from backend.schemas.chat import MAX_MESSAGE_LENGTH
from backend.schemas.query import check_query
from backend.services.accounts import Accounts
from backend.services.audit_service import AuditService
from backend.services.chat_service import ChatService
from backend.services.feedback_service import FeedbackService
from backend.services.gap_service import GapService
from backend.services.health_service import HealthService
from backend.services.knowledge_editor import KnowledgeEditor
from backend.services.knowledge_service import KnowledgeService
from backend.services.link_service import LinkService
from backend.services.meaning import MeaningReader
from backend.services.session_export import SessionExport
from backend.services.session_service import SessionService
from backend.services.sign_in_service import Identity, SignInService
from backend.services.stream_service import StreamService
from backend.services.usage_service import UsageService
from backend.services.user_admin import UserAdmin
from backend.services.user_export import UserExport
from backend.services.user_service import UserService
from backend.utils.helpers import check_text, is_uuid


async def get_knowledge_service(request: Request) -> KnowledgeService:
    """The knowledge, loaded at the start."""
    return cast(KnowledgeService, request.app.state.knowledge_service)


async def get_meaning_reader(request: Request) -> MeaningReader:
    """The vectors, or the way without them."""
    return cast(MeaningReader, request.app.state.meaning_reader)


async def get_chat_service(request: Request) -> ChatService:
    """The conversations."""
    return cast(ChatService, request.app.state.chat_service)


async def get_session_service(request: Request) -> SessionService:
    """The list of conversations."""
    return cast(SessionService, request.app.state.session_service)


async def get_session_export(request: Request) -> SessionExport:
    """Conversations as files."""
    return cast(SessionExport, request.app.state.session_export)


async def get_feedback_service(request: Request) -> FeedbackService:
    """What people think of answers."""
    return cast(FeedbackService, request.app.state.feedback_service)


async def get_audit_service(request: Request) -> AuditService:
    """What administrators did."""
    return cast(AuditService, request.app.state.audit_service)


async def get_usage_service(request: Request) -> UsageService:
    """What answers cost."""
    return cast(UsageService, request.app.state.usage_service)


async def get_stream_service(request: Request) -> StreamService:
    """The answers as they are written."""
    return cast(StreamService, request.app.state.stream_service)


async def get_gap_service(request: Request) -> GapService:
    """The questions without an answer."""
    return cast(GapService, request.app.state.gap_service)


async def get_knowledge_editor(request: Request) -> KnowledgeEditor:
    """The pen of the knowledge."""
    return cast(KnowledgeEditor, request.app.state.knowledge_editor)


async def get_health_service(request: Request) -> HealthService:
    """The state of the parts."""
    return cast(HealthService, request.app.state.health_service)


def _accounts(request: Request) -> Accounts:
    return cast(Accounts, request.app.state.accounts)


async def get_user_service(request: Request) -> UserService:
    """The people."""
    return _accounts(request).user_service


async def get_sign_in_service(request: Request) -> SignInService:
    """Where people are signed in."""
    return _accounts(request).sign_in_service


async def get_link_service(request: Request) -> LinkService:
    """The mailed links."""
    return _accounts(request).link_service


async def get_user_export(request: Request) -> UserExport:
    """The files of what is stored about people."""
    return _accounts(request).user_export


async def get_user_admin(request: Request) -> UserAdmin:
    """The people, for administrators."""
    return _accounts(request).user_admin


KnowledgeServiceDep = Annotated[KnowledgeService, Depends(get_knowledge_service)]
MeaningReaderDep = Annotated[MeaningReader, Depends(get_meaning_reader)]
GapServiceDep = Annotated[GapService, Depends(get_gap_service)]
KnowledgeEditorDep = Annotated[KnowledgeEditor, Depends(get_knowledge_editor)]
StreamServiceDep = Annotated[StreamService, Depends(get_stream_service)]
ChatServiceDep = Annotated[ChatService, Depends(get_chat_service)]
SessionServiceDep = Annotated[SessionService, Depends(get_session_service)]
SessionExportDep = Annotated[SessionExport, Depends(get_session_export)]
FeedbackServiceDep = Annotated[FeedbackService, Depends(get_feedback_service)]
AuditServiceDep = Annotated[AuditService, Depends(get_audit_service)]
UsageServiceDep = Annotated[UsageService, Depends(get_usage_service)]
HealthServiceDep = Annotated[HealthService, Depends(get_health_service)]
UserServiceDep = Annotated[UserService, Depends(get_user_service)]
LinkServiceDep = Annotated[LinkService, Depends(get_link_service)]
UserExportDep = Annotated[UserExport, Depends(get_user_export)]
UserAdminDep = Annotated[UserAdmin, Depends(get_user_admin)]
SignInServiceDep = Annotated[SignInService, Depends(get_sign_in_service)]

OptionalIdentity = Annotated[Identity | None, Depends(get_optional_identity)]
CurrentIdentity = Annotated[Identity, Depends(get_identity)]
OptionalUser = Annotated[User | None, Depends(get_optional_user)]
CurrentUser = Annotated[User, Depends(get_current_user)]
AdminUser = Annotated[User, Depends(get_admin_user)]


async def get_user_id(
    user_id: Annotated[str, Path(description="The id of an account.")],
) -> str:
    """The id of an account in the path.

    Raises:
        UserNotFound: it has not the shape of one, so that no database need be asked.
    """
    if not is_uuid(user_id):
        raise UserNotFound
    return user_id


async def get_session_id(
    session_id: Annotated[str, Path(description="The id that the first answer came with.")],
) -> str:
    """The session id in the path.

    Raises:
        SessionNotFound: it has not the shape of one, so that no database need be asked.
    """
    if not is_uuid(session_id):
        raise SessionNotFound
    bind_session(session_id)
    return session_id


ChatId = Annotated[
    str,
    StringConstraints(max_length=128),
    AfterValidator(check_text),
    Path(description="The AI SDK's own id of the chat, or ours."),
]
SignInForm = Annotated[OAuth2PasswordRequestForm, Depends()]
UserId = Annotated[str, Depends(get_user_id)]
SessionId = Annotated[str, Depends(get_session_id)]
PageLimit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
MessageId = Annotated[int, Path(ge=1, le=2**63 - 1, description="The `id` of an answer.")]
BeforeId = Annotated[
    int | None,
    Query(ge=1, le=2**63 - 1, description="Only what is older than the one with this id."),
]
PageCursor = Annotated[
    str | None,
    Query(max_length=MAX_CURSOR_LENGTH, description="`next_cursor` of the page before."),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=128,
        pattern=r"^[\x21-\x7e]+$",
        description="The same as `client_message_id`, for clients that set it as a header.",
    ),
]
CategoryName = Annotated[str, Path(description="The name of a file without its ending.")]
FactId = Annotated[str, Path(description="The `fact_id` of a fact in the category.")]
# Bounds stand before the trimming: what is longer than the document says is refused.
SearchText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500),
    AfterValidator(check_query),
    Query(description="What to look for, in any language."),
]
PreviewText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_MESSAGE_LENGTH),
    AfterValidator(check_query),
    Query(description="A question as people ask it."),
]


@dataclass(frozen=True, slots=True)
class FactAddress:
    """Where a fact stands."""

    category: str
    fact_id: str


async def get_fact_address(category: CategoryName, fact_id: FactId) -> FactAddress:
    """The address in the path."""
    return FactAddress(category, fact_id)


FactAddressDep = Annotated[FactAddress, Depends(get_fact_address)]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=200,
        description="The version (ETag) of the entry that is being edited.",
    ),
]


async def get_given_version(if_match: IfMatch = None) -> str | None:
    """The version that `If-Match` names, without its quotes."""
    return None if if_match is None else if_match.strip().removeprefix("W/").strip('"')


async def get_edited_version(version: Annotated[str | None, Depends(get_given_version)]) -> str:
    """The version that an edit was made from.

    Raises:
        VersionRequired: the edit does not say so, and might overwrite what nobody has seen.
    """
    if not version:
        raise VersionRequired
    return version


GivenVersion = Annotated[str | None, Depends(get_given_version)]
EditedVersion = Annotated[str, Depends(get_edited_version)]
