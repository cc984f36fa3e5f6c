"""A real Chromium without a window, driven over its DevTools protocol."""

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from websockets.asyncio.client import ClientConnection, connect

CHROMIUM: Final = shutil.which("chromium") or shutil.which("google-chrome") or ""
needs_chromium = pytest.mark.skipif(
    not CHROMIUM, reason="chromium is not installed (Debian: apt-get install chromium)"
)
_START_SECONDS: Final = 90.0
"""Long: the machine may be doing much else."""


class Page:
    """A page, with what it asked the network for and what it complained of."""

    def __init__(self, line: ClientConnection) -> None:
        self._line = line
        self._number = 0
        self.requests: list[str] = []
        self.complaints: list[str] = []

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and wait for its result, noting what happens meanwhile."""
        self._number += 1
        await self._line.send(
            json.dumps({"id": self._number, "method": method, "params": parameters})
        )
        while True:
            message = json.loads(await self._line.recv())
            if message.get("id") == self._number:
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result
            self._note(message["method"], message["params"])

    async def evaluate(self, expression: str) -> bool:
        """Whether JavaScript finds this true, or there."""
        result = await self.call("Runtime.evaluate", expression=f"!!({expression})")
        return result["result"].get("value") is True

    async def wait_until(self, expression: str) -> None:
        """Wait until JavaScript finds this true, or there."""
        async with asyncio.timeout(_START_SECONDS):
            while not await self.evaluate(expression):  # noqa: ASYNC110 - the page has no event
                await asyncio.sleep(0.05)

    async def open(self, url: str) -> None:
        """Go there, as if nothing had been before."""
        self.requests.clear()
        self.complaints.clear()
        await self.call("Page.navigate", url=url)

    def _note(self, method: str, event: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(event["request"]["url"])
        elif method == "Network.loadingFailed":
            self.complaints.append(event["errorText"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(event["exceptionDetails"]["text"])
        elif method == "Log.entryAdded" and event["entry"]["level"] in {"error", "warning"}:
            self.complaints.append(event["entry"]["text"])
        elif method == "Runtime.consoleAPICalled" and event["type"] in {"error", "assert"}:
            self.complaints.append(str(event["args"]))


@asynccontextmanager
async def open_browser(folder: Path) -> AsyncIterator[Page]:
    """Start Chromium with an empty profile in `folder`, and end it with the block."""
    popen = subprocess.Popen(  # noqa: ASYNC220 - it takes a moment and nobody else waits
        [CHROMIUM, *_options(folder), "about:blank"],
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        async with connect(await _find_page(folder, popen), max_size=None, proxy=None) as line:
            page = Page(line)
            for domain in ("Page", "Network", "Runtime", "Log"):
                await page.call(f"{domain}.enable")
            yield page
    finally:
        popen.kill()
        popen.wait()


def _options(folder: Path) -> Iterable[str]:
    yield from ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run")
    yield from ("--disable-background-networking", "--disable-component-update", "--disable-sync")
    yield from ("--remote-debugging-port=0", f"--user-data-dir={folder}")
    if os.geteuid() == 0:
        yield "--no-sandbox"  # it refuses to run as root otherwise


async def _find_page(folder: Path, popen: subprocess.Popen[bytes]) -> str:
    """The address of the first page's line, once the browser has written down its port."""
    file = folder / "DevToolsActivePort"
    async with asyncio.timeout(_START_SECONDS):
        while not (file.exists() and len(file.read_text().splitlines()) == 2):
            assert popen.poll() is None, "chromium ended at its start"
            await asyncio.sleep(0.05)
        port, path = file.read_text().splitlines()
        async with connect(f"ws://127.0.0.1:{port}{path}", max_size=None, proxy=None) as line:
            targets = (await Page(line).call("Target.getTargets"))["targetInfos"]
    target = next(target["targetId"] for target in targets if target["type"] == "page")
    return f"ws://127.0.0.1:{port}/devtools/page/{target}"
