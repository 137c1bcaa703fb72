"""A site's own words: heard by the real engine, kept for the next start, refused in one line."""

from __future__ import annotations

import json
import logging
import os
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.asr import bundled, models, ngram_fst, site_words
from callcenter.asr.fst import Fst, header_at, reachable, read, write_acceptor, write_lookahead
from callcenter.asr.site_words import Prepared, configured, parse, prepare
from callcenter.core.errors import ConfigError

from .broken import Damage, copy, flat, fst, garbage, gone
from .sound import SAID, cer

DATA = Path(__file__).parent / "data"
WORDS = ("云雀智能锁", "云雀智能灯", "小鲸管家", "云雀水杯:yun2 que4 shui3 bei1", "云鹿水杯")
LISTEN = """
import json, sys, wave
from vosk import KaldiRecognizer, Model, SetLogLevel
SetLogLevel(-1)
model = Model(sys.argv[1])
for wav, grammar in json.loads(sys.argv[2]):
    recogniser = KaldiRecognizer(model, 8000, *([grammar] if grammar else []))
    with wave.open(wav) as sound:
        recogniser.AcceptWaveform(bytes(8000) + sound.readframes(sound.getnframes()) + bytes(8000))
    print(json.loads(recogniser.FinalResult())["text"])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models") / "own"


@pytest.fixture(scope="module")
def made(folder: Path) -> Prepared:
    return prepare(bundled(), WORDS, folder)


def heard(model: Path, *questions: tuple[str, str]) -> list[str]:
    """What the engine, in a process of its own, makes of sound files, with a grammar or without."""
    asked = json.dumps([(str(DATA / f"{name}.wav"), grammar) for name, grammar in questions])
    command = [sys.executable, "-W", "ignore", "-c", LISTEN, str(model), asked]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return [line.strip() for line in done.stdout.splitlines()]


def test_a_word_of_the_site_is_heard_and_other_sentences_stay(made: Prepared) -> None:
    before = heard(bundled(), ("own_word", ""), *((name, "") for name in SAID))
    after = heard(made.path, ("own_word", ""), *((name, "") for name in SAID))
    assert made == Prepared(made.path, new=5)
    assert "云雀智能锁" not in before[0].replace(" ", "")
    assert "云雀智能锁" in after[0].split()
    assert after[1:] == before[1:]
    assert cer(after[0].replace(" ", ""), "请问云雀智能锁怎么安装") <= 0.1


def test_a_grammar_may_name_the_word(made: Prepared) -> None:
    grammar = json.dumps(
        ["请问", "云雀智能锁", "云雀智能灯", "小鲸管家", "安装", "[unk]"], ensure_ascii=False
    )
    said, other = heard(made.path, ("own_word", grammar), ("quality", grammar))
    assert "云雀智能锁" in said.split()
    assert "小鲸管家" not in said
    assert "云雀" not in other
    assert "小鲸" not in other


def test_a_reading_may_be_given(tmp_path: Path) -> None:
    usual = prepare(bundled(), ["重明"], tmp_path / "usual")
    given_too = prepare(bundled(), ["重明:chong2 ming2"], tmp_path / "given")
    assert "重明" not in heard(usual.path, ("own_reading", ""))[0]
    assert "重明" in heard(given_too.path, ("own_reading", ""))[0].split()


def test_a_known_word_gets_another_reading(tmp_path: Path) -> None:
    lexicon = (bundled() / "graph" / "words.txt").read_text("utf-8")
    assert "\n银行 " in lexicon
    made = prepare(bundled(), ["银行", "银行:chong2 ming2"], tmp_path)
    assert made == Prepared(made.path, new=0)
    assert (made.path / "graph" / "words.txt").read_text("utf-8") == lexicon
    assert "银行" in heard(made.path, ("own_reading", ""))[0].split()


def test_the_files_belong_together(made: Prepared) -> None:
    models.check(made.path)
    lines = (made.path / "graph" / "words.txt").read_text("utf-8").splitlines()
    ids = {word: int(number) for word, number in (line.split() for line in lines)}
    stored = read((made.path / "graph" / "HCLr.fst").read_bytes())
    last = stored.final_label
    assert [ids[name] for name in ("#0", "<s>", "</s>")] == [last + 1, last + 2, last + 3]
    assert sorted(ids.values()) == [*range(last), *range(last + 1, last + 4)]
    assert stored.reach == reachable(stored.fst, last)
    assert stored.reach[0] == [(1, last + 1)]
    grammar = read((made.path / "graph" / "Gr.fst").read_bytes()).fst
    for entry in WORDS:
        number = ids[entry.partition(":")[0]]
        ((_, olabel, _, target),) = [a for arcs in grammar.arcs for a in arcs if a[0] == number]
        assert olabel == number
        assert not any(ilabel == 0 for ilabel, *_ in grammar.arcs[target])
    others = {"graph/HCLr.fst", "graph/Gr.fst", "graph/words.txt"}
    for file in bundled().rglob("*.*"):
        name = file.relative_to(bundled()).as_posix()
        assert (file.read_bytes() == (made.path / name).read_bytes()) == (name not in others)


def test_every_new_word_has_one_way_through_the_tree(made: Prepared) -> None:
    before = read((bundled() / "graph" / "HCLr.fst").read_bytes()).fst
    after = read((made.path / "graph" / "HCLr.fst").read_bytes()).fst
    known = {arc[1] for arcs in before.arcs for arc in arcs}
    new = [arc[1] for arcs in after.arcs for arc in arcs if arc[1] not in known]
    assert len(new) == len(set(new)) == 5
    # Three of them begin alike, two end alike, and what is alike is shared.
    assert len(after.arcs) - len(before.arcs) < 50


def test_the_next_start_finds_it_and_other_words_replace_it(
    folder: Path, made: Prepared, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    mark = models.mark(made.path)
    with caplog.at_level(logging.INFO, site_words.__name__):
        assert prepare(bundled(), list(reversed(WORDS)), folder) == made
    assert models.mark(made.path) == mark
    assert caplog.messages == ["5 own words, 5 of them new to the model"]

    own = tmp_path / "own"
    first = prepare(bundled(), ["小鲸管家"], own)
    (own / ".part-0").mkdir()
    os.utime(own / ".part-0", (0, 0))
    (own / ".part-1").mkdir()
    other_model = prepare(copy(tmp_path / "mini"), ["小鲸管家"], own)
    second = prepare(bundled(), ["云雀智能锁"], own)
    assert {first.path, other_model.path, second.path} == {first.path} | {
        own / name for name in os.listdir(own) if not name.startswith(".")
    }
    assert not first.path.exists()
    assert not (own / ".part-0").exists()
    assert (own / ".part-1").exists()


def test_a_model_may_be_put_together_with_links(tmp_path: Path) -> None:
    model = tmp_path / "linked"
    model.mkdir()
    for part in bundled().iterdir():
        (model / part.name).symlink_to(part)
    made = prepare(model, ["小鲸管家"], tmp_path / "own")
    assert made == Prepared(made.path, new=1)
    assert not (made.path / "am" / "final.mdl").is_symlink()


def test_a_copy_that_was_damaged_is_made_again(tmp_path: Path) -> None:
    made = prepare(bundled(), ["小鲸管家"], tmp_path)
    before = (made.path / "graph" / "HCLr.fst").read_bytes()
    (made.path / "graph" / "HCLr.fst").write_bytes(before[:1000])
    assert prepare(bundled(), ["小鲸管家"], tmp_path) == made
    assert (made.path / "graph" / "HCLr.fst").read_bytes() == before


def test_without_words_or_a_model_nothing_is_made(tmp_path: Path) -> None:
    assert prepare(bundled(), [], tmp_path / "own") == Prepared(bundled())
    lost = tmp_path / "none"
    there_is_none = "recognition.words: not used, there is no model"
    assert prepare(lost, ["小鲸管家"], tmp_path / "own") == Prepared(lost, problem=there_is_none)
    assert not (tmp_path / "own").exists()


def test_what_is_kept_lies_beside_the_models(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CALLCENTER_MODELS", str(tmp_path))
    made = configured(str(bundled()), "", ["小鲸管家"])
    assert made.path.parent == tmp_path / site_words.FOLDER
    far = configured(str(bundled()), "ws://192.0.2.1:2700", ["小鲸管家"])
    assert far.problem.startswith("recognition.words: not used, because recognition.remote names")
    assert configured(str(bundled()), "ws://192.0.2.1:2700", []) == Prepared(bundled())


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told = prepare(bundled(), ["小鲸管家"], tmp_path / "file" / "own")
    assert told.path == bundled()
    assert re.fullmatch(r"recognition.words: not used, \S+file\S*: Not a directory", told.problem)


def regraph(change: Callable[[Fst], object], name: str = "HCLr.fst") -> Damage:
    def damage(raw: bytes) -> bytes:
        stored = read(raw)
        change(stored.fst)
        if name == "Gr.fst":
            return write_acceptor(stored.fst)
        return write_lookahead(stored.fst, stored.final_label)

    return damage


def astray(raw: bytes) -> bytes:
    """The last arc leads to a state that is not there."""
    return write_acceptor(ngram_fst.read(raw).fst)[:-4] + struct.pack("<i", 99999999)


def rootless(raw: bytes) -> bytes:
    """No history is that of a beginning: the first label of the tree is no longer 0."""
    at = header_at(raw).end
    states, followers, _ = struct.unpack_from("<QQQ", raw, at)
    rows = (2 * states + 1, followers + states + 1, states)
    labels = at + 24 + 8 * sum(-(-bits // 64) for bits in rows)
    return raw[: labels + 4] + struct.pack("<i", 7) + raw[labels + 8 :]


@pytest.mark.parametrize(
    ("name", "damage", "told"),
    [
        ("word_boundary.int", gone, r"the bundled model's phones \(phones/word_boundary.int\)"),
        ("word_boundary.int", garbage, "the bundled model's phones"),
        ("HCLr.fst", lambda _: fst(0, 0), r"graph/HCLr.fst is of type const, expected olabel_look"),
        ("HCLr.fst", lambda _: fst(-1, -1, b"edit"), "FST type 'edit': expected const or olab"),
        (
            "HCLr.fst",
            lambda raw: raw[:-9],
            "its graph cannot be read: unpack_from requires a buffer",
        ),
        ("HCLr.fst", regraph(lambda f: f.finals.clear()), "does not loop between words"),
        ("HCLr.fst", regraph(lambda f: f.arcs[0].pop()), "does not loop between words"),
        ("Gr.fst", lambda _: fst(-1, -1, b"vector"), "FST type 'vector': expected const"),
        ("Gr.fst", astray, "graph/Gr.fst: an arc leads to a state that is not there"),
        ("Gr.fst", rootless, "an n-gram FST whose tree of histories is not whole"),
        ("words.txt", lambda raw: raw.replace(b" 7\n", b" 70\n"), "does not number the words"),
        (
            "words.txt",
            lambda raw: b"\xff\xfe 8\n",
            "its graph cannot be read: .* codec can't decode",
        ),
    ],
)
def test_a_model_of_another_kind_is_used_without_the_words(
    tmp_path: Path, name: str, damage: Damage, told: str
) -> None:
    model = copy(tmp_path / "m", {name: damage})
    result = prepare(model, ["小鲸管家"], tmp_path / "own")
    assert result.path == model
    assert result.problem.startswith(f"recognition.words: not used, model {model}: ")
    assert re.search(told, result.problem)
    assert "\n" not in result.problem
    assert not list((tmp_path / "own").glob("*"))


def test_a_static_graph_and_the_oldest_layout_are_named(tmp_path: Path) -> None:
    model = copy(tmp_path / "m", {"HCLr.fst": gone, "Gr.fst": gone})
    (model / "graph" / "HCLG.fst").write_bytes(fst(1, 1) + bytes(36))
    for other in (model, flat(tmp_path / "flat")):
        told = prepare(other, ["小鲸管家"], tmp_path / "own").problem
        assert told.endswith("own words need a look-ahead graph (graph/HCLr.fst and graph/Gr.fst)")


def test_readings_are_those_of_the_phrase() -> None:
    assert parse(["银行家", "不二家", "女王", "小花儿", "重明:chong2 ming2", "重明"]) == {
        "银行家": {("yin2", "hang2", "jia1")},
        "不二家": {("bu4", "er4", "jia1"), ("bu2", "er4", "jia1")},
        "女王": {("nv3", "wang2")},
        "小花儿": {("xiao3", "hua1", "er2"), ("xiao3", "hua1", "er5")},
        "重明": {("chong2", "ming2"), ("zhong4", "ming2")},
    }


def test_erhua_may_be_written_as_it_is_heard() -> None:
    apart = ("xiao3", "hua1", "er5")
    assert parse(["小花儿:xiao3 huar1"]) == parse(["小花儿:xiao3 hua1 er5"]) == {"小花儿": {apart}}
    assert parse(["儿歌:er2 ge1", "哪儿:nar3"]) == {
        "儿歌": {("er2", "ge1")},
        "哪儿": {("na3", "er5")},
    }


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("重明:chong2", "expected one pinyin syllable with its tone (1 to 5) for each character"),
        ("重明:chong2 ming2 ming2", "expected one pinyin syllable"),
        ("重明:chong2 mink2", "expected one pinyin syllable"),
        ("重明:chong2 ming9", "expected one pinyin syllable"),
        ("重明:", "expected one pinyin syllable"),
        ("兙兙", "its reading is not known; expected it too, as in '重明:chong2 ming2'"),
        ("", "its reading is not known"),
        ("ab", "its reading is not known"),
    ],
)
def test_a_wrong_word_is_named(word: str, told: str) -> None:
    with pytest.raises(ConfigError) as error:
        prepare(bundled(), ["小鲸管家", word])
    assert str(error.value).startswith(f"recognition.words: {word!r}: {told}")


@given(st.lists(st.text(max_size=9), max_size=3))
def test_any_text_is_words_or_a_configuration_error(words: list[str]) -> None:
    with suppress(ConfigError):
        readings = parse(words)
        assert all(len(reading) == len(word) for word in readings for reading in readings[word])
