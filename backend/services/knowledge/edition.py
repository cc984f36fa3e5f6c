"""One version of the knowledge with all that looks things up in it."""

from copy import copy
from dataclasses import dataclass

from backend.services.knowledge.citations import Citer
from backend.services.knowledge.library import Library
from backend.services.knowledge.loader import Material
from backend.services.knowledge.retrieval import Retriever


@dataclass(frozen=True, slots=True)
class Edition:
    """What a request works with from its question to its answer, however often files change."""

    material: Material
    library: Library
    retriever: Retriever
    citer: Citer

    @classmethod
    def of(cls, material: Material, last: "Edition | None" = None) -> "Edition":
        """Index what was read; `last` saves the work on what is the same."""
        library = Library(material, last.library if last is not None else None)
        return cls(material, library, Retriever(library), Citer(library))

    def following(self, material: Material) -> "Edition":
        """The edition of what was read after this one."""
        if material.version != self.library.version:
            return Edition.of(material, self)
        library = copy(self.library)
        library.problems = tuple(material.problems)
        return Edition(material, library, self.retriever, self.citer)
