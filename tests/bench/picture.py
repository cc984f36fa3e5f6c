"""The bench's turns as a picture: bars of turns a second and of CPU a turn, by clients."""

from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Final

from tests.bench.table import Row

_WIDTH: Final = 860
_LEFT: Final = 230
_BAR: Final = 15
_COLOURS: Final = {
    "bare proxy": "#9aa5b1",
    "service, SQLite": "#8b1a2b",
    "service, PostgreSQL": "#1f4e8c",
    "the plan as written": "#c9a227",
}
_OTHER: Final = "#5b7f5b"


def draw(rows: Sequence[Row], caption: str) -> str:
    """An SVG document; each value stands beside its bar."""
    turns = [row for row in rows if row.server in _COLOURS]
    parts: list[str] = []
    top = 24
    for title, value, unit in (
        ("Turns a second (more is better)", lambda row: row.turns_a_second, "/s"),
        ("CPU of the server a turn (less is better)", lambda row: row.cpu_ms, " ms"),
    ):
        parts.append(_text(12, top, title, size=15, weight="bold"))
        top += 14
        block = list(_bars(turns, value, unit, top))
        parts.extend(block)
        top += len(turns) * (_BAR + 4) + 34
    parts.append(_text(12, top, caption, size=11))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top + 14}" '
        'font-family="system-ui, sans-serif" role="img">\n'
        f"<title>AU-GURU bench</title>\n"
        f'<rect width="{_WIDTH}" height="{top + 14}" fill="#ffffff"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _bars(rows: Sequence[Row], value: Callable[[Row], float], unit: str, top: int) -> Iterator[str]:
    most = max((value(row) for row in rows), default=1.0) or 1.0
    for number, row in enumerate(rows):
        y = top + number * (_BAR + 4)
        width = max(1.0, (_WIDTH - _LEFT - 90) * value(row) / most)
        colour = _COLOURS.get(row.server, _OTHER)
        yield _text(12, y + 12, f"{row.clients:,} clients, {row.server}", size=11)
        yield (
            f'<rect x="{_LEFT}" y="{y}" width="{width:.1f}" height="{_BAR}" rx="2" '
            f'fill="{colour}"/>'
        )
        yield _text(int(_LEFT + width + 6), y + 12, f"{value(row):.1f}{unit}", size=11)


def _text(x: int, y: int, words: str, *, size: int, weight: str = "normal") -> str:
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" '
        f'fill="#1b1f23">{escape(words)}</text>'
    )
