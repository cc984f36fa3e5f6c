"""Passages and a small lexicon by which judges are tried."""

from typing import Final

from backend.services.knowledge.analysis import Analyser
from backend.services.knowledge.context import Scored
from backend.services.knowledge.evidence import Judge
from backend.services.knowledge.lexicon import Lexicon
from backend.services.knowledge.passage import Fact, Passage, Source

LEXICON: Final = Lexicon.build(
    {
        "stop_words": {"group": "stop", "en": ["the", "of", "is", "what", "at"]},
        "negation": {"group": "stop", "en": ["not"]},
        "price": {"generic": True, "en": ["price", "how much"]},
        "amount": {"generic": True, "en": ["how much"]},
        "hours": {"generic": True, "en": ["hours"]},
        "tuition": {"en": ["tuition"]},
        "how_to_apply": {"en": ["apply"]},
        "library": {"en": ["library"]},
        "gate": {"en": ["gate"]},
        "overview": {"weak": True, "en": ["overview"]},
        "abac": {"group": "name", "weak": True, "en": ["abac"]},
        "school": {"group": "thing", "weak": True, "en": ["school"]},
        "undergraduate": {"group": "level", "en": ["bachelor"]},
        "graduate": {"group": "level", "en": ["postgraduate"]},
        "master": {"group": "level", "en": ["master"], "broader": ["graduate"]},
        "mba": {"group": "level", "en": ["mba"], "broader": ["graduate", "master"]},
        "doctoral": {"group": "level", "en": ["doctor"], "broader": ["graduate"]},
        "bangna": {"group": "campus", "en": ["bangna"]},
        "hua_mak": {"group": "campus", "en": ["huamak"]},
        "law": {"group": "subject", "en": ["law"]},
        "music": {"group": "subject", "en": ["music"]},
        "engineering": {"group": "subject", "en": ["engineering"]},
        "electrical": {"group": "subject", "en": ["electrical"], "broader": ["engineering"]},
        "female": {"group": "gender", "en": ["women"]},
        "exchange": {"en": ["exchange"]},
    }
)
ANALYSER: Final = Analyser(LEXICON)


def judge(question: str) -> Judge:
    return Judge(ANALYSER, ANALYSER.read_query(question))


def fact(title: str, body: str = "It is here.", *above: str) -> Passage:
    """A passage of the owner's files."""
    address = f"{title} {body}"
    return Passage(
        id=address,
        category="a",
        fact_id=address,
        title=title,
        body=body,
        source=Source("A"),
        raw={},
        breadcrumb=("root", *above),
    )


def entry(title: str, body: str = "It is here.", aliases: tuple[str, ...] = ()) -> Passage:
    return Passage(
        id=title,
        category="e",
        fact_id=title,
        title=title,
        body=body,
        source=Source("E"),
        raw={},
        breadcrumb=("root", title),
        core=False,
        aliases=aliases,
    )


def listing(title: str, *names: str) -> Passage:
    """A list of names in the owner's files."""
    return Passage(
        id=title,
        category="a",
        fact_id=title,
        title=title,
        body=", ".join(names),
        source=Source("A"),
        raw=[],
        breadcrumb=("root",),
        facts=(Fact((), names, counted=True),),
    )


def scored(*passages: Passage) -> list[Scored]:
    return [Scored(passage, 1.0, 1.0, 1.0, place) for place, passage in enumerate(passages)]
