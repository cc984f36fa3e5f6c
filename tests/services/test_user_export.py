"""Tests of `backend/services/user_export.py`: a person's file."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from backend.database import Database
from backend.models import SignIn, User
from backend.services.session_export import SessionExport
from backend.services.user_export import UserExport
from tests.databases import on_every_database
from tests.services.turns import ME, THEY, Turns, add_people

START = datetime(2026, 11, 1, tzinfo=UTC)


@on_every_database
class TestWrite:
    @pytest.mark.parametrize("count", [0, 1, 2, 3])
    async def test_is_one_object_of_what_is_a_person_s(
        self, database: Database, turns: Turns, count: int
    ) -> None:
        await add_people(database)
        rows = [
            {
                "id": f"{owner}-{number}",
                "user_id": owner,
                "token_hash": "secret",
                # Not in the order in which they were stored.
                "created_at": START - timedelta(days=number),
                "used_at": START,
                "expires_at": START + timedelta(days=number),
            }
            for owner in (ME, THEY)
            for number in range(count)
        ]
        if rows:
            await database.write(lambda db: db.execute(insert(SignIn), rows).close())
        for number in range(count):
            await turns.ask(f"Question {number}", user_id=ME)
            await turns.ask("Theirs", user_id=THEY)
        me = await database.read(lambda db: db.scalars(select(User).where(User.id == ME)).one())

        export = UserExport(database, SessionExport(database))
        text = "".join([piece async for piece in export.write(me)])
        archive = json.loads(text)

        assert archive.keys() == {"profile", "sign_ins", "sessions"}
        assert (archive["profile"]["id"], archive["profile"]["email"]) == (ME, "me@au.edu")
        days = [datetime.fromisoformat(place["created_at"]) for place in archive["sign_ins"]]
        assert days == [START - timedelta(days=count - 1 - number) for number in range(count)]
        asked = sorted(session["messages"][0]["content"] for session in archive["sessions"])
        assert asked == [f"Question {number}" for number in range(count)]
        assert "secret" not in text
        assert "password" not in text
