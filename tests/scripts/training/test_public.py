"""Public conversations: fetched once, checked, and half of them kept to measure on."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from callcenter.scripts.training.public import SOURCES, Source, fetch, lines


def zipped(table: object) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("val.json", json.dumps(table))
    return packed.getvalue()


WOZ = zipped({"7": {"messages": [{"content": "有酒店吗"}, {"content": "有酒店吗"}]}})
FILM = json.dumps([{"messages": [{"message": "好看吗"}, {"message": "还行"}]}]).encode()
FILES = {"a/Woz/1/data/val.json.zip": WOZ, "a/Kd/2/data/film/test.json": FILM}
HERE = [
    Source(path, hashlib.sha256(content).hexdigest(), path.endswith("zip"))
    for path, content in FILES.items()
]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Tests need no log."""


@pytest.fixture
def host(tmp_path: Path) -> Iterator[str]:
    for path, content in FILES.items():
        place = tmp_path / "www" / path
        place.parent.mkdir(parents=True)
        place.write_bytes(content)
    handler = partial(Quiet, directory=str(tmp_path / "www"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_it_is_fetched_once_and_read_by_halves(host: str, tmp_path: Path) -> None:
    folder = tmp_path / "text"
    fetch(folder, HERE, host)
    assert lines(folder, True, HERE) == ["有酒店吗"]
    assert lines(folder, False, HERE) == ["好看吗", "还行"]
    fetch(folder, HERE, "http://127.0.0.1:1")  # nothing is asked for that is there


def test_another_file_is_refused(host: str, tmp_path: Path) -> None:
    other = [Source(HERE[0].path, "0" * 64, True)]
    with pytest.raises(ValueError, match=r"val.json.zip: SHA-256 is .*; expected 000"):
        fetch(tmp_path / "text", other, host)
    assert not list((tmp_path / "text").iterdir())
    fetch(tmp_path / "text", HERE, host)
    with pytest.raises(ValueError, match="expected 000"):
        lines(tmp_path / "text", True, other)


def test_the_sources_are_different_files() -> None:
    assert len({source.name for source in SOURCES}) == len(SOURCES) == 8
    assert {source.learnt for source in SOURCES} == {True, False}
