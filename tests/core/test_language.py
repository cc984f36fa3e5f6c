"""Tests of `backend/core/language.py`."""

import pytest

from backend.core.language import Language, choose_language, detect_language


class TestDetectLanguage:
    @pytest.mark.parametrize(
        ("text", "language"),
        [
            ("How much is tuition?", Language.ENGLISH),
            ("", Language.ENGLISH),
            ("112,000 😀", Language.ENGLISH),
            ("ค่าเทอมเท่าไหร่", Language.THAI),
            ("ค่า tuition ของ international students เท่าไหร่", Language.THAI),
            ("学费多少", Language.CHINESE),
            ("學費多少 for MBA program please", Language.CHINESE),
            ("ကျောင်းလခ ဘယ်လောက်လဲ", Language.BURMESE),
        ],
    )
    def test_goes_by_the_script(self, text: str, language: Language) -> None:
        assert detect_language(text) is language


class TestChooseLanguage:
    def test_a_bare_term_stays_in_the_conversations_language(self) -> None:
        assert choose_language("MBA?", "ค่าเทอมเท่าไหร่") is Language.THAI

    def test_a_sentence_changes_it(self) -> None:
        assert choose_language("and what about masters?", "ค่าเทอมเท่าไหร่") is Language.ENGLISH

    def test_the_first_message_decides_alone(self) -> None:
        assert choose_language("MBA?", None) is Language.ENGLISH
