"""Tests of `backend/api/docs.py`: the pages work without a network, in a real browser too."""

import base64
import hashlib
import re
from pathlib import Path

import httpx
import pytest

from tests.browser import needs_chromium, open_browser
from tests.processes import serve
from tests.service import Service


class TestPages:
    @pytest.mark.parametrize("path", ["/docs", "/docs/", "/redoc", "/redoc/"])
    async def test_load_nothing_from_elsewhere_and_run_only_their_own_scripts(
        self, offline_service: Service, path: str
    ) -> None:
        page = await offline_service.client.get(path)

        policy = page.headers["content-security-policy"]
        assert page.status_code == 200
        assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", page.text)
        assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]
        for script in re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy
        for file in re.findall(r"(?:src|href)=[\"'](/[^\"']+)", page.text):
            assert (await offline_service.client.get(file)).status_code == 200, file

    @pytest.mark.parametrize(
        "path", ["/docs/files/../docs.py", "/docs/files/%2e%2e/__init__.py", "/docs/files/none.js"]
    )
    async def test_serve_their_files_and_no_others(
        self, offline_service: Service, path: str
    ) -> None:
        assert (await offline_service.client.get(path)).status_code == 404


@needs_chromium
@pytest.mark.slow
class TestInABrowser:
    async def test_show_every_operation_and_ask_nobody_else(
        self, database_url: str, tmp_path: Path
    ) -> None:
        with serve(DATABASE_URL=database_url) as server:
            async with open_browser(tmp_path / "profile") as page:
                await page.open(f"{server.url}/docs")
                count = count_operations(server.url)
                await page.wait_until(f"document.querySelectorAll('.opblock').length === {count}")
                await page.evaluate("document.querySelector('.btn.authorize').click()")
                await page.wait_until("document.querySelector('.dialog-ux .auth-container')")
                swagger_ui = (list(page.complaints), list(page.requests))

                await page.open(f"{server.url}/redoc")
                await page.wait_until(
                    f"document.querySelectorAll('[data-section-id^=\"tag/\"] h2').length >= {count}"
                )
                redoc = (list(page.complaints), list(page.requests))

            for complaints, requests in (swagger_ui, redoc):
                assert complaints == []
                assert requests
                elsewhere = [
                    url for url in requests if not url.startswith((server.url, "data:", "blob:"))
                ]
                assert elsewhere == []


def count_operations(url: str) -> int:
    """How many operations the document of a running service holds."""
    paths = httpx.get(f"{url}/openapi.json").json()["paths"]
    return sum(len(operations) for operations in paths.values())
