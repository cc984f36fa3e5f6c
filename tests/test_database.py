"""Tests of `backend/database.py` and of the migrations."""

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import delete, insert, inspect, select, text
from sqlalchemy.orm import Session

from backend.core.errors import DatabaseUnavailable
from backend.database import Database, build_engine, get_db
from backend.migration import migrate, migrate_if_behind
from backend.models import Base, ChatMessage, ChatSession, MessageRole, User
from tests.databases import on_every_database
from tests.service import make_settings


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database with its lanes."""
    made = Database(build_engine(make_settings(DATABASE_URL=database_url)))
    yield made
    made.dispose()


def add_user(db: Session, *, email: str = "a@au.edu") -> None:
    db.execute(insert(User).values(id="u1", email=email, password_hash="!"))


@on_every_database
class TestDatabase:
    async def test_times_come_back_aware_and_exact(self, database: Database) -> None:
        moment = datetime(2026, 11, 22, 10, 30, 0, 123_456, tzinfo=UTC)

        def store(db: Session) -> None:
            db.execute(insert(ChatSession).values(id="s1", created_at=moment, updated_at=moment))

        await database.write(store)

        stored = await database.read(lambda db: db.scalar(select(ChatSession.created_at)))
        assert stored == moment
        assert stored is not None
        assert stored.tzinfo is UTC

    async def test_a_failed_change_leaves_nothing(self, database: Database) -> None:
        def fail(db: Session) -> None:
            add_user(db)
            raise ValueError("after the insert")

        with pytest.raises(ValueError, match="after the insert"):
            await database.write(fail)

        assert await database.read(lambda db: db.scalars(select(User.id)).all()) == []

    async def test_a_statement_alone_is_committed_on_postgresql_and_left_to_others_on_sqlite(
        self, database: Database
    ) -> None:
        user = insert(User).values(id="u1", email="a@au.edu", password_hash="!")
        committing = database.engine.dialect.name == "postgresql"

        done = await database.write_alone(lambda db: db.execute(user) is not None)

        assert done is committing
        stored = await database.read(lambda db: db.scalars(select(User.id)).all())
        assert stored == (["u1"] if committing else [])

    async def test_a_session_takes_its_messages_along_and_a_user_the_sessions(
        self, database: Database
    ) -> None:
        def store(db: Session) -> None:
            add_user(db)
            db.execute(insert(ChatSession).values(id="s1", user_id="u1"))
            db.execute(
                insert(ChatMessage).values(session_id="s1", role=MessageRole.USER, content="Hi")
            )

        await database.write(store)
        await database.write(lambda db: db.execute(delete(User)).close())

        def count(db: Session) -> list[str]:
            return [
                str(row)
                for table in (ChatSession, ChatMessage)
                for row in db.scalars(select(table.id))
            ]

        assert await database.read(count) == []

    async def test_many_writes_at_once_are_all_stored(self, database: Database) -> None:
        def store(db: Session, number: int) -> None:
            db.execute(insert(ChatSession).values(id=f"s{number}"))

        await asyncio.gather(
            *(database.write(partial(store, number=number)) for number in range(50))
        )

        ids = await database.read(lambda db: db.scalars(select(ChatSession.id)).all())
        assert len(ids) == 50

    async def test_naive_times_are_refused(self, database: Database) -> None:
        def store(db: Session) -> None:
            db.execute(insert(ChatSession).values(id="s1", created_at=datetime(2026, 1, 1)))  # noqa: DTZ001

        with pytest.raises(Exception, match="naive"):
            await database.write(store)


class TestSqlite:
    async def test_what_is_acknowledged_is_on_disk(self, database: Database) -> None:
        def read(db: Session) -> list[object]:
            names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
            return [db.scalar(text(f"PRAGMA {name}")) for name in names]

        assert await database.read(read) == ["wal", 2, 1, 1]

    async def test_a_database_that_another_process_locks_is_told_apart(
        self, database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        # The file's own patience is 5 s; one connection with less shows the same failure.
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=20")

        with pytest.raises(DatabaseUnavailable) as failure:
            await database.write(add_user)

        assert failure.value.retry_after == 1
        other.execute("ROLLBACK")
        other.close()
        await database.write(add_user)

    async def test_a_file_that_is_no_database_is_told_apart(self, tmp_path: Path) -> None:
        file = tmp_path / "broken.db"
        file.write_bytes(b"not a database at all" * 100)
        broken = Database(build_engine(make_settings(DATABASE_URL=f"sqlite:///{file}")))

        with pytest.raises(DatabaseUnavailable):
            await broken.read(lambda db: db.scalar(select(User.id)))
        broken.dispose()

    async def test_a_file_that_was_deleted_takes_nothing_more(
        self, database: Database, database_url: str
    ) -> None:
        await database.write(add_user)
        file = Path(database_url.removeprefix("sqlite:///"))
        await asyncio.to_thread(file.unlink)

        for work in (database.write, database.read):
            with pytest.raises(DatabaseUnavailable):
                await work(lambda db: db.scalar(select(User.id)))

    async def test_a_file_that_was_replaced_is_opened_anew(
        self, database: Database, database_url: str, tmp_path: Path
    ) -> None:
        file = Path(database_url.removeprefix("sqlite:///"))
        backup = tmp_path / "backup.db"
        await database.write(add_user)
        with sqlite3.connect(file) as source, sqlite3.connect(backup) as target:
            source.backup(target)
        await database.write(lambda db: db.execute(delete(User)).close())

        for leftover in (file.with_name("test.db-wal"), file.with_name("test.db-shm")):
            leftover.unlink()
        backup.rename(file)

        assert await database.read(lambda db: db.scalars(select(User.id)).all()) == ["u1"]

    def test_get_db_gives_a_session_for_reading(self) -> None:
        sessions = get_db()
        db = next(sessions)

        assert db.scalar(text("SELECT 1")) == 1
        with pytest.raises(StopIteration):
            next(sessions)


@on_every_database
class TestMigrations:
    def test_go_down_to_nothing_and_up_again(self, database_url: str) -> None:
        engine = build_engine(make_settings(DATABASE_URL=database_url))

        migrate(engine, "base")
        assert set(inspect(engine).get_table_names()) == {"alembic_version"}
        migrate_if_behind(engine)

        assert set(inspect(engine).get_table_names()) == {
            "alembic_version",
            *Base.metadata.tables,
        }
        engine.dispose()

    def test_keep_the_accounts_that_are_there(self, database_url: str) -> None:
        engine = build_engine(make_settings(DATABASE_URL=database_url))
        migrate(engine, "base")
        migrate(engine, "0005")
        old = (
            "INSERT INTO users (id, email, password_hash, role, is_active, created_at, updated_at)"
            " VALUES ('u1', 'a@au.edu', '!', 'admin', TRUE, '2026-01-01', '2026-01-01')"
        )
        with engine.begin() as connection:
            connection.execute(text(old))

        migrate(engine)

        with engine.connect() as connection:
            kept = connection.execute(select(User.id, User.role, User.token_version)).one()
        assert (kept.id, kept.role, kept.token_version) == ("u1", "admin", 0)
        engine.dispose()

    def test_leave_connections_on_which_what_is_deleted_takes_its_parts_along(
        self, database_url: str
    ) -> None:
        engine = build_engine(make_settings(DATABASE_URL=database_url))
        migrate(engine, "base")
        migrate(engine)

        with engine.begin() as db:
            db.execute(insert(ChatSession).values(id="s1"))
            said = {"session_id": "s1", "role": MessageRole.USER, "content": "Hi"}
            db.execute(insert(ChatMessage).values(**said))
            db.execute(delete(ChatSession))
            left = db.scalars(select(ChatMessage.id)).all()

        assert left == []
        engine.dispose()

    def test_erase_what_earlier_deletions_left_behind(self, database_url: str) -> None:
        if not database_url.startswith("sqlite"):
            pytest.skip("PostgreSQL always kept them together")
        file = database_url.removeprefix("sqlite:///")
        engine = build_engine(make_settings(DATABASE_URL=database_url))
        migrate(engine, "base")
        migrate(engine, "0008")
        with engine.begin() as db:
            db.execute(insert(User).values(id="u1", email="a@au.edu", password_hash="!"))
            for id_, user_id in (("s1", "u1"), ("s2", "u1"), ("s3", None)):
                db.execute(insert(ChatSession).values(id=id_, user_id=user_id))
                said = {"session_id": id_, "role": MessageRole.USER, "content": "Hi"}
                db.execute(insert(ChatMessage).values(**said))
        with sqlite3.connect(file) as careless:
            careless.execute("DELETE FROM users")
            careless.execute("DELETE FROM chat_sessions WHERE id = 's1'")
        careless.close()

        migrate(engine)

        with engine.connect() as db:
            assert db.scalars(select(ChatSession.id)).all() == ["s3"]
            assert db.scalars(select(ChatMessage.session_id)).all() == ["s3"]
        engine.dispose()

    def test_make_exactly_the_models(self, database_url: str) -> None:
        engine = build_engine(make_settings(DATABASE_URL=database_url))
        config = Config(Path(__file__).resolve().parent.parent / "alembic.ini")
        config.attributes["engine"] = engine

        command.check(config)

        engine.dispose()
