"""Gemini's JSON, field by field: what is written, and what is made of what comes."""

import json
from typing import Any

import pytest

from backend.core.conversation import HistoryMessage
from backend.core.gemini_errors import (
    GeminiBadRequest,
    GeminiEmpty,
    GeminiError,
    GeminiMalformed,
    GeminiPromptBlocked,
    GeminiQuotaExceeded,
    GeminiRecitation,
    GeminiSafetyStop,
    GeminiStopped,
)
from backend.core.gemini_types import FinishReason, GeminiConfig, Reply, Usage
from backend.core.gemini_wire import encode_request, finish_of, read_reply, reply_of, stop_of
from backend.core.prompt import build_prompt


def counted(**counts: object) -> Usage | None:
    return reply_of({"usageMetadata": counts}).usage


class TestEncodeRequest:
    def test_writes_the_prompt_and_the_settings(self) -> None:
        history = [HistoryMessage("user", "One?"), HistoryMessage("assistant", "One.")]
        prompt = build_prompt("Two?", "[1] Facts", history)
        config = GeminiConfig(
            model="gemini-2.5-flash",
            temperature=0.0,
            thinking_level="low",
            max_output_tokens=77,
        )

        body = json.loads(encode_request(prompt, config))

        system = [part["text"] for part in body.pop("systemInstruction")["parts"]]
        contents = [(c["role"], [p["text"] for p in c["parts"]]) for c in body.pop("contents")]
        assert tuple(system) == prompt.system
        assert contents == [(content.role, [*content.texts]) for content in prompt.contents]
        assert body == {
            "generationConfig": {
                "maxOutputTokens": 77,
                "temperature": 0.0,
                "thinkingConfig": {"thinkingLevel": "LOW"},
            }
        }

    def test_says_nothing_of_what_is_not_set(self) -> None:
        config = GeminiConfig(model="gemini-2.5-flash", temperature=None, max_output_tokens=5)
        body = json.loads(encode_request(build_prompt("?", ""), config))
        assert body["generationConfig"] == {"maxOutputTokens": 5}


class TestReplyOf:
    def test_reads_the_first_candidate_without_its_thoughts(self) -> None:
        parts = [
            {"text": "Hm", "thought": True},
            {"text": "It "},
            {},
            {"text": "is.", "thought": False},
        ]
        first = {"content": {"parts": parts}, "finishReason": "STOP"}
        other = {"content": {"parts": [{"text": "no"}]}, "finishReason": "SAFETY"}

        reply = reply_of({"candidates": [first, other], "modelVersion": "gemini-x"})

        assert reply == Reply("It is.", "STOP", None, None, "gemini-x")

    @pytest.mark.parametrize(
        "payload",
        [
            {},
            {"candidates": None},
            {"candidates": []},
            {"candidates": [{}]},
            {"candidates": [{"content": None, "finishReason": ""}]},
            {
                "candidates": [{"content": {"parts": None}}],
                "promptFeedback": {},
                "modelVersion": "",
            },
            {"usageMetadata": {}},
        ],
    )
    def test_takes_what_is_missing_for_nothing(self, payload: object) -> None:
        assert reply_of(payload) == Reply()

    @pytest.mark.parametrize(
        "payload",
        [
            [],
            None,
            "text",
            {"candidates": {}},
            {"candidates": [None]},
            {"candidates": ["text"]},
            {"candidates": [{"content": []}]},
            {"candidates": [{"content": {"parts": {}}}]},
            {"candidates": [{"content": {"parts": [None]}}]},
            {"candidates": [{"content": {"parts": [{"text": 5}]}}]},
            {"candidates": [{"finishReason": []}]},
            {"promptFeedback": []},
            {"promptFeedback": {"blockReason": {}}},
            {"usageMetadata": []},
            {"usageMetadata": {"totalTokenCount": "5"}},
            {"modelVersion": 5},
        ],
    )
    def test_refuses_what_is_of_another_shape(self, payload: object) -> None:
        with pytest.raises(GeminiMalformed):
            reply_of(payload)

    @pytest.mark.parametrize("body", ["", b"{", "[" * 100_000, b"\xff"])
    def test_refuses_what_is_no_json(self, body: str | bytes) -> None:
        with pytest.raises(GeminiMalformed, match="not JSON"):
            read_reply(body)

    @pytest.mark.parametrize(
        ("error", "kind"),
        [({"code": 429}, GeminiQuotaExceeded), ({"code": 400}, GeminiBadRequest)],
    )
    def test_an_error_in_it_is_raised(self, error: object, kind: type[GeminiError]) -> None:
        with pytest.raises(GeminiError) as caught:
            read_reply(json.dumps({"error": error, "candidates": []}))
        assert type(caught.value) is kind

    def test_counts_each_kind_of_token(self) -> None:
        usage = counted(
            promptTokenCount=1,
            candidatesTokenCount=2,
            thoughtsTokenCount=3,
            cachedContentTokenCount=4,
            totalTokenCount=5,
        )
        assert usage == Usage(1, 2, 3, 4, 5)

    @pytest.mark.parametrize(
        ("told", "taken"),
        [
            (0, 0),
            (1, 1),
            (1_000_000_000, 1_000_000_000),
            (1_000_000_001, 0),
            (-1, 0),
            (True, 0),
            (None, 0),
        ],
    )
    def test_takes_absurd_counts_for_none(self, told: object, taken: int) -> None:
        assert counted(promptTokenCount=told) == Usage(input_tokens=taken)

    @pytest.mark.parametrize(
        ("name", "model"),
        [
            ("gemini-2.5-flash", "gemini-2.5-flash"),
            ("x" * 100, "x" * 100),
            ("x" * 101, "x" * 100),
            ("ge\nmi\x00ni\u200b 1é", "gemini 1"),
            ("\n", None),
        ],
    )
    def test_gives_models_a_name_that_can_be_shown(self, name: str, model: str | None) -> None:
        assert reply_of({"modelVersion": name}).model == model

    @pytest.mark.parametrize(("told", "word"), [("SAFETY", "SAFETY"), (3, "3"), (0, "0")])
    def test_reads_reasons_in_words_and_numbers(self, told: Any, word: str) -> None:
        reply = reply_of(
            {"candidates": [{"finishReason": told}], "promptFeedback": {"blockReason": told}}
        )
        assert (reply.finish_reason, reply.block_reason) == (word, word)


class TestStopOf:
    @pytest.mark.parametrize(
        ("reply", "kind"),
        [
            (Reply(block_reason="OTHER"), GeminiPromptBlocked),
            (Reply(block_reason="SAFETY", finish_reason="STOP"), GeminiPromptBlocked),
            (Reply(finish_reason="SAFETY"), GeminiSafetyStop),
            (Reply(finish_reason="SPII"), GeminiSafetyStop),
            (Reply(finish_reason="IMAGE_SAFETY"), GeminiSafetyStop),
            (Reply(finish_reason="RECITATION"), GeminiRecitation),
            (Reply(finish_reason="LANGUAGE"), GeminiStopped),
            (Reply(finish_reason="A_NEW_ONE"), GeminiStopped),
        ],
    )
    def test_names_what_speaks_against_showing_it(
        self, reply: Reply, kind: type[GeminiError]
    ) -> None:
        stop = stop_of(reply)
        assert type(stop) is kind
        assert stop.reason == (reply.block_reason or reply.finish_reason)

    @pytest.mark.parametrize("reason", [None, "STOP", "MAX_TOKENS"])
    def test_is_nothing_for_what_is_whole_or_goes_on(self, reason: str | None) -> None:
        assert stop_of(Reply("text", finish_reason=reason)) is None


class TestFinishOf:
    def test_tells_a_whole_answer_from_one_cut_by_its_length(self) -> None:
        assert finish_of("STOP", "a") is FinishReason.STOP
        assert finish_of("MAX_TOKENS", "a") is FinishReason.LENGTH

    @pytest.mark.parametrize("text", ["", " \n"])
    def test_refuses_one_without_text(self, text: str) -> None:
        with pytest.raises(GeminiEmpty, match="MAX_TOKENS"):
            finish_of("MAX_TOKENS", text)
