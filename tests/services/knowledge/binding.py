"""Jobs for the binder: a small file of entries in a folder of its own."""

import json
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from backend.services.knowledge.job import Job

GATE: Final = {"id": "gate", "title": "Gate", "text": "Opens at nine."}


def make_job(folder: Path, entries: Sequence[Any], **changes: Any) -> Job:
    path = folder / "gates.json"
    path.write_text(json.dumps({"entries": entries}), "utf-8")
    digest = sha256(path.read_bytes()).hexdigest()
    target = str(folder / f"gates-{digest[:16]}.volume")
    return replace(Job(str(path), digest, digest, target, ("{}",)), **changes)
