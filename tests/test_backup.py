"""Backups: made while turns run, restored, and compared with what they were made of."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from backend.__main__ import main
from backend.backup import BackupFailed, back_up, restore
from backend.database import Base, build_engine
from tests.databases import copy_sqlite, migrated_postgres, on_every_database
from tests.fakes.gemini_server import FakeGemini
from tests.service import Service, make_settings, run_service

Content = dict[str, list[dict[str, Any]]]


def content_of(engine: Engine) -> Content:
    """All rows of all tables, in the order of their keys."""
    with engine.connect() as connection:
        return {
            name: [
                dict(row._mapping)
                for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for name, table in Base.metadata.tables.items()
        }


def leftovers_in(folder: Path) -> list[Path]:
    return list(folder.glob(".backup-*"))


def engine_of(url: str) -> Engine:
    return build_engine(make_settings(DATABASE_URL=url))


@pytest.fixture
def other_url(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path, sqlite_template: Path
) -> Iterator[str]:
    """Another fresh database of the same kind."""
    if database_url.startswith("sqlite"):
        folder = tmp_path / "other"
        folder.mkdir()
        yield copy_sqlite(sqlite_template, folder)
        return
    with migrated_postgres() as url:
        yield url


async def ask_and_back_up(service: Service, file: Path) -> tuple[set[int], set[int]]:
    """Ask over and over and make a backup meanwhile.

    Gives the answers that were acknowledged before it began, and all at the end.
    """
    acknowledged: set[int] = set()
    enough = asyncio.Event()

    async def ask_on() -> None:
        session_id = None
        while not enough.is_set():
            answer = await service.ask("Tuition?", session_id=session_id)
            acknowledged.add(answer["message_id"])
            session_id = answer["session_id"]

    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(ask_on())
        while len(acknowledged) < 30:  # noqa: ASYNC110 - answers come one by one
            await asyncio.sleep(0.01)
        before = set(acknowledged)
        await asyncio.to_thread(back_up, service.database.engine, file)
        enough.set()
    return before, acknowledged


@on_every_database
class TestBackup:
    @pytest.mark.slow
    async def test_made_while_turns_run_holds_all_that_was_acknowledged(
        self, service: Service, tmp_path: Path, other_url: str
    ) -> None:
        file = tmp_path / "backup"
        before, in_the_end = await ask_and_back_up(service, file)
        other = engine_of(other_url)
        restore(other, file, replace=False)
        restored, original = content_of(other), content_of(service.database.engine)
        other.dispose()

        kept = {row["id"] for row in restored["chat_messages"]}
        assert before <= kept
        assert len(original["chat_messages"]) >= 2 * len(in_the_end)
        rows = {row["id"]: row for row in original["chat_messages"]}
        answered = [row for row in restored["chat_messages"] if row["id"] in before]
        assert [row for row in answered if row != rows[row["id"]]] == []
        assert {row["session_id"] for row in restored["chat_messages"]} <= {
            row["id"] for row in restored["chat_sessions"]
        }

    async def test_restored_is_the_same_in_every_row_and_serves(
        self, database_url: str, tmp_path: Path, other_url: str, fake_gemini: FakeGemini
    ) -> None:
        file = tmp_path / "backup"
        async with run_service(make_settings(DATABASE_URL=database_url)) as service:
            await service.sign_up("somchai@au.edu")
            answer = await service.ask("ค่าเทอม 学费 ကျောင်းလခ 🎓?")
            history = await service.history(answer["session_id"])
        one, other = engine_of(database_url), engine_of(other_url)
        back_up(one, file)
        restore(other, file, replace=False)
        same = content_of(one) == content_of(other)
        one.dispose()
        other.dispose()

        assert same
        async with run_service(make_settings(DATABASE_URL=other_url)) as service:
            assert await service.history(answer["session_id"]) == history
            again = await service.ask("And the MBA?", session_id=answer["session_id"])
            assert again["session_id"] == answer["session_id"]

    async def test_replaces_what_is_there_only_when_told_to(
        self, service: Service, tmp_path: Path
    ) -> None:
        file = tmp_path / "backup"
        engine = service.database.engine
        first = await service.ask("Tuition?")
        back_up(engine, file)
        then = content_of(engine)
        later = await service.ask("And the MBA?")

        with pytest.raises(BackupFailed, match="--replace"):
            restore(engine, file, replace=False)
        assert len(content_of(engine)["chat_sessions"]) == 2
        await asyncio.to_thread(restore, engine, file, replace=True)

        now = content_of(engine)
        assert now["chat_sessions"] == then["chat_sessions"]
        assert now["chat_messages"] == then["chat_messages"]
        assert await service.history(first["session_id"])
        gone = await service.client.get(f"/api/v1/chat/{later['session_id']}/history")
        assert gone.status_code == 404
        await service.ask("Who founded it?", session_id=first["session_id"])

    @pytest.mark.parametrize("damage", ["empty", "cut", "letter"])
    async def test_that_is_damaged_changes_nothing(
        self, service: Service, tmp_path: Path, damage: str
    ) -> None:
        file, bad = tmp_path / "backup", tmp_path / "bad"
        engine = service.database.engine
        await service.ask("Tuition?")
        back_up(engine, file)
        whole = file.read_bytes()
        bad.write_bytes({"empty": b"", "cut": whole[: len(whole) // 2], "letter": b"Hi"}[damage])
        now = content_of(engine)

        with pytest.raises(BackupFailed):
            restore(engine, bad, replace=True)
        assert content_of(engine) == now

    async def test_overwrites_no_file(self, service: Service, tmp_path: Path) -> None:
        file = tmp_path / "backup"
        file.write_text("precious")

        with pytest.raises(BackupFailed, match="there already"):
            back_up(service.database.engine, file)

        assert file.read_text() == "precious"

    async def test_that_does_not_fit_leaves_nothing(self, service: Service, tmp_path: Path) -> None:
        """A name that is too long is found last, when all has been written beside it."""
        with pytest.raises(BackupFailed, match="File name too long"):
            back_up(service.database.engine, tmp_path / ("b" * 300))

        assert not leftovers_in(tmp_path)

    async def test_is_its_owner_s_alone(self, service: Service, tmp_path: Path) -> None:
        back_up(service.database.engine, tmp_path / "backup")

        assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600
        assert not leftovers_in(tmp_path)


class TestCommands:
    def test_tell_what_is_wrong_in_one_line(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        engine = engine_of(f"sqlite:///{tmp_path / 'none.db'}")
        monkeypatch.setattr("backend.commands.engine", engine)

        assert main(["backup", str(tmp_path / "b")]) == 1
        assert main(["restore", str(tmp_path / "b")]) == 1

        first, second = capsys.readouterr().err.splitlines()
        assert first == f"DATABASE_URL: there is no file {tmp_path / 'none.db'}"
        assert second == f"There is no file {tmp_path / 'b'}."

    async def test_back_up_what_the_service_deleted_without_its_words(
        self, service: Service, tmp_path: Path
    ) -> None:
        word = "a-word-that-was-erased"
        session_id = (await service.ask(word))["session_id"]
        await service.client.delete(f"/api/v1/chat/{session_id}")
        back_up(service.database.engine, tmp_path / "backup")

        assert word.encode() not in (tmp_path / "backup").read_bytes()
