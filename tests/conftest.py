"""What every test has: no traffic beyond this machine, and the command line as a user calls it."""

from __future__ import annotations

import ipaddress
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

RunCallcenter = Callable[..., "subprocess.CompletedProcess[str]"]
_watching = False


def _watch(event: str, args: tuple[Any, ...]) -> None:
    """Refuse a socket call whose address is not this machine's."""
    if not _watching or event not in ("socket.connect", "socket.sendto"):
        return
    address = args[1]
    if isinstance(address, tuple) and not _is_here(str(address[0])):
        raise RuntimeError(f"a test wanted to reach {address[0]}; only this machine is allowed")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback or _is_own(host)
    except ValueError:
        return host == "localhost"


@cache
def _is_own(host: str) -> bool:
    """Whether an interface of this machine has the address: a browser here may speak from it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
    return True


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def loopback_only() -> Iterator[None]:
    global _watching
    _watching = True
    yield
    _watching = False


@pytest.fixture(autouse=True)
def no_chosen_model(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch):
    """A model that a developer chose with `callcenter models use` must not matter."""
    monkeypatch.setenv("CALLCENTER_MODELS", str(tmp_path_factory.getbasetemp() / "models"))


@pytest.fixture
def run_callcenter() -> RunCallcenter:
    """Run `callcenter WORDS…` in a process of its own, its standard input given as text."""

    def run(*words: str, stdin: str = "", env: dict[str, str] | None = None):
        return subprocess.run(
            [sys.executable, "-m", "callcenter", *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=240,
            env={**os.environ, **(env or {})},
            check=False,
        )

    return run
