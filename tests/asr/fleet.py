"""A vosk-server of our own: the same messages over a real socket, with the real engine behind."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from callcenter.asr import bundled

Handler = Callable[[ServerConnection], None]


@cache
def model() -> Any:
    import vosk

    vosk.SetLogLevel(-1)
    return vosk.Model(str(bundled()))


def vosk_server(socket: ServerConnection, *, answers_config: bool = False) -> None:
    """One connection: an answer to every message but the configuration; the end ends it."""
    import vosk

    ear, rate, words = None, 8000.0, False
    for message in socket:
        if isinstance(message, str) and "config" in message:
            config = json.loads(message)["config"]
            rate, words = float(config["sample_rate"]), bool(config["words"])
            if answers_config:
                socket.send('{"partial": ""}')
            continue
        if ear is None:
            ear = vosk.KaldiRecognizer(model(), rate)
            ear.SetWords(words)
        if message == '{"eof" : 1}':
            socket.send(ear.FinalResult())
            return
        socket.send(ear.Result() if ear.AcceptWaveform(message) else ear.PartialResult())


def chatty_server(socket: ServerConnection) -> None:
    """Answers the configuration too."""
    vosk_server(socket, answers_config=True)


def silent_server(socket: ServerConnection) -> None:
    """Takes everything and says nothing."""
    for _ in socket:
        pass


def talking(answer: str | bytes) -> Handler:
    """A server that always says the same."""

    def handler(socket: ServerConnection) -> None:
        for _ in socket:
            socket.send(answer)

    return handler


class Fleet:
    """A server that can be taken down and brought up again on the same port."""

    def __init__(self, handler: Handler) -> None:
        self._handler, self._port = handler, 0
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self._sockets: set[ServerConnection] = set()
        self.rung = 0
        self.up()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._port}"

    def up(self) -> None:
        self._server = serve(self._handle, "127.0.0.1", self._port, compression=None)
        self._port = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def down(self) -> None:
        """At once, in the middle of whatever it is saying."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join()
        for socket in list(self._sockets):
            socket.close()
        self._server = self._thread = None

    def _handle(self, socket: ServerConnection) -> None:
        self.rung += 1
        self._sockets.add(socket)
        try:
            self._handler(socket)
        except ConnectionClosed:
            pass
        finally:
            self._sockets.discard(socket)


@contextmanager
def running(handler: Handler = vosk_server) -> Iterator[Fleet]:
    fleet = Fleet(handler)
    try:
        yield fleet
    finally:
        fleet.down()
