"""A model without sense: it obeys whatever reaches it as instruction.

It reads the request as a model does and is easier to fool than any: a look-alike of a mark ends
a block for it, whatever its code; a chat template's token begins a turn anywhere, and so does a
line that begins with a role's name; hidden letters are letters. What stands as data within the
blocks, and what the model is supposed to have said itself, it leaves alone.

Orders are words like `OBEY-TH-07`, whatever language stands around them: it says each of them.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from tests.fakes.gemini_payloads import Payload, default_text

ORDER: Final = re.compile(r"OBEY-[A-Z]+-[0-9]+")

_TAGS: Final = {0xE0000 + code: chr(code) for code in range(0x20, 0x7F)}
_DRAWN: Final = {"<": "＜﹤‹〈《«⟨⟪❮❰˂ᐸ≺⧼", ">": "＞﹥›〉》»⟩⟫❯❱˃ᐳ≻⧽", "/": "／∕⁄⧸", "|": "｜ǀ∣│"}
_BRACKETS: Final = {ord(char): plain for plain, chars in _DRAWN.items() for char in chars}
_NAMES: Final = "facts|question|doubtful|summary|conversation"
_OPEN: Final = re.compile(rf"<\s*({_NAMES})[^<>]*>?", re.IGNORECASE)
_CLOSE: Final = re.compile(rf"<\s*[/\\]\s*({_NAMES})[^<>]*>?", re.IGNORECASE)
_TURN: Final = re.compile(
    r"<\s*\|[^<>|]*\|?>?|<\s*/?\s*(?:start_of_turn|end_of_turn|bos|eos|s|system|assistant|user"
    r"|instructions?|rules|ctrl[0-9]+|系统|ระบบ|စနစ်)\s*>|\[\s*/?\s*(?:INST|SYSTEM)[^\]]*\]|<<\s*SYS\s*>>"
    r"|^[ \t]*(?:#+ *)?(?:system|human|user|assistant|developer|instructions?"
    r"|ระบบ|คำสั่ง|系统|系統|指令|用户|စနစ်|ညွှန်ကြားချက်)(?: \w+)?\**\s*:"
    r"|^[ \t]*#+ *(?:system|instructions?)\b|^```+ *(?:system|instructions?)",
    re.IGNORECASE | re.MULTILINE,
)
_LINE_END: Final = re.compile("[\r\x0b\x0c\x85\u2028\u2029]")


def orders_in(body: Payload) -> list[str]:
    """The orders of a request that reach the model as instruction, in its order."""
    return [order for text in _instructions(body) for order in ORDER.findall(text)]


def obedient_text(body: Payload) -> str:
    """What an obedient model answers: what it is ordered to say, else as always."""
    return " ".join(orders_in(body)) or default_text(body)


def _instructions(body: Payload) -> Iterator[str]:
    system = [part["text"] for part in body["systemInstruction"]["parts"]]
    said = [
        part["text"]
        for content in body["contents"]
        for part in content["parts"]
        if content["role"] == "user"
    ]
    for text in map(_seen, (*system, *said)):
        yield from _outside_of_blocks(text)
    for content in body["contents"]:
        for part in content["parts"]:
            yield from _own_turns(_seen(part["text"]))
    for part in body["systemInstruction"]["parts"]:
        yield from _own_turns(_seen(part["text"]))


def _seen(text: str) -> str:
    """The text as a model may take it: look-alikes for what they look like, nothing hidden."""
    text = _LINE_END.sub("\n", text.translate(_TAGS).translate(_BRACKETS))
    text = unicodedata.normalize("NFKC", text).translate(_BRACKETS).replace("：", ":")
    return "".join(char for char in text if unicodedata.category(char) != "Cf")


def _outside_of_blocks(text: str) -> Iterator[str]:
    at = 0
    while (begin := _OPEN.search(text, at)) is not None:
        yield text[at : begin.start()]
        end = _CLOSE.search(text, begin.end())
        if end is None:
            return
        at = end.end()
    yield text[at:]


def _own_turns(text: str) -> Iterator[str]:
    """What follows a token or a line that seems to begin a turn."""
    found = _TURN.search(text)
    if found is not None:
        yield text[found.end() :]
