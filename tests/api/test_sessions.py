"""The routes of a person's conversations, over HTTP."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from backend.models import ChatSession
from tests.databases import on_every_database
from tests.service import Service

URL = "/api/v1/chat"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
Headers = dict[str, str]


async def start(service: Service, message: str, headers: Headers | None = None) -> str:
    """Begin a conversation; gives its id."""
    answer = await service.client.post(f"{URL}/", json={"message": message}, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["session_id"])


async def listed(service: Service, headers: Headers, **params: Any) -> list[dict[str, Any]]:
    """All conversations that the list shows, over all pages."""
    found: list[dict[str, Any]] = []
    while True:
        answer = await service.client.get(f"{URL}/", headers=headers, params=params)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        params["cursor"] = page["next_cursor"]


async def titles(service: Service, headers: Headers, q: str) -> list[str]:
    return [item["title"] for item in await listed(service, headers, q=q)]


@on_every_database
class TestListSessions:
    async def test_shows_ones_own_alone_the_last_used_first(self, offline_service: Service) -> None:
        service = offline_service
        mine, other = [await service.sign_up(f"{name}@au.edu") for name in "ab"]
        first = await start(service, "How much is the MBA?", mine)
        second = await start(service, "Where are you?", mine)
        await start(service, "Somebody else's", other)
        await start(service, "Nobody's")
        await service.client.post(
            f"{URL}/", json={"message": "And now?", "session_id": first}, headers=mine
        )

        items = await listed(service, mine)

        assert [item["session_id"] for item in items] == [first, second]
        assert items[0]["title"] == "How much is the MBA?"
        assert items[0]["created_at"] < items[1]["created_at"] < items[0]["updated_at"]
        assert all(item["updated_at"].endswith("Z") for item in items)

    async def test_pages_on_without_gap_or_repeat(self, offline_service: Service) -> None:
        service = offline_service
        mine = await service.sign_up("a@au.edu")
        ids = [await start(service, f"Question {number}", mine) for number in range(5)]

        items = await listed(service, mine, limit=2)

        assert [item["session_id"] for item in items] == ids[::-1]

    async def test_a_cursor_is_good_for_its_owner_and_unaltered_only(
        self, offline_service: Service
    ) -> None:
        service = offline_service
        mine, other = [await service.sign_up(f"{name}@au.edu") for name in "ab"]
        for number in range(2):
            await start(service, f"Question {number}", mine)
        page = await service.client.get(f"{URL}/", headers=mine, params={"limit": 1})
        good = page.json()["next_cursor"]
        bad = [good[:-1], good + "A", good[::-1], "x", "", "é", "A" * 501]
        bad += [good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1 :] for at in (0, 20)]

        answers = [
            await service.client.get(f"{URL}/", headers=mine, params={"cursor": cursor})
            for cursor in bad
        ]
        foreign = await service.client.get(f"{URL}/", headers=other, params={"cursor": good})

        assert {answer.status_code for answer in [*answers, foreign]} == {422}

    async def test_is_for_people_who_are_signed_in(self, offline_service: Service) -> None:
        answer = await offline_service.client.get(f"{URL}/")

        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"


@on_every_database
class TestSearchSessions:
    async def test_finds_titles_and_ones_own_words_in_four_languages(
        self, offline_service: Service
    ) -> None:
        service = offline_service
        mine, other = [await service.sign_up(f"{name}@au.edu") for name in "ab"]
        asked = ["ค่าเทอมปริญดตรีเท่าไหร่", "学费多少钱", "ကျောင်းလခ ဘယ်လောက်လဲ", "Fees of the MBA"]
        for question in asked:
            await start(service, question, mine)
        await start(service, "Fees of the MBA, please", other)

        for q, question in zip(["เทอม", "费", "လခ", "mba FEES"], asked, strict=True):
            assert await titles(service, mine, q) == [question]

    async def test_finds_a_later_question_but_no_answer(self, offline_service: Service) -> None:
        service = offline_service
        mine = await service.sign_up("a@au.edu")
        session_id = await start(service, "Hello", mine)
        answer = await service.client.post(
            f"{URL}/",
            json={"message": "Is there a zebra crossing?", "session_id": session_id},
            headers=mine,
        )
        word = next(
            word
            for word in answer.json()["response"].split()
            if word.isalpha() and word.lower() not in "hello is there a zebra crossing?"
        )

        assert await titles(service, mine, "ZEBRA") == ["Hello"]
        assert await titles(service, mine, word) == []

    async def test_takes_wildcards_and_quotes_for_what_they_are(
        self, offline_service: Service
    ) -> None:
        service = offline_service
        mine = await service.sign_up("a@au.edu")
        await start(service, "100% of it's a_b/c\\d", mine)
        await start(service, "1000 of its aXb", mine)

        for q in ("100%", "it's", "a_b", "b/c", "c\\d", "%", "_", "/", "\\", "'"):
            assert await titles(service, mine, q) == ["100% of it's a_b/c\\d"], q
        assert await titles(service, mine, "%%") == []

    async def test_finds_accents_however_they_were_typed(self, offline_service: Service) -> None:
        service = offline_service
        mine = await service.sign_up("a@au.edu")
        await start(service, "A caf\u00e9?", mine)

        assert await titles(service, mine, "cafe\u0301") == ["A caf\u00e9?"]

    async def test_finds_on_every_page(self, offline_service: Service) -> None:
        service = offline_service
        mine = await service.sign_up("a@au.edu")
        for number in range(6):
            await start(service, f"{'Odd' if number % 2 else 'Even'} {number}", mine)

        items = await listed(service, mine, q="odd", limit=1)

        assert [item["title"] for item in items] == ["Odd 5", "Odd 3", "Odd 1"]

    @pytest.mark.parametrize("q", ["", "   ", "\x00", "\u200b", "x" * 501])
    async def test_refuses_what_nobody_looks_for(self, offline_service: Service, q: str) -> None:
        mine = await offline_service.sign_up("a@au.edu")

        answer = await offline_service.client.get(f"{URL}/", headers=mine, params={"q": q})

        assert answer.status_code == 422


@on_every_database
class TestRenameSession:
    async def test_changes_the_title_and_not_the_place(self, offline_service: Service) -> None:
        service = offline_service
        mine = await service.sign_up("a@au.edu")
        first = await start(service, "First", mine)
        second = await start(service, "Second", mine)
        before = {item["session_id"]: item for item in await listed(service, mine)}

        answer = await service.client.patch(
            f"{URL}/{first}", json={"title": "  My \n plans  "}, headers=mine
        )

        assert answer.status_code == 200
        assert answer.json() == {**before[first], "title": "My plans"}
        assert [item["session_id"] for item in await listed(service, mine)] == [second, first]

    async def test_an_anonymous_session_is_renamed_by_its_id(
        self, offline_service: Service
    ) -> None:
        session_id = await start(offline_service, "First")

        answer = await offline_service.client.patch(f"{URL}/{session_id}", json={"title": "ชื่อ"})

        assert answer.json()["title"] == "ชื่อ"

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"title": None},
            {"title": ""},
            {"title": " \u200b "},
            {"title": "x" * 201},
            {"title": "a\x00b"},
            {"title": 5},
            {"title": "x", "user_id": "y"},
            [],
        ],
    )
    async def test_refuses_bad_titles_and_unknown_fields(
        self, offline_service: Service, body: Any
    ) -> None:
        session_id = await start(offline_service, "First")

        answer = await offline_service.client.patch(f"{URL}/{session_id}", json=body)

        assert answer.status_code == 422

    async def test_a_title_may_be_200_characters_long(self, offline_service: Service) -> None:
        session_id = await start(offline_service, "First")

        answer = await offline_service.client.patch(
            f"{URL}/{session_id}", json={"title": "学" * 200}
        )

        assert answer.status_code == 200


@on_every_database
class TestClaimSession:
    async def test_makes_an_anonymous_session_ones_own(self, offline_service: Service) -> None:
        service = offline_service
        mine, other = [await service.sign_up(f"{name}@au.edu") for name in "ab"]
        session_id = await start(service, "Begun without an account")
        url = f"{URL}/{session_id}"

        claimed = await service.client.post(f"{url}/claim", headers=mine)
        again = await service.client.post(f"{url}/claim", headers=mine)

        assert (claimed.status_code, again.status_code) == (200, 200)
        assert claimed.json() == again.json() == (await listed(service, mine))[0]
        for headers in (other, {}, await service.sign_up_admin()):
            assert (await service.client.get(f"{url}/history", headers=headers)).status_code == 404

    async def test_of_twenty_at_once_one_wins(self, offline_service: Service) -> None:
        service = offline_service
        session_id = await start(service, "Whose?")
        people = [await service.sign_up(f"p{number}@au.edu") for number in range(20)]

        answers = await asyncio.gather(
            *(service.client.post(f"{URL}/{session_id}/claim", headers=person) for person in people)
        )

        statuses = [answer.status_code for answer in answers]
        assert sorted(statuses) == [200] + [404] * 19
        owners = [person for person in people if await listed(service, person)]
        assert owners == [people[statuses.index(200)]]

    async def test_chatting_in_an_anonymous_session_does_not_take_it(
        self, offline_service: Service
    ) -> None:
        service = offline_service
        mine = await service.sign_up("a@au.edu")
        session_id = await start(service, "Nobody's")

        await service.client.post(
            f"{URL}/", json={"message": "Mine?", "session_id": session_id}, headers=mine
        )

        assert await listed(service, mine) == []
        assert len(await service.history(session_id)) == 4

    async def test_the_first_message_sent_again_by_nobody_finds_nothing(
        self, offline_service: Service
    ) -> None:
        service = offline_service
        mine = await service.sign_up("a@au.edu")
        body = {"message": "How much?", "client_message_id": "a-key-of-more-than-16-characters"}
        first = await service.ask(**body)
        await service.client.post(f"{URL}/{first['session_id']}/claim", headers=mine)

        again = await service.client.post(f"{URL}/", json=body)

        assert again.status_code == 404
        assert again.json()["code"] == "session_not_found"

    async def test_a_chat_page_goes_on_in_what_was_claimed_another_person_starts_anew(
        self, offline_service: Service
    ) -> None:
        service = offline_service
        mine, other = [await service.sign_up(f"{name}@au.edu") for name in "ab"]

        async def say(number: int, headers: Headers) -> int:
            part = {"type": "text", "text": f"Question {number}"}
            message = {"id": f"a-long-message-id-{number}", "role": "user", "parts": [part]}
            body = {
                "id": "chat-of-this-page-1",
                "messages": [message],
                "trigger": "submit-message",
            }
            answer = await service.client.post(f"{URL}/stream", json=body, headers=headers)
            return answer.status_code

        await say(1, {})
        sessions = await service.database.read(lambda db: db.scalars(select(ChatSession.id)).all())
        await service.client.post(f"{URL}/{sessions[0]}/claim", headers=mine)

        assert [await say(2, mine), await say(3, other), await say(4, {})] == [200, 200, 404]

        history = await service.client.get(f"{URL}/{sessions[0]}/history", headers=mine)
        asked = [said["content"] for said in history.json()["messages"] if said["role"] == "user"]
        assert asked == ["Question 1", "Question 2"]
        assert [item["title"] for item in await listed(service, other)] == ["Question 3"]


@on_every_database
class TestForeignSessions:
    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [("PATCH", "", {"title": "Mine"}), ("POST", "/claim", None)],
    )
    async def test_are_not_found_by_anybody_else(
        self, offline_service: Service, method: str, path: str, body: Any
    ) -> None:
        service = offline_service
        mine, other = [await service.sign_up(f"{name}@au.edu") for name in "ab"]
        admin = await service.sign_up_admin()
        session_id = await start(service, "Private", mine)
        anonymous = 401 if path == "/claim" else 404

        for headers, expected in ((other, 404), (admin, 404), ({}, anonymous)):
            for id_ in (session_id, UNKNOWN, "x"):
                answer = await service.client.request(
                    method, f"{URL}/{id_}{path}", json=body, headers=headers
                )
                assert answer.status_code == expected
        assert [item["title"] for item in await listed(service, mine)] == ["Private"]


class TestLongLists:
    async def test_a_search_goes_on_where_a_page_had_to_end(
        self, offline_service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("backend.services.session_service.SEARCHED", 2)
        service = offline_service
        mine = await service.sign_up("a@au.edu")
        for word in ("Zebra 1", "Horse", "Horse", "Horse", "Zebra 2", "Horse"):
            await start(service, word, mine)
        url, params = f"{URL}/", {"q": "zebra"}

        page = (await service.client.get(url, headers=mine, params=params)).json()

        assert [item["title"] for item in page["items"]] == ["Zebra 2"]
        assert page["next_cursor"] is not None
        assert await titles(service, mine, "zebra") == ["Zebra 2", "Zebra 1"]
