"""`callcenter withheld` on the store of a service that was harassed without a number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from callcenter.casework.harassment import withheld
from tests.casework.harassed import NIGHT, NUMBER, Harassed
from tests.conftest import RunCallcenter


@pytest.fixture
def harassed(tmp_path: Path) -> Iterator[Harassed]:
    made = Harassed(tmp_path)
    made.call("w1", number="anonymous")
    made.call("w2", 60, "anonymous")
    yield made
    made.store.close()


def bill(harassed: Harassed, *lines: str, encoding: str = "gb18030") -> Path:
    file = harassed.folder / "bill.csv"
    file.write_text("主叫号码,被叫号码,开始时间,通话时长\n" + "\n".join(lines), encoding)
    return file


def start(minutes: float = 0) -> str:
    """As the carrier writes it, in the machine's own time."""
    return f"{(NIGHT + timedelta(minutes=minutes, seconds=9)).astimezone():%Y-%m-%d %H:%M:%S}"


def test_h20_h21_listed_joined_and_never_chosen(
    run_callcenter: RunCallcenter, harassed: Harassed
) -> None:
    config = ("--config", str(harassed.config))
    done = run_callcenter("withheld", "list", *config)
    first, second = done.stdout.splitlines()
    assert first.startswith("w2  ")
    assert second.endswith("30 s  severity 4  no bill line fits")
    file = bill(
        harassed,
        f"{NUMBER},4008200001,{start()},00:00:31",
        f"01088880001,4008200001,{start()},29",
        f"{NUMBER},4008200001,{start(60)},30",
        f"{NUMBER},4008200001,{start(600)},30",
    )
    done = run_callcenter("withheld", "import", str(file), *config, "--by", "陈静")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "4 lines read; 3 may be 2 withheld calls\n"
    done = run_callcenter("withheld", "list", *config)
    first, second = done.stdout.splitlines()
    assert first.endswith("may be 138 **** 6127")
    assert second.endswith("AMBIGUOUS 138 **** 6127, 010 **** 0001")
    assert NUMBER not in done.stdout
    with harassed.store.session() as session:
        assert {one.number for one in withheld.worst(session)} == {None}


def test_h21_bad_lines_are_told_and_the_rest_is_joined(
    run_callcenter: RunCallcenter, harassed: Harassed
) -> None:
    file = bill(harassed, "合计,,,300", f"{NUMBER},,{start()},30", f"{NUMBER},,soon,30")
    done = run_callcenter("withheld", "import", str(file), "--config", str(harassed.config))
    assert done.returncode == 1
    assert done.stdout == "1 lines read, 2 passed over; 1 may be 1 withheld calls\n"
    assert [line.removeprefix(f"{file}: ") for line in done.stderr.splitlines()] == [
        "line 2: the caller's number is not a telephone number",
        "line 4: the start is no time; expected such as 2026-11-22 20:15:30",
    ]
    assert NUMBER not in done.stderr


def test_what_is_no_bill_is_told(run_callcenter: RunCallcenter, harassed: Harassed) -> None:
    config = ("--config", str(harassed.config))
    garbage = harassed.folder / "garbage"
    garbage.write_bytes(b"\xff\xfe\x00\x01")
    for words, code, reason in (
        ((str(garbage),), 1, "callcenter: the bill is no text"),
        ((str(harassed.folder / "gone"),), 1, "gone: cannot be read: No such file"),
        ((str(harassed.folder),), 1, "cannot be read: Is a directory"),
        ((str(bill(harassed)), "--tolerance", "-1"), 2, "expected seconds, 0 to 99999, got '-1'"),
    ):
        done = run_callcenter("withheld", "import", *words, *config)
        assert done.returncode == code
        assert reason in done.stderr.splitlines()[-1]
