"""The questions of a message that holds several, or one at the end of a long letter."""

import re
from collections.abc import Iterable
from typing import Final

MAX_CLAUSES: Final = 4
"""Questions of a message that are looked at by themselves."""

_LEAST_LENGTH: Final = 3
_LETTER: Final = 120
_LETTERS: Final = ((re.compile("[\u4e00-\u9fff]"), 24), (re.compile("[\u0e00-\u109f]"), 60))
"""Characters from which a message is a letter: in Latin letters, in Chinese, in Thai or Burmese."""

_UNSPACED: Final = re.compile("[\u0e00-\u0e7f\u1000-\u109f\u4e00-\u9fff]")
_SPLIT: Final = re.compile(
    r"[.?!;]+(?=\s|$)|[。！？；，၊။\n]+|,+(?=\s)|(?<=[\u4e00-\u9fff]),+"
    r"|\s+(?:and|also|plus|or)\s+(?=(?:how|what|when|where|which|who|whose|why|is|are|do|does|can)\b)"
    r"|(?<=[\u0e00-\u0e7f])\s+(?=[\u0e00-\u0e7f])|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])"
    r"|(?<=လဲ)\s+|(?<=လား)\s+",
    re.IGNORECASE,
)
_ASKING: Final = re.compile(
    r"^\W*(?:and\s+|also\s+|so\s+|but\s+)?(?:is|are|do|does|did|can|could|will|would|may|has|have)\b"
    r"|\b(?:how|what|whats|when|where|which|who|whose|why)\b"
    r"|\b(?:would like|want(?:ed)?|need|like) to (?:know|ask|understand|learn|find out)\b"
    r"|\b(?:tell me|let me know|advise|wonder(?:ing)?|inform|confirm|explain|inquire|enquire)\b"
    r"|เท่าไ|เท่าใด|กี่|อะไร|ไหม|มั้ย|ไหน|ใคร|ยังไง|อย่างไร|เมื่อไ|หรือเปล่า|หรือไม่|รึเปล่า|ทราบ|สอบถาม|บ้าง|ล่ะ"
    r"|吗|嗎|什么|什麼|多少|几|幾|哪|谁|誰|怎|如何|多久|是否|有没有|请问|請問|想了解|想知道|想问|呢"
    r"|လဲ|လား|နည်း|သိချင်|မေးချင်|ပြောပြ|ရော|ကော",
    re.IGNORECASE,
)


def read_clauses(message: str) -> tuple[tuple[str, ...], ...]:
    """The questions of a message, each with what was said before it; none when it is only one."""
    pieces = [piece.strip() for piece in _SPLIT.split(message)]
    pieces = [piece for piece in pieces if len(piece) >= _LEAST_LENGTH]
    if _UNSPACED.search(message) and not _is_letter(message):
        pieces = _join(pieces)
    asking = [place for place, piece in enumerate(pieces) if _ASKING.search(piece)]
    if len(pieces) < 2 or (len(asking) < len(pieces) and not _is_letter(message)):
        return ()
    return tuple(tuple(pieces[: place + 1]) for place in asking[:MAX_CLAUSES])


def _join(pieces: Iterable[str]) -> list[str]:
    """The pieces that ask, each with what is told before it, the last with what follows as well.

    In scripts without spaces between words a space may stand anywhere, and what asks stands at a
    question's end.
    """
    joined: list[str] = []
    told: list[str] = []
    for piece in pieces:
        told.append(piece)
        if _ASKING.search(piece):
            joined.append(" ".join(told))
            told = []
    return [*joined[:-1], " ".join([*joined[-1:], *told])]


def _is_letter(message: str) -> bool:
    """Whether a message is long enough to tell of more than what it asks."""
    least = next((length for found, length in _LETTERS if found.search(message)), _LETTER)
    return len(message) >= least
