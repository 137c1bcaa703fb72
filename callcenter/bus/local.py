"""The bus inside one process: an asyncio queue for each listener; all on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from callcenter.core.events import Event

QUEUE_EVENTS = 2000
"""How far a listener may fall behind; then its subscription ends, and it must read a snapshot."""


class LocalBus:
    """Publishes to every subscriber of this process; implements core.ports.Bus."""

    def __init__(self, queue_events: int = QUEUE_EVENTS) -> None:
        self._queue_events = queue_events
        self._subscriptions: set[Subscription] = set()

    def publish(self, event: Event) -> None:
        """Hand the event to every subscriber; one that is full is cut, nobody waits."""
        for subscription in tuple(self._subscriptions):
            if not subscription.offer(event):
                self._subscriptions.discard(subscription)

    def publish_here(self, event: Event) -> None:
        """The same for what other nodes know by themselves, where there are any (bus/shared.py)."""
        LocalBus.publish(self, event)

    def subscribe(self) -> Subscription:
        """Events from this moment on."""
        subscription = Subscription(self._queue_events, self._subscriptions.discard)
        self._subscriptions.add(subscription)
        return subscription

    def close(self) -> None:
        """End every subscription."""
        for subscription in tuple(self._subscriptions):
            subscription.close()

    @property
    def listeners(self) -> int:
        """How many subscriptions are open."""
        return len(self._subscriptions)


class Subscription(AsyncIterator[Event]):
    """One listener's queue: iterate it; `close` it when done."""

    def __init__(self, size: int, forget: Callable[[Subscription], None]) -> None:
        self._events: asyncio.Queue[Event | None] = asyncio.Queue(size + 1)
        self._size = size
        self._forget = forget
        self._open = True

    def offer(self, event: Event) -> bool:
        """Queue the event. False, and the subscription ends, when the listener is too slow."""
        if not self._open:
            return False
        if self._events.qsize() >= self._size:
            self._end()
            return False
        self._events.put_nowait(event)
        return True

    def close(self) -> None:
        """Stop listening."""
        if self._open:
            self._end()

    def _end(self) -> None:
        self._open = False
        self._forget(self)
        self._events.put_nowait(None)

    async def __anext__(self) -> Event:
        event = await self._events.get()
        if event is None:
            self._events.put_nowait(None)
            raise StopAsyncIteration
        return event
