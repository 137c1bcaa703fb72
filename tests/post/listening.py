"""A program that is told: an HTTP server on a real socket, as kind or as rude as a test wants."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any, cast


@dataclass(frozen=True)
class Told:
    """A request: its path, headers and body."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Listener(ThreadingHTTPServer):
    """Takes what is posted; `answer` gives the status for it."""

    daemon_threads = True

    def __init__(self, answer: Callable[[Told], int], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answer = answer
        self.told: list[Told] = []
        self.scheme = "http"

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/hook"

    def types(self) -> list[str]:
        return [str(told.json.get("type") or told.json.get("event")) for told in self.told]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = cast("Listener", self.server)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        told = Told(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        server.told.append(told)
        status = server.answer(told)
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", f"http://127.0.0.1:{server.port}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def listening(
    answer: Callable[[Told], int] = lambda _: 200, tls: SSLContext | None = None, port: int = 0
) -> Iterator[Listener]:
    """A program that is told, while inside."""
    server = Listener(answer, port)
    if tls is not None:
        server.scheme = "https"
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
