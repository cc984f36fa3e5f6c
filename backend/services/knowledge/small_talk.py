"""Greetings, thanks and "who are you": messages that ask for no fact."""

import re
from enum import StrEnum
from typing import Final

from backend.services.knowledge.text import fold

MAX_LENGTH: Final = 80
"""Characters: a longer message asks for something."""


class SmallTalk(StrEnum):
    """What people say that asks for no fact."""

    GREETING = "greeting"
    THANKS = "thanks"
    FAREWELL = "farewell"
    IDENTITY = "identity"


_FORMS: Final[dict[SmallTalk, str]] = {
    SmallTalk.GREETING: (
        "hi|hello|hey|helo|hallo|hiya|yo|greetings|howdy|good morning|good afternoon|good evening|"
        "good day|sawasdee|sawatdee|sawadee|mingalaba|mingalarpar|ni hao|nihao|hi hi|hello hello|"
        "how are you|สวัสดี|หวัดดี|ดี|ดีจ้า|ฮัลโหล|สวัสดีตอนเช้า|สบายดีไหม|สบายดีมั้ย|อรุณสวัสดิ์|"
        "你好|您好|嗨|哈喽|哈罗|早上好|下午好|晚上好|早安|在吗|在么|大家好|你好吗|你们好|早|"
        "မင်္ဂလာပါ|ဟိုင်း|ဟယ်လို|ဟလို|နေကောင်းလား|မင်္ဂလာနံနက်ခင်းပါ"
    ),
    SmallTalk.THANKS: (
        "thanks|thank you|thx|ty|thank u|thanks a lot|thank you so much|thank you very much|"
        "many thanks|cheers|ok thanks|ok thank you|great thanks|khop khun|xie xie|"
        "ขอบคุณ|ขอบใจ|ขอบคุณมาก|ขอบคุณมากๆ|ขอบพระคุณ|โอเคขอบคุณ|谢谢|多谢|谢谢你|谢谢您|感谢|非常感谢|"
        "好的谢谢|ကျေးဇူးတင်ပါတယ်|ကျေးဇူးပါ|ကျေးဇူးတင်ပါသည်|ကျေးဇူး|ကျေးဇူးပဲ|ကျေးဇူးအများကြီးတင်ပါတယ်"
    ),
    SmallTalk.FAREWELL: (
        "bye|goodbye|good bye|bye bye|see you|see ya|good night|ลาก่อน|บาย|บ๊ายบาย|ราตรีสวัสดิ์|"
        "再见|拜拜|晚安|下次见|တာ့တာ|သွားတော့မယ်|ဘိုင်|နောက်မှတွေ့မယ်"
    ),
    SmallTalk.IDENTITY: (
        "who are you|what are you|who r u|what is your name|whats your name|your name|"
        "what can you do|what can i ask|what can i ask you|what do you do|what do you know|"
        "how can you help|how can you help me|can you help me|help|help me|are you a bot|"
        "are you a robot|are you human|are you a human|คุณคือใคร|คุณเป็นใคร|เธอคือใคร|เธอเป็นใคร|"
        "ชื่ออะไร|คุณชื่ออะไร|ทำอะไรได้บ้าง|ช่วยอะไรได้บ้าง|คุณทำอะไรได้บ้าง|ถามอะไรได้บ้าง|เป็นบอทไหม|"
        "คุณเป็นบอทหรือเปล่า|ช่วยด้วย|你是谁|你叫什么|你叫什么名字|你能做什么|你会什么|可以问什么|"
        "我可以问什么|你是机器人吗|你能帮我什么|帮助|你可以做什么|ဘယ်သူလဲ|မင်းဘယ်သူလဲ|ခင်ဗျားဘယ်သူလဲ|"
        "နာမည်ဘယ်လိုခေါ်လဲ|ဘာလုပ်ပေးနိုင်လဲ|ဘာတွေမေးလို့ရလဲ|ဘာကူညီပေးနိုင်လဲ|သင်ဘယ်သူလဲ|"
        "သင်ဘာလုပ်ပေးနိုင်သလဲ|နင်ဘယ်သူလဲ"
    ),
}
_SEPARATORS: Final = re.compile(r"[^\w\u0e00-\u0e7f\u1000-\u109f]+")
_SENTENCES: Final = re.compile(r"[.,!?。！，？၊။\n]+")
_PARTICLES: Final = re.compile(
    fold("ครับผม|ครับ|คับ|ค่ะ|คะ|จ้า|จ้ะ|นะ|呀|啊|哦|ခင်ဗျာ|ရှင့်|ရှင်")
    + r"|\b(?:there|au ?guru|guru|bot|sir|madam|please|everyone|friend|dear|ka|krub|krab|kub|na)\b"
)


def read_small_talk(message: str) -> SmallTalk | None:
    """The kind of small talk that a message is, when it is nothing else."""
    if len(message) > MAX_LENGTH:
        return None
    last = _kind(_squeeze(message))
    if last is not None:
        return last
    for piece in filter(None, map(_squeeze, _SENTENCES.split(message))):
        last = _kind(piece)
        if last is None:
            return None
    return last


def _kind(squeezed: str) -> SmallTalk | None:
    return _KINDS.get(squeezed) or _KINDS.get(_without_particles(squeezed))


def _squeeze(text: str) -> str:
    return _SEPARATORS.sub(" ", fold(text)).strip()


def _without_particles(squeezed: str) -> str:
    return " ".join(_PARTICLES.sub(" ", squeezed).split())


_KINDS: Final[dict[str, SmallTalk]] = {
    form: kind
    for kind, forms in _FORMS.items()
    for written in forms.split("|")
    for form in (_squeeze(written), _without_particles(_squeeze(written)))
    if form
}
