"""Tests of `backend/admin_command.py`."""

import asyncio
import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from backend.admin_command import BadInput, create_admin
from backend.config import Settings
from tests.api.people import EMAIL, OTHER_PASSWORD, PASSWORD, Visitor
from tests.databases import on_every_database
from tests.processes import ROOT
from tests.service import Service, make_settings, run_service


def run(
    *arguments: str, password: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backend", "create-admin", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "LOG_LEVEL": "ERROR", **environment},
        input=password,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def role_of(service: Service, password: str) -> str:
    person = Visitor(service, password=password)
    return str((await person.send("GET", "/me", await person.login())).json()["role"])


class TestCreateAdmin:
    @pytest.mark.slow
    async def test_makes_the_first_one_in_a_new_database(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path / 'new.db'}"

        done = run("Somchai@AU.edu", password=f"{PASSWORD}\n", DATABASE_URL=url)

        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"{EMAIL} is an administrator now.\n"
        async with run_service(make_settings(DATABASE_URL=url)) as service:
            assert await role_of(service, PASSWORD) == "admin"

    @on_every_database
    async def test_promotes_an_account_that_keeps_its_password(
        self, service: Service, database_url: str
    ) -> None:
        person = Visitor(service)
        tokens = await person.join()
        config = make_settings(DATABASE_URL=database_url)

        await _in_thread(config, "")

        assert await role_of(service, PASSWORD) == "admin"
        assert await person.is_in(tokens)

    @on_every_database
    async def test_a_given_password_puts_out_whoever_took_the_address_before(
        self, service: Service, database_url: str
    ) -> None:
        stranger = Visitor(service)
        tokens = await stranger.join()
        config = make_settings(DATABASE_URL=database_url)

        await _in_thread(config, OTHER_PASSWORD)

        assert not await stranger.is_in(tokens)
        assert (await stranger.try_login()).status_code == 401
        assert await role_of(service, OTHER_PASSWORD) == "admin"

    @pytest.mark.parametrize(
        ("email", "password", "words"),
        [
            ("somchai", PASSWORD, "is not an e-mail address"),
            (EMAIL, "short", "must be 8 to 128 characters long"),
            (EMAIL, "password123", "guessed first"),
            (EMAIL, "", "a password is needed"),
            (EMAIL, "a\0bcdefghij", "NUL"),
        ],
    )
    def test_tells_in_one_line_what_cannot_be_used(
        self, database_url: str, email: str, password: str, words: str
    ) -> None:
        config = make_settings(DATABASE_URL=database_url)

        with pytest.raises(BadInput, match=words) as failure:
            create_admin(config, email, answers=io.StringIO(password))

        assert "\n" not in str(failure.value)

    @pytest.mark.slow
    def test_a_database_that_cannot_be_used_is_told_in_one_line(self) -> None:
        done = run(EMAIL, ADMIN_PASSWORD=PASSWORD, DATABASE_URL="sqlite:////nowhere/x.db")

        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1

    @pytest.mark.slow
    def test_a_terminal_is_asked_twice_and_shows_nothing(self, database_url: str) -> None:
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "backend", "create-admin", EMAIL],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "DATABASE_URL": database_url},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        shown = _read_until(master, b"exists): ")
        for prompt in (b"more: ", b"now."):
            os.write(master, f"{PASSWORD}\n".encode())
            shown += _read_until(master, prompt)

        assert process.wait(30) == 0
        os.close(master)
        assert PASSWORD.encode() not in shown


def _read_until(descriptor: int, words: bytes) -> bytes:
    shown = b""
    while words not in shown:
        shown += os.read(descriptor, 1_024)
    return shown


async def _in_thread(config: Settings, password: str) -> None:
    await asyncio.to_thread(create_admin, config, EMAIL, answers=io.StringIO(password))
