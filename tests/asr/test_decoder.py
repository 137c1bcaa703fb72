"""One party's decoder, over a stream that says how much it was fed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.asr.decoder import BLOCK_BYTES, TAIL, Decoder
from callcenter.asr.gate import HANGOVER, OPEN_AFTER, PRE_ROLL
from callcenter.core.records import (
    FRAME_MS,
    FRAME_SAMPLES,
    SAMPLE_RATE,
    WIDE_RATE,
    Frame,
    Party,
    Segment,
)

LOUD, QUIET = b"\1\0" * FRAME_SAMPLES, bytes(2 * FRAME_SAMPLES)


class CountingStream:
    """Says, as one word from the first to the last sample of each utterance, how long it was."""

    def __init__(self, rate: int = SAMPLE_RATE) -> None:
        self.fed = self.begun = 0
        self.rate = rate
        self.blocks: list[int] = []

    def accept(self, pcm: bytes) -> str | None:
        self.blocks.append(len(pcm))
        self.fed += len(pcm) // 2
        return None

    def partial(self) -> str:
        said = {"word": str((self.fed - self.begun) // 4000)} | self._times()
        return json.dumps({"partial_result": [said]})

    def final(self) -> str:
        said = {"word": str(self.fed - self.begun)} | self._times()
        self.begun = self.fed
        return json.dumps({"result": [said]})

    def _times(self) -> dict[str, float]:
        return {"start": self.begun / self.rate, "end": self.fed / self.rate}


class PausingStream(CountingStream):
    """Finds a pause after each block."""

    def accept(self, pcm: bytes) -> str | None:
        super().accept(pcm)
        return super().final()

    def partial(self) -> str:
        return '{"partial": ""}'

    def final(self) -> str:
        return '{"text": ""}'


def make(
    told: list[Segment], stream: CountingStream | None = None, *, partials: bool = False
) -> Decoder:
    stream = stream or CountingStream()
    return Decoder(Party.CALLER, lambda: stream, LOUD.__eq__, told.append, partials=partials)


def heard(pattern: list[bool], start: int = 0) -> list[Frame]:
    sound = (LOUD if voiced else QUIET for voiced in pattern)
    return [Frame(start + number * FRAME_SAMPLES, pcm) for number, pcm in enumerate(sound)]


TWO = [False] * 100 + [True] * 60 + [False] * 200 + [True] * 33 + [False] * 50


def test_stream_time_becomes_call_time_in_each_utterance() -> None:
    told: list[Segment] = []
    make(told).take(heard(TWO))
    lead = (PRE_ROLL - OPEN_AFTER) * FRAME_MS
    assert [(s.start_ms, s.end_ms) for s in told] == [
        (2000 - lead, (160 + HANGOVER) * FRAME_MS),
        (7200 - lead, (393 + HANGOVER) * FRAME_MS),
    ]


@settings(deadline=None)
@given(st.lists(st.integers(0, len(TWO)), max_size=40).map(sorted))
def test_how_frames_arrive_changes_nothing(cuts: list[int]) -> None:
    frames = heard(TWO)
    once, often = CountingStream(), CountingStream()
    told_once: list[Segment] = []
    told_often: list[Segment] = []
    make(told_once, once).take(frames)
    decoder = make(told_often, often)
    for start, end in zip([0, *cuts], [*cuts, len(frames)], strict=True):
        decoder.take(frames[start:end])
    assert told_often == told_once
    assert often.blocks == once.blocks


def test_blocks_are_100_ms() -> None:
    stream = CountingStream()
    make([], stream).take(heard([True] * 23 + [False] * HANGOVER))
    assert stream.blocks == [BLOCK_BYTES] * 10 + [BLOCK_BYTES * 3 // 5]


def test_partials_are_told_when_their_text_changes() -> None:
    told: list[Segment] = []
    decoder = make(told, partials=True)
    for frame in heard([True] * 80):
        decoder.take([frame])
    assert [segment.text for segment in told] == ["0", "1", "2", "3"]
    assert not any(segment.final for segment in told)


class SayingStream(CountingStream):
    """Understands one word, and no more than that."""

    def partial(self) -> str:
        return json.dumps({"partial_result": [{"word": "好", **self._times()}]})


def test_a_speaker_who_pauses_is_told_once() -> None:
    told: list[Segment] = []
    decoder = make(told, SayingStream(), partials=True)
    for frame in heard([True] * 30 + [False] * 25):
        decoder.take([frame])
    assert [segment.settled for segment in told] == [False, True]
    assert {segment.text for segment in told} == {"好"}
    assert not any(segment.final for segment in told)


def test_a_pause_inside_an_utterance_is_told_at_once() -> None:
    told: list[Segment] = []
    decoder = make(told, PausingStream(), partials=True)
    decoder.take(heard([True] * 12))
    assert [(s.start_ms, s.end_ms) for s in told] == [(0, 100), (100, 200)]
    assert decoder.unsaid == (10 * FRAME_SAMPLES, 12 * FRAME_SAMPLES)


def test_an_utterance_cut_short_is_finished_with_silence_in_call_time() -> None:
    told: list[Segment] = []
    stream = CountingStream()
    decoder = make(told, stream)
    decoder.take(heard([True] * 12))
    decoder.finish()
    decoder.finish()
    assert sum(stream.blocks) == 12 * 2 * FRAME_SAMPLES + len(TAIL)
    assert [(s.start_ms, s.end_ms) for s in told] == [(0, 240)]
    assert decoder.unsaid is None


@pytest.mark.parametrize("jump", [-3, -1, 1, 500])
def test_a_jump_of_the_clock_ends_the_utterance(jump: int) -> None:
    told: list[Segment] = []
    decoder = make(told)
    decoder.take(heard([True] * 20))
    decoder.take(heard([True] * 20, (20 + jump) * FRAME_SAMPLES))
    decoder.finish()
    assert [(s.start_ms, s.end_ms) for s in told] == [
        (0, 400),
        (400 + jump * FRAME_MS, 800 + jump * FRAME_MS),
    ]


def test_silence_makes_no_stream() -> None:
    def nobody() -> CountingStream:
        raise AssertionError("a stream was made")

    decoder = Decoder(Party.AGENT, nobody, LOUD.__eq__, [].append)
    decoder.take(heard([False] * 1000))
    decoder.finish()
    decoder.take(heard([True] * 3, 1000 * FRAME_SAMPLES))
    decoder.reset()
    assert decoder.unsaid is None


def test_a_reset_forgets_what_was_said() -> None:
    told: list[Segment] = []
    decoder = make(told)
    decoder.take(heard([True] * 20))
    assert decoder.unsaid == (0, 20 * FRAME_SAMPLES)
    decoder.reset()
    decoder.finish()
    assert told == []


def test_a_stream_of_16_khz_gets_the_wide_sound_and_the_same_times() -> None:
    def times(stream: CountingStream) -> list[tuple[int, int]]:
        told: list[Segment] = []
        hear = Decoder(
            Party.CALLER, lambda: stream, LOUD.__eq__, told.append, partials=False, rate=stream.rate
        )
        hear.take(frame._replace(wide=frame.pcm * 2) for frame in heard(TWO))
        hear.take(heard([True] * 40, start=len(TWO) * FRAME_SAMPLES))
        hear.finish()
        return [(segment.start_ms, segment.end_ms) for segment in told]

    narrow, wide = CountingStream(), CountingStream(WIDE_RATE)
    assert times(narrow) == times(wide)
    assert wide.blocks == [2 * size for size in narrow.blocks]


def test_what_is_not_wide_is_brought_up() -> None:
    given: list[bytes] = []

    class Listening(CountingStream):
        def accept(self, pcm: bytes) -> str | None:
            given.append(pcm)
            return super().accept(pcm)

    def fed(frames: list[Frame]) -> bytes:
        given.clear()
        hear = Decoder(Party.CALLER, Listening, LOUD.__eq__, lambda _: None, rate=WIDE_RATE)
        hear.take(frames)
        hear.finish()
        return b"".join(given)

    flat = heard([True] * 20)
    mixed = [
        f._replace(wide=b"\2\0" * 2 * FRAME_SAMPLES) if n < 10 else f for n, f in enumerate(flat)
    ]
    sound = fed(mixed)
    assert sound.startswith(b"\2\0" * 20 * FRAME_SAMPLES)
    # Where the wide sound ends the filter knows what came before: there is no edge.
    assert sound[10 * 4 * FRAME_SAMPLES :].startswith(b"\1\0" * 20 * FRAME_SAMPLES)
    assert len(sound) == len(fed(flat))
