"""The answers made of the facts themselves pass the check, whatever is asked in any language."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.core.language import Language
from backend.services.figures import Evidence, find_unsupported
from tests.services.figures.conftest import shipped_passages, shipped_service

QUESTIONS = sorted(Path("tests/services/knowledge").glob("questions*.jsonl"))


def questions() -> Iterator[str]:
    """Those of the evaluation sets, and each fact's own title and aliases."""
    for path in QUESTIONS:
        for line in path.read_text(encoding="utf-8").splitlines():
            yield str(json.loads(line)["question"])
    for passage in shipped_passages():
        yield from (passage.title, *passage.aliases)


@pytest.mark.slow
@pytest.mark.parametrize("language", Language)
def test_an_answer_from_the_knowledge_has_no_unsupported_figure(language: Language) -> None:
    service = shipped_service()
    asked = list(dict.fromkeys(questions()))
    accused = []
    for question in asked:
        context = service.get_context(question)
        answer = service.compose_answer(question, context, language)
        found = find_unsupported(answer.text, Evidence((*context.passages, *answer.passages)))
        if found:
            accused.append((question, answer.text, found))

    assert len(asked) > 500
    assert accused == []
