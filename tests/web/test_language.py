"""Chinese first, English by choice: each sentence has its translation, none is said past it."""

from __future__ import annotations

import importlib.util
import io
import re
from pathlib import Path
from types import ModuleType

import httpx
import pytest

from callcenter.web.pages import language, words
from callcenter.web.pages.language import say, speaking
from tests.web import source
from tests.web.fakes import START, FakeDesk, enquiry, harassment

ROOT = Path(__file__).parent.parent.parent
WEB = ROOT / "callcenter" / "web"
CHINESE = re.compile(r"[\u3400-\u9fff]")
ENGLISH = {"Cookie": "language=en"}


@pytest.fixture(scope="module")
def catalogue() -> ModuleType:
    spec = importlib.util.spec_from_file_location("catalogue", ROOT / "tools" / "catalogue.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.mark.parametrize("name", ["en"])
def test_every_sentence_is_translated(catalogue: ModuleType, name: str) -> None:
    told = catalogue.update(name, catalogue.sentences())
    assert [message.id for message in told if message.id and not message.string] == []
    for message in told:
        if message.id:
            parts = [re.findall(r"\{(\w+)\}", text) for text in (message.id, message.string)]
            assert sorted(parts[0]) == sorted(parts[1]), message.id


@pytest.mark.parametrize("name", ["en"])
def test_the_catalogue_is_gathered_and_compiled(catalogue: ModuleType, name: str) -> None:
    told = catalogue.update(name, catalogue.sentences())
    compiled = io.BytesIO()
    catalogue.write_mo(compiled, told)
    kept = (WEB / "locale" / name / "pages.mo").read_bytes()
    assert kept == compiled.getvalue(), "run: make catalogue"


def test_the_key_of_a_template_literal(catalogue: ModuleType) -> None:
    script = 'say(t`第 ${one.map((x) => `${x}`).join("")} 通，共 ${n}`); t("好")'
    assert list(catalogue.of_script(script)) == ["第 {0} 通，共 {1}", "好"]


def test_no_template_says_chinese_past_the_catalogue() -> None:
    for file in source.templates():
        text = re.sub(r"\{#.*?#\}", "", file.read_text("utf-8"), flags=re.DOTALL)
        text = text.replace('"EN" if language == "zh" else "中文"', "")
        text = re.sub(r'_\("[^"]*"', "", text)
        assert CHINESE.findall(text) == [], file.name


def test_no_script_says_chinese_past_the_catalogue(catalogue: ModuleType) -> None:
    for file in source.static("js"):
        text = re.sub(r"^\s*(//|\*|/\*).*|\s// .*", "", file.read_text("utf-8"), flags=re.MULTILINE)
        for key in sorted(catalogue.of_script(text), key=len, reverse=True):
            text = re.sub(re.sub(r"\\\{\d\\\}", r"\\$\\{.*?\\}", re.escape(key)), "", text)
        assert CHINESE.findall(text) == [], file.name


async def test_the_reader_chooses(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    enquiry(desk, "e", START, "请问几点下班？")
    harassment(desk, "h", START, None)
    told = ("/reports", "/reports/harassment", "/handovers")
    for path in ("/", "/review", "/calls", "/calls/h", "/cases", "/blocks", "/rules", *told):
        text = (await client.get(path, headers=ENGLISH)).text
        assert '<html lang="en">' in text
        assert 'data-language="zh"' in text
    text = (await client.get("/calls/e", headers=ENGLISH)).text
    assert "No verdict yet." in text
    assert "请问几点下班？" in text, "what was said is never translated"
    assert (
        'lang="zh-CN"' in (await client.get("/calls", headers={"Cookie": "language=xx/../en"})).text
    )
    assert "还没有判定" in (await client.get("/calls/e")).text


def test_words_and_values_are_said_in_the_language() -> None:
    assert say("{count} 通", count=3) == "3 通"
    with speaking("en"):
        assert say("{count} 通", count=3) == "3 calls"
        assert words.word("state", "talking") == "Talking"
        assert words.category("insult") == "Harassment · insult"
        assert words.for_scripts()["party"] == {"caller": "Caller", "agent": "Agent"}
        assert language.for_scripts()["播放"] == "Play"
        assert say("没有这一句") == "没有这一句"
    assert words.category("insult") == "骚扰 · 辱骂"
    assert language.for_scripts() == {}
