"""The real engine with the bundled model: words, times, noise, and models that fail."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from callcenter.asr import VoskEngine, bundled
from callcenter.core.errors import ModelMissing
from callcenter.core.halfband import Doubler
from callcenter.core.ports import Recogniser
from callcenter.core.records import Frame, Gap, Party, Segment

from .broken import Damage, aborting, copy, emptied, garbage, gone, halved
from .sound import SAID, cer, frames, load, noise, onset_ms, pcm, samples, silence, text, tone

TOLERANCE_MS = 150


class Call:
    """One ear and all that it told."""

    def __init__(self, engine: Recogniser, party: Party = Party.CALLER) -> None:
        self.segments: list[Segment] = []
        self.gaps: list[Gap] = []
        self.ear = engine.open(party, self.segments.append, self.gaps.append)

    async def hear(self, sound: Iterable[Frame], *, pause_every: int = 25) -> None:
        """Give the frames, letting the loop run now and then."""
        for number, frame in enumerate(sound):
            self.ear.hear(frame)
            if number % pause_every == 0:
                await asyncio.sleep(0)

    async def close(self) -> None:
        async with asyncio.timeout(60):
            await self.ear.close()

    def finals(self) -> list[Segment]:
        return [segment for segment in self.segments if segment.final]

    def partials(self) -> list[Segment]:
        return [segment for segment in self.segments if not segment.final]


async def listen(engine: Recogniser, sound: bytes, party: Party = Party.CALLER) -> Call:
    call = Call(engine, party)
    await call.hear(frames(sound))
    await call.close()
    return call


def five_sentences() -> tuple[bytes, list[int]]:
    """All sentences with pauses of odd lengths, and when each is first heard."""
    sound, onsets = b"", []
    for number, name in enumerate(SAID):
        sound += silence(1.013 + 0.317 * number)
        onsets.append(len(sound) // 16 + onset_ms(load(name)))
        sound += load(name)
    return sound + silence(1.5), onsets


def starts(segments: Iterable[Segment], text: str) -> list[int]:
    return [segment.start_ms for segment in segments if segment.text == text]


@pytest.mark.parametrize("name", SAID)
def test_each_sentence_is_understood(engine: VoskEngine, name: str) -> None:
    heard = engine.transcribe(Party.CALLER, silence(1) + load(name) + silence(1))
    assert cer(text(heard), SAID[name]) == 0


@pytest.mark.parametrize("name", SAID)
@pytest.mark.parametrize("lead", [0.0, 0.007, 0.5, 3.011])
def test_no_first_syllable_is_clipped(engine: VoskEngine, name: str, lead: float) -> None:
    [heard] = engine.transcribe(Party.CALLER, silence(lead) + load(name) + silence(1))
    onset = round(lead * 1000) + onset_ms(load(name))
    assert heard.text[:2] == SAID[name][:2]
    assert abs(heard.start_ms - onset) <= TOLERANCE_MS


def test_segments_and_words_lie_where_they_were_said(engine: VoskEngine) -> None:
    sound, onsets = five_sentences()
    heard = engine.transcribe(Party.AGENT, sound)
    assert [segment.text for segment in heard] == list(SAID.values())
    for segment, onset in zip(heard, onsets, strict=True):
        assert abs(segment.start_ms - onset) <= TOLERANCE_MS
        assert segment.words[0].start_ms == segment.start_ms
        assert segment.words[-1].end_ms == segment.end_ms
        assert "".join(word.word for word in segment.words) == segment.text
        times = [ms for word in segment.words for ms in (word.start_ms, word.end_ms)]
        assert times == sorted(times)
        assert all(0 <= word.confidence <= 1 for word in segment.words)
        assert (segment.party, segment.final, segment.live) == (Party.AGENT, True, False)


def test_a_word_inside_a_sentence_lies_where_its_sound_begins(engine: VoskEngine) -> None:
    """After the comma of 我要退货，我要投诉你们 the second half begins with an onset."""
    sound = silence(2) + load("refund") + silence(1)
    [heard] = engine.transcribe(Party.CALLER, sound)
    second = [word for word in heard.words if word.word == "我"][1]
    loud = np.abs(samples(sound)).reshape(-1, 80).max(axis=1) > 500
    pauses = [at * 10 for at in range(1, len(loud)) if loud[at] and not loud[at - 5 : at].any()]
    assert min(abs(second.start_ms - onset) for onset in pauses) <= TOLERANCE_MS


async def test_a_live_ear_tells_the_same_as_a_transcript(engine: VoskEngine) -> None:
    sound, _ = five_sentences()
    after = engine.transcribe(Party.CALLER, sound)
    call = await listen(engine, sound)
    assert [(s.start_ms, s.end_ms, s.text, s.words) for s in call.finals()] == [
        (s.start_ms, s.end_ms, s.text, s.words) for s in after
    ]
    assert all(segment.live for segment in call.segments)
    assert call.gaps == []


@pytest.mark.parametrize("pause_every", [1, 7, 10_000])
async def test_how_the_frames_arrive_changes_nothing(engine: VoskEngine, pause_every: int) -> None:
    sound, _ = five_sentences()
    call = Call(engine)
    await call.hear(frames(sound), pause_every=pause_every)
    await call.close()
    assert [segment.text for segment in call.finals()] == list(SAID.values())


async def test_partials_grow_into_the_final_text(engine: VoskEngine) -> None:
    call = await listen(engine, silence(1) + load("order") + silence(1))
    [final] = call.finals()
    partials = call.partials()
    assert partials
    assert call.segments[-1] == final
    texts = [segment.text for segment in partials]
    assert all(before != after for before, after in pairwise(texts))
    assert final.text.startswith(texts[-1])
    assert all(abs(p.start_ms - final.start_ms) <= TOLERANCE_MS for p in partials)
    assert all(p.words and "".join(w.word for w in p.words) == p.text for p in partials)


@pytest.mark.parametrize("name", SAID)
async def test_the_last_utterance_is_never_lost(engine: VoskEngine, name: str) -> None:
    """Closed at the very end of the last word, as when a caller hangs up on it."""
    call = await listen(engine, silence(0.5) + load(name))
    assert cer(text(call.segments), SAID[name]) == 0
    assert call.finals()[-1].end_ms <= 500 + len(load(name)) // 16 + 20


async def test_two_ears_listen_at_once(engine: VoskEngine) -> None:
    caller = listen(engine, silence(0.3) + load("harass") + silence(1))
    agent = listen(engine, silence(0.9) + load("analysis") + silence(1), Party.AGENT)
    heard = await asyncio.gather(caller, agent)
    assert [text(call.segments) for call in heard] == [SAID["harass"], SAID["analysis"]]
    assert [{s.party for s in call.segments} for call in heard] == [{Party.CALLER}, {Party.AGENT}]


async def test_minutes_of_silence_cost_no_segment(engine: VoskEngine) -> None:
    call = await listen(engine, silence(180))
    assert (call.segments, call.gaps) == ([], [])


def test_an_hour_of_silence_says_nothing(engine: VoskEngine) -> None:
    assert engine.transcribe(Party.CALLER, silence(3600)) == []


async def test_lost_frames_are_silence(engine: VoskEngine) -> None:
    call = Call(engine)
    sound = silence(0.5) + load("quality")
    await call.hear(frames(sound))
    end = len(sound) // 2 // 160 * 160 + 160
    await call.hear(Frame(end + number * 160, lost=True) for number in range(100))
    await call.close()
    assert text(call.segments) == SAID["quality"]


HOSTILE = {
    "white noise": noise(5, -10),
    "faint noise": noise(5, -50),
    "overload": pcm(samples(noise(5, 0)) * 20),
    "tone": tone(5, 1000),
    "dial tone": tone(5, 450, peak=30000),
    "DC offset": pcm(np.full(40000, 30000)),
    "square wave": pcm(np.sign(samples(tone(5, 300))) * 32767),
    "clicks": pcm(np.where(np.arange(40000) % 4000 == 0, 32767, 0)),
    "one sample": b"\1\0",
    "half a sample": b"\1",
    "nothing": b"",
}


@pytest.mark.parametrize("sound", HOSTILE.values(), ids=HOSTILE)
async def test_no_sound_harms_the_engine(engine: VoskEngine, sound: bytes) -> None:
    call = await listen(engine, sound)
    assert call.gaps == []
    assert [s.text for s in engine.transcribe(Party.CALLER, sound)] == [
        s.text for s in call.finals()
    ]


@pytest.mark.parametrize("name", SAID)
def test_a_clipped_or_offset_caller_is_understood(engine: VoskEngine, name: str) -> None:
    loud = samples(silence(0.5) + load(name) + silence(1)) * 4
    for sound in (pcm(loud), pcm(loud / 4 + 3000)):
        assert cer(text(engine.transcribe(Party.CALLER, sound)), SAID[name]) <= 0.15


@pytest.mark.parametrize("wrong", [b"", b"\0" * 319, b"\0" * 640])
async def test_a_frame_of_another_length_becomes_a_gap(engine: VoskEngine, wrong: bytes) -> None:
    call = Call(engine)
    call.ear.hear(Frame(0, wrong))
    await call.hear(frames(silence(0.5) + load("quality") + silence(1), 160))
    await call.close()
    assert call.gaps[0].reason == "recogniser failed"
    assert text(call.segments) == SAID["quality"]


@contextmanager
def busy(engine: VoskEngine) -> Iterator[None]:
    """The engine's only worker is taken."""
    release = Event()
    engine.pool.submit(release.wait, 10)
    try:
        yield
    finally:
        release.set()


async def test_a_queue_that_overflows_is_told_and_listening_goes_on() -> None:
    engine = VoskEngine(bundled(), workers=1, queue_seconds=0.2)
    call = Call(engine)
    with busy(engine):
        await call.hear(frames(silence(3)))
    await asyncio.wrap_future(engine.pool.submit(bool))
    for frame in frames(silence(0.5) + load("quality") + silence(1), 24000):
        call.ear.hear(frame)
        await asyncio.wrap_future(engine.pool.submit(bool))
    await call.close()
    assert call.gaps == [Gap(Party.CALLER, 0, 2800, "queue full")]
    assert text(call.segments) == SAID["quality"]
    engine.close()


async def test_what_is_queued_when_the_engine_closes_is_told_as_a_gap() -> None:
    engine = VoskEngine(bundled(), workers=1)
    call = Call(engine)
    await call.hear(frames(silence(2)))
    with busy(engine):
        await call.hear(frames(silence(2), 16000))
    engine.close()
    engine.close()
    await call.hear(frames(silence(2), 32000))
    await call.close()
    [gap] = call.gaps
    assert (gap.end_ms, gap.reason) == (6000, "recogniser closed")


def test_a_ready_engine_names_its_model(engine: VoskEngine) -> None:
    assert engine.detail == str(bundled())
    assert engine.try_load()


async def test_without_a_model_all_is_one_gap(tmp_path: Path) -> None:
    engine = VoskEngine(tmp_path / "none")
    assert not engine.ready
    assert engine.detail == f"model {tmp_path / 'none'}: there is no such folder"
    with pytest.raises(ModelMissing, match="there is no such folder"):
        engine.transcribe(Party.CALLER, silence(1))
    call = await listen(engine, load("order"))
    assert call.segments == []
    [gap] = call.gaps
    assert (gap.start_ms, gap.reason) == (0, "no model")
    assert abs(gap.end_ms - len(load("order")) // 16) <= 20
    engine.close()


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("final.mdl", halved),
        ("final.mdl", emptied),
        ("final.mdl", garbage),
        ("final.mdl", aborting),
        ("model.conf", lambda raw: b"--beam=12\n"),
        ("HCLr.fst", halved),
        ("words.txt", gone),
    ],
    ids=["cut short", "empty", "garbage", "aborts", "aborts later", "graph cut short", "no words"],
)
async def test_a_damaged_model_never_harms_the_service(
    tmp_path: Path, name: str, damage: Damage, caplog: pytest.LogCaptureFixture
) -> None:
    engine = VoskEngine(copy(tmp_path / "m", {name: damage}))
    assert not engine.ready
    assert engine.detail.startswith(f"model {tmp_path / 'm'}: ")
    assert "\n" not in engine.detail
    assert [record.getMessage() for record in caplog.records] == [
        f"no recognition: {engine.detail}"
    ]
    call = await listen(engine, silence(1))
    assert call.gaps == [Gap(Party.CALLER, 0, 1000, "no model")]
    engine.close()


async def test_a_model_that_appears_later_is_picked_up(tmp_path: Path) -> None:
    engine = VoskEngine(tmp_path / "m")
    before = Call(engine)
    assert not engine.try_load()
    shutil.copytree(bundled(), tmp_path / "m")
    assert await asyncio.to_thread(engine.try_load)
    assert engine.ready
    await before.hear(frames(load("quality")))
    await before.close()
    assert [gap.reason for gap in before.gaps] == ["no model"]
    call = await listen(engine, silence(0.5) + load("quality") + silence(1))
    assert text(call.segments) == SAID["quality"]
    engine.close()


def test_a_refused_model_is_tried_again_only_when_it_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = copy(tmp_path / "m", {"final.mdl": halved})
    engine = VoskEngine(path)
    refusal = engine.detail
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", os.devnull)
        assert not engine.try_load()
        assert engine.detail == refusal
    (path / "am" / "final.mdl").write_bytes((bundled() / "am" / "final.mdl").read_bytes())
    assert engine.try_load()
    engine.close()


def test_a_model_damaged_between_trial_and_loading_is_refused(tmp_path: Path) -> None:
    from callcenter.asr.vosk_engine import _model

    with pytest.raises(ModelMissing, match="the engine cannot use it: Failed to create a model"):
        _model(copy(tmp_path / "m", {"final.mdl": halved}))


async def test_a_model_made_for_16_khz_hears_wide_and_narrow_sound(tmp_path: Path) -> None:
    def faster(conf: bytes) -> bytes:
        return conf.replace(b"=8000", b"=16000")

    engine = VoskEngine(copy(tmp_path / "model", {"mfcc.conf": faster}), queue_seconds=600)
    try:
        assert engine.ready, engine.detail
        sound, onsets = five_sentences()
        double = Doubler()
        whole = [frame._replace(wide=double(frame.pcm)) for frame in frames(sound)]
        for heard_frames in (
            whole,
            [f._replace(wide=b"") if n % 500 > 250 else f for n, f in enumerate(whole)],
        ):
            call = Call(engine)
            await call.hear(heard_frames)
            await call.close()
            assert cer(text(call.finals()), "".join(SAID.values())) < 0.1
            for segment, onset in zip(call.finals(), onsets, strict=True):
                assert abs(segment.start_ms - onset) < TOLERANCE_MS
        heard = engine.transcribe(Party.CALLER, silence(1) + load("refund") + silence(1))
        assert cer(text(heard), SAID["refund"]) < 0.2
    finally:
        engine.close()
