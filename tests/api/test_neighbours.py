"""Whatever somebody does touches nobody else: neither who sorts before them nor who sorts after.

An equality that became an order (`<=` for `==`) would show or change other people's rows, and
random ids would hide it half the time.
"""

from datetime import timedelta
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from backend.core.auth import Claims, TokenService, TokenType
from backend.models import (
    Base,
    ChatMessage,
    ChatSession,
    LinkPurpose,
    MessageRole,
    OneTimeLink,
    Rating,
    SignIn,
    User,
)
from backend.models.base import utc_now
from tests.api.people import EMAIL, OTHER_PASSWORD, PASSWORD, Visitor, bearer
from tests.databases import on_every_database
from tests.service import SECRET, Service

FIRST: Final = "00000000-0000-4000-8000-000000000000"
LAST: Final = "ffffffff-ffff-4fff-bfff-ffffffffffff"
CHAT: Final = "/api/v1/chat"


def settle_in(db: Session, owner: str) -> None:
    """Somebody with a row in every table that belongs to people; all their ids are the same."""
    later = utc_now() + timedelta(days=1)
    db.execute(insert(User).values(id=owner, email=f"{owner}@au.edu", password_hash="!"))
    of_them = {"user_id": owner, "token_hash": owner, "expires_at": later}
    db.execute(insert(SignIn).values(id=owner, **of_them))
    db.execute(insert(OneTimeLink).values(purpose=LinkPurpose.RESET, **of_them))
    db.execute(insert(ChatSession).values(id=owner, user_id=owner, title=f"Title of {owner}"))
    asked = {"session_id": owner, "role": MessageRole.USER, "content": f"Question of {owner}"}
    question = db.execute(insert(ChatMessage).values(asked).returning(ChatMessage.id)).scalar_one()
    answer = {"session_id": owner, "role": MessageRole.ASSISTANT, "question_id": question}
    told = {"content": f"Answer to {owner}", "feedback": Rating.UP, "feedback_comment": owner}
    db.execute(insert(ChatMessage).values({**answer, **told}))


class Neighbourhood:
    """Somebody between two others, who look the same after whatever is done."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.person = Visitor(service)
        self.tokens: dict[str, Any] = {}
        self.headers: dict[str, str] = {}
        self.profile: dict[str, Any] = {}
        self.turn: dict[str, Any] = {}
        self.before: list[str] = []

    async def move_in(self) -> None:
        """The person's rows are between those of the others in every order."""
        await self.service.database.write(lambda db: settle_in(db, FIRST))
        self.tokens = await self.person.join()
        self.headers = bearer(self.tokens)
        self.profile = (await self.send("GET", "/api/v1/users/me")).json()
        self.turn = (await self.send("POST", f"{CHAT}/", {"message": "My question"})).json()
        await self.service.database.write(lambda db: settle_in(db, LAST))
        self.before = await self.others()

    async def send(
        self, method: str, path: str, sent: Any = None, **content: Any
    ) -> httpx.Response:
        """Ask as the person, about their own where path or body name something."""
        known = {**self.turn, **self.profile, **self.tokens}
        url = path.format(**known)
        if sent is not None:
            content["json"] = {
                k: v.format(**known) if isinstance(v, str) else v for k, v in sent.items()
            }
        headers = {**self.headers, **content.pop("headers", {})}
        answer = await self.service.client.request(method, url, headers=headers, **content)
        assert answer.is_success, answer.text
        return answer

    async def others(self) -> list[str]:
        """All rows of the other two."""

        def read(db: Session) -> list[str]:
            rows = [str(r) for t in Base.metadata.sorted_tables for r in db.execute(select(t))]
            return [row for row in rows if FIRST in row or LAST in row]

        return await self.service.database.read(read)


OF_A_CONVERSATION: Final[list[tuple[str, str, Any]]] = [
    ("POST", "/{session_id}/messages/{message_id}/regenerate", None),
    ("GET", "/{session_id}/messages/{message_id}/versions", None),
    ("PUT", "/{session_id}/messages/{message_id}/feedback", {"rating": "down"}),
    ("DELETE", "/{session_id}/messages/{message_id}/feedback", None),
    ("POST", "/", {"message": "More", "session_id": "{session_id}"}),
    ("GET", "/{session_id}/history", None),
    ("GET", "/{session_id}/export", None),
    ("GET", "/{session_id}/export?format=markdown", None),
    ("GET", "/", None),
    ("GET", "/?q=question", None),
    ("POST", "/{session_id}/stop", None),
    ("PATCH", "/{session_id}", {"title": "Mine"}),
    ("DELETE", "/{session_id}", None),
]

OF_AN_ACCOUNT: Final[list[tuple[str, str, Any]]] = [
    ("GET", "/me/export", None),
    ("POST", "/refresh", {"refresh_token": "{refresh_token}"}),
    ("PATCH", "/me", {"full_name": "Somchai"}),
    ("PATCH", "/me", {"email": "new@au.edu", "password": PASSWORD}),
    ("POST", "/password-reset", {"email": EMAIL}),
    ("POST", "/me/password", {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}),
    ("POST", "/logout", None),
    ("POST", "/logout/all", None),
    ("DELETE", "/me", {"password": PASSWORD}),
]


@on_every_database
class TestNeighbours:
    async def test_keep_their_conversations_to_themselves(self, service: Service) -> None:
        neighbourhood = Neighbourhood(service)
        await neighbourhood.move_in()

        for method, path, sent in OF_A_CONVERSATION:
            answer = await neighbourhood.send(method, f"{CHAT}{path}", sent)

            assert FIRST not in answer.text, path
            assert LAST not in answer.text, path
            assert await neighbourhood.others() == neighbourhood.before, path

    @pytest.mark.parametrize(("method", "path", "body"), OF_AN_ACCOUNT)
    async def test_are_not_touched_by_what_happens_to_an_account(
        self, service: Service, method: str, path: str, body: Any
    ) -> None:
        neighbourhood = Neighbourhood(service)
        await neighbourhood.move_in()

        answer = await neighbourhood.send(method, f"/api/v1/users{path}", body)

        assert FIRST not in answer.text
        assert LAST not in answer.text
        assert await neighbourhood.others() == neighbourhood.before

    @pytest.mark.parametrize(
        ("method", "body"),
        [("PATCH", {"role": "admin"}), ("PATCH", {"is_active": False}), ("DELETE", None)],
    )
    async def test_are_not_touched_by_what_an_administrator_does_to_one(
        self, service: Service, method: str, body: Any
    ) -> None:
        neighbourhood = Neighbourhood(service)
        await neighbourhood.move_in()
        admin = await service.sign_up_admin()

        await neighbourhood.send(method, "/api/v1/users/{id}", body, headers=admin)

        assert await neighbourhood.others() == neighbourhood.before

    async def test_are_no_part_of_what_somebody_takes_along(self, service: Service) -> None:
        neighbourhood = Neighbourhood(service)
        await neighbourhood.move_in()

        archive = (await neighbourhood.send("GET", "/api/v1/users/me/export")).json()

        assert len(archive["sign_ins"]) == 1
        [session] = archive["sessions"]
        assert session["session_id"] == neighbourhood.turn["session_id"]
        assert len(session["messages"]) == 2

    async def test_are_not_touched_when_somebody_signs_in(self, service: Service) -> None:
        neighbourhood = Neighbourhood(service)
        await neighbourhood.move_in()

        await neighbourhood.person.login()

        assert await neighbourhood.others() == neighbourhood.before

    @pytest.mark.parametrize(("owner", "sign_in"), [(FIRST, LAST), (LAST, FIRST)])
    async def test_cannot_use_each_other_s_sign_ins(
        self, service: Service, owner: str, sign_in: str
    ) -> None:
        neighbourhood = Neighbourhood(service)
        await neighbourhood.move_in()
        minter, claims = TokenService(SECRET), Claims(owner, sign_in, version=0)
        access = {"Authorization": f"Bearer {minter.create_access_token(claims)}"}
        refresh = minter.create(TokenType.REFRESH, claims, lifetime=timedelta(minutes=1)).text

        refused = [
            await service.client.get("/api/v1/users/me", headers=access),
            await service.client.post("/api/v1/users/refresh", json={"refresh_token": refresh}),
        ]

        assert [answer.status_code for answer in refused] == [401, 401]
        assert await neighbourhood.others() == neighbourhood.before
