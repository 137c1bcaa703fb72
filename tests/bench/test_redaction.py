"""Of numbers that are told and misheard hardly any can be read; ordinary talk stays as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import redaction
from bench.redaction import READABLE, Teller, main, visible
from callcenter.core.redaction import redacted


@pytest.mark.parametrize("kind", ["phone", "id", "card"])
def test_recall(kind: str) -> None:
    """The same dialogues each time; the whole figures are those of the bench."""
    teller, found = Teller(8), 0
    for _ in range(400):
        said = teller.told(kind)
        found += visible(said, redacted(said.segments)) < READABLE
    assert found / 400 >= 0.99


def test_false_alarms() -> None:
    teller = Teller(8)
    alarms = [redacted(teller.talk().segments).hidden for _ in range(400)]
    assert sum(map(bool, alarms)) / 400 <= 0.02


def test_it_prints_and_keeps_its_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(redaction, "LINES", tmp_path)
    monkeypatch.setattr(redaction, "speed", lambda: 1.0)
    (tmp_path / "ordinary").mkdir()
    (tmp_path / "ordinary" / "first.txt").write_text(
        "你好\n我电话一三八零零一三八零零零\n", "utf-8"
    )
    monkeypatch.setattr("sys.argv", ["redaction", "--numbers", "5", "--json", str(tmp_path / "f")])
    main()
    figures = json.loads((tmp_path / "f").read_text("utf-8"))
    assert figures["lines"] == {
        "lines": 2,
        "hidden": 1,
        "examples": ["我电话一三八零零一三八零零零"],
    }
    assert figures["told"]["card"]["numbers"] == 5
    assert "recall" in capsys.readouterr().out
