"""What the doctor says of who may call, and what may be dialled."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcenter.commands.doctor_doors import examine_callers, examine_outbound
from callcenter.config import Config, LineConfig
from callcenter.config.lines import LoginConfig
from callcenter.config.outbound import OutboundConfig

ANYBODY = "line main: anybody who reaches 0.0.0.0; name them in allow, or [line.login]"


def users(folder: Path, mode: int = 0o600) -> str:
    file = folder / "users"
    file.write_text("2001:correct horse\n2002:battery staple\n", "utf-8")
    file.chmod(mode)
    return str(file)


@pytest.mark.parametrize(
    ("line", "good", "told"),
    [
        (LineConfig(), True, "line main: this machine only"),
        (LineConfig(host="::1"), True, "line main: this machine only"),
        (LineConfig(host="0.0.0.0"), None, ANYBODY),
        (LineConfig(host="0.0.0.0", allow=("192.0.2.0/24",)), True, "line main: 192.0.2.0/24"),
    ],
)
def test_who_may_call(line: LineConfig, good: bool | None, told: str) -> None:
    found = examine_callers(line)
    assert (found.good, found.detail) == (good, told)


def test_who_logs_in(tmp_path: Path) -> None:
    login = LoginConfig(users_file=users(tmp_path))
    line = LineConfig(host="0.0.0.0", allow=("192.0.2.1",), login=login)
    assert examine_callers(line).detail == "line main: 2 who log in"
    login = login.model_copy(update={"who": "strangers"})
    line = line.model_copy(update={"login": login})
    assert examine_callers(line).detail == "line main: 2 who log in, or from 192.0.2.1"
    users(tmp_path, 0o644)
    found = examine_callers(line)
    assert found.good is None
    assert "chmod 600" in found.detail
    (tmp_path / "users").unlink()
    assert examine_callers(line).good is False


@pytest.mark.parametrize(
    ("outbound", "good", "told"),
    [
        (OutboundConfig(), True, "not 00 160 168 1259 179 * #, minutes a day of each agent: 480"),
        (OutboundConfig(bar=()), None, "numbers abroad may be dialled: outbound.bar lacks 00"),
        (
            OutboundConfig(allow=("010",), bar=(), agent_minutes=0, hours=("08:00-21:00",)),
            True,
            "only 010, at 08:00-21:00",
        ),
    ],
)
def test_what_may_be_dialled(outbound: OutboundConfig, good: bool | None, told: str) -> None:
    (found,) = examine_outbound(Config(outbound=outbound))
    assert (found.good, found.detail) == (good, told)
