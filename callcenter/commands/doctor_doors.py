"""What the doctor says of who may call a line, and of what may be dialled."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

from callcenter.commands.finding import Finding
from callcenter.config import Config, LineConfig
from callcenter.config.sip_users import users_of
from callcenter.core.errors import ConfigError
from callcenter.sip.signal.headers import numeric_host


def examine_callers(line: LineConfig) -> Finding:
    """Who may call this line."""
    if line.login is not None:
        return _login(line)
    if line.allow:
        return Finding("callers", True, f"line {line.name}: {', '.join(line.allow)}")
    if _is_local(line.host):
        return Finding("callers", True, f"line {line.name}: this machine only")
    told = f"line {line.name}: anybody who reaches {line.host}; name them in allow, or [line.login]"
    return Finding("callers", None, told)


def _login(line: LineConfig) -> Finding:
    assert line.login is not None
    file = line.login.users_file
    try:
        users = users_of(file)
    except ConfigError as error:
        return Finding("callers", False, f"line {line.name}: {error}")
    if file and os.name == "posix" and stat.S_IMODE(Path(file).stat().st_mode) & 0o077:
        return Finding("callers", None, f"{file}: others can read it; chmod 600 {file}")
    rest = f", or from {', '.join(line.allow)}" if line.login.who == "strangers" else ""
    return Finding("callers", True, f"line {line.name}: {len(users)} who log in{rest}")


def _is_local(host: str) -> bool:
    numeric = numeric_host(host)
    return host == "localhost" or (numeric is not None and ip_address(numeric).is_loopback)


def examine_outbound(config: Config) -> Iterator[Finding]:
    """What may be dialled, and a door that stands open."""
    limits = config.outbound
    if "00" not in limits.bar and not limits.allow:
        yield Finding("calls out", None, "numbers abroad may be dialled: outbound.bar lacks 00")
        return
    told = {
        "only": " ".join(limits.allow),
        "not": " ".join(limits.bar),
        "at": " ".join(limits.hours),
        "minutes a day of each agent:": str(limits.agent_minutes or ""),
    }
    detail = ", ".join(f"{name} {value}" for name, value in told.items() if value)
    yield Finding("calls out", True, detail)
