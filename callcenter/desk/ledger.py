"""Writes every event into the books, in order, on a thread of its own; no frame waits for it.

Its queue has no end: an event is never dropped. While the store is away the same event is tried
again until it is written; an event that the store refuses for good is logged and passed over.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue

from callcenter.core.errors import StoreAway
from callcenter.core.events import Event, PartialHeard
from callcenter.core.ports import Books

log = logging.getLogger(__name__)
RETRY_SECONDS = 0.5

Entry = tuple[Event, asyncio.Future[None] | None]


class Ledger:
    """The only writer of the store. Make it and call it on the event loop."""

    def __init__(self, books: Books, publish: Callable[[Event], None]) -> None:
        self._books = books
        self._publish = publish
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[Entry | None] = SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ledger")
        self._thread.start()

    def note(self, event: Event) -> None:
        """Take an event to be written; returns at once."""
        if not isinstance(event, PartialHeard):
            self._queue.put((event, None))

    async def write(self, event: Event) -> None:
        """Returns when the event stands in the store and is published; raises what refused it."""
        written: asyncio.Future[None] = self._loop.create_future()
        self._queue.put((event, written))
        await written
        self._publish(event)

    @property
    def waiting(self) -> int:
        """Events not yet written."""
        return self._queue.qsize()

    async def close(self) -> None:
        """Write what is left, then stop."""
        self._queue.put(None)
        self._closing.set()
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while (entry := self._queue.get()) is not None:
            event, written = entry
            try:
                self._write(event)
            except Exception as error:
                log.exception("call %s: %s was refused", event.call_id, type(event).__name__)
                self._settle(written, error)
            else:
                self._settle(written, None)

    def _write(self, event: Event) -> None:
        for follow in self._persist(event):
            self._loop.call_soon_threadsafe(self._publish, follow)

    def _persist(self, event: Event) -> Sequence[Event]:
        while True:
            try:
                return self._books.write(event)
            except StoreAway as error:
                log.error("the store is away, %d events wait: %s", self.waiting, error)
                if self._closing.wait(RETRY_SECONDS):
                    raise

    def _settle(self, written: asyncio.Future[None] | None, error: Exception | None) -> None:
        if written is None:
            return
        self._loop.call_soon_threadsafe(_finish, written, error)


def _finish(written: asyncio.Future[None], error: Exception | None) -> None:
    if written.cancelled():
        return
    if error is None:
        written.set_result(None)
    else:
        written.set_exception(error)
