"""The four languages the assistant speaks, told apart by their scripts."""

import unicodedata
from collections import Counter
from enum import StrEnum
from typing import Final


class Language(StrEnum):
    """ISO 639-1 code of a language the assistant answers in."""

    ENGLISH = "en"
    THAI = "th"
    CHINESE = "zh"
    BURMESE = "my"

    @property
    def english_name(self) -> str:
        """The language's name in English, as the prompt names it to the model."""
        return self.name.capitalize()


_SCRIPTS: Final[tuple[tuple[range, Language], ...]] = (
    (range(0x0E01, 0x0E5C), Language.THAI),
    (range(0x1000, 0x10A0), Language.BURMESE),
    (range(0xA9E0, 0xAA00), Language.BURMESE),
    (range(0xAA60, 0xAA80), Language.BURMESE),
    (range(0x3400, 0x4DC0), Language.CHINESE),
    (range(0x4E00, 0xA000), Language.CHINESE),
    (range(0xF900, 0xFB00), Language.CHINESE),
    (range(0x20000, 0x32000), Language.CHINESE),
)


def detect_language(text: str) -> Language:
    """Tell the asker's language from the script of `text`; English when nothing else shows.

    Any Thai, Burmese or Chinese letter outweighs Latin ones: "ค่า tuition ของ MBA" is a Thai
    question with English terms in it, never the other way round.
    """
    scripts = Counter(language for char in text if (language := _script(char)) is not None)
    if not scripts:
        return Language.ENGLISH
    return scripts.most_common(1)[0][0]


def _script(char: str) -> Language | None:
    if char.isascii():
        return None
    code = ord(unicodedata.normalize("NFKC", char)[0])
    return next((language for span, language in _SCRIPTS if code in span), None)


def choose_language(message: str, earlier: str | None) -> Language:
    """The language to answer `message` in, given the asker's question before it, if any.

    One or two Latin words ("MBA?", "and Nursing") do not end a conversation held in Thai.
    """
    language = detect_language(message)
    if language is not Language.ENGLISH or earlier is None or len(message.split()) > 2:
        return language
    return detect_language(earlier)
