"""One connection to a vosk-server: sound out, answers in; touches the network.

A connection is one utterance: a vosk-server says its last word only when it is told that there is
no more sound, and then hangs up. Protocol: alphacep/vosk-server, websocket/asr_server.py.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Protocol

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

from callcenter.core.records import SAMPLE_RATE

CONFIG = json.dumps({"config": {"sample_rate": SAMPLE_RATE, "words": True, "max_alternatives": 0}})
END = '{"eof" : 1}'
"""The server compares it letter by letter."""
GRACE_SECONDS = 1.0
"""For the server to hang up after its last word."""
MOST_ANSWERS = 8
"""More at once than any server gives."""
TROUBLES = (OSError, WebSocketException, ValueError)


class Witness(Protocol):
    """Is told how a line goes, in whatever thread it goes."""

    def asked(self, line: Line) -> None:
        """An answer is waited for."""
        ...

    def answered(self, line: Line) -> None:
        """It came."""
        ...

    def failed(self, error: Exception) -> None:
        """The line broke, or said nonsense."""
        ...

    def closed(self, line: Line) -> None:
        """It is over; once."""
        ...


class Line:
    """Any failure closes it. Everything may raise what is in TROUBLES."""

    def __init__(self, url: str, reply_seconds: float, witness: Witness) -> None:
        self._seconds, self._witness = reply_seconds, witness
        self._open = ExitStack()
        with self._watched():
            ringing = connect(
                url,
                proxy=None,
                compression=None,
                open_timeout=reply_seconds,
                close_timeout=reply_seconds,
            )
            self._socket: ClientConnection = self._open.enter_context(ringing)
            self._open.callback(witness.closed, self)
            self._socket.send(CONFIG)

    def say(self, pcm: bytes) -> list[str]:
        """Send sound; the answers that have come, one at least."""
        with self._watched():
            self._socket.send(pcm)
            return [self._first(), *self._more(0)]

    def end(self) -> list[str]:
        """Say that there is no more; the answers until the server hangs up, as it should."""
        with self._watched():
            self._socket.send(END)
            answers = [self._first(), *self._more(GRACE_SECONDS)]
            self.close()
            return answers

    def close(self) -> None:
        """Hang up; may be called twice."""
        self._open.close()

    def _first(self) -> str:
        self._witness.asked(self)
        answer = self._answer(self._seconds)
        self._witness.answered(self)
        return answer

    def _more(self, seconds: float) -> Iterator[str]:
        """A server that also answers the configuration is always one answer behind."""
        until = time.monotonic() + seconds
        with suppress(TimeoutError, ConnectionClosed):
            for _ in range(MOST_ANSWERS):
                yield self._answer(max(0.0, until - time.monotonic()))

    def _answer(self, seconds: float) -> str:
        answer = self._socket.recv(timeout=seconds)
        if not isinstance(answer, str) or not isinstance(json.loads(answer), dict):
            raise ValueError("its answer is no JSON object")
        return answer

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except TROUBLES as error:
            self._witness.failed(error)
            self.close()
            raise


def reason(error: Exception) -> str:
    """In one line."""
    return " ".join((str(error) or type(error).__name__).split())[:200]


Ring = Callable[[], Line]
"""Opens a line for an utterance."""
