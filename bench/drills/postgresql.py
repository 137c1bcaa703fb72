"""A PostgreSQL server of a drill's own, which can be stopped and started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

DEBIAN = Path("/usr/lib/postgresql")
USER = "postgres"
"""Whom it runs as where we are root, which it refuses to be."""
START_SECONDS = 60.0


def binaries() -> Path | None:
    """The folder of the server's programs; Debian keeps them where no PATH looks."""
    newest = sorted(DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    found = shutil.which("initdb", path=os.pathsep.join(map(str, newest))) or shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def installed() -> bool:
    """Whether a server can be started here."""
    return binaries() is not None and (os.geteuid() != 0 or shutil.which("setpriv") is not None)


class Server:
    """It listens on a socket of its own folder, and at no port."""

    name = "postgresql"

    def __init__(self) -> None:
        """Makes and starts it; blocks."""
        # A socket's path has at most 107 characters.
        self._folder = Path(tempfile.mkdtemp(prefix="callcenter-drill-"))
        self.url = f"postgresql+psycopg://{USER}@/postgres?host={quote(str(self._folder))}"
        if os.geteuid() == 0:
            shutil.chown(self._folder, USER, USER)
        how = ["-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        self._run("initdb", *how)
        self._process: subprocess.Popen[bytes] | None = None
        self.bring_back()

    def take_away(self) -> None:
        """Stop it as an operator does (fast shutdown: connections are cut)."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        self._process.wait(60)

    def bring_back(self) -> None:
        """Start it (again); returns once it answers."""
        settings = {"listen_addresses": "", "unix_socket_directories": str(self._folder)}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self._program("postgres", *words), stderr=log)  # noqa: S603
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if (self._folder / ".s.PGSQL.5432").exists() and self._answers():
                return
            time.sleep(0.05)
        raise RuntimeError((self._folder / "log").read_text("utf-8"))

    def close(self) -> None:
        """Stop it for good; nothing is kept."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(60)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        import psycopg

        with (
            suppress(psycopg.OperationalError),
            psycopg.connect(host=str(self._folder), user=USER, dbname="postgres"),
        ):
            return True
        return False

    def _run(self, name: str, *words: str) -> None:
        subprocess.run(self._program(name, *words), capture_output=True, check=True)  # noqa: S603

    def _program(self, name: str, *words: str) -> list[str]:
        folder = binaries()
        if folder is None:
            raise RuntimeError("PostgreSQL is not installed (apt install postgresql)")
        program = [str(folder / name), "-D", str(self._folder / "data"), *words]
        if os.geteuid() != 0:
            return program
        who = ["--reuid", USER, "--regid", USER, "--init-groups"]
        return [shutil.which("setpriv") or "setpriv", "--pdeathsig", "QUIT", *who, *program]
