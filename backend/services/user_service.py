"""People: who a token speaks for."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.auth import TokenService
from backend.core.errors import NotAuthenticated
from backend.database import Database
from backend.models.user import User


class UserService:
    """Finds the person behind a token."""

    def __init__(self, database: Database, token_service: TokenService) -> None:
        self.database = database
        self.token_service = token_service

    async def authenticate(self, token: str) -> User:
        """The active user that `token` speaks for.

        Raises:
            NotAuthenticated: the token is bad, or its user is gone or deactivated.
        """
        user_id = self.token_service.read_access_token(token)

        def find(db: Session) -> User | None:
            return db.scalar(select(User).where(User.id == user_id, User.is_active))

        user = await self.database.read(find)
        if user is None:
            raise NotAuthenticated
        return user
