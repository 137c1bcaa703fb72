"""Runs a real S3 server for the tests: OpenStack Swift with its S3 API, on 127.0.0.1."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from callcenter.store.s3 import Place

PYTHON = Path("/usr/bin/python3")
"""The system's own: Debian packages Swift for it."""
SERVER = Path(__file__).with_name("swift_server.py")
KEY, SECRET = "test:tester", "testing"  # those of Swift's own example
REGION = "test-1"


def is_installed() -> bool:
    """Whether the system's Python has Swift."""
    if not PYTHON.exists():
        return False
    asked = [str(PYTHON), "-c", "import swift.common.middleware.s3api, eventlet"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


class S3Server:
    """One server; `down` and `up` take it away and bring it back, with what it keeps."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = 0
        self._process: subprocess.Popen[str] | None = None
        self.up()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def up(self) -> None:
        command = [str(PYTHON), str(SERVER), str(self._folder), str(self._port)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self._port = int(self._process.stdout.readline())

    def down(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def bucket(self, name: str) -> Place:
        """A new bucket, made by Swift's own API."""
        asked = Request(f"{self.endpoint}/auth/v1.0")
        asked.add_header("X-Auth-User", KEY)
        asked.add_header("X-Auth-Key", SECRET)
        with urlopen(asked) as answer:
            token, account = answer.headers["X-Auth-Token"], answer.headers["X-Storage-Url"]
        made = Request(f"{account}/{name}", method="PUT")
        made.add_header("X-Auth-Token", token)
        urlopen(made).close()
        return Place(name, "centre/sound", self.endpoint, REGION, KEY, SECRET)


@contextmanager
def running() -> Iterator[S3Server]:
    """A server while inside; skips the test where Swift is not installed."""
    if not is_installed():
        pytest.skip("OpenStack Swift is not installed (apt install python3-swift)")
    folder = Path(tempfile.mkdtemp(prefix="callcenter-s3-"))
    server = S3Server(folder)
    try:
        yield server
    finally:
        server.down()
        shutil.rmtree(folder, ignore_errors=True)
