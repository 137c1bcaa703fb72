"""One pass over a text, and how well what was heard agrees."""

from callcenter.scripts.index import Index, Place, alike, nearly_alike, one_off
from callcenter.scripts.phrase import Pattern


def test_nothing_to_find():
    assert Index([], []).find("退货") == []
    assert Index([Pattern(("退货",))], [0]).find("") == []


def test_gaps_on_both_sides_of_the_longest_piece():
    index = Index([Pattern(("你", "废物", "呀"), ((0, 4), (1, 1)))], [])
    assert index.find("你这个废物东呀") == [Place(0, 0, 7)]
    assert index.find("你这个大大的废物东呀") == []
    assert index.find("你废物呀") == []


def test_a_homophone_scores_less_than_the_word_and_more_than_a_confusion():
    assert 1 > alike("你声音真好听", "你声音真好挺") > alike("你声音真好听", "你僧音真好挺") > 0.5
    assert alike("打死你", "大司泥") == 0
    assert alike("滚蛋", "滚单") > 0
    assert alike("滚蛋", "棍单") == 0


def test_one_more_or_one_less():
    assert one_off("abcd", "acd")
    assert one_off("acd", "abcd")
    assert not one_off("abcd", "bcd")
    assert not one_off("abcd", "abc")
    assert not one_off("abcd", "abxd")
    assert not one_off("", "a")
    assert nearly_alike("你的声音真好听", "你的声真好听") == 0.65
    assert nearly_alike("你的声音真好听", "尼的僧真好听") == 0
