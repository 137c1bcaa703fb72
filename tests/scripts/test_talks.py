from __future__ import annotations

from pathlib import Path

import pytest

from callcenter.casework.follow_ups.record import REASONS
from callcenter.core.errors import PackError
from callcenter.core.talks import spoken
from callcenter.scripts.talks import TALKS, read_talks

GOOD = (
    "[order]\nopening = '{customer}您好'\nquestions = ['好了吗']\nsatisfied = '谢谢'\n"
    "unsatisfied = '抱歉'\nclosing = '再见'\n"
)


def test_f8_every_reason_has_a_talk_with_both_branches() -> None:
    talks = read_talks()
    assert set(talks) == set(REASONS)
    said = spoken(talks["order"], {"customer": "赵先生", "agent": " "})
    assert "赵先生" in said.opening
    assert "工号……" in said.opening
    assert not any("{" in sentence for sentence in said.words)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("closing = '再见'", "", "closing is None"),
        ("closing", "ending", "unknown key 'ending'"),
        ("['好了吗']", "['一', '二', '三', '四']", "at most 3 questions: calls are short"),
        ("['好了吗']", "[1]", "at most 3 questions"),
        ("{customer}", "{a b}", "is no field"),
        ("[order]", "order = 1\n[more]", "order: expected a table"),
        ("[order]", "[order", "cannot be read"),
    ],
)
def test_f9_a_wrong_talk_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    file = tmp_path / "talks.toml"
    file.write_text(GOOD.replace(old, new), "utf-8")
    with pytest.raises(PackError, match=r"talks\.toml: ") as caught:
        read_talks(file)
    assert told in str(caught.value)


def test_the_bundled_file_is_where_it_is_packaged() -> None:
    assert TALKS.is_file()
