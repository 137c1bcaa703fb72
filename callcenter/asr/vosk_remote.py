"""The recogniser as a fleet of vosk-servers: their websocket protocol; may touch the network.

Each utterance is a connection of its own: a vosk-server says its last word only when it is told
that there is no more sound, and then hangs up. What a server does not answer for is a Gap, and is
transcribed later. Protocol: alphacep/vosk-server, websocket/asr_server.py.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from threading import Lock
from typing import Any

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

from callcenter.asr.decoder import Decoder
from callcenter.asr.ear import QueuedEar
from callcenter.asr.results import shifted
from callcenter.asr.rhythm import Rhythm
from callcenter.asr.webrtc_gate import VoiceDetector
from callcenter.core.errors import ModelMissing
from callcenter.core.ports import Ear
from callcenter.core.records import (
    FRAME_BYTES,
    FRAME_MS,
    FRAME_SAMPLES,
    SAMPLE_RATE,
    Frame,
    Gap,
    Party,
    Segment,
)

CONFIG = json.dumps({"config": {"sample_rate": SAMPLE_RATE, "words": True, "max_alternatives": 0}})
END = '{"eof" : 1}'
"""The server compares it letter by letter."""
BLOCK = Rhythm(SAMPLE_RATE // 5, SAMPLE_RATE // 5)
"""200 ms a message, as the server's own clients send."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds without a new try after a failure: the first, doubled up to the longest."""
GRACE_SECONDS = 1.0
"""For the server to hang up after its last word."""
MOST_ANSWERS = 8
"""More at once than any server gives."""
TROUBLES = (OSError, WebSocketException, ValueError)

log = logging.getLogger(__name__)


class RemoteEngine:
    """A `core.ports.Recogniser` that asks the vosk-server at `url` (ws://host:2700).

    `legs`: how many may wait for an answer at once; `reply_seconds`: how long for each;
    `queue_seconds`: how much sound of one leg may wait before its oldest is dropped.
    """

    def __init__(
        self,
        url: str,
        *,
        legs: int = 64,
        reply_seconds: float = 5.0,
        queue_seconds: float = 30.0,
    ) -> None:
        self.url = url
        self.pool = ThreadPoolExecutor(legs, thread_name_prefix="asr-remote")
        self._reply_seconds = reply_seconds
        self._queue_frames = round(queue_seconds * 1000 / FRAME_MS)
        self._lock = Lock()
        self._trouble = ""
        self._wait = self._not_before = 0.0
        self.try_load()

    @property
    def ready(self) -> bool:
        """True while the server answers."""
        return not self._trouble

    @property
    def detail(self) -> str:
        """The server's address; while it does not answer, one sentence that says why."""
        return self._trouble or self.url

    def try_load(self) -> bool:
        """Ring the server unless it answered last time; True where it answers. Blocks."""
        with self._lock:
            self._not_before = 0.0
        if not self._trouble and self._wait:
            return True
        with suppress(*TROUBLES):
            self._connect().close()
        return self.ready

    def open(
        self,
        party: Party,
        on_segment: Callable[[Segment], None],
        on_gap: Callable[[Gap], None],
    ) -> Ear:
        """An ear for one party; call it on the event loop, where both callbacks will run."""

        def decoder(tell: Callable[[Segment], None]) -> Decoder:
            voiced = VoiceDetector().voiced
            return Decoder(party, lambda: _Stream(self._connect), voiced, tell, rhythm=BLOCK)

        return QueuedEar(party, decoder, on_segment, on_gap, self.pool, self._queue_frames)

    def transcribe(self, party: Party, pcm: bytes) -> list[Segment]:
        """The final segments of 8 kHz mono 16-bit sound, `live` False; blocks. ModelMissing."""
        told: list[Segment] = []
        decoder = Decoder(
            party,
            lambda: _Stream(self._connect),
            VoiceDetector().voiced,
            told.append,
            partials=False,
            live=False,
            rhythm=BLOCK,
        )
        try:
            decoder.take(_frames(pcm))
            decoder.finish()
        except TROUBLES as error:
            raise ModelMissing(f"vosk-server {self.url}: {_reason(error)}") from error
        return told

    def close(self) -> None:
        """End the threads, each after its turn; close the ears first."""
        self.pool.shutdown(wait=True)

    def _connect(self) -> _Line:
        """A connection that is ready for sound. Raises what is in TROUBLES."""
        with self._lock:
            if time.monotonic() < self._not_before:
                raise ConnectionError(f"not tried again yet: {self._trouble}")
        try:
            line = _Line(self.url, self._reply_seconds)
        except TROUBLES as error:
            self._failed(error)
            raise
        self._worked()
        return line

    def _worked(self) -> None:
        with self._lock:
            if self._trouble:
                log.info("vosk-server %s answers", self.url)
            self._trouble, self._wait, self._not_before = "", FIRST_WAIT, 0.0

    def _failed(self, error: Exception) -> None:
        with self._lock:
            if not self._trouble:
                log.warning("vosk-server %s: %s", self.url, _reason(error))
            self._trouble = f"vosk-server {self.url}: {_reason(error)}"
            self._wait = min(max(self._wait * 2, FIRST_WAIT), LONGEST_WAIT)
            self._not_before = time.monotonic() + self._wait


class _Line:
    """One connection: sound out, answers in. Any failure closes it."""

    def __init__(self, url: str, reply_seconds: float) -> None:
        self._seconds = reply_seconds
        self._open = ExitStack()
        ringing = connect(
            url,
            proxy=None,
            compression=None,
            open_timeout=reply_seconds,
            close_timeout=reply_seconds,
        )
        self._socket: ClientConnection = self._open.enter_context(ringing)
        with self._closing_on_failure():
            self._socket.send(CONFIG)

    def say(self, pcm: bytes) -> list[str]:
        """Send sound; the answers that have come, one at least."""
        with self._closing_on_failure():
            self._socket.send(pcm)
            return [self._answer(self._seconds), *self._more(0)]

    def end(self) -> list[str]:
        """Say that there is no more; the answers until the server hangs up, as it should."""
        with self._closing_on_failure():
            self._socket.send(END)
            answers = [self._answer(self._seconds), *self._more(GRACE_SECONDS)]
            self.close()
            return answers

    def close(self) -> None:
        """Hang up; may be called twice."""
        self._open.close()

    def _more(self, seconds: float) -> Iterator[str]:
        """A server that also answers the configuration is always one answer behind."""
        with suppress(TimeoutError, ConnectionClosed):
            for _ in range(MOST_ANSWERS):
                yield self._answer(seconds)

    def _answer(self, seconds: float) -> str:
        answer = self._socket.recv(timeout=seconds)
        if not isinstance(answer, str) or not isinstance(json.loads(answer), dict):
            raise ValueError("its answer is no JSON object")
        return answer

    def _closing_on_failure(self) -> _ClosingOnFailure:
        return _ClosingOnFailure(self.close)


class _ClosingOnFailure:
    """A context that calls `close` where it is left by an exception."""

    def __init__(self, close: Callable[[], None]) -> None:
        self._close = close

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._close()


class _Stream:
    """The server as a `decoder.Stream`; its clock runs on from connection to connection."""

    def __init__(self, ring: Callable[[], _Line]) -> None:
        self._ring = ring
        self._line: _Line | None = None
        self._fed = self._begun = 0
        self._partial = "{}"

    def accept(self, pcm: bytes) -> str | None:
        if self._line is None:
            self._begun, self._line = self._fed, self._ring()
        self._fed += len(pcm) // 2
        answers = self._line.say(pcm)
        results = [answer for answer in answers if "partial" not in json.loads(answer)]
        self._partial = "{}" if answers[-1] in results else answers[-1]
        return self._merged(results) if results else None

    def partial(self) -> str:
        return self._partial

    def final(self) -> str:
        line, self._line, self._partial = self._line, None, "{}"
        answers = line.end() if line else []
        return self._merged([a for a in answers if "partial" not in json.loads(a)])

    def _merged(self, results: list[str]) -> str:
        """Several results as one, in the stream's time."""
        told: list[dict[str, Any]] = [json.loads(result) for result in results]
        whole = {
            "result": [word for result in told for word in result.get("result", ())],
            "text": " ".join(str(result.get("text", "")) for result in told),
        }
        return shifted(json.dumps(whole, ensure_ascii=False), self._begun / SAMPLE_RATE)


def _reason(error: Exception) -> str:
    """In one line."""
    return " ".join((str(error) or type(error).__name__).split())[:200]


def _frames(pcm: bytes) -> Iterator[Frame]:
    """The sound in frames, the last one filled up with silence."""
    for number, at in enumerate(range(0, len(pcm), FRAME_BYTES)):
        yield Frame(number * FRAME_SAMPLES, pcm[at : at + FRAME_BYTES].ljust(FRAME_BYTES, b"\0"))
