"""Tests of `backend/__main__.py`."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from backend.__main__ import main
from tests.fakes.gemini_server import FakeGemini
from tests.processes import ROOT, free_port


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backend", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "LOG_LEVEL": "ERROR", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class TestCommands:
    @pytest.mark.parametrize(
        "arguments", [[], ["serve"], ["migrate"], ["ask"], ["knowledge"], ["knowledge", "eval"]]
    )
    def test_each_tells_how_it_is_used(
        self, arguments: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as end:
            main([*arguments, "--help"])

        assert end.value.code == 0
        assert "usage: python -m backend" in capsys.readouterr().out

    @pytest.mark.parametrize(
        "arguments", [["serve", "--port", "70000"], ["serve", "--workers", "0"], ["fly"], []]
    )
    def test_a_wrong_call_is_refused(self, arguments: list[str]) -> None:
        with pytest.raises(SystemExit) as end:
            main(arguments)

        assert end.value.code == 2

    @pytest.mark.parametrize("workers", ["1", "2"])
    @pytest.mark.slow
    def test_a_port_in_use_ends_it_with_a_word(self, tmp_path: Path, workers: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            url = f"sqlite:///{tmp_path / 'x.db'}"
            done = run("serve", "--port", port, "--workers", workers, DATABASE_URL=url)

        assert done.returncode != 0
        assert done.stderr == f"Cannot start: 127.0.0.1 port {port}: Address already in use\n"

    @pytest.mark.parametrize(
        ("file", "workers", "fault"),
        [
            ("missing/x.db", "2", "there is no folder {folder}/missing"),
            ("", "1", "{folder} is a folder"),
            ("letter.db", "1", "{folder}/letter.db is no SQLite database"),
        ],
    )
    @pytest.mark.slow
    def test_a_file_that_will_never_be_a_database_ends_it_with_a_word(
        self, tmp_path: Path, file: str, workers: str, fault: str
    ) -> None:
        (tmp_path / "letter.db").write_text("Dear university, how much is the MBA?")
        url = f"sqlite:///{tmp_path / file}"

        done = run("serve", "--port", str(free_port()), "--workers", workers, DATABASE_URL=url)

        assert done.returncode == 1
        assert done.stderr == f"Cannot start: DATABASE_URL: {fault.format(folder=tmp_path)}\n"

    @pytest.mark.parametrize("workers", ["1", "2"])
    @pytest.mark.slow
    def test_a_bad_setting_ends_it_with_a_word(self, tmp_path: Path, workers: str) -> None:
        done = run("serve", "--port", str(free_port()), "--workers", workers, LOG_FORMAT="xml")

        assert done.returncode == 1
        assert done.stderr.startswith("Cannot start: LOG_FORMAT: ")
        assert done.stderr.count("\n") == 1

    def test_ask_answers_without_a_server(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["ask", "ค่าเทอมปริญญาตรีเท่าไหร่"]) == 0

        assert "112,000" in capsys.readouterr().out

    def test_the_shipped_knowledge_is_sound(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["knowledge", "check"]) == 0

    def test_broken_knowledge_is_told_with_its_place(self, tmp_path: Path) -> None:
        (tmp_path / "au_contacts.json").write_text('{"campuses": [\n')

        done = run("knowledge", "check", KNOWLEDGE_DIR=str(tmp_path))

        assert done.returncode == 1
        assert "au_contacts.json" in done.stdout

    def test_eval_tells_what_is_found_and_what_is_missed(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        questions = tmp_path / "questions.jsonl"
        asked = {"id": "q1", "lang": "en", "question": "How much is the MBA?", "history": []}
        wanted = {"must_include": ["500000", "7,654,321"], "must_paths": [], "off_topic": False}
        questions.write_text(json.dumps(asked | wanted))

        assert main(["knowledge", "eval", str(questions), "--budget", "200"]) == 0

        report = capsys.readouterr().out
        assert "0/1" in report
        assert "missing: 7,654,321" in report

    @pytest.mark.slow
    def test_eval_uses_vectors_when_they_are_chosen(
        self, tmp_path: Path, fake_gemini: FakeGemini
    ) -> None:
        questions = tmp_path / "questions.jsonl"
        questions.write_text(json.dumps({"id": "q1", "lang": "en", "question": "MBA fees?"}))

        done = run(
            *("knowledge", "eval", str(questions)),
            DATABASE_URL=f"sqlite:///{tmp_path / 'not_migrated.db'}",
            GEMINI_API_KEY="k",
            GEMINI_BASE_URL=fake_gemini.base_url,
            EMBEDDER="gemini",
        )

        assert done.returncode == 0, done.stderr
        assert "Questions with a vector: 1 of 1" in done.stdout

    def test_eval_of_no_file_is_told(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["knowledge", "eval", str(tmp_path / "none.jsonl")]) == 2

        assert "cannot be read" in capsys.readouterr().out

    @pytest.mark.slow
    def test_migrate_makes_the_schema_and_takes_it_away(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path / 'x.db'}"

        assert run("migrate", DATABASE_URL=url).returncode == 0
        assert run("migrate", "base", DATABASE_URL=url).returncode == 0
        assert (tmp_path / "x.db").exists()
