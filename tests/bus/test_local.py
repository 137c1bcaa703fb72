"""The local bus: order, several listeners, and what becomes of a slow one."""

import asyncio

import pytest

from callcenter.bus.local import LocalBus
from callcenter.core.events import Event
from tests.fakes import NOON


def event(number: int) -> Event:
    return Event(str(number), NOON)


async def test_every_listener_hears_everything_in_order():
    bus = LocalBus()
    first, second = bus.subscribe(), bus.subscribe()
    for number in range(5):
        bus.publish(event(number))
    for listener in (first, second):
        assert [(await anext(listener)).call_id for _ in range(5)] == list("01234")


async def test_a_listener_hears_from_its_subscription_on():
    bus = LocalBus()
    bus.publish(event(0))
    listener = bus.subscribe()
    bus.publish(event(1))
    assert (await anext(listener)).call_id == "1"


async def test_a_slow_listener_is_cut_and_nobody_waits():
    bus = LocalBus(queue_events=3)
    slow, quick = bus.subscribe(), bus.subscribe()
    heard = []
    for number in range(5):
        bus.publish(event(number))
        heard.append((await anext(quick)).call_id)
    assert heard == list("01234")
    assert [e.call_id async for e in slow] == list("012")
    assert bus.listeners == 1


async def test_closing_ends_the_iteration():
    bus = LocalBus()
    listener = bus.subscribe()
    waiting = asyncio.create_task(anext(listener, None))
    await asyncio.sleep(0)
    listener.close()
    listener.close()
    assert await waiting is None
    assert bus.listeners == 0
    bus.publish(event(1))
    with pytest.raises(StopAsyncIteration):
        await anext(listener)


async def test_closing_the_bus_ends_every_subscription():
    bus = LocalBus()
    listeners = [bus.subscribe(), bus.subscribe()]
    bus.publish(event(1))
    bus.close()
    for listener in listeners:
        assert [e.call_id async for e in listener] == ["1"]
