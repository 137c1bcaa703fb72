"""The bundled packs: what they must find, and what they must leave alone."""

from __future__ import annotations

from pathlib import Path

import pytest

import callcenter.asr.train
from callcenter.core.records import Hit
from callcenter.scripts.book import Book
from tests.scripts.rules import said

BOOK = Book()
CORPUS = Path(callcenter.asr.train.__file__).parent / "corpus"
ORDINARY = ("calls_everyday", "calls_talk", "calls_trades", "calls_services", "calls_things")


def heard(text: str) -> set[str]:
    return {BOOK.group(hit.category) for hit in _hits(text)}


def _hits(text: str) -> list[Hit]:
    return list(BOOK.listener().heard(said(text)))


@pytest.mark.parametrize(
    "text",
    [
        "这件大衣只能干洗吗",
        "我要黄色封面的那一本",
        "车该做三级保养了",
        "打火机能不能寄",
        "内衣的尺码是不是偏小",
        "标间多少钱一晚",
        "开房间的门卡丢了",
        "孩子晚上跟我睡",
        "傻瓜相机还有没有",
        "师傅您好，我在门口等你们",
    ],
)
def test_innocent(text: str):
    assert "harassment" not in heard(text)


@pytest.mark.parametrize(
    "text",
    [
        "这破手机他妈的又死机了",
        "你们上一个客服骂我白痴，我要投诉",
        "我要去消协告你们，还要发到微博上",
        "什么垃圾玩意，用了三天就坏了",
        "叫你们经理来，我打了五次电话了",
    ],
)
def test_anger_is_not_harassment(text: str):
    assert heard(text) == {"complaint"}


@pytest.mark.parametrize(
    "text",
    [
        "你他妈的听不懂人话吗",
        "你给我滚单",
        "你声音真好挺",
        "下班我去接你",
        "当心我找人砍你全家",
        "妳陪我睡嘛",
    ],
)
def test_harassment(text: str):
    assert "harassment" in heard(text)


def test_few_ordinary_lines_are_taken_for_harassment():
    lines = [
        line
        for name in ORDINARY
        for line in (CORPUS / f"{name}.txt").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ][::4]
    wrong = [line for line in lines if "harassment" in heard(line)]
    assert len(wrong) * 1000 <= len(lines), wrong


@pytest.mark.parametrize(
    ("so_far", "told"),
    [
        ("我要投诉", ["要投诉"]),
        ("我一定要去投诉", ["去投诉"]),
        ("你们投诉", []),
        ("你们投诉电话", []),
        ("你们投诉的人", ["投诉"]),
        ("我不想投诉", []),
    ],
)
def test_who_wants_to_complain_is_heard_at_once(so_far: str, told: list[str]) -> None:
    """Before the sentence ends: only the bare word waits, for it may be the number that is asked
    for."""
    assert [hit.text for hit in BOOK.listener().heard(said(so_far, final=False))] == told
