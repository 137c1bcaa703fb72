"""The recogniser: Vosk's model shared by all legs, decoded in a few threads; may touch vosk.

Vosk lets go of the interpreter's lock while it works, so threads are enough. It is imported when a
model is loaded, so that a machine on which it cannot be is still one that answers and records.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

from callcenter.asr import models
from callcenter.asr.decoder import Decoder
from callcenter.asr.ear import DeafEar, QueuedEar
from callcenter.asr.kernels import choose_kernels, choose_memory
from callcenter.asr.results import shifted, with_spotted
from callcenter.asr.rhythm import Rhythm, rhythm
from callcenter.asr.spotting import Spotter, calibration, vocabulary
from callcenter.asr.unpacked import unpacked
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

RESTED = 16
"""Recognisers kept for the next calls: one that has worked has unfolded the part of its graph that
calls need, and spends a tenth less on the first minute. Each holds some 10 MB."""

log = logging.getLogger(__name__)


class VoskEngine:
    """A `core.ports.Recogniser`.

    `model_path`: the model's folder (default: see `models.resolve`). `workers`: threads that
    decode; one keeps up with some fifty legs of the bundled model. `queue_seconds`: how much sound
    of one leg may wait before its oldest is dropped. `phrases` tells what to listen for besides
    (see spotting.py), anew for each call. Making one loads the model, which blocks for half a
    second or, with a large model, for some minutes.
    """

    def __init__(
        self,
        model_path: str | Path | None = None,
        *,
        workers: int = 2,
        queue_seconds: float = 30.0,
        phrases: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self.path = models.resolve(model_path)
        self.pool = ThreadPoolExecutor(workers, thread_name_prefix="asr")
        self._queue_frames = round(queue_seconds * 1000 / FRAME_MS)
        self._loading = Lock()
        self._rested: deque[_Recogniser] = deque(maxlen=RESTED)
        self._model: Any = None
        self._rhythm = Rhythm()
        self._rate = SAMPLE_RATE
        self._phrases = phrases
        self._spotting: Callable[[], Spotter | None] = lambda: None
        self._detail = ""
        self._refused: tuple[models.Mark, str] | None = None
        self.try_load()

    @property
    def ready(self) -> bool:
        """True once the model is loaded."""
        return self._model is not None

    @property
    def detail(self) -> str:
        """The model's folder; while there is no model, one sentence that says why."""
        return self._detail

    def try_load(self) -> bool:
        """Load the model unless it is loaded; True where there is one now. Blocks: for a thread.

        Cheap to call now and then: a damaged model is tried again only once a file has changed.
        """
        with self._loading:
            if self._model is None:
                try:
                    self._model = self._load()
                    self._detail = str(self.path)
                except ModelMissing as error:
                    self._refuse(str(error))
            return self._model is not None

    def open(
        self,
        party: Party,
        on_segment: Callable[[Segment], None],
        on_gap: Callable[[Gap], None],
    ) -> Ear:
        """An ear for one party; call it on the event loop, where both callbacks will run."""
        model = self._model
        if model is None:
            return DeafEar(party, on_gap, "no model")

        streams: list[_Stream] = []
        spotting = self._spotting_for(party, model)

        def stream() -> _Stream:
            streams.append(_Stream(self._recogniser(model), spotting()))
            return streams[-1]

        def rest() -> None:
            if len(streams) == 1:  # more than one: the first has failed
                self._rested.append(streams[0].recogniser)

        def decoder(tell: Callable[[Segment], None]) -> Decoder:
            voiced = VoiceDetector().voiced
            return Decoder(party, stream, voiced, tell, rhythm=self._rhythm, rate=self._rate)

        return QueuedEar(
            party, decoder, on_segment, on_gap, self.pool, self._queue_frames, rest=rest
        )

    def forget_rested(self) -> None:
        """Let go of the recognisers that wait for the next call, and of their memory."""
        self._rested.clear()

    def _recogniser(self, model: Any) -> _Recogniser:
        try:
            return self._rested.popleft()
        except IndexError:
            return _Recogniser(model, self._rate)

    def _spotting_for(self, party: Party, model: Any) -> Callable[[], _Spotting | None]:
        """Makes what listens for phrases of the caller; None where there is nothing to hear."""
        spotter = self._spotting() if party is Party.CALLER else None
        return lambda: _Spotting(model, spotter, self._rate) if spotter else None

    def transcribe(self, party: Party, pcm: bytes) -> list[Segment]:
        """The final segments of 8 kHz mono 16-bit sound, `live` False; blocks. ModelMissing."""
        model = self._model
        if model is None:
            raise ModelMissing(self._detail)
        told: list[Segment] = []
        spotting = self._spotting_for(party, model)
        decoder = Decoder(
            party,
            lambda: _Stream(_Recogniser(model, self._rate), spotting()),
            VoiceDetector().voiced,
            told.append,
            partials=False,
            live=False,
            rhythm=self._rhythm,
            rate=self._rate,
        )
        decoder.take(_frames(pcm))
        decoder.finish()
        return told

    def close(self) -> None:
        """End the threads, each after its turn. Close the ears first: one that is still open is
        deaf from here on, and what it had not decoded becomes a Gap."""
        self.pool.shutdown(wait=True)

    def _load(self) -> Any:
        models.check(self.path)
        mark = models.mark(self.path)
        if self._refused and self._refused[0] == mark:
            raise ModelMissing(self._refused[1])
        try:
            models.probe(self.path)
            self._rhythm, self._rate = rhythm(self.path), models.rate(self.path)
            loaded = _model(unpacked(self.path))
            self._spotting = _spotting(self.path, self._phrases)
            return loaded
        except ModelMissing as error:
            self._refused = mark, str(error)
            raise

    def _refuse(self, reason: str) -> None:
        if reason != self._detail:
            log.warning("no recognition: %s", reason)
        self._detail = reason


class _Recogniser:
    """One `vosk.KaldiRecognizer`, which serves one party after another."""

    def __init__(self, model: Any, rate: int) -> None:
        import vosk

        self.vosk = vosk.KaldiRecognizer(model, rate)
        self.vosk.SetWords(True)
        self.rate = rate
        self.fed = 0
        """Samples since it was made: what its clock shows."""


class _Spotting:
    """A second recogniser, beside the one that writes, which knows a few phrases only."""

    def __init__(self, model: Any, spotter: Spotter, rate: int) -> None:
        import vosk

        self._vosk = vosk.KaldiRecognizer(model, rate, spotter.grammar)
        self._vosk.SetWords(True)
        self._spotter = spotter
        self._found: list[dict[str, Any]] = []

    def accept(self, pcm: bytes) -> None:
        """The same sound as the other gets."""
        if self._vosk.AcceptWaveform(pcm):
            self._found += self._spotter.found(str(self._vosk.Result()))

    def take(self) -> list[dict[str, Any]]:
        """What was found since the last time; its clock is that of all sound it was given."""
        found = self._found + self._spotter.found(str(self._vosk.FinalResult()))
        self._found = []
        return found


class _Stream:
    """A recogniser as a `decoder.Stream`, whose clock begins with the stream."""

    def __init__(self, recogniser: _Recogniser, spotting: _Spotting | None = None) -> None:
        self.recogniser = recogniser
        self._spotting = spotting
        self._begun = recogniser.fed / recogniser.rate

    def accept(self, pcm: bytes) -> str | None:
        self.recogniser.fed += len(pcm) // 2
        if self._spotting:
            self._spotting.accept(pcm)
        paused = self.recogniser.vosk.AcceptWaveform(pcm)
        return self._result(str(self.recogniser.vosk.Result())) if paused else None

    def partial(self) -> str:
        return str(self.recogniser.vosk.PartialResult())

    def final(self) -> str:
        return self._result(str(self.recogniser.vosk.FinalResult()))

    def _result(self, raw: str) -> str:
        told = shifted(raw, -self._begun)
        return with_spotted(told, self._spotting.take()) if self._spotting else told


def _spotting(path: Path, phrases: Callable[[], Iterable[str]]) -> Callable[[], Spotter | None]:
    """Makes the spotter for a call, where the model is one that spots."""
    calibrated = calibration(path)
    if calibrated is None:
        return lambda: None
    known = vocabulary(path)
    return lambda: Spotter(phrases(), known, calibrated)


def _model(path: Path) -> Any:
    """Raises ModelMissing, whatever it is that vosk or its library raises."""
    try:
        choose_kernels()
        choose_memory()
        import vosk

        vosk.SetLogLevel(-1)
        return vosk.Model(str(path))
    except Exception as error:
        raise ModelMissing(f"model {path}: the engine cannot use it: {error}") from error


def _frames(pcm: bytes) -> Iterator[Frame]:
    """The sound in frames, the last one filled up with silence."""
    for number, at in enumerate(range(0, len(pcm), FRAME_BYTES)):
        yield Frame(number * FRAME_SAMPLES, pcm[at : at + FRAME_BYTES].ljust(FRAME_BYTES, b"\0"))
