"""`callcenter customers` on the store of a service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from callcenter.cli import main
from tests.casework.harassed import Harassed


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Harassed]:
    made = Harassed(tmp_path)
    yield made
    made.store.close()


def test_u1_u8_a_table_goes_in_and_comes_out(
    kept: Harassed, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(action: str, file: Path, *more: str) -> tuple[int, str, str]:
        words = ("customers", action, str(file), "--config", str(kept.config), "--by", "李主管")
        with pytest.raises(SystemExit) as ended:
            main([*words, *more])
        return (ended.value.code, *capsys.readouterr())

    table, out = kept.folder / "in.csv", kept.folder / "out.csv"
    table.write_text("客户名称,电话\n甲,13700000001\n乙,13700000001\n", "gb18030")
    problem = f"{table}: line 3: a number is on line 2 too\n"
    assert run("import", table) == (1, "2 rows read, 0 customers written, 1 problems\n", problem)
    told = run("import", table, "--some")
    assert told == (1, "2 rows read, 1 customers written, 1 problems\n", problem)
    assert run("export", out) == (1, "", "callcenter: export needs: purpose\n")
    assert not out.exists()
    told = run("export", out, "--purpose", "月度核对")
    assert told == (0, f"1 customers in {out}\n", "")
    assert "甲,,13700000001," in out.read_text("utf-8-sig")
    wrong = kept.folder / "out.pdf"
    assert "ends in .csv or .xlsx" in run("export", wrong)[2]
    assert "cannot be read" in run("import", wrong)[2]
