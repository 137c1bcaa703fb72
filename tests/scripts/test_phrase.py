"""Phrases with wildcards and lists; what no one can mean is refused."""

import pytest

from callcenter.core.errors import PackError
from callcenter.scripts.phrase import Pattern, patterns, read_lists
from tests.scripts.rules import found

LISTS = {"你": ("你", "您"), "坏": ("坏人", "坏蛋")}


def test_a_list_stands_for_each_of_its_entries():
    made = patterns("[你]*[坏]", LISTS, "p")
    assert len(made) == 4
    assert made[0] == Pattern(("你", "坏人"), ((0, 4),))
    assert made[0].source == "你*坏人"


def test_wildcards():
    assert found('any = ["摸*你"]', "摸一摸你") == ["摸一摸你"]
    assert found('any = ["摸*你"]', "摸你") == ["摸你"]
    assert not found('any = ["摸*你"]', "摸了大半天还你")
    assert found('any = ["摸?你"]', "摸了你") == ["摸了你"]
    assert not found('any = ["摸?你"]', "摸你")


def test_lists_within_lists():
    made = read_lists({"a": ["x[b]", "z"], "b": ["y", "w"]}, "p")
    assert made == {"b": ("y", "w"), "a": ("xy", "xw", "z")}


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ([], r"p: lists is \[\]; expected a table of lists"),
        ({"a": []}, r"p: list 'a' is \[\]; expected a list of phrases"),
        ({"a": ["，"]}, "p: list 'a' holds '，'; expected text"),
        ({"a": [3]}, "p: list 'a' holds 3; expected text"),
        ({"a": ["x[b]"], "b": ["[c]"], "c": ["[a]"]}, r"'a' holds itself \(a → b → c → a\)"),
        ({"a": ["[b]x"]}, "p: list 'a': phrase .* names list 'b'"),
        (
            {"a": [f"x{i}" for i in range(50)], "b": ["[a][a]"]},
            "p: list 'b': .* stands for too many; expected 2000 ways",
        ),
        (
            {"a": [f"x{i}" for i in range(1500)], "b": ["y[a]", "z[a]"]},
            "p: list 'b' has 3000 entries; expected 2000",
        ),
    ],
)
def test_bad_lists(table: object, reason: str):
    with pytest.raises(PackError, match=reason):
        read_lists(table, "p")


@pytest.mark.parametrize(
    ("phrase", "reason"),
    [
        ("", "too short"),
        ("*", "too short"),
        ("，。！", "too short"),
        ("嗯那个", "too short"),
        (7, "phrase 7 is too short"),
        ("*退货", "expected words on both sides of a wildcard"),
        ("退货*", "expected words on both sides of a wildcard"),
        ("退**？*货", "expected words on both sides"),
        ("退*****货", "too wide; expected 40 characters at most and 4 wildcards"),
        ("退" * 41, "too wide"),
        ("[她]滚", "names list '她'; expected 你, 坏"),
    ],
)
def test_bad_phrases(phrase: object, reason: str):
    with pytest.raises(PackError, match=reason):
        patterns(phrase, LISTS, "p")
