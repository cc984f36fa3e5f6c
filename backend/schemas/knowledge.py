"""What crosses HTTP about the knowledge, and the form of an entry in a file of entries."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

ID_PATTERN = r"^[A-Za-z0-9_][A-Za-z0-9_.\-]*$"
DATE_PATTERN = r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$"
"""A year, a month or a day: as precise as the page is."""

Phrase = Annotated[str, Field(min_length=1, max_length=500)]


class KnowledgeEntry(BaseModel):
    """One fact in a file of the form `{"entries": [...]}`."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    id: Annotated[str, Field(min_length=1, max_length=200, pattern=ID_PATTERN)]
    title: Annotated[str, Field(min_length=1, max_length=300)]
    text: Annotated[str, Field(max_length=20_000)] = ""
    # A factory, for pydantic copies a default of its own for each entry, a quarter of the time.
    facts: Annotated[
        dict[str, JsonValue], Field(default_factory=dict, json_schema_extra={"default": {}})
    ]
    aliases: tuple[Phrase, ...] = ()
    tags: tuple[Phrase, ...] = ()
    lang: Literal["en", "th", "zh", "my"] = "en"
    source: Annotated[str, Field(max_length=2_000)] | None = None
    source_title: Annotated[str, Field(max_length=500)] | None = None
    as_of: Annotated[str, Field(pattern=DATE_PATTERN)] | None = None
    valid_until: Annotated[str, Field(pattern=DATE_PATTERN)] | None = None
    confidence: Literal["high", "medium", "low"] = "high"
    note: Annotated[str, Field(max_length=2_000)] | None = None
    priority: Annotated[float, Field(gt=0, le=10)] = 1.0

    @model_validator(mode="after")
    def _check_content(self) -> Self:
        if not self.text and not self.facts:
            raise ValueError("needs a text or facts")
        return self


class FactSource(BaseModel):
    """Where a fact stands: a page (`url`) or one of the university's files."""

    model_config = ConfigDict(from_attributes=True)

    title: str
    url: str | None = None
    file: str | None = None
    date: str | None = Field(default=None, description="A year, a month or a day.")


class FactRead(BaseModel):
    """One fact of the knowledge."""

    model_config = ConfigDict(from_attributes=True)

    id: str = Field(description="The address in answers: category, `#`, place in the file.")
    fact_id: str = Field(
        description="The address in URLs: the dotted path of the fact in its file, or the id of "
        "the entry. `~` is the top of a file; other characters than letters, digits, `_` and `-` "
        "in a key are written `~` and two hexadecimal digits for each byte."
    )
    category: str
    title: str
    breadcrumb: list[str]
    text: str = Field(description="The fact as a sentence, figures with separators and unit.")
    content: Any = Field(description="The fact as it stands in its file.")
    source: FactSource
    language: str
    confidence: Literal["high", "medium", "low"]
    note: str | None
    valid_until: str | None
    version: str = Field(description="Changes with the content: what `If-Match` names in an edit.")


class SearchResult(BaseModel):
    """A fact that matches a search."""

    score: float = Field(description="Higher is better; comparable within one search only.")
    matched_terms: list[str] = Field(
        description="What the question and the fact share: concepts, stems of words, figures, and "
        "pieces of words where a script has no spaces."
    )
    passage: FactRead
    source: FactSource


class SearchResponse(BaseModel):
    """The facts that match, best first."""

    results: list[SearchResult]


class PreviewResponse(BaseModel):
    """What a question would send to the model, without asking it."""

    language: Literal["en", "th", "zh", "my"]
    off_topic: bool = Field(description="Whether the question seems not to be about us.")
    complete: bool = Field(description="Whether the whole knowledge fits and is sent.")
    results: list[SearchResult] = Field(description="What matches best, sent or not; at most 50.")
    sent: list[str] = Field(description="The ids of the facts in the prompt, in its order.")
    context_tokens: int
    prompt: str
    prompt_tokens: int


class FileProblemRead(BaseModel):
    """Something wrong with a file; what could be read of it is used."""

    model_config = ConfigDict(from_attributes=True)

    file: str
    message: str
    place: str | None = Field(description="Line and column, or the entry, as far as known.")


class CategoryRead(BaseModel):
    """One file of the knowledge."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    title: str
    file: str
    form: Literal["nested", "entries"]
    facts: int


class KnowledgeOverview(BaseModel):
    """All categories, and what is wrong with their files."""

    categories: list[CategoryRead]
    total_facts: int
    facts_with_vector: int = Field(description="0 unless an embedder is chosen (`EMBEDDER`).")
    problems: list[FileProblemRead]


class CategoryFacts(CategoryRead):
    """A category with a page of its facts, in the file's order."""

    items: list[FactRead]
    offset: int
    version: str = Field(description="Changes with the content of the facts on this page.")
