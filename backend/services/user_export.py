"""Everything of a person as one file."""

from collections.abc import AsyncIterator
from typing import cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from backend.database import Database
from backend.models.user import SignIn, User
from backend.schemas.user import SignInRead, UserRead
from backend.services.session_export import SessionExport

_sign_ins = cast(Table, SignIn.__table__).c


class UserExport:
    """Hands people what is stored about them, piece by piece."""

    def __init__(self, database: Database, session_export: SessionExport) -> None:
        self.database = database
        self.session_export = session_export

    async def write(self, user: User) -> AsyncIterator[str]:
        """The pieces of a JSON object: profile, sign-ins, and sessions with their messages."""
        yield '{"profile":' + UserRead.model_validate(user).model_dump_json()
        sign_ins = await self.database.read(lambda db: _read_sign_ins(db, user.id))
        yield ',\n"sign_ins":' + f"[{','.join(sign_ins)}]" + ',\n"sessions":'
        async for piece in self.session_export.write_all(user.id):
            yield piece
        yield "}\n"


def _read_sign_ins(db: Session, user_id: str) -> list[str]:
    moments = (_sign_ins.created_at, _sign_ins.used_at, _sign_ins.expires_at)
    query = select(*moments).where(_sign_ins.user_id == user_id).order_by(_sign_ins.created_at)
    rows = db.execute(query)
    return [SignInRead.model_validate(dict(row._mapping)).model_dump_json() for row in rows]
