"""The set is in good form, the noise is as told, the figures are counted right."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import callcenter
from bench.judgement import syllables
from bench.judgement.__main__ import RATES, judged, main
from bench.judgement.judges import Verdict, understood, verdicts
from bench.judgement.keywords import Keywords
from bench.judgement.lines import DEVELOPMENT, EXAM, LABELS, Line, read_set
from bench.judgement.metrics import Confusion, percentile, wilson, worst_kinds
from bench.judgement.noise import neighbours, spoil
from bench.judgement.report import Heard, Round

LINES = read_set(DEVELOPMENT)
SAYING = st.text(st.sampled_from("你好请问一下滚蛋神经病我要退款啊😀a"), max_size=40)


def distance(a: str, b: str) -> int:
    """Characters to change, add or take away."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (x != y)))
    return row[-1]


def test_no_line_or_id_stands_twice() -> None:
    assert len({line.id for line in LINES}) == len({line.text for line in LINES}) == len(LINES)


def test_every_label_has_enough_lines_and_enough_hard_ones() -> None:
    assert len(LINES) >= 900
    for label in LABELS:
        of = [line for line in LINES if line.label == label]
        assert len(of) >= 290
        assert sum(line.hard for line in of) >= 80


def test_every_kind_is_of_one_label_and_has_ten_lines() -> None:
    assert all(line.kind for line in LINES)
    assert len({(line.label, line.kind) for line in LINES}) == len({line.kind for line in LINES})
    assert min(Counter(line.kind for line in LINES).values()) >= 10


def test_lines_are_hanzi_as_a_recogniser_writes_them() -> None:
    assert [line.text for line in LINES if not all("一" <= c <= "鿿" for c in line.text)] == []
    assert [line.text for line in LINES if not 5 <= len(line.text) <= 60] == []


def test_entries_have_no_other_fields_and_a_note_is_hard() -> None:
    for text in DEVELOPMENT.read_text("utf-8").splitlines():
        entry = json.loads(text)
        assert set(entry) - {"note"} == {"id", "text", "label", "kind"}
        assert entry.get("note", "hard") == "hard"


def test_the_product_has_not_learnt_from_the_set() -> None:
    package = Path(callcenter.__file__).parent
    files = [f for f in package.rglob("*") if f.suffix in {".txt", ".toml", ".json", ".jsonl"}]
    for file in files:
        text = file.read_text("utf-8", errors="ignore")
        assert [line.id for line in LINES if line.text in text] == [], file
        whole = set(text.splitlines())
        assert [line.id for line in read_set(EXAM) if line.text in whole] == [], file


def test_the_exam_holds_about_as_many_lines_of_each_label() -> None:
    counts = Counter(line.label for line in read_set(EXAM))
    assert set(counts) == set(LABELS)
    assert all(295 <= count <= 300 for count in counts.values())


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[]",
        '{"id": 1, "text": "你好"}',
        '{"id": 1, "text": "你好", "label": "odd"}',
        '{"id": 1, "text": "", "label": "ordinary"}',
        '{"id": 1, "text": 5, "label": "ordinary"}',
        '{"id": 1, "text": "你好", "label": []}',
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text('{"id": "1", "text": "你好", "label": "ordinary"}\n' + text + "\n", "utf-8")
    with pytest.raises(ValueError, match=r"set\.jsonl:2: expected"):
        read_set(file)


def test_an_empty_set_is_refused(tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_text("\n", "utf-8")
    with pytest.raises(ValueError, match="holds no lines"):
        read_set(tmp_path / "set.jsonl")


@pytest.mark.parametrize("rate", [0.15, 0.30])
def test_noise_hits_its_rate(rate: float) -> None:
    wrong = sum(distance(line.text, spoil(line.text, rate, line.id)) for line in LINES)
    assert wrong / sum(len(line.text) for line in LINES) == pytest.approx(rate, abs=0.015)


def test_noise_loses_more_than_it_adds() -> None:
    before = sum(len(line.text) for line in LINES)
    after = sum(len(spoil(line.text, 0.3, line.id)) for line in LINES)
    assert (before - after) / before == pytest.approx(0.3 * 0.1, abs=0.01)


def test_noise_is_the_same_in_another_process() -> None:
    program = "from bench.judgement.noise import spoil; print(ascii(spoil('滚蛋' * 20, 0.3, 'x')))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert told.stdout.decode().strip() == ascii(spoil("滚蛋" * 20, 0.3, "x"))


def test_noise_differs_by_line_and_by_rate() -> None:
    text = "我想问一下你们营业到几点" * 4
    assert len({spoil(text, 0.3, "a"), spoil(text, 0.3, "b"), spoil(text, 0.15, "a")}) == 3


@given(SAYING, st.floats(0, 1), st.text(max_size=5))
def test_any_text_can_be_spoiled(text: str, rate: float, seed: str) -> None:
    spoiled = spoil(text, rate, seed)
    assert len(spoiled) <= 2 * len(text)
    assert spoil(text, 0, seed) == text
    assert spoiled == spoil(text, rate, seed)


def test_changes_sound_alike() -> None:
    sounds = {char: sound for sound, chars in syllables.read().items() for char in chars}
    heard = [spoil("滚", 1, str(seed)) for seed in range(300)]
    changed = {sounds[char] for char in heard if len(char) == 1 and char != "滚"}
    assert changed == {"gun", "kun"}


def test_sounds_that_are_confused() -> None:
    assert neighbours("zhen") == ["zen", "zheng"]
    assert neighbours("nin") == ["lin", "ning"]
    assert {"fu", "hou"} <= set(neighbours("hu"))
    assert neighbours("") == []


def test_wilson_against_published_values() -> None:
    share = wilson(81, 263)  # Newcombe 1998, table I, method 3
    assert share.low == pytest.approx(0.2553, abs=1e-4)
    assert share.high == pytest.approx(0.3662, abs=1e-4)
    assert wilson(0, 20).low == 0
    assert wilson(0, 20).high == pytest.approx(0.1611, abs=1e-4)
    assert math.isnan(wilson(0, 0).value)


PAIRS = [
    *[("harassment", "harassment")] * 3,
    ("harassment", "ordinary"),
    *[("complaint", "complaint")] * 2,
    *[("ordinary", "ordinary")] * 3,
    ("ordinary", "harassment"),
]


def test_figures_of_a_small_example() -> None:
    found = Confusion(PAIRS)
    assert found.precision("harassment").value == 3 / 4
    assert found.recall("harassment").value == 3 / 4
    assert found.f1("harassment").value == pytest.approx(0.75)
    assert found.f1("complaint").value == 1
    assert found.macro_f1() == pytest.approx((0.75 + 1 + 0.75) / 3)
    assert found.false_alarms() == 250


def test_a_label_that_is_not_there_does_not_count() -> None:
    found = Confusion([("complaint", "complaint")])
    assert found.macro_f1() == 1
    assert math.isnan(found.false_alarms())
    assert math.isnan(Confusion([]).macro_f1())


@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1))
def test_f1_lies_within_its_interval_and_is_the_harmonic_mean(pairs: list[tuple[str, str]]) -> None:
    found = Confusion(pairs)
    for label in LABELS:
        f1, precision, recall = found.f1(label), found.precision(label), found.recall(label)
        if precision.value and recall.value and not math.isnan(precision.value + recall.value):
            mean = 2 * precision.value * recall.value / (precision.value + recall.value)
            assert f1.value == pytest.approx(mean)
            assert f1.low <= f1.value + 1e-9
            assert f1.value <= f1.high + 1e-9


def test_worst_kinds_come_first() -> None:
    kinds = [("a", True), ("b", False), ("b", True), ("c", False)]
    assert worst_kinds(kinds) == [("c", 1, 1), ("b", 1, 2), ("a", 0, 1)]


def test_percentiles_are_nearest_ranks() -> None:
    assert percentile([3, 1, 2, 4], 0.5) == 2
    assert percentile(list(range(1, 101)), 0.95) == 95
    assert math.isnan(percentile([], 0.5))


def test_the_plain_list_finds_what_stands_there_and_no_more() -> None:
    keywords = Keywords()
    assert keywords.label("你这个神经病我要投诉") == "harassment"
    assert keywords.label("我要投诉") == "complaint"
    assert keywords.label("请问几点开门") == "ordinary"


def test_a_judge_answers_each_line_over_its_pipe() -> None:
    told = verdicts("keywords", [("1", "滚蛋"), ("2", "我要退款"), ("3", "你好")])
    assert [verdict.label for verdict in told] == list(LABELS)
    assert all(verdict.ms > 0 for verdict in told)


def test_the_product_answers_as_a_judge() -> None:
    (told,) = verdicts("product", [("1", "请问几点开门")])
    assert told.label in LABELS


@pytest.mark.parametrize(
    "answer",
    ["", "no json", "[]", '{"id": "2", "label": "ordinary"}', '{"id": "1", "label": "odd"}'],
)
def test_a_bad_answer_is_told_with_the_line_it_is_for(answer: str) -> None:
    with pytest.raises(ValueError, match=r"^1: the judge answered"):
        understood("1", answer, 0.1)


def test_a_suggestion_is_ordinary_talk() -> None:
    assert understood("1", '{"id": "1", "label": "suggestion"}', 0.1).label == "ordinary"


def heard(line: Line, label: str) -> Heard:
    return Heard(line, line.text, Verdict(label, 1), Verdict("ordinary", 1))


def test_hard_lines_are_counted_apart() -> None:
    easy, hard = Line("1", "你好", "ordinary"), Line("2", "干洗", "ordinary", hard=True)
    both = Round(0, [heard(easy, "ordinary"), heard(hard, "harassment")])
    assert both.part(hard=False).confusion().macro_f1() == 1
    assert both.part(hard=True).confusion().false_alarms() == 1000


def small_set(folder: Path, lines: Sequence[Line]) -> Path:
    file = folder / "set.jsonl"
    entries = [{"id": line.id, "text": line.text, "label": line.label} for line in lines]
    file.write_text("".join(json.dumps(entry) + "\n" for entry in entries), "utf-8")
    return file


def test_the_command_prints_tables_and_writes_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = small_set(tmp_path, [Line("1", "滚蛋", "harassment"), Line("2", "请问滚蛋", "ordinary")])
    figures = tmp_path / "figures.json"
    main(["--set", str(file), "--judge", "keywords", "--errors", "--json", str(figures)])
    assert "2 ordinary told harassment" in capsys.readouterr().out
    clean = json.loads(figures.read_text("utf-8"))["rounds"][0]
    assert clean["keywords"]["confusion"]["ordinary"]["harassment"] == 1
    assert clean["keywords"]["false_alarms_a_thousand"] == 1000


def test_every_rate_is_heard_by_both_judges() -> None:
    rounds = judged([Line("1", "我要退款", "complaint")], "keywords", RATES)
    assert [of.noise for of in rounds] == list(RATES)
    assert rounds[0].heard[0].said.label == rounds[0].heard[0].baseline.label == "complaint"


def test_a_set_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"^judgement: "):
        main(["--set", str(tmp_path / "none.jsonl")])
