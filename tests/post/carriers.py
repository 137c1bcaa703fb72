"""A mail server and a gateway for short messages, as small as they can be, on real sockets."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_string, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast


class MailBox:
    """Takes letters as RFC 5321 §4.1 has it; `refuses` is answered to every recipient."""

    def __init__(self, refuses: str = "") -> None:
        self.refuses = refuses
        self.letters: list[EmailMessage] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def serve(self) -> None:
        """One connection after the other, until closed."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rw", encoding="utf-8", newline="\r\n") as wire:
                self._talk(wire)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _talk(self, wire: Any) -> None:
        def say(line: str) -> None:
            wire.write(f"{line}\n")
            wire.flush()

        say("220 here")
        for line in wire:
            match line[:4].upper():
                case "EHLO" | "HELO":
                    say("250 here")
                case "RCPT" if self.refuses:
                    say(self.refuses)
                case "DATA":
                    say("354 go on")
                    self._take(wire)
                    say("250 taken")
                case "QUIT":
                    say("221 bye")
                    return
                case _:
                    say("250 fine")

    def _take(self, wire: Any) -> None:
        lines: list[str] = []
        for line in wire:
            if line.strip("\r\n") == ".":
                break
            lines.append(line)
        made = message_from_string("".join(lines), policy=policy.default)
        self.letters.append(cast("EmailMessage", made))


@contextmanager
def mail_box(refuses: str = "") -> Iterator[MailBox]:
    """A mail server while inside."""
    box = MailBox(refuses)
    thread = threading.Thread(target=box.serve)
    thread.start()
    try:
        yield box
    finally:
        box.close()
        thread.join()


class Gateway(ThreadingHTTPServer):
    """Takes short messages; answers `status`."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hook)
        self.taken: list[tuple[str, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/sms"


class _Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = cast("Gateway", self.server)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server.taken.append((self.headers.get("Authorization", ""), body))
        self.send_response(server.status)
        self.end_headers()
        self.wfile.write(json.dumps({"id": f"g-{len(server.taken)}"}).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def gateway(status: int = 200) -> Iterator[Gateway]:
    """A gateway while inside."""
    server = Gateway()
    server.status = status
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
