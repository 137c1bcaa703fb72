"""`callcenter match`: a line out for each line in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from callcenter.commands.match import match
from callcenter.scripts.book import Book
from tests.conftest import RunCallcenter

LINES = [
    ("a", "小姐今天晚上陪我睡觉吧", "harassment", "sexual"),
    ("b", "你这个王八蛋我要投诉你", "harassment", "insult"),
    ("c", "我要打死你", "harassment", "threat"),
    ("d", "没事我就逗你玩", "harassment", "prank"),
    ("e", "你们的产品质量太差了", "complaint", "quality"),
    ("f", "我的货一直没到", "complaint", "delivery"),
    ("g", "给我退款", "complaint", "refund"),
    ("h", "你什么态度", "complaint", "attitude"),
    ("i", "我已经打过三次电话了", "complaint", "repeated_contact"),
    ("j", "我要找你们领导", "complaint", "escalation"),
    ("k", "我想问一下营业时间", "ordinary", None),
    ("l", "我想给你们提个建议", "ordinary", "suggestion"),
]


def test_one_wish_is_one_hit() -> None:
    out = StringIO()
    match(StringIO('{"id": 1, "text": "我要找你们领导"}\n'), out, Book())
    assert [hit["rule"] for hit in json.loads(out.getvalue())["hits"]] == ["escalation"]


def test_every_line_is_labelled(run_callcenter: RunCallcenter):
    stdin = "".join(
        json.dumps({"id": name, "text": text}, ensure_ascii=False) + "\n"
        for name, text, _, _ in LINES
    )
    done = run_callcenter("match", stdin=stdin)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    for answer, (name, _, label, category) in zip(answers, LINES, strict=True):
        assert (answer["id"], answer["label"]) == (name, label)
        found = {hit["category"] for hit in answer["hits"]}
        assert category in found if category else not found


@pytest.mark.parametrize("line", ["no json", "{}", '{"id": 1, "text": 2}', "[]", "null"])
def test_a_bad_line_is_answered_too(run_callcenter: RunCallcenter, line: str):
    done = run_callcenter("match", stdin=f'{line}\n\n{{"id": 2, "text": "退款"}}\n')
    first, second = map(json.loads, done.stdout.splitlines())
    assert first == {"id": None, "error": 'line 1: expected {"id": …, "text": "…"}'}
    assert second["label"] == "complaint"
    assert done.returncode == 1


def test_a_broken_pack_is_told_with_exit_2(run_callcenter: RunCallcenter, tmp_path: Path):
    (tmp_path / "p.toml").write_text('group = "rage"', "utf-8")
    done = run_callcenter("match", "--packs", str(tmp_path), stdin="")
    assert done.returncode == 2
    assert "p.toml: group is 'rage'" in done.stderr


def run(*entries: object, book: Book | None = None) -> list[dict]:
    out = StringIO()
    lines = [json.dumps(entry, ensure_ascii=False) for entry in entries]
    match(lines, out, book or Book())
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_hit_is_explained():
    (answer,) = run({"id": 1, "text": "我要退款"})
    assert answer["label"] == "complaint"
    assert answer["score"] == 0.6
    assert answer["hits"] == [
        {
            "rule": "refund",
            "category": "refund",
            "party": "caller",
            "text": "退款",
            "operator": "any",
            "score": 1.0,
            "severity": 2,
            "why": "客户要退货、换货或赔偿：“退款”",
        }
    ]


def test_a_calls_lines_are_judged_together_and_told_in_order():
    answers = run(
        {"id": 1, "text": "您好", "call_id": "a", "party": "agent"},
        {"id": 2, "text": "营业时间是几点"},
        {"id": 3, "text": "我想问一下", "call_id": "a", "party": "caller"},
        {"id": 4, "text": "我要投诉", "call_id": 7},
        {"id": 5, "text": "你给我滚蛋", "call_id": "a"},
    )
    assert [(a["id"], a["label"]) for a in answers] == [
        (1, "harassment"),
        (2, "ordinary"),
        (3, "harassment"),
        (4, "complaint"),
        (5, "harassment"),
    ]
    assert [bool(a["hits"]) for a in answers] == [False, False, False, True, True]


def test_a_line_without_a_call_is_answered_at_once():
    out = StringIO()

    def lines() -> Iterator[str]:
        yield '{"id": 1, "text": "退款"}'
        assert out.getvalue().count("\n") == 1
        yield '{"id": 2, "text": "退款", "call_id": "a"}'
        yield '{"id": 3, "text": "退款"}'
        assert out.getvalue().count("\n") == 1

    assert match(lines(), out, Book()) == 0
    assert out.getvalue().count("\n") == 3


def test_the_agents_words_are_not_the_callers():
    (answer,) = run({"id": 1, "text": "你给我滚蛋", "party": "agent"})
    assert (answer["label"], answer["hits"]) == ("ordinary", [])


@pytest.mark.parametrize(
    "entry",
    [
        {"id": 1, "text": "x", "party": "police"},
        {"id": 1, "text": "x", "party": 3},
        {"id": 1, "text": "x", "call_id": []},
    ],
)
def test_what_is_no_party_and_no_call_is_an_error(entry: object):
    assert "error" in run(entry)[0]


class OneMindedJudge:
    """Is sure of harassment wherever somebody laughs."""

    def score(self, text: str) -> dict[str, float]:
        sure = 0.9 if "嘿嘿" in text else 0.01
        return {"harassment": sure, "complaint": 0.01, "ordinary": 0.99 - sure}

    def reasons(self, text: str, n: int = 3) -> list[str]:
        return ["嘿嘿"]


def test_a_judge_says_of_each_thing_that_is_said_and_the_call_is_weighed_together():
    first, second = run(
        {"id": 1, "text": "嘿嘿", "call_id": 1},
        {"id": 2, "text": "你好", "call_id": 1},
        book=Book(judge=OneMindedJudge()),
    )
    assert first["label"] == second["label"] == "harassment"
    assert first["score"] == second["score"] > 0.5
    (hit,) = first["hits"]
    assert (hit["rule"], hit["operator"], hit["score"]) == ("judge", "judge", 0.9)
    assert hit["why"] == "统计判断：像是骚扰（90%），主要凭 “嘿嘿”"
    assert second["hits"] == []


def test_what_is_no_text_at_all(run_callcenter: RunCallcenter):
    done = run_callcenter("match", stdin='{"id": "\\ud800", "text": "退款\\u0000😀\\udc00"}\n')
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["label"] == "complaint"
    assert "error" in run_raw("[" * 100_000)


def run_raw(line: str) -> str:
    out = StringIO()
    assert match([line], out, Book()) == 1
    return out.getvalue()
