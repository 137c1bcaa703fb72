"""Secrets are told by nothing: no print of what holds them, no error, no line of the log."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest

from callcenter.config import Config, load
from callcenter.core.errors import ConfigError
from callcenter.outfit import line_of

PACKAGE = Path(__file__).parent.parent / "callcenter"
PASSWORD = "correct-horse-battery"
FIELD = re.compile(r"^    (?:passwords?|secret|token): [^,()]+(?: = (?!.*repr=False).*)?$", re.M)
"""A field that opens something, and is printed with the object."""
KNOWN = {
    # of tables, whose rows print no columns, and which hold hashes or what is sealed
    "access_tables.py",
    # what the API is asked, or answers once: to whom it belongs
    "logins.py", "me.py",
}  # fmt: skip


def test_no_print_of_an_object_tells_a_secret() -> None:
    files = [file for file in PACKAGE.rglob("*.py") if file.name not in KNOWN]
    told = {file.name: found for file in files if (found := FIELD.findall(file.read_text("utf-8")))}
    assert told == {}


CONFIG = f"""
[[line]]
name = "main"
[line.registrar]
host = "192.0.2.1"
user = "1001"
password = "{PASSWORD}"
[store]
url = "postgresql+psycopg://callcenter:{PASSWORD}@192.0.2.1/callcenter"
"""


def test_a_configuration_can_be_printed(tmp_path: Path) -> None:
    file = tmp_path / "callcenter.toml"
    file.write_text(CONFIG, "utf-8")
    config = load(file)
    assert PASSWORD not in f"{config!r} {config!s} {config.line[0].registrar}"
    assert PASSWORD not in repr(line_of(config.line[0]))


@pytest.mark.parametrize("value", [12345678, "[1]", "true", "{ a = 1 }"])
def test_an_error_does_not_repeat_a_secret(tmp_path: Path, value: object) -> None:
    file = tmp_path / "callcenter.toml"
    file.write_text(CONFIG.replace(f'"{PASSWORD}"', str(value), 1), "utf-8")
    with pytest.raises(ConfigError, match=r"registrar\.password: expected") as told:
        load(file)
    assert "12345678" not in str(told.value)


def test_a_registrars_password_comes_from_a_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "sip-password").write_text(f"{PASSWORD}\n", "utf-8")
    file, here = tmp_path / "callcenter.toml", f'password = "{PASSWORD}"'
    file.write_text(CONFIG.replace(here, 'password_file = "sip-password"'), "utf-8")
    caplog.set_level(logging.DEBUG)
    assert _password(load(file)) == PASSWORD
    file.write_text(CONFIG.replace(here, ""), "utf-8")
    monkeypatch.setenv("CALLCENTER_SIP_MAIN", "another")
    assert _password(load(file)) == "another"
    file.write_text(CONFIG.replace(here, f'{here}\npassword_file = "x"'), "utf-8")
    with pytest.raises(ConfigError, match="not both"):
        load(file)
    assert PASSWORD not in caplog.text


def _password(config: Config) -> str:
    from callcenter.outfit import _password as of

    return of(config.line[0])


def test_what_the_threat_model_names_is_there() -> None:
    root = PACKAGE.parent
    told = (root / "docs" / "security.md").read_text("utf-8")
    paths = set(re.findall(r"`(tests/[\w/.]+)`", told))
    names = set(re.findall(r"`(test_\w+\.py)`", told))
    there = {file.name for file in (root / "tests").rglob("test_*.py")}
    assert len(paths | names) > 30
    assert [path for path in paths if not (root / path).exists()] == []
    assert names - there == set()
