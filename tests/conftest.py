"""What every test has: no traffic beyond this machine, and the command line as a user calls it."""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests import postgresql, s3
from tests.postgresql import needs_postgresql
from tests.s3 import S3Server

RunCallcenter = Callable[..., "subprocess.CompletedProcess[str]"]
_watching = False
# How fast a machine is says nothing of what a test is about.
settings.register_profile("any speed", deadline=None)
settings.load_profile("any speed")


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


@pytest.fixture(scope="session", autouse=True)
def no_chosen_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A model that a developer chose with `callcenter models use` must not matter; what is made of
    the bundled one is kept for all tests, and apart from the developer's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALLCENTER_MODELS", str(tmp_path_factory.getbasetemp() / "models"))
        yield


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A real S3 server; whoever takes it down brings it up again."""
    with s3.running() as server:
        yield server


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--postgresql", action="store_true", help="run every test that has a store over both"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The tests of the store's own room run over SQLite and over PostgreSQL, and so do those that
    are marked; with --postgresql all that have a `database`."""
    marked = metafunc.definition.get_closest_marker
    if "database" not in metafunc.fixturenames or marked("sqlite"):
        return
    own = metafunc.module.__name__.startswith("tests.store.")
    if own or marked("both_databases") or metafunc.config.getoption("--postgresql"):
        both = ["sqlite", pytest.param("postgresql", marks=needs_postgresql)]
        metafunc.parametrize("database", both, indirect=True)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    with postgresql.running() as server:
        yield server


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path, migrated: Path) -> Iterator[str]:
    """The URL of an empty database with every table."""
    if getattr(request, "param", "sqlite") == "postgresql":
        with request.getfixturevalue("postgresql_server").lent() as url:
            yield url
    else:
        file = tmp_path / "data" / "callcenter.db"
        file.parent.mkdir(mode=0o700)
        shutil.copy(migrated, file)
        yield f"sqlite:///{file}"


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with every table, to be copied: making one takes half a second."""
    from callcenter.store.sql import Store

    file = tmp_path_factory.mktemp("migrated") / "callcenter.db"
    store = Store(file)
    store.upgrade()
    store.close()
    return file


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
