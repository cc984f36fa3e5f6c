from backend.services.knowledge_service import KnowledgeService


def cited(service: KnowledgeService, question: str, answer: str) -> list[str]:
    context = service.get_context(question)
    return [passage.fact_id for passage in service.cite(answer, context)]


class TestCite:
    def test_names_the_facts_whose_figures_are_told(self, shipped: KnowledgeService) -> None:
        answer = "The MBA costs 500,000 to 550,000 THB in total and takes 18-24 months."

        assert cited(shipped, "MBA cost?", answer)[0] == "tuition_fees_thb.graduate.mba_programs"

    def test_reads_figures_in_any_writing(self, shipped: KnowledgeService) -> None:
        for answer in (
            "ค่าเรียน ๕๐๐,๐๐๐–๕๕๐,๐๐๐ บาท",
            "总共500000至550000泰铢",
            "၅၀၀,၀၀၀–၅၅၀,၀၀၀ ဘတ်",
        ):
            assert cited(shipped, "MBA", answer) == ["tuition_fees_thb.graduate.mba_programs"]

    def test_reads_phone_numbers_however_grouped(self, shipped: KnowledgeService) -> None:
        assert cited(shipped, "phone of Hua Mak", "โทร +6627191919")[0] == "campuses.0"

    def test_names_the_facts_whose_names_are_told(self, shipped: KnowledgeService) -> None:
        answer = "มหาวิทยาลัยก่อตั้งโดยคณะ Brothers of St. Gabriel"

        assert "history.origins" in cited(shipped, "ใครก่อตั้งมหาวิทยาลัย", answer)

    def test_names_nothing_for_an_answer_without_facts(self, shipped: KnowledgeService) -> None:
        assert cited(shipped, "dormitory price", "I am sorry, I do not know that.") == []
        assert cited(shipped, "MBA", "") == []

    def test_names_five_at_most(self, shipped: KnowledgeService) -> None:
        context = shipped.get_context("all fees")

        assert len(shipped.cite(context.text, context)) == 5
