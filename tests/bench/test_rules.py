"""The calls are as told, the store holds as many segments as it should, the bench runs."""

from __future__ import annotations

import json
from contextlib import closing
from itertools import islice, pairwise
from pathlib import Path

import pytest

from bench import kept_calls
from bench.rules import main, partials
from callcenter.casework.reviews.labels import labelled
from callcenter.core.records import Party
from callcenter.store.sql import Store


def test_calls_are_always_the_same_and_in_order() -> None:
    first, second = (list(islice(kept_calls.calls(), 7)) for _ in range(2))
    assert first == second
    for said in first:
        assert len(said) == kept_calls.TURNS
        assert [one.party for one in said[:3]] == [Party.CALLER, Party.AGENT, Party.CALLER]
        assert all(one.end_ms < two.start_ms for one, two in pairwise(said))


def test_partial_results_grow_by_a_word() -> None:
    whole = kept_calls.segment("喂你好我要退", Party.CALLER, 600)
    assert [one.text for one in partials(whole)] == ["喂你", "喂你好我"]
    assert [one.final for one in partials(whole)] == [False, False]


def test_a_store_is_filled(tmp_path: Path) -> None:
    file = tmp_path / "calls.db"
    kept_calls.fill(file, 200)
    with closing(Store(file)) as store:
        found = list(labelled(store))
    assert sum(len(call.heard.segments) for call in found) == 200
    assert sum(bool(call.verdict) for call in found) == 2
    assert found[-1].heard.segments == tuple(next(kept_calls.calls()))


def test_the_bench_runs_and_writes_its_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "rules.json"
    main(["--rounds", "1", "--calls", "2", "--segments", "40", "--json", str(out)])
    assert "keyword list" in capsys.readouterr().out
    told = json.loads(out.read_text("utf-8"))
    assert [one["segments"] for one in told["back_tests"]] == [40, 40, 40]
    assert told["costs"][0]["ratio"] == 1.0
    assert all(one["peak_mb"] > 0 for one in told["back_tests"])
