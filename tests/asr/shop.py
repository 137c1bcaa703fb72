"""A web server that sells models: ranges, broken connections and wrong goods on demand."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from callcenter.asr import bundled
from callcenter.asr.catalogue import Entry

NAME = "vosk-model-test-0.1"


def archive(name: str = NAME, source: Path | None = None) -> bytes:
    """A model as the official archives hold it."""
    source = source or bundled()
    held = {f"{name}/": b""}
    for file in sorted(source.rglob("*")):
        inside = f"{name}/{file.relative_to(source)}"
        held |= {f"{inside}/": b""} if file.is_dir() else {inside: file.read_bytes()}
    return zipped(held, {folder: 0o40755 for folder in held if folder.endswith("/")})


def zipped(files: dict[str, bytes], kinds: dict[str, int] | None = None) -> bytes:
    """An archive; `kinds` are Unix file types by name."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as opened:
        for name, content in files.items():
            member = zipfile.ZipInfo(name)
            member.external_attr = (kinds or {}).get(name, 0o100644) << 16
            opened.writestr(member, content)
    return held.getvalue()


class Shop(ThreadingHTTPServer):
    """Serves `goods` at any path."""

    def __init__(self, goods: bytes, **habits: Any) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.goods = goods
        self.asked: list[str] = []
        """The Range of each request, "" for none."""
        self.breaks_after: int | None = habits.get("breaks_after")
        """Bytes after which each connection ends."""
        self.ranges: bool = habits.get("ranges", True)
        self.status: int = habits.get("status", 200)
        self.length: bool = habits.get("length", True)

    def entry(self, sha256: str | None = None) -> Entry:
        base = f"http://127.0.0.1:{self.server_address[1]}/"
        return Entry(NAME, "zh-CN", 8, "Apache-2.0", "none", sha256, base)


class _Counter(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        shop, goods = self.server, self.server.goods
        asked = self.headers.get("Range", "")
        shop.asked.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-") or 0) if shop.ranges else 0
        if shop.status != 200 or start >= len(goods):
            self.send_error(416 if start >= len(goods) else shop.status)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(goods) - 1}/{len(goods)}")
        if shop.length:
            self.send_header("Content-Length", str(len(goods) - start))
        self.end_headers()
        end = len(goods) if shop.breaks_after is None else start + shop.breaks_after
        self.wfile.write(goods[start:end])
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


@contextmanager
def opened(goods: bytes, **habits: Any) -> Iterator[Shop]:
    """A shop that is open while inside."""
    with Shop(goods, **habits) as shop:
        thread = threading.Thread(target=shop.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield shop
        finally:
            shop.shutdown()
            thread.join()
