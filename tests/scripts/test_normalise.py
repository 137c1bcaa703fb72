"""The one form that patterns are matched in."""

from callcenter.core.records import Party, Segment, Word
from callcenter.scripts.normalise import chars, normalise


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
