"""The lexicon made ready: the same content is worked through once in a process."""

from dataclasses import dataclass
from functools import lru_cache

from backend.services.knowledge.concept import lexicon_problems
from backend.services.knowledge.json_file import parse_json
from backend.services.knowledge.lexicon import Lexicon
from backend.services.knowledge.spelling import NearStrings, WordIndex, word_weights


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The concepts with their names, and what misspelt ones are compared with."""

    lexicon: Lexicon
    words: WordIndex
    near: NearStrings
    problems: tuple[str, ...]


@lru_cache(maxsize=4)
def build_vocabulary(contents: tuple[bytes, ...]) -> Vocabulary:
    """Work through the contents of lexicon files, the one whose aliases stand first.

    Raises:
        UnreadableFile: a content is not JSON.
    """
    documents = [parse_json(content) for content in contents]
    problems = tuple(found for document in documents for found in lexicon_problems(document))
    lexicon = Lexicon.build(*(document for document in documents if isinstance(document, dict)))
    weights = word_weights([(lexicon.everyday_words, 0.0), (lexicon.words, 0.3)])
    return Vocabulary(
        lexicon=lexicon,
        words=WordIndex(weights, unrepaired=lexicon.foreign_words),
        near=NearStrings(lexicon.strings()),
        problems=problems,
    )
