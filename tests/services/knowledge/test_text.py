import pytest

from backend.services.knowledge.concept import EVERYDAY, LANGUAGES, STOP
from backend.services.knowledge.lexicon import Lexicon
from backend.services.knowledge.library import Library
from backend.services.knowledge.spelling import NearStrings, Speller, WordIndex, is_one_slip
from backend.services.knowledge.text import (
    cut_plain,
    figure,
    fold,
    fold_lines,
    grams,
    script_of,
    split_phrases,
    split_runs,
    stem,
    unstretch,
)


class TestFold:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("ＦＥＥ １１２", "fee 112"),
            ("๑๑๒", "112"),
            ("၁၁၂", "112"),
            ("ค่าเทอม", "คาเทอม"),
            ("ป.ตรี", "ป ตรี"),
            ("เเพง", "แพง"),
            ("學費", "学费"),
            ("စျေး", "ဈေး"),
            ("၀န်", "ဝန်"),
            ("ကျောင်း လခ", "ကျောင်းလခ"),
            ("Ph.D.", "phd"),
            ("M.B.A.", "mba"),
            ("bachelor’s", "bachelor"),
            ("café", "cafe"),
            ("sooooo", "soo"),
            ("pay\u200bment", "payment"),
            ("U.S.A. and e.g. a.b", "usa and eg ab"),
            ("au.edu v.2 no.", "au.edu v.2 no."),
            ("ph.d student's it's we`re ph-d", "phd student it we phd"),
            ("႑႒ ၇ါ", "12 \u101b\u102c"),
            ("အ၀", "အဝ"),
            ("၁၀ ၂၀", "10 20"),
            ("ဦ ဦ", "ဦ ဦ"),
            ("ค่า - เทอม", "ค่าเทอม"),
            ("学 · 费", "学费"),
            ("学 fee 费", "学 fee 费"),
            ("aaab bbb 1111", "aab bb 1111"),
        ],
    )
    def test_makes_ways_of_writing_the_same(self, one: str, other: str) -> None:
        assert fold(one) == fold(other)

    def test_keeps_figures_as_they_are(self) -> None:
        assert fold("1000000 and 112,000") == "1000000 and 112,000"

    def test_cuts_a_text_by_script(self) -> None:
        runs = [(run.kind, run.text) for run in split_runs(fold("ค่า tuition ၂၀၂၆ 学费 Привет"))]

        assert runs == [
            ("th", "คา"),
            ("latin", "tuition"),
            ("digits", "2026"),
            ("zh", "学费"),
            ("other", "привет"),
        ]

    def test_folds_many_lines_at_once(self) -> None:
        assert fold_lines(["A\nB", "É", "", "sooo"]) == ["a b", "e", "", "soo"]
        assert fold_lines([]) == []
        assert unstretch("aaabb cccc 1111 ---") == "aabb cc 1111 ---"

    @pytest.mark.parametrize(
        ("text", "script"),
        [
            ("ทุน", "th"),
            ("学费", "zh"),
            ("ကျောင်း", "my"),
            ("abc", "latin"),
            ("1,200.5", "digits"),
            ("привет", "other"),
            ("ab1", None),
            ("ทุน学", None),
            ("a b", None),
            ("", None),
        ],
    )
    def test_tells_the_script_of_a_whole_text(self, text: str, script: str | None) -> None:
        assert script_of(text) == script

    def test_cuts_plain_texts_into_phrases(self) -> None:
        text = "a b; c. d-1.5, e|f\ng."

        phrases = [" ".join(words) for words in split_phrases(text)]
        assert phrases == ["a b", "c", "d 1.5", "e", "f", "g", ""]
        assert " ".join(cut_plain(text)) == "a b ; c . d 1.5 , e | f \n g ."

    @pytest.mark.parametrize(
        ("text", "sizes", "pieces"),
        [
            ("abcd", (2, 3), ["ab", "bc", "cd", "abc", "bcd"]),
            ("abc", (3,), ["abc"]),
            ("ab", (2, 3), ["ab", "ab"]),
            ("a", (2,), ["a"]),
        ],
    )
    def test_cuts_a_text_into_grams(
        self, text: str, sizes: tuple[int, ...], pieces: list[str]
    ) -> None:
        assert list(grams(text, sizes)) == pieces

    @pytest.mark.parametrize(
        ("written", "read"), [("12,000.50", "12000.50"), ("1,2,3.", "123"), ("7", "7")]
    )
    def test_reads_a_figure_however_it_is_separated(self, written: str, read: str) -> None:
        assert figure(written) == read

    def test_stems_words_in_any_thread(self) -> None:
        assert stem("scholarships") == "scholarship"


class TestLexicon:
    def test_takes_the_longest_name(self) -> None:
        lexicon = Lexicon.build({"fee": ["fee"], "entry": ["entry fee"]})

        assert [match.concepts for match in lexicon.find("the entry fees fee")] == [
            (),
            ("entry",),
            ("fee",),
        ]

    def test_joins_no_words_over_a_gap(self) -> None:
        lexicon = Lexicon.build({"entry": ["entry fee"]})

        assert [match.concepts for match in lexicon.find("no entry. fee?")] == [(), (), ()]

    def test_prefers_what_is_written_to_its_stem(self) -> None:
        lexicon = Lexicon.build({"level": ["graduate"], "party": ["graduation"]})

        assert [match.concepts for match in lexicon.find("graduation")] == [("party",)]
        assert [match.concepts for match in lexicon.find("graduates")] == [("level", "party")]

    def test_leaves_as_little_over_as_it_can(self) -> None:
        lexicon = Lexicon.build({"play": ["ละคร"], "particle": ["ละ"], "polite": ["ครับ"]})

        assert [match.concepts for match in lexicon.find(fold("ละครับ"))] == [
            ("particle",),
            ("polite",),
        ]

    def test_begins_no_name_inside_a_thai_syllable(self) -> None:
        lexicon = Lexicon.build({"eat": ["กิน"], "not": ["ไม่"]})

        assert [match.concepts for match in lexicon.find(fold("ไม่เกิน"))] == [("not",), ()]

    def test_of_equal_cuts_takes_the_one_with_the_shortest_stop_words(self) -> None:
        stop = {"group": "stop", "th": ["ไหม", "ไหมค่า"]}
        lexicon = Lexicon.build({"stop": stop, "fee": ["ค่าเทอม"], "term": ["เทอม"]})

        assert [match.concepts for match in lexicon.find(fold("ไหม ค่าเทอม"))] == [
            ("stop",),
            ("fee",),
        ]

    def test_an_earlier_file_keeps_its_meaning(self) -> None:
        lexicon = Lexicon.build({"a": ["word"]}, {"b": ["word", "other"]})

        assert [match.concepts for match in lexicon.find("word other")] == [("a",), ("b",)]

    def test_names_every_concept_of_ours_in_four_languages(self, library: Library) -> None:
        without_names = {"ged", "ib_diploma", "everyday"}
        material = library.lexicon.concepts

        assert len(material) > 100
        assert without_names < set(material)
        assert LANGUAGES == ("en", "th", "zh", "my")

    @pytest.mark.parametrize(
        "text",
        [
            *("ขอโทษนะคะ", "ต้องเตรียม", "วันอังคาร", "พฤษภาคม", "ห้องเรียน", "จดหมาย", "แก้ไข"),
            *("เบื้องต้น", "สำนักงาน", "ออนไลน์", "ตรวจสอบ", "ผ่อนผันทหาร", "รักษาสภาพ", "ส่วนใหญ่"),
            *("系统", "道路", "学长", "课表"),
        ],
    )
    def test_names_nothing_in_a_word_of_every_day(self, library: Library, text: str) -> None:
        lexicon = library.lexicon
        groups = {
            lexicon.concept(name).group
            for match in lexicon.find(fold(text))
            for name in match.concepts
        }

        assert groups <= {EVERYDAY, STOP}


class TestSpeller:
    @pytest.mark.parametrize(
        ("slip", "word"),
        [
            ("tution", "tuition"),
            ("tuitoin", "tuition"),
            ("tuittion", "tuition"),
            ("tiition", "tuition"),
            ("computerscience", "computer science"),
        ],
    )
    def test_repairs_one_slip(self, slip: str, word: str) -> None:
        words = WordIndex(dict.fromkeys(["tuition", "computer", "science", "fee"], 1.0))
        speller = Speller(words)

        assert speller.repair(slip)[0] == word

    def test_keeps_two_letters_beside_what_they_may_mean(self) -> None:
        assert Speller(WordIndex({"fee": 1.0})).repair("fe") == ("fe", "fee")

    @pytest.mark.parametrize("word", ["tuition", "tuitions", "xylophone", "f", "football"])
    def test_leaves_known_short_and_strange_words(self, word: str) -> None:
        speller = Speller(WordIndex({"tuition": 1.0, "fee": 1.0}, unrepaired=["football"]))

        assert speller.repair(word) == ()

    @pytest.mark.parametrize(
        ("one", "other", "near"),
        [
            ("abc", "abc", True),
            ("abc", "abd", True),
            ("abc", "acb", True),
            ("abc", "ab", True),
            ("abc", "cba", False),
            ("abcd", "ab", False),
        ],
    )
    def test_knows_what_one_slip_is(self, one: str, other: str, near: bool) -> None:
        assert is_one_slip(one, other) is near

    def test_finds_a_misspelt_name_in_a_stretch_without_spaces(self) -> None:
        near = NearStrings([fold("วิศวกรรม")])

        assert near.find(fold("เรียนวิศวกรม")) == (5, 12, fold("วิศวกรรม"))
        assert near.find(fold("สวัสดี")) is None

    @pytest.mark.parametrize(
        ("known", "slip"),
        [("工商管理", "工商官理"), ("บัญชี", "บญชี"), ("မြန်မာစာ", "မြန်မစာ")],
    )
    def test_finds_names_of_so_many_letters_that_their_neighbours_are_no_other_words(
        self, known: str, slip: str
    ) -> None:
        name, text = fold(known), fold(slip)

        assert NearStrings([name]).find(text) == (0, len(text), name)
        assert NearStrings([name[:-1]]).find(text[:-1]) is None
