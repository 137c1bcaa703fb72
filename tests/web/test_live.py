from __future__ import annotations

from contextlib import aclosing
from datetime import UTC, datetime

from fastapi import FastAPI

from callcenter.bus.local import LocalBus
from callcenter.core import events
from callcenter.core.records import Party
from callcenter.web.live import NAMES, event_message, stream
from tests.web.conftest import HOST
from tests.web.fakes import START, FakeDesk, hit_in, said
from tests.web.listening import Listening


async def test_a_snapshot_comes_first_then_events_in_order(app: FastAPI, desk: FakeDesk) -> None:
    desk.ring("a")
    async with Listening(app, HOST) as reader:
        assert dict(reader.start["headers"])[b"content-type"].startswith(b"text/event-stream")
        assert await reader.block() == "retry: 1000"
        first = await reader.event()
        assert first is not None
        assert first[0] == "snapshot"
        assert [call["call_id"] for call in first[1]["calls"]] == ["a"]
        assert first[1]["at"] == START.isoformat().replace("+00:00", "Z")

        await desk.answer("a", "6018")
        heard = said(Party.CALLER, 400, "<script>alert(1)</script>\n加个微信")
        desk.hear("a", heard, hit_in(heard, "加个微信", "sexual-11", "sexual"))
        desk.propose("a", "sexual", "加个微信")
        await desk.terminate("a", "line_fault", "6018")
        told = [await reader.event() for _ in range(8)]
    names = [each[0] for each in told if each]
    assert names[:3] == ["call", "record", "work_order"]
    assert names[3:] == ["segment", "hit", "proposal", "confirmation", "prompt"]
    segment = told[3]
    assert segment is not None
    assert segment[1]["segment"]["text"] == heard.text
    assert segment[1]["event"] == "SegmentHeard"
    assert segment[1]["call_id"] == "a"
    assert datetime.fromisoformat(segment[1]["at"]).tzinfo is not None


async def test_a_reader_that_leaves_frees_its_subscription(app: FastAPI, bus: LocalBus) -> None:
    async with Listening(app, HOST) as reader:
        await reader.event()
        assert bus.listeners == 1
    assert bus.listeners == 0


async def test_a_reader_that_is_too_slow_is_cut_and_gets_a_new_snapshot(
    desk: FakeDesk, store: object
) -> None:
    bus = LocalBus(queue_events=2)
    reading = stream(desk, bus, lambda: START)
    assert (await anext(reading)).startswith("retry")
    assert "snapshot" in await anext(reading)
    for number in range(4):
        bus.publish(events.TranscriptCompleted(f"c{number}", START))
    rest = [text async for text in reading]
    assert [text.splitlines()[0] for text in rest] == ["event: transcript"] * 2
    assert bus.listeners == 0


async def test_silence_is_broken_by_a_comment_and_no_event_is_lost(desk: FakeDesk) -> None:
    bus = LocalBus()
    async with aclosing(stream(desk, bus, lambda: START, heartbeat_seconds=0.01)) as reading:
        await anext(reading)
        await anext(reading)
        assert await anext(reading) == ": still here\n\n"
        bus.publish(events.TranscriptCompleted("late", START))
        texts = [await anext(reading)]
        while texts[-1].startswith(":"):
            texts.append(await anext(reading))
        assert '"call_id": "late"' in texts[-1]
    assert bus.listeners == 0


async def test_a_wish_for_a_new_work_order_is_told_as_the_fact_only(
    app: FastAPI, desk: FakeDesk
) -> None:
    desk.ring("a")
    await desk.answer("a", "6018")
    async with Listening(app, HOST) as reader:
        await reader.event()
        await desk.record(events.WorkOrderLinked("a", START, "", "complaint", "6018"))
        opened, told = await reader.event(), await reader.event()
    assert opened is not None
    assert opened[0] == "record"
    assert "changes" not in opened[1]
    assert told is not None
    assert told[0] == "work_order"
    assert told[1]["number"].startswith("WO-")


async def test_a_stream_that_the_bus_ends_is_closed_for_the_browser(
    app: FastAPI, bus: LocalBus
) -> None:
    async with Listening(app, HOST) as reader:
        await reader.event()
        for subscription in tuple(bus._subscriptions):
            subscription.close()
        assert await reader.event() is None


def is_event(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, events.Event) and kind is not events.Event


def test_every_kind_of_event_has_a_name() -> None:
    assert set(NAMES) == {kind for kind in vars(events).values() if is_event(kind)}


def test_an_event_is_one_line_of_data() -> None:
    text = event_message(events.VerdictGiven("a", datetime.now(UTC), "ordinary", "1\n2\r3", "林"))
    assert text.count("\n") == 3
    assert "\r" not in text
