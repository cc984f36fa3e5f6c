"""The sentences around the facts, in the asker's language, when the model does not write them."""

from dataclasses import dataclass
from typing import Final

from backend.core.language import Language


@dataclass(frozen=True, slots=True)
class Phrases:
    """The sentences of one language; `{phones}` and `{date}` are filled in."""

    found: str
    unknown: str
    phones: str
    partly: str
    foreign: str
    sources: str
    as_of: str
    uncertain: str
    welcome: str
    identity: str
    thanks: str
    farewell: str
    in_all: str
    separator: str
    colon: str


PHRASES: Final[dict[Language, Phrases]] = {
    Language.ENGLISH: Phrases(
        found="Here is what the university's information says:",
        unknown="The information I have about Assumption University does not answer this question.",
        phones="Please call the university, who can tell you:",
        partly="It does not say the rest of what you ask. Please call the university for that:",
        foreign="I only know about Assumption University, and this does not seem to be about it. "
        "For anything about the university you can also call:",
        sources="Sources",
        as_of="as of {date}",
        uncertain="please check: {where}",
        welcome="Hello! I am AU-GURU, the assistant of Assumption University. Ask me about tuition "
        "fees, faculties and programmes, admission, the campuses and how to reach them, or the "
        "university's history.",
        identity="I am AU-GURU, the assistant of Assumption University of Thailand. I answer from "
        "the university's own information: tuition fees, faculties and programmes, admission, the "
        "campuses and their contacts, and the university's history.",
        thanks="You are welcome! Ask me anything else about Assumption University.",
        farewell="Goodbye! I am here whenever you have a question about Assumption University.",
        in_all="{count} in all: {names}",
        separator="; ",
        colon=": ",
    ),
    Language.THAI: Phrases(
        found="ข้อมูลของมหาวิทยาลัยระบุไว้ดังนี้:",
        unknown="ข้อมูลเกี่ยวกับมหาวิทยาลัยอัสสัมชัญที่มีอยู่ไม่ได้ตอบคำถามนี้",
        phones="กรุณาโทรสอบถามมหาวิทยาลัยโดยตรง:",
        partly="ส่วนที่เหลือของคำถามไม่มีในข้อมูลนี้ กรุณาโทรสอบถามมหาวิทยาลัย:",
        foreign="ที่นี่ตอบได้เฉพาะเรื่องมหาวิทยาลัยอัสสัมชัญ และคำถามนี้ดูเหมือนไม่เกี่ยวกับมหาวิทยาลัย "
        "หากมีเรื่องเกี่ยวกับมหาวิทยาลัย โทรสอบถามได้ที่:",
        sources="แหล่งข้อมูล",
        as_of="ข้อมูล ณ {date}",
        uncertain="โปรดตรวจสอบอีกครั้งที่ {where}",
        welcome="สวัสดี! นี่คือ AU-GURU ผู้ช่วยของมหาวิทยาลัยอัสสัมชัญ ถามได้ทั้งเรื่องค่าเล่าเรียน "
        "คณะและหลักสูตร การสมัครเรียน วิทยาเขตและช่องทางติดต่อ หรือประวัติของมหาวิทยาลัย",
        identity="นี่คือ AU-GURU ผู้ช่วยของมหาวิทยาลัยอัสสัมชัญ ตอบจากข้อมูลของมหาวิทยาลัยเอง "
        "ทั้งค่าเล่าเรียน คณะและหลักสูตร การสมัครเรียน วิทยาเขตและช่องทางติดต่อ และประวัติของมหาวิทยาลัย",
        thanks="ยินดีเสมอ! มีเรื่องไหนเกี่ยวกับมหาวิทยาลัยอัสสัมชัญอีก ถามได้เลย",
        farewell="ลาก่อน! มีคำถามเกี่ยวกับมหาวิทยาลัยอัสสัมชัญเมื่อไหร่ กลับมาถามได้เสมอ",
        in_all="ทั้งหมด {count} รายการ: {names}",
        separator="; ",
        colon=": ",
    ),
    Language.CHINESE: Phrases(
        found="根据学校的资料：",
        unknown="我掌握的易三仓大学资料没有回答这个问题。",
        phones="请致电学校咨询：",
        partly="你问的其他内容资料中没有，请致电学校咨询：",
        foreign="我只了解易三仓大学，这个问题似乎与学校无关。有关学校的问题也可以致电：",
        sources="资料来源",
        as_of="截至{date}",
        uncertain="请向来源核实：{where}",
        welcome="你好！我是 AU-GURU，易三仓大学的助手。你可以问我学费、学院和专业、入学申请、"
        "校区和联系方式，以及学校的历史。",
        identity="我是 AU-GURU，泰国易三仓大学的助手，根据学校自己的资料回答：学费、学院和专业、"
        "入学申请、校区和联系方式，以及学校的历史。",
        thanks="不客气！关于易三仓大学还有什么想知道的，请随时问我。",
        farewell="再见！有关于易三仓大学的问题，欢迎随时再来。",
        in_all="共{count}项：{names}",
        separator="；",
        colon="：",
    ),
    Language.BURMESE: Phrases(
        found="တက္ကသိုလ်၏ အချက်အလက်များအရ -",
        unknown="Assumption University အကြောင်း ကျွန်ုပ်တွင်ရှိသော အချက်အလက်များထဲတွင် ဤမေးခွန်း၏ အဖြေ မပါရှိပါ။",
        phones="တက္ကသိုလ်သို့ ဖုန်းဆက် မေးမြန်းနိုင်ပါသည် -",
        partly="ကျန်မေးခွန်းများ၏ အဖြေ မပါရှိပါ။ တက္ကသိုလ်သို့ ဖုန်းဆက် မေးမြန်းနိုင်ပါသည် -",
        foreign="ကျွန်ုပ်သည် Assumption University အကြောင်းသာ ဖြေနိုင်ပြီး ဤမေးခွန်းသည် တက္ကသိုလ်နှင့် မသက်ဆိုင်ဟု ထင်ပါသည်။ "
        "တက္ကသိုလ်အကြောင်း မေးလိုပါက ဖုန်းဆက်နိုင်ပါသည် -",
        sources="အချက်အလက် ရင်းမြစ်",
        as_of="{date} အရ",
        uncertain="ဤနေရာတွင် ထပ်မံစစ်ဆေးပါ - {where}",
        welcome="မင်္ဂလာပါ။ ကျွန်ုပ်သည် Assumption University ၏ အကူ AU-GURU ဖြစ်ပါသည်။ ကျောင်းလခ၊ "
        "ဌာနနှင့် ဘာသာရပ်များ၊ ကျောင်းလျှောက်ခြင်း၊ ကျောင်းဝင်းနှင့် ဆက်သွယ်ရန်၊ တက္ကသိုလ်သမိုင်း "
        "အကြောင်း မေးနိုင်ပါသည်။",
        identity="ကျွန်ုပ်သည် ထိုင်းနိုင်ငံ Assumption University ၏ အကူ AU-GURU ဖြစ်ပါသည်။ "
        "ကျောင်းလခ၊ ဌာနနှင့် ဘာသာရပ်များ၊ ကျောင်းလျှောက်ခြင်း၊ ကျောင်းဝင်းနှင့် ဆက်သွယ်ရန်၊ "
        "တက္ကသိုလ်သမိုင်းတို့ကို တက္ကသိုလ်၏ အချက်အလက်များဖြင့် ဖြေပေးပါသည်။",
        thanks="ရပါတယ်။ Assumption University အကြောင်း နောက်ထပ် မေးနိုင်ပါသည်။",
        farewell="နှုတ်ဆက်ပါတယ်။ Assumption University အကြောင်း အချိန်မရွေး မေးနိုင်ပါသည်။",
        in_all="စုစုပေါင်း {count} ခု - {names}",
        separator="၊ ",
        colon=" - ",
    ),
}
