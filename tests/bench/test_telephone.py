"""The telephone's bench really calls the service, and writes what it measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.telephone.__main__ import main


def test_the_bench_runs_and_writes_its_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "figures.json"
    few = ["--calls", "2", "--rates", "4", "--seconds", "1", "--peer-calls", "0"]
    main([*few, "--json", str(file)])
    figures = json.loads(file.read_text("utf-8"))
    (held,) = figures["held"]
    assert (held["side"], held["calls"], held["failed"]) == ("ours", 2, 0)
    assert held["rate"][0] > 0
    (made,) = figures["set_up"]
    assert (made["calls"], made["failed"]) == (4, 0)
    assert "packets/s" in capsys.readouterr().out
