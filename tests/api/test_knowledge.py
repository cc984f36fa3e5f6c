import pytest

from backend.services.knowledge_service import KnowledgeService
from tests.service import Service

URL = "/api/v1/knowledge"


class TestListCategories:
    async def test_tells_every_file_with_its_count(self, service: Service) -> None:
        answer = await service.client.get(f"{URL}/")

        body = answer.json()
        names = [category["name"] for category in body["categories"]]
        assert answer.status_code == 200
        assert {"au_contacts", "au_faculties", "au_history", "au_tuitions"} < set(names)
        assert body["total_facts"] == sum(category["facts"] for category in body["categories"])
        assert body["problems"] == []

    async def test_answers_with_and_without_the_slash(self, service: Service) -> None:
        one = await service.client.get(URL)
        other = await service.client.get(f"{URL}/")

        assert one.status_code == other.status_code == 200
        assert one.json() == other.json()


class TestReadCategory:
    async def test_gives_the_facts_in_the_files_order(self, service: Service) -> None:
        body = (await service.client.get(f"{URL}/au_tuitions")).json()

        assert body["form"] == "nested"
        assert body["items"][0]["fact_id"] == ("tuition_fees_thb.undergraduate.domestic_students")
        assert body["items"][0]["content"]["annual_fee_range"] == {"min": 112000, "max": 350000}
        assert "112,000-350,000 THB" in body["items"][0]["text"]

    async def test_pages(self, service: Service) -> None:
        whole = (await service.client.get(f"{URL}/au_admissions")).json()["items"]
        page = await service.client.get(f"{URL}/au_admissions", params={"limit": 2, "offset": 1})

        assert page.json()["items"] == whole[1:3]
        assert page.json()["offset"] == 1

    @pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 501}, {"offset": -1}])
    async def test_refuses_a_page_that_is_none(
        self, service: Service, params: dict[str, int]
    ) -> None:
        answer = await service.client.get(f"{URL}/au_tuitions", params=params)

        assert answer.status_code == 422
        assert answer.json()["code"] == "invalid_request"

    @pytest.mark.parametrize("name", ["none", "..%2Fau_tuitions", "au_tuitions.json", "%00", "ก"])
    async def test_an_unknown_one_is_not_found(self, service: Service, name: str) -> None:
        answer = await service.client.get(f"{URL}/{name}")

        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


class TestReadFact:
    async def test_gives_it_with_its_source(self, service: Service) -> None:
        answer = await service.client.get(f"{URL}/au_campus_life/insurance.health")

        body = answer.json()
        assert answer.status_code == 200
        assert body["id"] == "au_campus_life#insurance.health"
        assert body["source"]["url"] == "https://registrar.au.edu/international-student-service/"
        assert body["confidence"] == "medium"
        assert body["note"]

    async def test_every_fact_has_an_address_that_works(self, service: Service) -> None:
        for name in ("au_contacts", "au_history", "au_faculties", "au_scholarships"):
            for fact in (await service.client.get(f"{URL}/{name}")).json()["items"]:
                answer = await service.client.get(f"{URL}/{name}/{fact['fact_id']}")
                assert answer.json() == fact

    @pytest.mark.parametrize(
        ("path", "code"),
        [("au_tuitions/none", "fact_not_found"), ("none/none", "category_not_found")],
    )
    async def test_an_unknown_one_is_not_found(
        self, service: Service, path: str, code: str
    ) -> None:
        answer = await service.client.get(f"{URL}/{path}")

        assert answer.status_code == 404
        assert answer.json()["code"] == code


class TestOperationIds:
    async def test_are_short_and_stable(self, service: Service) -> None:
        paths = service.app.openapi()["paths"]

        found = {
            operation["operationId"]
            for path, methods in paths.items()
            if path.startswith(URL)
            for operation in methods.values()
        }
        assert {
            "knowledge_list_categories",
            "knowledge_read_category",
            "knowledge_read_fact",
        } <= found
        assert isinstance(service.app.state.knowledge_service, KnowledgeService)
