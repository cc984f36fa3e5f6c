"""Taking from other people's text all that a model could take for the prompt's own structure."""

import re
from typing import Final

from backend.core.hidden import strip_hidden

BLOCK_NAMES: Final = ("facts", "question", "doubtful", "summary", "conversation")
"""The names of the prompt's blocks of data."""

# Between the letters of a tag people hide spaces and joiners; other hidden marks are gone by then.
_GAP: Final = r"[\s\u200c\u200d]*+"
_OPEN: Final = "<＜﹤‹〈《«⟨⟪❮❰˂ᐸ≺⧼"
_CLOSE: Final = ">＞﹥›〉》»⟩⟫❯❱˃ᐳ≻⧽"
_SLASH: Final = "/／∕⁄⧸\\\\＼"
_BAR: Final = "|｜ǀ∣│"
_LETTER: Final = r"[^\W\d_]"


def _spelled(word: str) -> str:
    """Build the pattern of a word in plain or full-width letters, however spaced."""
    return _GAP.join(f"[{char}{chr(ord(char) + 0xFEE0)}]" for char in word)


_BLOCKS: Final = "|".join(map(_spelled, BLOCK_NAMES))
_MARK: Final = re.compile(
    # A block's, or <|im_start|> and its kin, closed or not.
    rf"[{_OPEN}](?={_GAP}[{_SLASH}]?{_GAP}(?:{_BLOCKS}|[{_BAR}]))|(?<=[{_BAR}])[{_CLOSE}]",
    re.IGNORECASE,
)
_TAG: Final = re.compile(
    rf"[{_OPEN}]({_GAP}[{_SLASH}!?]?{_GAP}{_LETTER}[^{_OPEN}\n]{{0,80}}?)[{_CLOSE}]"
)
_ANY_OPEN: Final = re.compile(f"[{_OPEN}]")

_TEMPLATE: Final = re.compile(
    rf"[\[［【]({_GAP}[{_SLASH}]?{_GAP}"
    rf"(?:{'|'.join(map(_spelled, ('inst', 'system', 'sys', 'user', 'assistant', 'model')))})"
    rf"[^\]］】\n]{{0,40}})[\]］】]",
    re.IGNORECASE,
)
_BRACKETS: Final = re.compile(r"[\[［【]")

_FENCE: Final = re.compile(r"[`｀]{3,}|~{3,}")

_ROLES: Final = (
    "system|developer|assistant|human|user|model|instructions?|admin(?:istrator)?|ai|bot"
    "|ระบบ|ผู้ช่วย|ผู้ใช้|คำสั่ง|系统|系統|助手|助理|用户|用戶|指令|စနစ်|လက်ထောက်|အသုံးပြုသူ|ညွှန်ကြားချက်"
)
_ROLE: Final = re.compile(
    rf"^(?=[ \t>*_#=\-\[(（【]{{0,12}}(?:{_ROLES})[ \t]{{0,3}}"
    rf"(?:(?:prompt|message|instructions?)[ \t]{{0,3}})?[*_\])）】]{{0,4}}[ \t]{{0,3}}[:：﹕︰]"
    rf"|[ \t]{{0,8}}\#{{1,6}}[ \t]{{0,3}}(?:{_ROLES}))",
    re.IGNORECASE | re.MULTILINE,
)


def neutralise(text: str) -> str:
    """Write `text` so that it cannot open or close a block, begin a turn or speak for a role.

    What it says stays readable: brackets of tags turn round, a line that begins with a role's
    name becomes a quotation, hidden characters go.
    """
    text = strip_hidden(text)
    if "<" in text or not text.isascii():
        text = _without_tags(text)
    if _BRACKETS.search(text):
        text = _TEMPLATE.sub(r"(\1)", text)
    if "```" in text or "~~~" in text or "｀" in text:
        text = _FENCE.sub("'''", text)
    return _ROLE.sub("> ", text) if ":" in text or "#" in text or not text.isascii() else text


def _without_tags(text: str) -> str:
    if _ANY_OPEN.search(text) is None:
        return text
    return _TAG.sub(r"(\1)", _MARK.sub("(", text))
