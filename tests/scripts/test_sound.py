"""What sounds alike is alike, what does not is not."""

import pytest

from callcenter.scripts.sound import sounds, syllable


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("蛋", "单"),
        ("畜生", "出声"),
        ("张", "脏"),
        ("知", "资"),
        ("是", "四"),
        ("吃", "次"),
        ("牛", "流"),
        ("飞", "灰"),
        ("听", "挺"),
        ("音", "英"),
        ("真", "增"),
        ("三", "伤"),
        ("3", "三"),
    ],
)
def test_alike(one: str, other: str):
    assert sounds(one) == sounds(other)


@pytest.mark.parametrize(("one", "other"), [("蛋", "刀"), ("爸", "怕"), ("女", "努"), ("a", "啊")])
def test_not_alike(one: str, other: str):
    assert sounds(one) != sounds(other)


def test_what_is_not_chinese_stands_for_itself():
    assert sounds("a1😀") == "a" + sounds("一") + "😀"
    assert syllable("x") == "x"
    assert len(sounds("嗯呒儿略女")) == 5
