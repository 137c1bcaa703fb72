"""The one form that patterns are matched in."""

from callcenter.core.records import Party, Segment, Word
from callcenter.scripts.normalise import as_heard, broken, chars, normalise, plain


def test_width_case_and_punctuation_do_not_matter():
    assert normalise("Ｖｉｐ，您 好！１２") == "vip您好12"


def test_a_words_time_is_shared_among_its_characters():
    words = (Word("投诉", 1000, 1400), Word("你", 1500, 1600))
    said = chars(Segment(Party.CALLER, 1000, 1600, "投诉你", words))
    assert [(c.char, c.start_ms, c.end_ms) for c in said] == [
        ("投", 1000, 1200),
        ("诉", 1200, 1400),
        ("你", 1500, 1600),
    ]


def test_without_words_the_segments_time_is_shared():
    said = chars(Segment(Party.CALLER, 0, 300, "你。好"))
    assert [(c.char, c.start_ms, c.end_ms) for c in said] == [("你", 0, 150), ("好", 150, 300)]


def test_traditional_digits_and_fillers():
    assert normalise("嗯我要投訴，那個三次了") == "我要投诉3次了"
    assert normalise("嗯啊那个") == ""
    assert plain("一夜，情！") == "一夜情"


def test_what_is_dropped_is_still_there_as_heard():
    said = chars(Segment(Party.CALLER, 0, 1000, "嗯我要，那个退货"))
    assert "".join(c.char for c in said) == "我要退货"
    assert as_heard(said) == "我要，那个退货"
    assert broken(said)
    assert not broken(said[2:])


def test_a_character_that_is_several():
    said = chars(Segment(Party.CALLER, 0, 300, "1㎏"))
    assert [(c.char, c.end_ms) for c in said] == [("1", 100), ("k", 200), ("g", 300)]
