"""Who may log in at a line: the file of users, the environment, and passwords that are guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcenter.config import load
from callcenter.config.sip_users import users_of
from callcenter.core.errors import ConfigError
from callcenter.outfit import login_of


def test_users_come_from_the_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "users"
    file.write_text("# telephones\n2001:correct:horse\n\n  2002:battery staple  \n", "utf-8")
    assert users_of(str(file)) == {"2001": "correct:horse", "2002": "battery staple"}
    monkeypatch.setenv("CALLCENTER_SIP_USERS", "2003:tomato soup")
    assert users_of("") == {"2003": "tomato soup"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "there is none"),
        ("2001", "line 1: expected user:password"),
        (":secret password", "line 1: expected user:password"),
        ("#\n2001:short", "line 2: the password of 2001 is guessed at once"),
        ("2001:20012001", "without the user's name"),
    ],
)
def test_what_is_wrong_with_them_is_told_without_the_password(
    tmp_path: Path, text: str, told: str
) -> None:
    file = tmp_path / "users"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=told) as error:
        users_of(str(file))
    assert str(file) in str(error.value)
    for password in ("secret", "short", "20012001"):
        assert password not in str(error.value)


def test_a_line_knows_its_users(tmp_path: Path) -> None:
    file, more = tmp_path / "c.toml", 'who = "strangers"\nalgorithms = ["MD5"]\n'
    file.write_text(f'[[line]]\n[line.login]\nusers_file = "users"\n{more}', "utf-8")
    (line,) = load(file).line
    with pytest.raises(ConfigError, match=r"line main: login: .*users: cannot be read"):
        login_of(line)
    (tmp_path / "users").write_text("2001:correct horse", "utf-8")
    accounts, strangers = login_of(line)
    assert accounts is not None
    assert (accounts.algorithms, accounts.realm, strangers) == (("MD5",), "callcenter", True)
    assert accounts.passwords == {"2001": "correct horse"}
    assert login_of(load(file).line[0].model_copy(update={"login": None})) == (None, False)
