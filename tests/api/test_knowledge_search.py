import pytest

from tests.api.test_bad_input import assert_problem
from tests.service import Service

SEARCH = "/api/v1/knowledge/search"
PREVIEW = "/api/v1/knowledge/preview"
BAD_QUERIES = ["", "   ", "%00", "a%00b", "%ed%a0%80", "%ff", "%E2%80%8B"]


class TestSearchFacts:
    @pytest.mark.parametrize("q", ["MBA tuition fee", "ค่าเทอม MBA", "MBA学费", "MBA ကျောင်းလခ"])
    async def test_finds_the_fact_in_every_language(self, service: Service, q: str) -> None:
        answer = await service.client.get(SEARCH, params={"q": q})

        assert answer.status_code == 200
        results = answer.json()["results"]
        first = results[0]
        assert 1 <= len(results) <= 10
        assert "mba" in first["passage"]["fact_id"]
        assert first["source"] == first["passage"]["source"]
        assert first["source"]["file"] == "au_tuitions.json"
        assert "mba" in first["matched_terms"]
        scores = [result["score"] for result in results]
        assert scores == sorted(scores, reverse=True)

    async def test_keeps_to_the_limit_and_the_category(self, service: Service) -> None:
        params = {"q": "tuition fee", "limit": "3", "category": "au_tuitions"}
        results = (await service.client.get(SEARCH, params=params)).json()["results"]

        assert len(results) == 3
        assert {result["passage"]["category"] for result in results} == {"au_tuitions"}

    async def test_what_matches_nothing_gives_nothing(self, service: Service) -> None:
        answer = await service.client.get(SEARCH, params={"q": "qzxjv"})

        assert answer.json() == {"results": []}

    @pytest.mark.parametrize(
        "query",
        [
            *(f"q={q}" for q in BAD_QUERIES),
            "limit=5",
            "q=" + "x" * 501,
            *(f"q=fee&limit={limit}" for limit in ("0", "51", "x", "-1", "99999999999999999999")),
            "q=fee&category=" + "x" * 251,
        ],
    )
    async def test_refuses_what_is_no_search(self, service: Service, query: str) -> None:
        answer = await service.client.get(f"{SEARCH}?{query}")

        assert assert_problem(answer)["code"] == "invalid_request"

    @pytest.mark.parametrize("category", ["none", "../au_tuitions", "\x00", "ก", ""])
    async def test_an_unknown_category_is_not_found(self, service: Service, category: str) -> None:
        answer = await service.client.get(SEARCH, params={"q": "fee", "category": category})

        assert answer.status_code == 404
        assert assert_problem(answer)["code"] == "category_not_found"

    async def test_500_characters_are_taken(self, service: Service) -> None:
        answer = await service.client.get(SEARCH, params={"q": "ค่าเทอม " * 62 + "ปี"})

        assert answer.status_code == 200


class TestPreviewQuestion:
    async def test_shows_the_prompt_that_the_question_gets(self, service: Service) -> None:
        admin = await service.sign_up_admin()

        answer = await service.client.get(PREVIEW, params={"q": "ค่าเทอม MBA"}, headers=admin)

        body = answer.json()
        assert answer.status_code == 200
        assert body["language"] == "th"
        assert not body["off_topic"]
        assert "ค่าเทอม MBA" in body["prompt"]
        assert "Answer in Thai." in body["prompt"]
        assert body["results"][0]["passage"]["id"] in body["sent"]
        assert body["results"][0]["passage"]["text"] in body["prompt"]
        assert 0 < body["context_tokens"] < body["prompt_tokens"]

    async def test_hints_at_what_is_not_about_us(self, service: Service) -> None:
        admin = await service.sign_up_admin()

        answer = await service.client.get(
            PREVIEW, params={"q": "Who won the football world cup?"}, headers=admin
        )

        assert answer.json()["off_topic"]

    async def test_is_closed_to_visitors_and_users(self, service: Service) -> None:
        user = await service.sign_up("user@au.edu")
        gone = await service.sign_up("gone@au.edu", is_active=False)

        for headers, status, code in (
            ({}, 401, "not_authenticated"),
            ({"Authorization": "Bearer x"}, 401, "not_authenticated"),
            (gone, 401, "not_authenticated"),
            (user, 403, "forbidden"),
        ):
            answer = await service.client.get(PREVIEW, params={"q": "fee"}, headers=headers)
            assert answer.status_code == status
            assert assert_problem(answer)["code"] == code

    @pytest.mark.parametrize("q", [*BAD_QUERIES, "x" * 4_001])
    async def test_refuses_what_is_no_question(self, service: Service, q: str) -> None:
        admin = await service.sign_up_admin()

        answer = await service.client.get(f"{PREVIEW}?q={q}", headers=admin)

        assert assert_problem(answer)["code"] == "invalid_request"
