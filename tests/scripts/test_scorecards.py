from __future__ import annotations

from pathlib import Path

import pytest

from callcenter.core.errors import PackError
from callcenter.core.scorecards import MEASURES
from callcenter.scripts.scorecards import read_scorecards


def test_r6_the_form_that_ships_is_of_100_points_and_uses_every_measure() -> None:
    form = read_scorecards()["standard"]
    assert sum(item.points * item.weight for item in form.items) == 100
    assert {item.measure for item in form.items} == {"", *MEASURES}
    assert all(item.hint for item in form.items)
    assert [item.key for item in form.items if item.critical] == ["respect"]


@pytest.mark.parametrize(
    ("text", "told"),
    [("name =", "cannot be read"), ("name = '表'", "expected a list of sections")],
)
def test_a_wrong_form_is_told_with_its_file(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(PackError, match="no scorecards"):
        read_scorecards(tmp_path)
    (tmp_path / "own.toml").write_text(text, "utf-8")
    with pytest.raises(PackError, match=rf"own\.toml: {told}"):
        read_scorecards(tmp_path)
