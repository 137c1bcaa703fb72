"""A graph that is built here is decoded by the real engine with the bundled acoustic model."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import callcenter
from callcenter.asr import bundled, ngram_fst
from callcenter.asr.fst import read
from callcenter.asr.train import graph

VOICES = Path(callcenter.__file__).parent / "demo" / "voices"
READINGS = {
    "你们": {("ni3", "men5")},
    "什么": {("shen2", "me5")},
    "态度": {("tai4", "du4")},
    "我": {("wo3",)},
    "要": {("yao4",)},
    "药": {("yao4",)},
    "找": {("zhao3",)},
    "领导": {("ling3", "dao3")},
    "投诉": {("tou2", "su4")},
    "退货": {("tui4", "huo4")},
    "还": {("hai2",), ("huan2",)},
    "的": {("de5",)},
    "产品": {("chan3", "pin3")},
    "质量": {("zhi4", "liang4")},
    "太差": {("tai4", "cha4")},
    "了": {("le5",)},
}
SENTENCES = [
    "你们 什么 态度",
    "我 要 找 领导",
    "我 要 找 你们 领导",
    "你们 的 产品 质量 太差 了",
    "我 要 退货",
    "我 要 投诉 你们",
]
LISTEN = """
import json, sys, wave
from vosk import KaldiRecognizer, Model, SetLogLevel
SetLogLevel(-1)
model = Model(sys.argv[1])
for wav, grammar in json.loads(sys.argv[2]):
    recogniser = KaldiRecognizer(model, 8000, *([grammar] if grammar else []))
    recogniser.SetWords(True)
    with wave.open(wav) as sound:
        recogniser.AcceptWaveform(sound.readframes(sound.getnframes()) + bytes(8000))
    print(recogniser.FinalResult().replace("\\n", " "))
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    texts = [(sentence.split(), 1.0) for sentence in SENTENCES]
    graph.write_graph(folder / "graph", READINGS, texts, {})
    for part in ("am", "conf"):
        shutil.copytree(bundled() / part, folder / part)
    return folder


def listen(model: Path, *questions: tuple[str, str]) -> list[dict[str, object]]:
    """What the engine, in a process of its own, makes of recordings of the demo."""
    asked = json.dumps([(str(VOICES / f"{name}.wav"), grammar) for name, grammar in questions])
    command = [sys.executable, "-W", "ignore", "-c", LISTEN, str(model), asked]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_engine_decodes_with_it(model: Path) -> None:
    lead, quality = listen(model, ("complaint_lead", ""), ("complaint_quality", ""))
    assert lead["text"] == "你们 什么 态度 我 要 找 你们 领导"
    assert str(quality["text"]).endswith("我 要 退货 我 要 投诉 你们")
    assert [word["word"] for word in lead["result"]] == str(lead["text"]).split()  # type: ignore[attr-defined]


def test_a_grammar_of_a_site_hears_its_words_only(model: Path) -> None:
    (heard,) = listen(model, ("complaint_quality", '["投诉", "退货", "[unk]"]'))
    assert [w for w in str(heard["text"]).split() if w != "[unk]"] == ["退货", "投诉"]


def test_the_files_belong_together(model: Path) -> None:
    lines = (model / "graph" / "words.txt").read_text("utf-8").splitlines()
    ids = {word: int(number) for word, number in (line.split() for line in lines)}
    assert ids["<eps>"] == 0
    assert sorted(ids.values()) == [
        *range(len(READINGS) + 2),
        *range(len(READINGS) + 3, len(ids) + 1),
    ]
    stored = read((model / "graph" / "HCLr.fst").read_bytes())
    assert stored.final_label == len(READINGS) + 2
    assert stored.reach[0] == [(1, stored.final_label + 1)]
    used = {arc[1] for arcs in stored.fst.arcs for arc in arcs} - {0}
    assert used == {ids[word] for word in (*READINGS, graph.UNKNOWN)}
    grammar = ngram_fst.read((model / "graph" / "Gr.fst").read_bytes())
    assert graph.UNKNOWN not in {
        w for w, n in ids.items() if any(a[0] == n for a in grammar.fst.arcs[1])
    }


def test_endings_are_shared() -> None:
    def states(*words: str) -> int:
        trie = graph.Trie()
        trie.add_words(graph.spell({word: {tuple(word.split())} for word in words}))
        return len(trie.fst.arcs)

    apart = states("wo3 men5") + states("ni3 ma5") - states()
    assert states("wo3 men5", "ni3 men5") < apart


@pytest.mark.skipif(importlib.util.find_spec("jieba") is None, reason="extra train not installed")
def test_the_command_builds_the_whole_graph(tmp_path: Path) -> None:
    graph.main([str(tmp_path), "--word", "云雀智能锁"])
    words = (tmp_path / "words.txt").read_text("utf-8")
    assert "云雀智能锁 " in words
    assert len(words.splitlines()) > 30_000
    assert sum(file.stat().st_size for file in tmp_path.rglob("*.*")) < 8_000_000
