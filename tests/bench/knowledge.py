"""What many facts cost: `python -m tests.bench.knowledge --entries 20000`.

The memory of its process is that of the knowledge, so that nothing else is measured in it. Times
are those of a clock; CPU times stand beside them, for others may be at work on the machine.
"""

import argparse
import asyncio
import gc
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path
from time import perf_counter, process_time, thread_time
from typing import Any, Final, TypeVar

import psutil
import structlog

from backend.services.knowledge.bindery import Bindery
from backend.services.knowledge.evaluation import Question, evaluate, read_questions
from backend.services.knowledge_service import KnowledgeService
from tests.bench.processes import say
from tests.bench.table import Table

Result = TypeVar("Result")

ROOT: Final = Path(__file__).resolve().parents[2]
FILE: Final = "generated.json"
EDITED_ENTRIES: Final = 1_000
_OWNERS_FILES: Final = ("au_contacts", "au_faculties", "au_history", "au_tuitions")
_SYLLABLES: Final = "ba ro mi ta len sor vik pan du che qua zim fo ner gal hup tis mor ade lin"
_SUBJECTS: Final = (
    "tuition fee campus student faculty business law nursing library dormitory scholarship visa "
    "exam course credit semester office registrar address phone parking bus club sport music "
    "engineering science architecture admission deadline application transcript certificate "
    "graduate master doctor bachelor programme international exchange insurance health account"
)
_PROBE_SECONDS: Final = 0.001


def generate_entries(count: int, *, seed: int = 7) -> Iterator[dict[str, Any]]:
    """Entries of made-up words, as frequent as words are, among those that people ask for."""
    chance = random.Random(seed)  # noqa: S311  # made-up facts, not secrets
    syllables, subjects = _SYLLABLES.split(), _SUBJECTS.split()
    words = ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(20_000)]
    weights = list(accumulate(1 / place for place in range(1, len(words) + 1)))
    for number in range(count):
        said = chance.choices(words, cum_weights=weights, k=18) + chance.choices(subjects, k=6)
        chance.shuffle(said)
        title = chance.choices(subjects, k=2) + chance.choices(words, cum_weights=weights, k=2)
        yield {
            "id": f"e{number}",
            "title": " ".join(title).title(),
            "text": f"{' '.join(said).capitalize()} {chance.randint(100, 99_999)} THB.",
            "aliases": [" ".join(said[:3])],
            "source": "https://example.au.edu/page",
            "as_of": "2026-01",
        }


def run_scaled(_: Table, scale: int) -> int:
    """Measure and print; nothing here can fail a turn."""
    say("")
    run(20_000 if scale > 1 else 100_000)
    return 0


def run(count: int) -> None:
    """Measure `count` entries in a process of their own."""
    command = [sys.executable, "-m", "tests.bench.knowledge", "--entries", str(count)]
    subprocess.run(command, cwd=ROOT, check=True)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.knowledge", description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    count: int = parser.parse_args().entries
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    questions = read_questions(ROOT / "tests/services/knowledge/questions.jsonl")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for stem in _OWNERS_FILES:
            shutil.copy(ROOT / "data" / f"{stem}.json", folder)
        before = _memory()
        alone, took = _timed(lambda: KnowledgeService(folder, token_budget=400))
        say(f"knowledge: the owner's facts alone: built in {took}")
        say(f"knowledge: {_memory() - before:.0f} MB, {_search_times(alone, questions)}")
        _compare(folder, count, questions)
        (folder / FILE).unlink()
        _reload(folder)
    return 0


def _compare(folder: Path, count: int, questions: list[Question]) -> None:
    before = _memory()
    _write(folder, count)
    with tempfile.TemporaryDirectory() as name:
        cache = Path(name)
        _, took = _timed(lambda: _open(folder, cache))
        say(f"knowledge: {count:,} entries more: built in {took}")
        service, took = _timed(lambda: _open(folder, cache))
        say(f"knowledge: started with what was built in {took}")
        say(f"knowledge: {_search_times(service, questions)}, {_memory() - before:.0f} MB more")
        recall = evaluate(service, questions, budget=400).recall
        say(f"knowledge: the owner's facts found within 400 tokens: {recall.value:.3f}")
        content = (folder / FILE).read_text("utf-8")
        (folder / FILE).write_text(content.replace("THB.", "THB now.", 1), "utf-8")
        seconds, late = asyncio.run(_reload_and_probe(service))
        say(
            f"knowledge: one of {count:,} changed: in use after {seconds:.2f} s, event loop late "
            f"by p99 {_percentile(late, 0.99) * 1_000:.1f} ms, {_memory() - before:.0f} MB more"
        )


def _open(folder: Path, cache: Path) -> KnowledgeService:
    return KnowledgeService(folder, token_budget=400, bindery=Bindery(cache))


def _reload(folder: Path) -> None:
    """Reload a file of 1,000 entries, with one of them changed and with all."""
    _write(folder, EDITED_ENTRIES)
    content = (folder / FILE).read_text("utf-8")
    service = KnowledgeService(folder, token_budget=400)
    for label, changes in (("one", 1), ("each", -1)):
        seconds, worked, lags = [], [], []
        for turn in range(5):
            (folder / FILE).write_text(content.replace("THB.", f"THB {turn}.", changes), "utf-8")
            before = process_time()
            took, late = asyncio.run(_reload_and_probe(service))
            worked.append(process_time() - before)
            seconds.append(took)
            lags.extend(late)
        say(
            f"knowledge: {EDITED_ENTRIES:,} entries reloaded, {label} changed: "
            f"{_percentile(seconds, 0.5) * 1_000:.0f} ms, "
            f"CPU {_percentile(worked, 0.5) * 1_000:.0f} ms, event loop late by "
            f"p99 {_percentile(lags, 0.99) * 1_000:.1f} ms"
        )


async def _reload_and_probe(service: KnowledgeService) -> tuple[float, list[float]]:
    """Seconds of a reload in a thread, and those by which the event loop was late meanwhile."""
    late = []
    began = perf_counter()
    reload = asyncio.create_task(asyncio.to_thread(service.reload))
    while not reload.done():
        asked = perf_counter()
        await asyncio.sleep(_PROBE_SECONDS)
        late.append(perf_counter() - asked - _PROBE_SECONDS)
    if not await reload:
        raise RuntimeError("the change was not seen")
    return perf_counter() - began, late


def _write(folder: Path, count: int) -> None:
    document = {"entries": list(generate_entries(count))}
    (folder / FILE).write_text(json.dumps(document), "utf-8")


def _search_times(service: KnowledgeService, questions: list[Question]) -> str:
    """Of questions that were asked before, and of such as nobody has asked yet."""
    told = []
    for label, ending in (("search", ""), ("new questions", " please"), ("search", "")):
        times, worked = [], []
        for question in questions:
            began, before = perf_counter(), thread_time()
            service.get_context(question.question + ending)
            times.append(perf_counter() - began)
            worked.append(thread_time() - before)
        told.append(f"{label} {_spread(times)}, CPU {_spread(worked)}")
    return "; ".join(told[1:])


def _spread(seconds: list[float]) -> str:
    p50, p99 = (_percentile(seconds, share) * 1_000 for share in (0.5, 0.99))
    return f"p50 {p50:.2f} ms, p99 {p99:.2f} ms"


def _timed(work: Callable[[], Result]) -> tuple[Result, str]:
    """The result, and how long it took; CPU time is that of all processes it took."""
    began, before = perf_counter(), sum(os.times()[:4])
    result = work()
    worked = sum(os.times()[:4]) - before
    return result, f"{perf_counter() - began:.2f} s, CPU {worked:.2f} s"


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _memory() -> float:
    gc.collect()
    return psutil.Process().memory_info().rss / 1_048_576


if __name__ == "__main__":
    sys.exit(main())
