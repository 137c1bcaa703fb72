"""docs/checklist.md names every item of the handbooks, and tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent
CHECKLIST = TESTS.parent / "docs" / "checklist.md"
COUNTS = {"H": 24, "D": 22, "E": 7, "W": 16, "C": 20, "F": 15, "S": 5, "J": 11, "R": 12, "K": 7}
COUNTS |= {"U": 10, "N": 2}
ROW = re.compile(r"^\| ([A-Z]\d+) \| (.+?) \| (.+?) \| (.*?) ?\|$", re.MULTILINE)
TEST = re.compile(r"`([^`\s]+\.py)::(test_\w+)`")


def rows() -> list[tuple[str, str, str, str]]:
    return ROW.findall(CHECKLIST.read_text("utf-8"))


def test_every_item_is_there_once() -> None:
    wanted = [f"{group}{n}" for group, count in COUNTS.items() for n in range(1, count + 1)]
    assert [item for item, *_ in rows()] == wanted
    assert len(wanted) == 151


def test_every_item_that_is_done_names_tests_that_are_there() -> None:
    for item, _, where, tests in rows():
        named = TEST.findall(tests)
        assert bool(named) is not (where == "**open**"), item
        for file, name in named:
            assert re.search(rf"^(async )?def {name}\(", (TESTS / file).read_text("utf-8"), re.M), (
                f"{item}: there is no {file}::{name}"
            )


def test_the_count_is_true() -> None:
    done = sum(where != "**open**" for _, _, where, _ in rows())
    assert f"Done: {done} of 151." in CHECKLIST.read_text("utf-8")
