"""The locks: every package of the image, those that others want included, with its hashes.

`make lock` writes them anew from `requirements*.txt`, with the newest versions that these leave
open; the hashes are those of every platform's files. The locks of extras hold only what comes on
top: pip gets `requirements.lock` with them.
"""

import hashlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
LOCKS: Final = ("requirements", "requirements-vectors", "requirements-tracing")
_PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)
_ENTRY: Final = re.compile(
    r"^[^\s#]+==[^\n]+ \\\n(?: {4}--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", re.MULTILINE
)


def find_lock_drift(root: Path = ROOT) -> list[str]:
    """What the locks say otherwise than the requirements; looks at files only."""
    drift = []
    for name in LOCKS:
        wanted, lock = (root / f"{name}.txt"), (root / f"{name}.lock")
        locked = _pins("".join(_entries(lock.read_text()).values())) if lock.exists() else {}
        if not lock.exists() or _head(wanted) not in lock.read_text():
            drift.append(f"{lock.name} was not made of this {wanted.name}: run `make lock`")
        drift += [
            f"{lock.name} has no {package}=={version} with hashes: run `make lock`"
            for package, version in _pins(wanted.read_text()).items()
            if locked.get(package) != version
        ]
    return drift


def write_locks() -> None:
    """Compile all of them; takes minutes and the package registry."""
    base: dict[str, str] = {}
    for name in LOCKS:
        lock = ROOT / f"{name}.lock"
        # What is known already is taken over: its hashes need not be asked for again.
        lock.write_text("\n".join([*base.values(), lock.read_text() if lock.exists() else ""]))
        _compile(f"{name}.txt", lock)
        entries = _entries(lock.read_text())
        own = [entries[package] for package in sorted(entries.keys() - base.keys())]
        base |= entries
        lock.write_text(_head(ROOT / f"{name}.txt") + "\n" + "".join(own))


def _compile(requirements: str, lock: Path) -> None:
    options = "--generate-hashes --no-header --no-annotate --no-strip-extras --allow-unsafe --quiet"
    quiet = "--no-emit-index-url --no-emit-trusted-host --no-emit-find-links"
    subprocess.run(
        [
            *(sys.executable, "-m", "piptools", "compile", *options.split(), *quiet.split()),
            *("--output-file", str(lock), requirements),
        ],
        cwd=ROOT,
        check=True,
    )


def _head(requirements: Path) -> str:
    """The lock's first line: what it was made of."""
    pins = [line for line in requirements.read_text().splitlines() if line and line[0] != "#"]
    digest = hashlib.sha256("\n".join(sorted(pins)).encode()).hexdigest()[:16]
    return f"# Made by `make lock` of {requirements.name} ({digest}); not for editing."


def _pins(text: str) -> dict[str, str]:
    return {_normal(name): version for name, version in _PIN.findall(text)}


def _entries(text: str) -> dict[str, str]:
    """Each package of a lock with its hashes."""
    return {_normal(re.split(r"[\[=]", entry)[0]): entry for entry in _ENTRY.findall(text)}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    write_locks()
