"""The recogniser as a fleet of vosk-servers; may touch the network.

Each utterance goes to the server that lags least then (vosk_fleet.py), so that the loss of one
costs the utterances that it was hearing. What no server answers for is a Gap, and is transcribed
later.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from callcenter.asr.decoder import Decoder
from callcenter.asr.ear import QueuedEar
from callcenter.asr.results import shifted
from callcenter.asr.rhythm import Rhythm
from callcenter.asr.vosk_fleet import Fleet
from callcenter.asr.vosk_line import TROUBLES, Line, Ring, reason
from callcenter.asr.webrtc_gate import VoiceDetector
from callcenter.core.errors import ModelMissing
from callcenter.core.hearers import Hearer
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

BLOCK = Rhythm(SAMPLE_RATE // 5, SAMPLE_RATE // 5)
"""200 ms a message, as the servers' own clients send."""


class RemoteEngine:
    """A `core.ports.Recogniser` that asks vosk-servers at `urls` (ws://host:2700).

    `legs`: how many may wait for an answer at once; `reply_seconds`: how long for each;
    `queue_seconds`: how much sound of one leg may wait before its oldest is dropped.
    """

    def __init__(
        self,
        *urls: str,
        legs: int = 64,
        reply_seconds: float = 5.0,
        queue_seconds: float = 30.0,
    ) -> None:
        self.url = ", ".join(urls)
        self.pool = ThreadPoolExecutor(legs, thread_name_prefix="asr-remote")
        self._fleet = Fleet(urls, reply_seconds, self._spawn)
        self._queue_frames = round(queue_seconds * 1000 / FRAME_MS)
        self.try_load()

    @property
    def ready(self) -> bool:
        """True while a server answers."""
        return self._fleet.is_ready

    @property
    def detail(self) -> str:
        """The servers' addresses; while none answers, why."""
        return self.url if self.ready else self._fleet.problem

    def servers(self) -> Sequence[Hearer]:
        """How each stands now."""
        return self._fleet.states()

    def try_load(self) -> bool:
        """Ring the servers that did not answer last time; True where one answers. Blocks."""
        return self._fleet.probe()

    def open(
        self,
        party: Party,
        on_segment: Callable[[Segment], None],
        on_gap: Callable[[Gap], None],
    ) -> Ear:
        """An ear for one party; call it on the event loop, where both callbacks will run."""

        def decoder(tell: Callable[[Segment], None]) -> Decoder:
            voiced = VoiceDetector().voiced
            return Decoder(party, lambda: _Stream(self._fleet.ring), voiced, tell, rhythm=BLOCK)

        return QueuedEar(party, decoder, on_segment, on_gap, self.pool, self._queue_frames)

    def transcribe(self, party: Party, pcm: bytes) -> list[Segment]:
        """The final segments of 8 kHz mono 16-bit sound, `live` False; blocks. ModelMissing."""
        told: list[Segment] = []
        decoder = Decoder(
            party,
            lambda: _Stream(self._fleet.ring),
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
            raise ModelMissing(self._fleet.problem or f"vosk-server: {reason(error)}") from error
        return told

    def close(self) -> None:
        """End the threads, each after its turn; close the ears first."""
        self.pool.shutdown(wait=True)

    def _spawn(self, work: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # it is closed
            self.pool.submit(work)


class _Stream:
    """A server as a `decoder.Stream`; its clock runs on from connection to connection."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._line: Line | None = None
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

    def __del__(self) -> None:
        """Whoever could make nothing of an answer forgets the stream: it hangs up."""
        if self._line is not None:
            self._line.close()

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


def _frames(pcm: bytes) -> Iterator[Frame]:
    """The sound in frames, the last one filled up with silence."""
    for number, at in enumerate(range(0, len(pcm), FRAME_BYTES)):
        yield Frame(number * FRAME_SAMPLES, pcm[at : at + FRAME_BYTES].ljust(FRAME_BYTES, b"\0"))
