"""What people wrote, their passwords, tokens and addresses never reach a log, at any level."""

import logging
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import structlog
from sqlalchemy import create_engine, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from backend.core.log import configure_logging
from backend.models import User
from tests.databases import on_every_database
from tests.fakes.gemini_faults import whole
from tests.fakes.gemini_server import FakeGemini
from tests.processes import serve
from tests.service import Service

KINDS = [
    "message",
    "answer",
    "title",
    "comment",
    "q",
    "email",
    "password",
    "name",
    "token",
    "field",
    "id",
]
"""What people send, or are sent."""


def secret(kind: str) -> str:
    """A word that stands nowhere else."""
    return f"{kind}{uuid4().hex}"


@on_every_database
@pytest.mark.slow
class TestServer:
    """A server process with `LOG_LEVEL=DEBUG`, all that it writes to its terminal read."""

    async def test_tells_nothing_of_what_people_send(
        self, database_url: str, fake_gemini: FakeGemini, capfd: pytest.CaptureFixture[str]
    ) -> None:
        key, words = secret("k"), {kind: secret(kind) for kind in KINDS}
        fake_gemini.answer_with(words["answer"])
        with serve(
            DATABASE_URL=database_url,
            GEMINI_API_KEY=key,
            GEMINI_BASE_URL=fake_gemini.base_url,
            LOG_LEVEL="DEBUG",
            RATE_LIMIT_ENABLED="false",
            SMTP_URL="smtp://127.0.0.1:9",
            MAIL_FROM="guru@au.edu",
        ) as server:
            async with httpx.AsyncClient(
                base_url=f"{server.url}/api/v1", timeout=20, trust_env=False
            ) as client:
                account = await sign_up(client, words)
                client.headers["Authorization"] = f"Bearer {account['access_token']}"
                await chat(client, words)
                fake_gemini.always(whole(500, b"{}"))
                await client.post("/chat/", json={"message": words["message"]})
                gone = await client.request(
                    "DELETE", "/users/me", json={"password": words["password"]}
                )
                assert gone.is_success
            server.stop()
        captured = capfd.readouterr()
        written = captured.out + captured.err

        assert written
        tokens = (account["access_token"], account["refresh_token"])
        assert [word for word in (key, *words.values(), *tokens) if word in written] == []


async def sign_up(client: httpx.AsyncClient, words: dict[str, str]) -> dict[str, str]:
    """Register twice, sign in wrongly and rightly; gives the tokens."""
    email, password = f"{words['email']}@au.edu", words["password"]
    form = {"username": email, "password": password}
    account = {"email": email, "password": password, "full_name": words["name"]}
    for _ in range(2):
        await client.post("/users/register", json=account)
    await client.post("/users/login", data={**form, "password": f"x{password}"})
    await client.post("/users/password-reset", json={"email": email})
    tokens: dict[str, str] = (await client.post("/users/login", data=form)).json()
    return tokens


async def chat(client: httpx.AsyncClient, words: dict[str, str]) -> None:
    """Ask in all ways, rightly and wrongly, and do with the conversation what can be done."""
    message, title, q = words["message"], words["title"], words["q"]
    body = {"message": message, "client_message_id": words["id"]}
    told = (await client.post("/chat/", json=body)).json()
    assert told["response"] == words["answer"]
    url = f"/chat/{told['session_id']}"
    await client.post("/chat/stream", json={"message": message})
    await client.patch(url, json={"title": title})
    await client.patch(url, json={"title": title * 9, words["field"]: words["field"]})
    rating = {"rating": "up", "comment": words["comment"]}
    await client.put(f"{url}/messages/{told['message_id']}/feedback", json=rating)
    await client.get("/chat/", params={"q": q})
    await client.get("/knowledge/search", params={"q": q})
    await client.get("/chat/", headers={"Authorization": f"Bearer {words['token']}"})
    await client.get(f"{url}/export")
    await client.post("/chat/", content=f'{{"message": "{message}'.encode())


@on_every_database
class TestDatabaseErrors:
    """Drivers repeat rows and values in their words; the log gets none of them."""

    @pytest.fixture
    def logged(self, capfd: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
        level = logging.getLogger().level
        configure_logging("DEBUG", "json")
        yield capfd
        logging.getLogger().setLevel(level)

    async def test_are_told_without_the_row_that_failed(
        self, offline_service: Service, logged: pytest.CaptureFixture[str]
    ) -> None:
        email, name = secret("e"), secret("n")
        configure_logging("DEBUG", "json")

        def break_rules(db: Session) -> None:
            db.execute(insert(User).values(id=name, email=email, full_name=name))

        with pytest.raises(DBAPIError) as failure:
            await offline_service.database.write(break_rules)
        structlog.get_logger().error("failed", exc_info=failure.value)
        logging.getLogger("uvicorn.error").error("failed", exc_info=failure.value)

        written = "".join(logged.readouterr())
        assert "IntegrityError" in written
        assert "password_hash" in written
        assert email not in written
        assert name not in written

    async def test_rows_that_are_read_are_not_told_at_any_level(
        self, offline_service: Service, logged: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        email = f"{secret('e')}@au.edu"
        configure_logging("DEBUG", "json")
        await offline_service.sign_up(email)

        await offline_service.database.read(lambda db: db.scalars(select(User.email)).all())
        engine = create_engine(f"sqlite:///{tmp_path}/x.db")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"SELECT '{email}'").all()
        engine.dispose()

        assert email not in "".join(logged.readouterr())
