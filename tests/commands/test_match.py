"""`callcenter match`: a line out for each line in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

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
