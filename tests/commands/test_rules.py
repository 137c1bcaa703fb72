"""`callcenter rules check`: what is in the packs, or what is wrong and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcenter.commands.rules import check
from callcenter.scripts.cards import ASSIST
from tests.conftest import RunCallcenter

GOOD = """
group = "complaint"
[lists]
what = ["货", "钱"]
[[rule]]
name = "refund"
category = "refund"
any = ["退[what]", "还我*钱", "=不要了"]
innocent = ["不退货"]
"""


def test_the_bundled_packs_and_cards_are_good(run_callcenter: RunCallcenter):
    done = run_callcenter("rules", "check")
    assert done.returncode == 0, done.stderr
    assert [line.split(": ")[1] for line in done.stdout.splitlines()] == [
        "agent",
        "complaint",
        "harassment",
        "harassment",
        "suggestion",
        "cards",
    ]


def test_each_pack_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "p.toml").write_text(GOOD, "utf-8")
    assert check(tmp_path) == 0
    told = capsys.readouterr().out
    assert told.endswith(
        "p.toml: complaint: 1 rules, 4 phrases (2 by sound), 1 innocent contexts\n"
    )


def test_what_is_wrong_is_told_and_the_others_are_still_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "a.toml").write_text(GOOD.replace("any", "loudness = 3\nany"), "utf-8")
    (tmp_path / "b.toml").write_text(GOOD, "utf-8")
    (tmp_path / "c.toml").write_text(GOOD, "utf-8")
    assert check(tmp_path) == 1
    told = capsys.readouterr()
    assert "a.toml: rule 1: unknown key 'loudness'; expected all, and, any" in told.err
    assert "rule 'refund' stands twice" in told.err
    assert "b.toml: complaint: 1 rules" in told.out


def test_no_packs(run_callcenter: RunCallcenter, tmp_path: Path):
    done = run_callcenter("rules", "check", "--packs", str(tmp_path))
    assert done.returncode == 1
    assert "holds no pack" in done.stderr


def test_cards_of_ones_own(run_callcenter: RunCallcenter, tmp_path: Path):
    bundled = next(ASSIST.glob("*.toml")).read_text("utf-8")
    (tmp_path / "own.toml").write_text(bundled, "utf-8")
    done = run_callcenter("rules", "check", "--cards", str(tmp_path))
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1), done.stderr
    (tmp_path / "two.toml").write_text(bundled.replace("say =", "says =", 1), "utf-8")
    done = run_callcenter("rules", "check", "--cards", str(tmp_path))
    assert done.returncode == 1
    assert "two.toml" in done.stderr
    assert "'says'" in done.stderr
