"""The AI SDK's own chat, unmodified, in Node against a running service."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.fakes import gemini_faults as faults
from tests.fakes.gemini_behaviours import slow_answer, whole_answer
from tests.fakes.gemini_server import FakeGemini
from tests.processes import ServerProcess, serve

FOLDER = Path(__file__).parent / "ai_sdk"
ANSWER = "ค่าเล่าเรียน 学费 ကျောင်းလခ 🎓 is 112,000 baht."

pytestmark = [
    pytest.mark.stress,
    pytest.mark.skipif(
        shutil.which("node") is None or not (FOLDER / "node_modules").exists(),
        reason="needs Node and `npm ci` in tests/ai_sdk",
    ),
]
both_versions = pytest.mark.parametrize("sdk", ["ai6", "ai7"])


@pytest_asyncio.fixture
async def server(database_url: str, fake_gemini: FakeGemini) -> AsyncIterator[ServerProcess]:
    with serve(
        DATABASE_URL=database_url,
        GEMINI_API_KEY="k",
        GEMINI_BASE_URL=fake_gemini.base_url,
        GEMINI_TIMEOUT_SECONDS="5",
        RATE_LIMIT_ENABLED="false",
    ) as running:
        yield running


async def run(server: ServerProcess, sdk: str, scenario: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        "node",
        str(FOLDER / "chat.mjs"),
        sdk,
        server.url,
        scenario,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, errors.decode()
    result: dict[str, Any] = json.loads(out)
    return result


@both_versions
class TestChat:
    async def test_reads_answers_with_their_sources(
        self, server: ServerProcess, fake_gemini: FakeGemini, sdk: str
    ) -> None:
        fake_gemini.always(whole_answer(ANSWER, pieces=9))

        chat = await run(server, sdk, "answer")

        assert (chat["status"], chat.get("error")) == ("ready", None)
        assert [message["role"] for message in chat["messages"]] == ["user", "assistant"] * 2
        first, second = chat["messages"][1::2]
        assert first["text"] == second["text"] == ANSWER
        assert {"source-document", "text", "data-suggestions"} <= set(first["kinds"])
        assert first["metadata"]["session_id"] == second["metadata"]["session_id"]
        assert first["metadata"]["answered_by"] == "gemini"

    async def test_writes_an_answer_anew(
        self, server: ServerProcess, fake_gemini: FakeGemini, sdk: str
    ) -> None:
        fake_gemini.script(whole_answer("One."), whole_answer("Two."))

        chat = await run(server, sdk, "regenerate")

        assert [message["text"] for message in chat["first"]["messages"][1:]] == ["One."]
        assert [message["text"] for message in chat["messages"][1:]] == ["Two."]

    async def test_edits_the_last_question(self, server: ServerProcess, sdk: str) -> None:
        chat = await run(server, sdk, "edit")

        assert (chat["status"], len(chat["messages"])) == ("ready", 2)
        assert chat["messages"][0]["text"] == "In other words"

    async def test_tells_an_answer_that_broke_off(
        self, server: ServerProcess, fake_gemini: FakeGemini, sdk: str
    ) -> None:
        fake_gemini.always(faults.cut_after("The tuition"))

        chat = await run(server, sdk, "error")

        assert chat["status"] == "error"
        assert chat["error"] == "The answer was cut off. Please ask again."
        assert chat["messages"][1]["text"] == "The tuition"

    async def test_tells_a_refusal(self, server: ServerProcess, sdk: str) -> None:
        chat = await run(server, sdk, "refusal")

        assert chat["status"] == "error"
        assert chat["error"]

    async def test_stop_keeps_what_was_written(
        self, server: ServerProcess, fake_gemini: FakeGemini, sdk: str
    ) -> None:
        fake_gemini.always(faults.stall_after("The tuition is"))

        chat = await run(server, sdk, "stop")

        assert chat["stopped"]["stopped"] is True
        assert (chat["status"], chat.get("error")) == ("ready", None)
        assert chat["messages"][1]["text"] == "The tuition is"
        assert chat["messages"][1]["metadata"]["status"] == "stopped"

    async def test_a_reload_rejoins_the_running_answer(
        self, server: ServerProcess, fake_gemini: FakeGemini, sdk: str
    ) -> None:
        fake_gemini.always(slow_answer(ANSWER))

        chat = await run(server, sdk, "rejoin")

        assert (chat["status"], chat.get("error")) == ("ready", None)
        assert [message["text"] for message in chat["messages"][1:]] == [ANSWER]
        assert len(fake_gemini.requests) == 1

    async def test_nothing_to_rejoin_is_no_error(self, server: ServerProcess, sdk: str) -> None:
        chat = await run(server, sdk, "nothing")

        assert (chat["status"], chat["messages"]) == ("ready", [])
