"""Tests of `backend/api/page.py`: the built page, its files, and what they may do."""

import base64
import gzip
import hashlib
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.service import PAGE, Service, make_settings, run_service

ASSET = "_next/static/app-1a2b.js"


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A built page that a test may change."""
    folder = tmp_path / "out"
    shutil.copytree(PAGE, folder)
    return folder


@asynccontextmanager
async def serving(database_url: str, folder: Path, **values: Any) -> AsyncIterator[Service]:
    config = make_settings(DATABASE_URL=database_url, FRONTEND_DIR=folder, **values)
    async with run_service(config) as service:
        yield service


def hash_of(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def part(policy: str, name: str) -> str:
    """One directive of a content security policy."""
    found = [each for each in policy.split("; ") if each.startswith(f"{name} ")]
    assert len(found) == 1, policy
    return found[0]


class TestFiles:
    @pytest.mark.parametrize(
        ("path", "status", "media_type", "kept"),
        [
            ("/ui", 200, "text/html; charset=utf-8", "no-cache"),
            ("/ui/", 200, "text/html; charset=utf-8", "no-cache"),
            ("/ui/embed/?lang=th", 200, "text/html; charset=utf-8", "no-cache"),
            ("/ui/reset-password", 200, "text/html; charset=utf-8", "no-cache"),
            ("/ui/reset-password/?token=x", 200, "text/html; charset=utf-8", "no-cache"),
            (f"/ui/{ASSET}", 200, "text/javascript; charset=utf-8", "immutable"),
            ("/widget.js", 200, "text/javascript; charset=utf-8", "max-age=600"),
            ("/ui/nothing", 404, "text/html; charset=utf-8", "no-cache"),
            ("/ui/_next/static", 404, "text/html; charset=utf-8", "no-cache"),
        ],
    )
    async def test_come_as_what_they_are_and_say_how_long_to_keep_them(
        self, offline_service: Service, path: str, status: int, media_type: str, kept: str
    ) -> None:
        answer = await offline_service.client.get(path)

        assert (answer.status_code, answer.headers["content-type"]) == (status, media_type)
        assert kept in answer.headers["cache-control"]

    @pytest.mark.parametrize("path", ["/ui/", "/ui/embed/", f"/ui/{ASSET}", "/widget.js"])
    async def test_are_not_sent_again_while_they_are_the_same(
        self, offline_service: Service, path: str
    ) -> None:
        first = await offline_service.client.get(path)
        again = await offline_service.client.get(
            path, headers={"If-None-Match": first.headers["etag"]}
        )

        assert (again.status_code, again.content) == (304, b"")
        for name in ("cache-control", "content-security-policy", "x-frame-options", "vary"):
            assert again.headers[name] == first.headers[name]

    @pytest.mark.parametrize("path", ["/ui", "/ui/", f"/ui/{ASSET}", "/widget.js"])
    async def test_answer_head_and_refuse_to_be_written(
        self, offline_service: Service, path: str
    ) -> None:
        head = await offline_service.client.head(path)
        posted = await offline_service.client.post(path)

        assert (head.status_code, head.content) == (200, b"")
        assert posted.status_code == 405
        assert posted.headers["allow"] == "GET"
        assert posted.json()["code"] == "method_not_allowed"

    @pytest.mark.parametrize(
        "path",
        [
            "/ui/../secret.html",
            "/ui/%2e%2e/secret.html",
            "/ui/..%2fsecret.html",
            "/ui/%2e%2e%5csecret.html",
            "/ui/reset-password/../../secret.html",
            "/ui//secret.html",
            "/ui/link.html",
            "/ui/notes.py",
            "/ui/.env",
            "/ui/%00",
            "/ui/" + "a" * 5_000,
            "/ui/index.html/more",
        ],
    )
    async def test_are_those_of_the_build_and_no_others(
        self, database_url: str, build: Path, path: str
    ) -> None:
        secret = build.parent / "secret.html"
        secret.write_text("a secret")
        (build / "link.html").symlink_to(secret)
        (build / "notes.py").write_text("a secret")
        (build / ".env").write_text("a secret")
        async with serving(database_url, build) as service:
            answer = await service.client.get(path)

        assert answer.status_code == 404
        assert "a secret" not in answer.text

    @pytest.mark.parametrize(
        ("accepted", "encoding"),
        [
            ("gzip, deflate, br", "br"),
            ("gzip", "gzip"),
            ("br;q=0, gzip;q=0.5", "gzip"),
            ("identity", None),
            ("", None),
        ],
    )
    async def test_come_compressed_to_who_takes_it(
        self, database_url: str, build: Path, accepted: str, encoding: str | None
    ) -> None:
        script = (build / ASSET).read_bytes()
        (build / f"{ASSET}.gz").write_bytes(gzip.compress(script))
        (build / f"{ASSET}.br").write_bytes(b"as brotli")
        async with (
            serving(database_url, build) as service,
            service.client.stream(
                "GET", f"/ui/{ASSET}", headers={"Accept-Encoding": accepted}
            ) as answer,
        ):
            body = b"".join([piece async for piece in answer.aiter_raw()])

        assert answer.headers.get("content-encoding") == encoding
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert "Accept-Encoding" in answer.headers["vary"]
        plain = {"br": b"as brotli", "gzip": gzip.compress(script), None: script}
        assert len(body) == len(plain[encoding])

    async def test_compressed_before_the_last_change_are_left_aside(
        self, database_url: str, build: Path
    ) -> None:
        (build / f"{ASSET}.br").write_bytes(b"as brotli")
        os.utime(build / f"{ASSET}.br", (1, 1))
        async with serving(database_url, build) as service:
            answer = await service.client.get(f"/ui/{ASSET}", headers={"Accept-Encoding": "br"})

        assert "content-encoding" not in answer.headers


class TestPolicy:
    async def test_names_the_scripts_of_the_page_and_lets_nothing_else_run(
        self, offline_service: Service
    ) -> None:
        policy = (await offline_service.client.get("/ui/")).headers["content-security-policy"]

        scripts = part(policy, "script-src").split()[1:]
        assert scripts == [
            "'self'",
            hash_of('document.documentElement.classList.add("dark")'),
            hash_of('{"a": 1}'),
        ]
        assert part(policy, "default-src") == "default-src 'none'"
        assert part(policy, "connect-src") == "connect-src 'self'"
        assert "http" not in policy

    async def test_follows_a_page_that_is_built_anew(self, database_url: str, build: Path) -> None:
        async with serving(database_url, build) as service:
            await service.client.get("/ui/")
            (build / "index.html").write_text("<script>other()</script>")
            page = await service.client.get("/ui/")

        assert hash_of("other()") in page.headers["content-security-policy"]

    @pytest.mark.parametrize(
        ("values", "ancestors"),
        [
            ({}, "'self' http://localhost:3000"),
            ({"ALLOWED_ORIGINS": "https://a.au.edu"}, "'self' https://a.au.edu"),
            (
                {"FRAME_ANCESTORS": "https://*.au.edu, https://au.edu"},
                "'self' https://*.au.edu https://au.edu",
            ),
            ({"FRAME_ANCESTORS": "none"}, "'none'"),
        ],
    )
    async def test_the_settings_decide_who_may_frame_the_widgets_page_and_nobody_the_rest(
        self, database_url: str, values: dict[str, str], ancestors: str
    ) -> None:
        async with serving(database_url, PAGE, **values) as service:
            framed = await service.client.get("/ui/embed/")
            others = [
                await service.client.get(path)
                for path in ("/ui/", "/ui/reset-password", "/ui/nothing", "/docs")
            ]

        policy = framed.headers["content-security-policy"]
        assert part(policy, "frame-ancestors") == f"frame-ancestors {ancestors}"
        assert framed.headers["x-frame-options"] == (
            "DENY" if ancestors == "'none'" else "SAMEORIGIN"
        )
        for page in others:
            assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
            assert page.headers["x-frame-options"] == "DENY"


class TestBuild:
    @pytest.mark.parametrize("path", ["/ui", "/ui/", "/ui/reset-password", "/widget.js"])
    async def test_before_it_there_is_a_word_how_to_make_it(
        self, database_url: str, tmp_path: Path, path: str
    ) -> None:
        async with serving(database_url, tmp_path / "none") as service:
            answer = await service.client.get(path)

        assert answer.status_code == 404
        assert answer.json()["code"] == "page_not_built"
        assert "make ui" in answer.json()["detail"]

    async def test_the_running_service_shows_it_when_it_comes(
        self, database_url: str, tmp_path: Path
    ) -> None:
        async with serving(database_url, tmp_path / "out") as service:
            before = await service.client.get("/ui/")
            shutil.copytree(PAGE, tmp_path / "out")
            after = await service.client.get("/ui/")
            root = await service.client.get("/")

        assert (before.status_code, after.status_code) == (404, 200)
        assert root.json() == {"message": "AU-GURU API is running"}
