from __future__ import annotations

from pathlib import Path

import pytest

from callcenter.core.errors import PackError
from callcenter.scripts.phrases import FIELDS, PHRASES, read_phrases

BUNDLED = PHRASES.read_text("utf-8")


def test_w6_c6_every_phrase_is_there() -> None:
    phrases = read_phrases()
    assert set(phrases) == {name for names in FIELDS.values() for name in names}
    assert "{judgement}" in phrases["refusal"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "{hotline}",
            "{phone}",
            "call_out: announced: no field phone; expected of: agent, hotline",
        ),
        ("{name}", "{a b}", "identity_verified: {a b} is no field"),
        ("announced =", "begin =", "unknown key 'begin'"),
        ("judgement = ", "# ", "complaint: judgement is None"),
        ("[call_out]", "[call_in]", "unknown key 'call_in'"),
        ("[complaint]", "[complaint", "cannot be read"),
    ],
)
def test_a_wrong_file_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    file = tmp_path / "phrases.toml"
    file.write_text(BUNDLED.replace(old, new), "utf-8")
    with pytest.raises(PackError, match=r"phrases\.toml") as caught:
        read_phrases(file)
    assert told in str(caught.value)
