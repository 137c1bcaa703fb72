from __future__ import annotations

from pathlib import Path

import pytest

from callcenter.core.errors import PackError, Refused
from callcenter.core.messages import Template, filled
from callcenter.scripts.message_templates import read_templates


def test_s1_the_bundled_templates_are_good_and_fit_a_short_message() -> None:
    found = read_templates()
    assert {"care", "unreachable", "greeting", "progress", "written_reply"} <= set(found)
    assert found["care"].fields == {"company", "customer", "about", "agent", "hotline"}
    given = dict.fromkeys(found["care"].fields, "甲")
    assert "{" not in filled(found["care"], given)[1]


def test_a_field_that_is_missing_keeps_the_message_back() -> None:
    template = Template("care", "sms", "{customer}您好，{agent}为您服务")
    with pytest.raises(Refused, match="message care needs: agent, customer"):
        filled(template, {"customer": " "})
    assert filled(template, {"customer": "{agent}", "agent": "王芳"}) == (
        "",
        "{agent}您好，王芳为您服务",
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[message]]\nname = 'a'\nchannel = 'sms'\ntext = 'x'\nsize = 1", "unknown key size"),
        ("[[message]]\nname = 'a'\nchannel = 'fax'\ntext = 'x'", "a channel: sms or email"),
        ("[[message]]\nname = 'a'\nchannel = 'sms'\ntext = 'x'\nsubject = 'y'", "e-mail alone"),
        ("[[message]]\nname = 'a'\nchannel = 'sms'\ntext = '{a.b}'", "is no field"),
        ("[[message]]\nname = 'a'\nchannel = 'sms'\ntext = '{'", "Single '{'"),
        ("[[message]]\nname = 'a'\nchannel = 'sms'\ntext = 1", "every value is a text"),
        (
            "[[message]]\nname = 'a'\nchannel = 'sms'\ntext = '" + "长" * 351 + "'",
            "longer than 350",
        ),
        ("[[card]]\nname = 'a'", "expected [[message]] entries"),
        ("[[message", "cannot be read"),
    ],
)
def test_a_wrong_template_is_told_with_file_and_reason(
    tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "own.toml").write_text(text, "utf-8")
    with pytest.raises(PackError) as caught:
        read_templates(tmp_path)
    assert str(caught.value).startswith(str(tmp_path / "own.toml"))
    assert told in str(caught.value)


def test_twice_the_same_name_and_none_at_all(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no messages"):
        read_templates(tmp_path)
    one = "[[message]]\nname = 'a'\nchannel = 'sms'\ntext = 'x'\n"
    (tmp_path / "own.toml").write_text(one + one, "utf-8")
    with pytest.raises(PackError, match="message a: there is one of that name"):
        read_templates(tmp_path)
