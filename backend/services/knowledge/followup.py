"""Follow-ups: questions that leave unsaid what the question before them said."""

import re
from collections.abc import Sequence
from typing import Final

from backend.core.conversation import HistoryMessage
from backend.services.knowledge.analysis import Analyser
from backend.services.knowledge.query import Query
from backend.services.knowledge.text import fold

_LOOKED_BACK: Final = 3
"""Earlier questions: a follow-up of a follow-up of a question."""

_SHORT_WORDS: Final = 7
_SHORT_LENGTH: Final = {"th": 26, "my": 32, "zh": 10}

_OPENINGS: Final = re.compile(
    r"^(?:(?:ok|okay|thanks|thank you|great|good|nice|cool|i see|yes|no|hmm|so|oh|alright|"
    r"โอเค|ขอบคุณ|ครับ|ค่ะ|好的|好|谢谢|ဟုတ်|ကျေးဇူး)[\s,.!]*)*"
    r"(?:and|what about|how about|also|or|but|then|what if|same for|is it the same|"
    r"แล้ว|และ|ส่วน|หรือ|งั้น|ถ้า|แต่|"
    r"那|那么|还有|另外|和|或者|如果|以及|"
    r"ဒါဆို|ဒါဆိုရင်|ပြီးတော့|နောက်|ဒါနဲ့|အဲဒါဆို|ဆိုရင်)"
)
_ENDINGS: Final = re.compile(r"(?:ล่ะ|หละ|ละ|呢|ကော|ရော)(?:คะ|ครับ|ค่ะ|คับ|လဲ|ပါ)?[\s?？!]*$")
_POINTERS: Final = re.compile(
    r"\b(?:it|its|they|them|their|there|that|this|those|these|one|ones)\b|"
    r"ที่นั่น|อันนั้น|ตรงนั้น|那里|那个|它|အဲဒီ|အဲ့ဒီ"
)

_OTHER: Final = re.compile(
    r"\b(?:other|another|second) (?:campus|branch|location|masters?|one)\b|"
    r"อีกวิทยาเขต|อีกแคมปัส|อีกที่|อีกแห่ง|วิทยาเขตอื่น|"
    r"另一个|另外一个|另一校区|其他校区|နောက်ကျောင်းဝင်း|နောက်တစ်ခု|တခြားကျောင်းဝင်း|အခြားကျောင်းဝင်း"
)
"""What sets apart: the other campus is the one that was not named."""


def read_conversation(analyser: Analyser, message: str, history: Sequence[HistoryMessage]) -> Query:
    """The question with what it takes over from the questions before it."""
    earlier = [said.content for said in history if said.role == "user"][-_LOOKED_BACK:]
    state = Query()
    for text in [*earlier, message]:
        query = analyser.read_query(text)
        follows = bool(state.parts) and is_follow_up(text, query)
        if follows and _OTHER_FOLDED.search(fold(text)):
            query = query.without_named(state)
        state = query.following(state) if follows else query
    return state


def is_follow_up(message: str, query: Query) -> bool:
    """Whether a question leaves unsaid what it is about, or what it asks of it."""
    if query.foreign or query.elsewhere or not _is_short(message):
        return False
    folded = fold(message).strip()
    if _OPENINGS_FOLDED.match(folded) or _ENDINGS_FOLDED.search(folded):
        return True
    complete = query.names_topic() and query.names_entity()
    return not complete or _POINTERS_FOLDED.search(folded) is not None


def _is_short(message: str) -> bool:
    limit = 60 if message.isascii() else 45
    return len(message) <= limit or len(message.split()) <= _SHORT_WORDS


def _folded(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """The pattern as it stands in folded text."""
    return re.compile(_DROPPED_MARKS.sub("", pattern.pattern))


_DROPPED_MARKS: Final = re.compile("[\u0e47-\u0e4c]")
_OPENINGS_FOLDED: Final = _folded(_OPENINGS)
_ENDINGS_FOLDED: Final = _folded(_ENDINGS)
_POINTERS_FOLDED: Final = _folded(_POINTERS)
_OTHER_FOLDED: Final = _folded(_OTHER)
