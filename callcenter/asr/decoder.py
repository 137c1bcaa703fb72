"""One party's frames to segments: gate, recogniser stream, call time. No threads, no clock, no I/O.

The stream is fed in the model's rhythm, counted from the start of each utterance: how the frames
arrive never changes what is recognised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

from callcenter.asr.gate import HANGOVER, Gate
from callcenter.asr.guess import Guess
from callcenter.asr.results import Span, partial_words, segment
from callcenter.asr.rhythm import Rhythm
from callcenter.core.halfband import Widener
from callcenter.core.records import (
    FRAME_BYTES,
    FRAME_SAMPLES,
    SAMPLE_RATE,
    Frame,
    Party,
    Segment,
    samples_to_ms,
)

BLOCK_BYTES = 5 * FRAME_BYTES
"""100 ms: what is fed at once to a recogniser whose rhythm is not known."""
PAUSE_SAMPLES = 10 * FRAME_SAMPLES
"""200 ms without voice: the next word begins where the voice comes back."""
SETTLED_SAMPLES = 5 * FRAME_SAMPLES
"""100 ms of silence that the recogniser has heard behind the last voice: nothing is to come."""
LONG_SAMPLES = 64_000
"""8 s of one utterance: a partial result costs the more the longer it is."""
IDLE_FRAMES = 5
"""Frames of a closed gate that are worth a look: 100 ms, less than the pre-roll."""
TAIL = bytes(15 * FRAME_BYTES)
"""300 ms of silence after an utterance that is cut short: the last word needs a right side."""


class Stream(Protocol):
    """A recogniser's ear for one party; results are its JSON. Its clock counts what it was fed."""

    def accept(self, pcm: bytes) -> str | None:
        """Take more sound; the result where the speaker has paused."""
        ...

    def partial(self) -> str:
        """What is heard so far."""
        ...

    def final(self) -> str:
        """What is left, without waiting for more; the stream can be fed again."""
        ...


class Decoder:
    """Hears one party of one call; `tell` is called with each segment as soon as it is known.

    `partials` asks for unfinished segments too, where their text has changed. `rhythm` says when
    the stream is fed, `rate` with how many samples a second: 8000, or 16000, and then with the
    frames' 16 kHz sound where they have it.
    """

    def __init__(
        self,
        party: Party,
        make_stream: Callable[[], Stream],
        voiced: Callable[[bytes], bool],
        tell: Callable[[Segment], None],
        *,
        partials: bool = True,
        live: bool = True,
        rhythm: Rhythm | None = None,
        rate: int = SAMPLE_RATE,
    ) -> None:
        self._party, self._tell = party, tell
        self._make_stream, self._voiced = make_stream, voiced
        self._partials, self._live = partials, live
        self._rhythm = rhythm or Rhythm()
        self._times = rate // SAMPLE_RATE
        self._gate: Gate[Frame] = Gate()
        self._next: int | None = None
        self._forget()

    @property
    def unsaid(self) -> tuple[int, int] | None:
        """The samples since answer (`end` exclusive) that were fed but not yet told as final."""
        return (self._since, self._fed_to) if self._since < self._fed_to else None

    @property
    def patience(self) -> int:
        """How many more frames may gather before there could be anything to tell; at least 1."""
        if not self._fed_to:
            return IDLE_FRAMES
        news = -(-(self._due - self._fed) // FRAME_SAMPLES)
        return max(min(news, self._gate.quiet_left), 1)

    def take(self, frames: Iterable[Frame]) -> None:
        """Hear more. A jump in `Frame.start` ends what was being said. Raises what the stream and
        the voice detector raise; `reset` then makes the decoder usable again."""
        for frame in frames:
            if self._next is not None and frame.start != self._next:
                self.finish()
            self._next = frame.start + FRAME_SAMPLES
            voiced = self._voiced(frame.pcm)
            if voiced:
                self._note_voice(frame.start)
            step = self._gate.take(frame, voiced=voiced)
            for fed in step.feed:
                self._feed(fed)
            if step.ended:
                self._end()
        if self._partials and self._fed_to and self._worth_asking():
            self._tell_partial()

    def finish(self) -> None:
        """Tell what is still unsaid; more may follow."""
        if self._gate.close():
            self._block += TAIL * self._times
            self._end()

    def reset(self) -> None:
        """Forget the utterance and the stream, after an exception."""
        self._gate.close()
        self._next = None
        self._forget()

    def _forget(self) -> None:
        self._stream: Stream | None = None
        self._block = bytearray()
        self._widen = Widener()
        self._streamed = self._fed = self._due = 0
        self._news = 0
        self._stream_start = self._call_start = self._since = self._fed_to = 0
        self._last_raw = ""
        self._shown: Segment | None = None
        self._onset, self._voice_to = 0, -PAUSE_SAMPLES
        self._guess = Guess()

    def _note_voice(self, start: int) -> None:
        if not 0 <= start - self._voice_to < PAUSE_SAMPLES:
            self._onset = start
        self._voice_to = start + FRAME_SAMPLES

    def _feed(self, frame: Frame) -> None:
        if not self._fed_to:
            self._stream_start, self._call_start = self._streamed, frame.start
            self._since = frame.start
            self._fed, self._due = 0, self._rhythm.first
            self._widen = Widener()
        self._fed_to = frame.start + FRAME_SAMPLES
        self._fed += FRAME_SAMPLES
        self._block += frame.pcm if self._times == 1 else self._widen(frame)
        if self._fed >= self._due:
            self._due += ((self._fed - self._due) // self._rhythm.every + 1) * self._rhythm.every
            self._accept()

    def _accept(self) -> None:
        pcm = bytes(self._block)
        self._block.clear()
        self._news += 1
        self._streamed += len(pcm) // (2 * self._times)
        result = self._listening().accept(pcm)
        if result is not None:
            self._tell_final(result)

    def _end(self) -> None:
        if self._block:
            self._accept()
        self._tell_final(self._listening().final())
        self._fed_to = 0

    def _listening(self) -> Stream:
        if self._stream is None:
            self._stream = self._make_stream()
        return self._stream

    def _span(self) -> Span:
        return Span(self._stream_start, self._call_start, self._fed_to)

    def _tell_final(self, raw: str) -> None:
        told = segment(self._party, raw, self._span(), final=True, live=self._live)
        self._since, self._guess = self._fed_to, Guess()
        self._last_raw, self._shown = "", None
        if told is not None:
            self._tell(told)

    def _worth_asking(self) -> bool:
        """At each block; at every second one for the agent, whom no rule waits for, and where
        somebody goes on and on without a pause."""
        flowing = self._gate.quiet_left == HANGOVER
        rare = flowing and (self._party is Party.AGENT or self._fed > LONG_SAMPLES)
        return self._news > rare

    def _tell_partial(self) -> None:
        """What is heard so far where that is new, and once more where the speaker pauses."""
        self._news = 0
        fresh, settled = self._fresh(), self._paused()
        told = fresh or (self._shown if settled else None)
        if told is not None and (fresh or not told.settled):
            self._shown = replace(told, settled=settled)
            self._tell(self._shown)

    def _fresh(self) -> Segment | None:
        """The partial result, unless its text is the one that was told last."""
        raw = self._listening().partial()
        if raw == self._last_raw:
            return None
        self._last_raw = raw
        told = segment(self._party, raw, self._span(), final=False, live=self._live)
        if told is None or (self._shown is not None and told.text == self._shown.text):
            return None
        return told if told.words else self._timed(told, partial_words(raw))

    def _paused(self) -> bool:
        """True where all that was said has been decoded, and some silence behind it."""
        return self._decoded_to - self._voice_to >= SETTLED_SAMPLES

    @property
    def _decoded_to(self) -> int:
        ahead = self._rhythm.first - self._rhythm.every
        return max(self._fed_to - ahead, self._since)

    def _timed(self, told: Segment, texts: list[str]) -> Segment:
        """The same with words, whose times are guesses."""
        begun = max(self._onset, self._since)
        at = map(samples_to_ms, (begun, self._decoded_to, self._fed_to))
        words = self._guess.words(texts, *at)
        return replace(told, start_ms=words[0].start_ms, end_ms=words[-1].end_ms, words=words)
