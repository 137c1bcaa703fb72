"""The file fuzzer's share in the suite; more on demand: `make nightly`."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz_files import throw


def test_damaged_files_are_read_or_refused_in_a_line(tmp_path: Path) -> None:
    answers = throw(15, 1, tmp_path)
    assert sum(answers.values()) == 15 * 7
