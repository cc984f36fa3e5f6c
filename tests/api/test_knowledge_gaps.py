import asyncio
import csv
import io
from typing import Any

import pytest
from sqlalchemy import select, text

from backend.models import KnowledgeGap
from backend.models.base import utc_now
from tests.api.editing import URL, Desk
from tests.api.test_bad_input import assert_problem
from tests.databases import on_every_database
from tests.fakes.gemini_behaviours import whole_answer
from tests.fakes.gemini_server import FakeGemini
from tests.service import Service

UNKNOWN = {
    "en": "What is the university's LINE account?",
    "th": "หอพักเดือนละเท่าไหร่",
    "zh": "宿舍一个月多少钱",
    "my": "အဆောင်ခ တစ်လ ဘယ်လောက်လဲ",
}


async def read_gaps(desk: Desk, query: str = "") -> list[dict[str, Any]]:
    answer = await desk.send("GET", f"gaps?{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@on_every_database
class TestRecording:
    @pytest.mark.parametrize("language", UNKNOWN)
    async def test_who_gets_no_fact_gets_the_telephone_and_leaves_a_gap(
        self, desk: Desk, language: str
    ) -> None:
        answer = await desk.service.ask(UNKNOWN[language])

        [gap] = await read_gaps(desk)
        assert "+66 2 719 1919" in answer["response"]
        assert gap["questions"][0]["text"] == UNKNOWN[language]
        assert gap["questions"][0]["language"] == language
        assert gap["count"] == 1
        assert gap["last_seen"].endswith("Z")

    async def test_wordings_and_languages_are_one_gap(self, desk: Desk) -> None:
        for question in ("Dormitory price?", "dormitory PRICE", "หอพักราคา", "宿舍价格"):
            await desk.service.ask(question)

        [gap] = await read_gaps(desk)
        assert gap["count"] == 4
        assert [found["count"] for found in gap["questions"]] == [2, 1, 1]
        assert "dormitory" in gap["concepts"]

    async def test_what_is_answered_or_foreign_or_small_talk_is_none(self, desk: Desk) -> None:
        for message in (
            "How much is the MBA?",
            "Who won the football world cup?",
            "Hello",
            "ขอบคุณ",
            "What is your phone number?",
        ):
            await desk.service.ask(message)

        assert await read_gaps(desk) == []

    async def test_nothing_personal_is_kept(self, desk: Desk) -> None:
        await desk.service.ask(
            "Dormitory price for student 6512345, mail me at somchai@example.com or 081-234-5678"
        )

        [gap] = await read_gaps(desk)
        [question] = gap["questions"]
        assert "[number]" in question["text"]
        assert "[e-mail]" in question["text"]
        for secret in ("6512345", "somchai", "5678"):
            assert secret not in question["text"]
        columns = set(KnowledgeGap.__table__.columns.keys())
        assert not columns & {"user_id", "session_id"}

    async def test_a_long_question_is_cut(self, desk: Desk) -> None:
        await desk.service.ask("Dormitory price? " + "dormitory price " * 200)

        [gap] = await read_gaps(desk)
        assert len(gap["questions"][0]["text"]) <= 300

    async def test_many_at_once_are_all_counted(self, desk: Desk) -> None:
        await asyncio.gather(*(desk.service.ask("Dormitory price?") for _ in range(20)))

        [gap] = await read_gaps(desk)
        assert gap["count"] == 20

    async def test_whoever_reads_waits_for_what_is_being_written(self, desk: Desk) -> None:
        await desk.service.ask("Dormitory price?")
        writing = asyncio.create_task(desk.service.app.state.gap_service.flush())
        await asyncio.sleep(0)

        [gap] = await read_gaps(desk)

        assert gap["count"] == 1
        await writing

    async def test_a_follow_up_is_kept_with_what_it_follows(self, desk: Desk) -> None:
        first = await desk.service.ask("Is there a LINE account?")
        await desk.service.ask("And for Suvarnabhumi?", session_id=first["session_id"])

        texts = {q["text"] for gap in await read_gaps(desk) for q in gap["questions"]}
        assert texts == {
            "Is there a LINE account?",
            "Is there a LINE account? And for Suvarnabhumi?",
        }


class TestRecordingWithGemini:
    async def test_an_answer_that_cites_nothing_leaves_one(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        admin = await service.sign_up_admin()
        fake_gemini.script(whole_answer("I do not know that. Please call +66 2 719 1919."))
        await service.ask(UNKNOWN["en"])
        fake_gemini.script(whole_answer("The MBA costs 350,000 THB."))
        await service.ask("How much is an MBA?")

        answer = await service.client.get(f"{URL}/gaps", headers=admin)

        [gap] = answer.json()["items"]
        assert gap["questions"][0]["text"] == UNKNOWN["en"]

    async def test_a_database_that_cannot_keep_it_harms_no_turn(self, desk: Desk) -> None:
        await desk.service.database.write(
            lambda db: db.execute(text("DROP TABLE knowledge_gaps")).close()
        )

        answer = await desk.service.ask(UNKNOWN["en"])

        assert answer["response"]
        refused = await desk.send("GET", "gaps")
        assert assert_problem(refused, statuses=range(503, 504))


@on_every_database
class TestClosing:
    async def test_a_new_fact_closes_it_and_its_loss_opens_it_again(self, desk: Desk) -> None:
        await desk.service.ask("Dormitory price?")
        [gap] = await read_gaps(desk)
        fact = {
            "id": "dormitory.price",
            "title": "Dormitory prices",
            "text": "The price of a dormitory room is 6,500 baht a month.",
            "aliases": ["dormitory price"],
        }

        created = await desk.send("POST", "au_dormitory", json=fact)
        [closed] = await read_gaps(desk, "status=closed")
        still_open = await read_gaps(desk)
        version = created.json()["version"]
        await desk.send("DELETE", "au_dormitory/dormitory.price", version=version)
        await desk.service.ask("Dormitory price?")
        [again] = await read_gaps(desk)

        assert gap["closed_at"] is None
        assert still_open == []
        assert closed["closed_at"] is not None
        assert again["closed_at"] is None
        assert again["count"] == 2

    async def test_another_fact_closes_nothing(self, desk: Desk) -> None:
        await desk.service.ask("Dormitory price?")

        await desk.create()

        assert len(await read_gaps(desk)) == 1


async def fill(desk: Desk, count: int) -> None:
    def add(db: Any) -> None:
        for number in range(count):
            db.add(
                KnowledgeGap(
                    text_key=f"{number:064}",
                    topic=f"text:{number:03}",
                    question=f"q{number}",
                    language="en",
                    count=number // 2 + 1,
                    first_seen=utc_now(),
                    last_seen=utc_now(),
                    passages=[],
                )
            )

    await desk.service.database.write(add)


@on_every_database
class TestListing:
    @pytest.mark.parametrize("order", ["newest", "most_asked"])
    async def test_pages_hold_each_gap_once(self, desk: Desk, order: str) -> None:
        await fill(desk, 25)
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            url = f"gaps?order={order}&limit=4{cursor}"
            page = (await desk.send("GET", url)).json()
            found += page["items"]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"

        assert len(found) == 25
        assert len({gap["topic"] for gap in found}) == 25
        key = "count" if order == "most_asked" else "last_seen"
        values = [gap[key] for gap in found]
        assert values == sorted(values, reverse=True)

    @pytest.mark.parametrize("accept", [True, False])
    async def test_a_table_computes_nothing(self, desk: Desk, accept: bool) -> None:
        await desk.service.ask('=HYPERLINK("http://evil.example","dormitory price")')
        await desk.service.ask("หอพัก, ราคา\nเท่าไหร่")

        url = f"{URL}/gaps" if accept else f"{URL}/gaps?format=csv"
        headers = {**desk.headers, **({"Accept": "text/csv"} if accept else {})}
        answer = await desk.service.client.get(url, headers=headers)

        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert "attachment" in answer.headers["content-disposition"]
        rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        assert len(rows) == 2
        assert any(row["question"].startswith("'=HYPERLINK(") for row in rows)
        assert not any(
            str(cell).startswith(tuple("=+-@\t\r")) for row in rows for cell in row.values()
        )


class TestListingRefused:
    @pytest.mark.parametrize(
        "query",
        [
            *("order=oldest", "status=all", "limit=0", "limit=201", "limit=x", "format=xml"),
            *("cursor=x", "cursor=%00", "cursor=W10%3D", "cursor=bnVsbA==", "cursor=Wzk5XQ=="),
            *("cursor=WzEsICJhXHUwMDAwIl0=", "cursor=" + "x" * 2_001),
            "cursor=WyIyMDI2LTExLTIyVDAwOjAwOjAwIiwgInQiXQ==",
        ],
    )
    async def test_what_is_no_page(self, desk: Desk, query: str) -> None:
        answer = await desk.send("GET", f"gaps?{query}")

        assert answer.status_code == 422
        assert_problem(answer)

    async def test_visitors_and_users(self, desk: Desk) -> None:
        user = await desk.service.sign_up("user@au.edu")

        visitor = await desk.service.client.get(f"{URL}/gaps?format=csv")
        other = await desk.service.client.get(f"{URL}/gaps", headers=user)

        assert assert_problem(visitor)["code"] == "not_authenticated"
        assert assert_problem(other)["code"] == "forbidden"

    async def test_nothing_is_written_by_looking(self, desk: Desk) -> None:
        await read_gaps(desk)

        rows = await desk.service.database.read(
            lambda db: db.scalars(select(KnowledgeGap.id)).all()
        )
        assert rows == []
