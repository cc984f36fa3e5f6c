"""Which questions count as unanswered, and what of them may be kept."""

import pytest

from backend.services.knowledge.context import KnowledgeContext
from backend.services.knowledge.gap import (
    MAX_LENGTH,
    answering,
    is_gap,
    make_gap,
    make_text_key,
    mask,
    normalise,
)
from backend.services.knowledge.query import Part, Query, Term, TermKind
from backend.services.knowledge_service import KnowledgeService


class TestMasking:
    @pytest.mark.parametrize(
        ("text", "masked"),
        [
            ("I am 6512345, hello", "I am [number], hello"),
            ("call +66 2 719 1919", "call [number]"),
            ("call (02) 719-1919 now", "call ([number] now"),
            ("1.2.3.4.5.6.7", "[number]"),
            ("123456", "123456"),
            ("112,000 or 500,000 THB", "112,000 or 500,000 THB"),
            ("1234   567", "1234   567"),
            ("1234  567", "[number]"),
            ("write to <me@au.edu>, please", "write to <[e-mail]>, please"),
            ("a@b;c@d", "[e-mail];[e-mail]"),
            ("at @ noon", "at @ noon"),
        ],
    )
    def test_takes_out_addresses_and_long_numbers(self, text: str, masked: str) -> None:
        assert mask(text) == masked

    @pytest.mark.parametrize(
        ("text", "normal"),
        [
            ("  How MUCH -- is it?! ", "how much is it"),
            ("Café", "cafe"),
            ("ค่าเทอม เท่าไหร่", "คาเทอมเทาไหร"),
            ("学费，多少？", "学费 多少"),
            ("?!", ""),
        ],
    )
    def test_is_of_the_text_as_it_is_counted(self, text: str, normal: str) -> None:
        assert normalise(text) == normal


class TestTextKey:
    def test_is_the_same_however_a_question_is_written(self) -> None:
        ways = ("Is 6512345 OK?", "is 7777777 ok", " IS 1234567 ok!")

        assert len(set(map(make_text_key, ways))) == 1
        assert make_text_key("Is it OK") != make_text_key(ways[0])

    def test_is_of_what_is_kept_of_a_long_question(self) -> None:
        start = "word " * (MAX_LENGTH // 5)

        assert make_text_key(f"{start}one") == make_text_key(f"{start}other")
        assert make_text_key(f"{start[:-5]}one") != make_text_key(f"{start[:-5]}two")


class TestGap:
    @pytest.mark.parametrize(
        ("message", "gap"),
        [
            ("How much is the MBA?", False),
            ("Is there a swimming pool on the campus?", True),
            ("what is the price of bitcoin", False),
            ("hello", False),
            ("?", False),
        ],
    )
    def test_is_a_question_about_the_university_that_the_facts_do_not_answer(
        self, owners: KnowledgeService, message: str, gap: bool
    ) -> None:
        assert is_gap(message, owners.get_context(message), None) is gap

    @pytest.mark.parametrize(
        ("message", "cited", "gap"),
        [
            ("How much is the MBA?", (), True),
            ("How much is the MBA?", ("mba_programs",), False),
            ("How much is the MBA?", ("campuses.0",), True),
            ("How much is the MBA?", ("campuses.0", "mba_programs"), False),
            ("What is the phone number of Hua Mak?", ("campuses.0",), False),
            ("what is the price of bitcoin", (), False),
            ("thank you", (), False),
        ],
    )
    def test_is_an_answer_that_only_sends_to_the_telephone(
        self, owners: KnowledgeService, message: str, cited: tuple[str, ...], gap: bool
    ) -> None:
        passages = tuple(p for p in owners.library.passages if p.fact_id.endswith(cited or ("-",)))
        assert len(passages) == len(cited)

        assert is_gap(message, owners.get_context(message), passages) is gap

    def test_is_kept_masked_with_what_it_is_about(self, owners: KnowledgeService) -> None:
        message = "  My number is 6512345: a scholarship for the MBA? "

        gap = make_gap(message, owners.get_context(message))

        assert gap.question == "My number is [number]: a scholarship for the MBA?"
        assert gap.text_key == make_text_key(message)
        assert gap.topic == "mba scholarship"
        assert len(make_gap("word " * 100, owners.get_context("word")).question) <= MAX_LENGTH

    def test_has_what_says_something_for_its_topic_but_no_name_of_the_university(self) -> None:
        masses = {"mba": (1.0,), "fee": (0.5,), "how": (0.49,), "law": (0.1, 0.6), "au": (1.0,)}
        parts = tuple(
            Part(
                tuple(Term(f"@{name}", TermKind.CONCEPT, 1.0, mass) for mass in of_terms),
                (name,),
                frozenset({"name" if name == "au" else "topic"}),
            )
            for name, of_terms in masses.items()
        )

        gap = make_gap("?", KnowledgeContext("", (), 0, query=Query(parts)))

        assert gap.topic == "fee law mba"

    def test_has_one_topic_in_every_language(self, owners: KnowledgeService) -> None:
        topics = {
            make_gap(message, owners.get_context(message)).topic
            for message in ("dormitory?", "หอพัก", "Assumption University dormitory")
        }

        assert len(topics) == 1
        assert not topics.pop().startswith("text:")

    def test_of_words_that_are_not_known_is_a_topic_of_its_own(
        self, owners: KnowledgeService
    ) -> None:
        one, same, other = (
            make_gap(message, owners.get_context(message)).topic
            for message in ("quokka zorblax", "Quokka zorblax?", "quokka zorblat")
        )

        assert one == same != other
        assert one.startswith("text:")

    def test_names_the_passages_that_would_answer_and_their_version(
        self, owners: KnowledgeService
    ) -> None:
        found = answering(owners.get_context("How much is the MBA?"))

        assert [one.partition("@")[0] for one in found] == [
            "au_tuitions#/tuition_fees_thb/graduate/mba_programs"
        ]
        assert all(len(one.partition("@")[2]) == 32 for one in found)
        assert answering(owners.get_context("Is there a swimming pool on the campus?")) == ()
