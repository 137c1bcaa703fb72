"""Recognition by a vosk-server: the real wire, the real model, and servers that fail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from callcenter.asr import VoskEngine
from callcenter.asr.vosk_remote import RemoteEngine
from callcenter.core.errors import ModelMissing
from callcenter.core.ports import Recogniser
from callcenter.core.records import Frame, Party
from tests.asr.fleet import (
    Fleet,
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


@contextmanager
def two() -> Iterator[tuple[Fleet, Fleet, RemoteEngine]]:
    """Two servers, and an engine that knows both."""
    with running() as one, running() as other:
        engine = RemoteEngine(one.url, other.url, legs=4, reply_seconds=20, queue_seconds=600)
        try:
            yield one, other, engine
        finally:
            engine.close()


def rested(far: RemoteEngine) -> None:
    """As when nobody has spoken for a while: how quick they were no longer counts."""
    for server in far._fleet.servers:
        server._answered_at = -1000.0


async def test_calls_are_shared_between_the_servers() -> None:
    with two() as (one, other, far):
        rested(far)
        rung = one.rung, other.rung
        sound = silence(0.3) + load("harass") + silence(1)
        heard = await asyncio.gather(listen(far, sound), listen(far, sound, Party.AGENT))
        assert [text(call.segments) for call in heard] == [SAID["harass"]] * 2
        assert (one.rung, other.rung) == (rung[0] + 1, rung[1] + 1)
        assert [state.streams for state in far.servers()] == [0, 0]


async def test_the_loss_of_a_server_costs_the_utterance_that_it_was_hearing() -> None:
    order = silence(0.5) + load("order") + silence(1)
    with two() as (one, other, far):
        call = Call(far)
        cut = list(frames(silence(0.5) + load("refund") + silence(1)))
        whole = list(frames(order))
        async with asyncio.timeout(60):
            await call.hear(cut[:100])
            await settled(call, far)
            (busy,) = [state.name for state in far.servers() if state.streams]
            lost, stays = (one, other) if busy == one.url else (other, one)
            await asyncio.to_thread(lost.down)
            end = len(cut) * 320
            await call.hear(cut[100:])
            await call.hear([Frame(f.start + end, f.pcm) for f in whole])
            await settled(call, far)
            assert far.ready
            states = {state.name: state for state in far.servers()}
            assert states[lost.url].problem.startswith(f"vosk-server {lost.url}: ")
            assert states[stays.url].problem == ""
            await call.close()
        assert [segment.text for segment in call.finals()][-1:] == [SAID["order"]]
        assert call.gaps
        assert all(gap.end_ms <= len(cut) * 20 for gap in call.gaps)
        assert far.detail == f"{one.url}, {other.url}"


async def test_a_server_that_refuses_costs_nothing() -> None:
    with two() as (one, other, far):
        await asyncio.to_thread(one.down)
        await asyncio.to_thread(other.down)
        other.up()
        for _ in range(2):
            call = await listen(far, silence(0.5) + load("quality") + silence(1))
            assert (text(call.segments), call.gaps) == (SAID["quality"], [])


async def test_a_lost_server_is_tried_again_with_silence_and_used_again() -> None:
    with two() as (one, other, far):
        await asyncio.to_thread(one.down)
        async with asyncio.timeout(60):
            while not far.servers()[0].problem:
                await asyncio.to_thread(far.transcribe, Party.CALLER, load("quality"))
            one.up()
            before = other.rung
            while far.servers()[0].problem:
                said = await asyncio.to_thread(far.transcribe, Party.CALLER, load("quality"))
                assert [s.text for s in said] == [SAID["quality"]]
            assert other.rung > before
        rested(far)
        rung = one.rung
        sound = silence(0.3) + load("harass") + silence(1)
        heard = await asyncio.gather(listen(far, sound), listen(far, sound, Party.AGENT))
        assert [text(call.segments) for call in heard] == [SAID["harass"]] * 2
        assert one.rung > rung


async def test_a_server_that_is_slow_is_asked_last() -> None:
    with two() as (one, other, far):
        rested(far)
        slow, _ = far._fleet.servers
        slow._lag, slow._answered_at = 1.2, time.monotonic()
        assert [state.lag_ms >= 1000 for state in far.servers()] == [True, False]
        rung = one.rung, other.rung
        said = await asyncio.to_thread(far.transcribe, Party.CALLER, load("quality"))
        assert [s.text for s in said] == [SAID["quality"]]
        assert (one.rung, other.rung) == (rung[0], rung[1] + 1)
