"""Recognition by a vosk-server: the real wire, the real model, and servers that fail."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from callcenter.asr import VoskEngine
from callcenter.asr.vosk_remote import RemoteEngine
from callcenter.core.errors import ModelMissing
from callcenter.core.ports import Recogniser
from callcenter.core.records import Party
from tests.asr.fleet import (
    Handler,
    chatty_server,
    running,
    silent_server,
    talking,
    vosk_server,
)
from tests.asr.sound import SAID, cer, frames, load, silence, text
from tests.asr.test_vosk_engine import Call, five_sentences, listen


@contextmanager
def engine_at(url: str, reply_seconds: float = 20.0) -> Iterator[RemoteEngine]:
    engine = RemoteEngine(url, legs=2, reply_seconds=reply_seconds, queue_seconds=600)
    try:
        yield engine
    finally:
        engine.close()


@contextmanager
def remote(handler: Handler = vosk_server) -> Iterator[RemoteEngine]:
    with running(handler) as fleet, engine_at(fleet.url) as engine:
        yield engine


def recognised(engine: Recogniser) -> Recogniser:
    """The type checker's word that it is one."""
    return engine


@pytest.mark.parametrize("handler", [vosk_server, chatty_server])
async def test_a_call_is_heard_as_by_the_engine_itself(
    handler: Handler, engine: VoskEngine
) -> None:
    sound, _ = five_sentences()
    with remote(handler) as far:
        assert recognised(far).ready
        assert far.detail == far.url
        call = await listen(far, sound)
        assert call.gaps == []
        near = engine.transcribe(Party.CALLER, sound)
        assert [s.text for s in call.finals()] == [s.text for s in near] == list(SAID.values())
        for a, b in zip(call.finals(), near, strict=True):
            assert abs(a.start_ms - b.start_ms) <= 60
            assert abs(a.end_ms - b.end_ms) <= 60
        assert call.partials()
        assert all(p.words for p in call.partials())
        after = await asyncio.to_thread(far.transcribe, Party.CALLER, sound)
        assert [s.text for s in after] == list(SAID.values())
        assert not any(s.live for s in after)


async def test_the_last_words_are_never_lost() -> None:
    with remote() as far:
        call = await listen(far, silence(0.5) + load("quality"))
    assert cer(text(call.segments), SAID["quality"]) == 0


async def test_two_ears_listen_at_once() -> None:
    with remote() as far:
        heard = await asyncio.gather(
            listen(far, silence(0.3) + load("harass") + silence(1)),
            listen(far, silence(0.9) + load("analysis") + silence(1), Party.AGENT),
        )
    assert [text(call.segments) for call in heard] == [SAID["harass"], SAID["analysis"]]


async def test_silence_rings_nobody() -> None:
    with running() as fleet, engine_at(fleet.url) as far:
        call = await listen(far, silence(60))
        assert (call.segments, call.gaps) == ([], [])
        assert fleet.rung <= 1  # when the engine was made


async def settled(call: Call, far: RemoteEngine) -> None:
    """Until what was heard so far is worked off."""
    while call.ear._busy or len(call.ear._queue) >= call.ear._enough:  # type: ignore[attr-defined]
        await asyncio.wrap_future(far.pool.submit(bool))
        await asyncio.sleep(0)


async def test_a_server_that_goes_and_comes_leaves_a_gap() -> None:
    first = silence(0.5) + load("order") + silence(1)
    second = silence(0.5) + load("refund") + silence(1)
    with running() as fleet, engine_at(fleet.url) as far:
        call = Call(far)
        heard = list(frames(first + second + first))
        one, two = len(list(frames(first))), len(list(frames(first + second)))
        async with asyncio.timeout(60):
            await call.hear(heard[:one])
            await settled(call, far)
            fleet.down()
            await call.hear(heard[one:two])
            await settled(call, far)
            assert not far.ready
            assert far.detail.startswith(f"vosk-server {fleet.url}: ")
            fleet.up()
            assert await asyncio.to_thread(far.try_load)
            await call.hear(heard[two:])
            await call.close()
    assert [s.text for s in call.finals()] == [SAID["order"]] * 2
    begin, end = one * 20, two * 20
    assert call.gaps
    assert all(begin - 1000 <= gap.start_ms < gap.end_ms <= end for gap in call.gaps)
    lost = sum(gap.end_ms - gap.start_ms for gap in call.gaps)
    assert lost >= len(load("refund")) // 16


async def test_a_call_cut_in_the_middle_of_a_sentence_loses_it_to_a_gap() -> None:
    sound = list(frames(silence(0.5) + load("order") + silence(1)))
    with running() as fleet, engine_at(fleet.url) as far:
        call = Call(far)
        async with asyncio.timeout(60):
            await call.hear(sound[:100])
            await settled(call, far)
            await asyncio.to_thread(fleet.down)
            await call.hear(sound[100:])
            await call.close()
    assert call.finals() == []
    assert min(gap.start_ms for gap in call.gaps) <= 600
    assert max(gap.end_ms for gap in call.gaps) >= len(load("order")) // 16


async def test_without_a_server_what_is_said_is_a_gap() -> None:
    with running() as fleet:
        url = fleet.url
    with engine_at(url) as far:
        assert not far.ready
        assert "\n" not in far.detail
        assert not far.try_load()
        call = await listen(far, silence(1) + load("quality") + silence(1))
        assert call.segments == []
        assert {gap.reason for gap in call.gaps} == {"recogniser failed"}
        with pytest.raises(ModelMissing, match=f"vosk-server {url}: "):
            far.transcribe(Party.CALLER, load("quality"))


async def test_after_a_failure_the_server_is_left_alone_for_a_while() -> None:
    with running(talking("no JSON")) as fleet, engine_at(fleet.url) as far:
        fleet.down()
        call = await listen(far, (silence(1) + load("quality")) * 3 + silence(1))
        assert call.segments == []
        fleet.up()
        call = await listen(far, silence(1) + load("quality") + silence(1))
        assert call.segments == []
        assert fleet.rung <= 1  # when the engine was made


@pytest.mark.parametrize(
    "answer", ["no JSON", "[]", b"bytes", '{"result": [{}]}', '{"result": 5}', '{"text": 1}']
)
async def test_nonsense_harms_nobody(answer: str | bytes) -> None:
    with remote(talking(answer)) as far:
        call = await listen(far, silence(0.5) + load("quality") + silence(1))
    assert all(set(segment.text) <= {"1", " "} for segment in call.segments)
    assert call.gaps or answer == '{"text": 1}'


async def test_a_server_that_never_answers_is_not_waited_for() -> None:
    with running(silent_server) as fleet, engine_at(fleet.url, reply_seconds=0.1) as far:
        call = await listen(far, silence(0.5) + load("quality") + silence(1))
    assert call.segments == []
    assert call.gaps


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:1", "ws://", "nonsense"])
def test_an_address_that_is_none(url: str) -> None:
    with engine_at(url) as far:
        assert not far.ready
        assert far.detail
