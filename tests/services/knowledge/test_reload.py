import gc
import json
from pathlib import Path
from weakref import ref

import pytest

from backend.core.language import Language
from backend.services.knowledge.edition import Edition
from backend.services.knowledge.folder import Folder
from backend.services.knowledge.loader import read_folder
from backend.services.knowledge_service import KnowledgeService
from tests.services.knowledge.conftest import MakeService
from tests.services.knowledge.harm import HARM, Harm, mend, phone

FEE = {"gate": {"fee": "12 baht"}, "more": [{"name": "A", "x": 1}, {"name": "B", "x": 2}]}


def problems(service: KnowledgeService) -> list[str]:
    return [str(problem) for problem in service.status().problems]


def ask(service: KnowledgeService) -> str:
    return service.get_context("phone of the library office", token_budget=60).text


class TestReload:
    def test_brings_in_what_has_changed(self, make_service: MakeService, tmp_path: Path) -> None:
        service = make_service(a=phone("111"), b=FEE)
        version = service.version
        assert not service.reload()

        (tmp_path / "a.json").write_text(json.dumps(phone("222")))

        assert service.reload()
        assert "222" in ask(service)
        assert "111" not in ask(service)
        assert service.version != version
        assert not service.reload()

    def test_sees_new_files(self, make_service: MakeService, tmp_path: Path) -> None:
        service = make_service(b=FEE)
        (tmp_path / "a.json").write_text(json.dumps(phone("111")))

        assert service.reload()
        assert "111" in ask(service)

    def test_sees_a_file_put_in_place_of_another(
        self, make_service: MakeService, tmp_path: Path
    ) -> None:
        service = make_service(a=phone("111"))
        (tmp_path / "a.tmp").write_text(json.dumps(phone("222")))
        (tmp_path / "a.tmp").rename(tmp_path / "a.json")

        assert service.reload()
        assert "222" in ask(service)

    def test_the_same_content_is_no_change(self, make_service: MakeService, tmp_path: Path) -> None:
        service = make_service(a=phone("111"))
        version = service.version

        (tmp_path / "a.json").write_bytes((tmp_path / "a.json").read_bytes())

        assert not service.reload()
        assert service.version == version

    def test_takes_a_new_lexicon_and_side_file(
        self, make_service: MakeService, tmp_path: Path
    ) -> None:
        service = make_service(a=phone("111"), b=FEE)
        names = {"sources": {"a": {"title": "Numbers to call"}}}
        (tmp_path / "legacy.json").write_text(json.dumps(names))
        (tmp_path / "lexicon.json").write_text(json.dumps({"reading": ["library office", "bukar"]}))

        assert service.reload()
        assert service.get_category("a").title == "Numbers to call"
        assert "111" in service.get_context("bukar", token_budget=30).text

    def test_a_question_stays_with_what_it_began_with(
        self, make_service: MakeService, tmp_path: Path
    ) -> None:
        service = make_service(60, a=phone("111 2222"), b=FEE)
        context = service.get_context("phone of the library office")
        (tmp_path / "a.json").write_text(json.dumps(phone("333 4444")))
        service.reload()
        later = service.get_context("phone of the library office")

        for asked, number in ((later, "333 4444"), (context, "111 2222")):
            answer = service.compose_answer("phone?", asked, Language.ENGLISH)
            assert number in answer.text
            assert service.cite(f"Library Office: {number}", asked)[0] in asked.passages


class TestEdition:
    def test_works_out_only_what_has_changed(
        self, make_service: MakeService, tmp_path: Path
    ) -> None:
        entries = [{"id": f"e{n}", "title": "Gate", "text": f"Gate {n}."} for n in range(3)]
        folder = Folder(tmp_path)
        make_service(a={"entries": entries})
        folder.look()
        first = Edition.of(read_folder(folder))
        make_service(a={"entries": [*entries[:2], {**entries[2], "text": "Gate 9."}]})
        folder.look()

        second = first.following(read_folder(folder, first.material))

        kept = [second.library.cards[key] is card for key, card in first.library.cards.items()]
        assert kept == [True, True, False]
        assert second.library.cards["a#e2"].frequencies["9"]
        assert second.library.words is first.library.words

    def test_is_the_same_whatever_was_known_before(
        self, make_service: MakeService, tmp_path: Path
    ) -> None:
        entry = {"title": "Gate fee", "text": "Gate 1.", "aliases": ["gate price"], "tags": ["bus"]}
        changes: list[dict[str, object]] = [
            {},
            {"title": "Library hours"},
            {"text": "Library 2."},
            {"aliases": ["gate price", "ประตู"]},
            {"tags": ["parking"]},
            {"aliases": [], "tags": []},
        ]
        folder = Folder(tmp_path)
        make_service(a={"entries": [{**entry, "id": f"e{n}"} for n in range(len(changes))]})
        folder.look()
        first = Edition.of(read_folder(folder))
        changed = [{**entry, "id": f"e{n}", **change} for n, change in enumerate(changes)]
        make_service(a={"entries": changed})
        folder.look()

        second = first.following(read_folder(folder, first.material))

        expected = Edition.of(read_folder(folder)).library
        assert second.library.cards == expected.cards
        assert second.library.words.weights == expected.words.weights

    def test_of_the_same_facts_tells_what_is_wrong_by_now(
        self, make_service: MakeService, tmp_path: Path
    ) -> None:
        make_service(a=phone("111"))
        folder = Folder(tmp_path)
        folder.look()
        first = Edition.of(read_folder(folder))
        (tmp_path / "a.json").write_text("{")
        folder.look()

        second = first.following(read_folder(folder, first.material))

        assert first.library.problems == ()
        assert [problem.file for problem in second.library.problems] == ["a.json"]
        assert (second.retriever, second.citer) == (first.retriever, first.citer)
        assert second.library.version == first.library.version

    def test_is_freed_by_itself_when_the_next_is_there(
        self, make_service: MakeService, tmp_path: Path
    ) -> None:
        service = make_service(a=phone("111"))
        edition = service.get_context("phone").edition
        assert edition is not None
        library = ref(edition.library)
        del edition
        (tmp_path / "a.json").write_text(json.dumps(phone("222")))
        gc.disable()
        try:
            service.reload()
            assert library() is None
        finally:
            gc.enable()


class TestBrokenFiles:
    @pytest.mark.parametrize(
        ("harm", "told"), HARM.items(), ids=lambda value: getattr(value, "__name__", "")
    )
    def test_keep_their_last_good_version_until_they_are_mended(
        self,
        make_service: MakeService,
        tmp_path: Path,
        harm: Harm,
        told: str,
    ) -> None:
        folder = tmp_path / "facts"
        folder.mkdir()
        path = folder / "a.json"
        path.write_text(json.dumps(phone("111")))
        service = KnowledgeService(folder, token_budget=60)
        version = service.version

        harm(path)

        assert service.reload()
        assert "111" in ask(service)
        assert told in "".join(problems(service))
        assert service.version == version
        assert not service.reload()

        mend(path, phone("222"))

        assert service.reload()
        assert problems(service) == []
        assert "222" in ask(service)

    @pytest.mark.parametrize("name", ["lexicon.json", "legacy.json"])
    @pytest.mark.parametrize("content", ["{", "[]"])
    def test_of_names_keep_theirs_too(
        self, make_service: MakeService, tmp_path: Path, name: str, content: str
    ) -> None:
        service = make_service(
            a=phone("111"),
            b=FEE,
            lexicon={"reading": ["library office", "bukar"]},
            legacy={"sources": {"a": {"title": "Numbers to call"}}},
        )
        (tmp_path / name).write_text(content)

        assert service.reload()
        assert name in problems(service)[0]
        assert service.get_category("a").title == "Numbers to call"
        assert "111" in service.get_context("bukar", token_budget=30).text

    def test_an_entry_made_invalid_keeps_its_last_good_version(
        self, make_service: MakeService, tmp_path: Path
    ) -> None:
        entry = {"id": "x", "title": "Gate", "text": "Opens at nine."}
        service = make_service(a={"entries": [entry, {**entry, "id": "y"}]})
        broken = [{**entry, "colour": "red"}, {**entry, "id": "y", "text": "Opens at ten."}]
        (tmp_path / "a.json").write_text(json.dumps({"entries": broken}))

        assert service.reload()
        assert service.get_fact("a", "x").body == "Opens at nine."
        assert service.get_fact("a", "y").body == "Opens at ten."
        assert "entry x: colour: Extra inputs" in problems(service)[0]

    def test_that_never_were_good_are_forgotten_when_they_go(
        self, make_service: MakeService, tmp_path: Path
    ) -> None:
        service = make_service(a=phone("111"), b="{")
        (tmp_path / "b.json").unlink()

        assert service.reload()
        assert problems(service) == []
