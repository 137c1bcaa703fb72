"""Writes every event into the books, in order, on a thread of its own; no frame waits for it.

What came within a moment is written together, in one transaction; what somebody waits for, at once.
Its queue has no end: an event is never dropped. While the store is away the same events are tried
again until they are written; an event that the store refuses for good is logged and passed over,
and takes no other with it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue

from callcenter.core.errors import StoreAway
from callcenter.core.events import Event, PartialHeard
from callcenter.core.office import Books

log = logging.getLogger(__name__)
RETRY_SECONDS = 0.5
GATHER_SECONDS = 0.1
"""To wake the thread for each event costs more than to write it; a crash loses no more."""
MOST_TOGETHER = 200
"""Events of one transaction: other writers of the store wait as long as these take."""

Entry = tuple[Event, asyncio.Future[None] | None]


class Ledger:
    """The only writer of the store. Make it and call it on the event loop."""

    def __init__(self, books: Books, publish: Callable[[Event], None]) -> None:
        self._books = books
        self._publish = publish
        self._loop = asyncio.get_running_loop()
        self._gathered: list[Entry] = []
        self._handing: asyncio.TimerHandle | None = None
        self._queue: SimpleQueue[list[Entry] | None] = SimpleQueue()
        self._taken = self._done = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ledger")
        self._thread.start()

    def note(self, event: Event) -> None:
        """Take an event to be written; returns at once."""
        if isinstance(event, PartialHeard):
            return
        self._gather((event, None))
        if self._handing is None:
            self._handing = self._loop.call_later(GATHER_SECONDS, self._hand_over)

    async def write(self, event: Event) -> None:
        """Returns when the event stands in the store and is published; raises what refused it."""
        written: asyncio.Future[None] = self._loop.create_future()
        self._gather((event, written))
        self._hand_over()
        await written
        self._publish(event)

    @property
    def waiting(self) -> int:
        """Events not yet written."""
        return self._taken - self._done

    async def close(self) -> None:
        """Write what is left, then stop."""
        self._hand_over()
        self._queue.put(None)
        self._closing.set()
        await asyncio.to_thread(self._thread.join)

    def _gather(self, entry: Entry) -> None:
        self._taken += 1
        self._gathered.append(entry)

    def _hand_over(self) -> None:
        """To the thread, in order."""
        if self._handing is not None:
            self._handing.cancel()
            self._handing = None
        if self._gathered:
            self._queue.put(self._gathered)
            self._gathered = []

    def _run(self) -> None:
        while (entries := self._queue.get()) is not None:
            for first in range(0, len(entries), MOST_TOGETHER):
                together = entries[first : first + MOST_TOGETHER]
                self._write(together)
                self._done += len(together)

    def _write(self, entries: Sequence[Entry]) -> None:
        try:
            followed = self._persist([event for event, _ in entries])
        except Exception as error:
            self._refused(entries, error)
        else:
            self._tell(followed, entries, None)

    def _persist(self, events: Sequence[Event]) -> Sequence[Event]:
        while True:
            try:
                return self._books.write(*events)
            except StoreAway as error:
                log.error("the store is away, %d events wait: %s", self.waiting, error)
                if self._closing.wait(RETRY_SECONDS):
                    raise

    def _refused(self, entries: Sequence[Entry], error: Exception) -> None:
        """Nothing of this was written: each is tried alone, so that only the bad one is lost."""
        if len(entries) > 1 and not isinstance(error, StoreAway):
            for entry in entries:
                self._write([entry])
            return
        for event, _ in entries:
            told = (event.call_id, type(event).__name__)
            log.error("call %s: %s was refused", *told, exc_info=error)
        self._tell((), entries, error)

    def _tell(
        self, followed: Sequence[Event], entries: Sequence[Entry], error: Exception | None
    ) -> None:
        """What followed is published first, then whoever waits goes on."""
        waiting = [written for _, written in entries if written is not None]
        if followed or waiting:
            self._loop.call_soon_threadsafe(self._settle, followed, waiting, error)

    def _settle(
        self,
        followed: Sequence[Event],
        waiting: Sequence[asyncio.Future[None]],
        error: Exception | None,
    ) -> None:
        for fact in followed:
            self._loop.call_soon(self._publish, fact)
        for written in waiting:
            self._loop.call_soon(_finish, written, error)


def _finish(written: asyncio.Future[None], error: Exception | None) -> None:
    if written.cancelled():
        return
    if error is None:
        written.set_result(None)
    else:
        written.set_exception(error)
