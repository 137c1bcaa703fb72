"""Writes every event into the books, in order, on a thread of its own; no frame waits for it.

What came within a moment is written together, in one transaction; what somebody waits for, at once.
An event is never dropped: what the books do not take within half a second goes into the spool on
disk, is written from there in the same order, and is there at the next start if we are killed. An
event that the store refuses for good is logged and passed over, and takes no other with it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from callcenter.core.errors import StoreAway, WrittenLater
from callcenter.core.events import (
    Event,
    HistoryFound,
    MicrophoneMuted,
    NumberHeard,
    PartialHeard,
    PauseReminded,
    SeatUnattended,
    VoiceChanged,
)
from callcenter.core.office import Books, Spool
from callcenter.desk.pending import MOST_TOGETHER, Entry, Pending

log = logging.getLogger(__name__)
NOT_KEPT = (
    HistoryFound,
    MicrophoneMuted,
    NumberHeard,
    PartialHeard,
    PauseReminded,
    SeatUnattended,
    VoiceChanged,
)
"""What is shown live and never stored, on no disk either."""
RETRY_SECONDS = 0.5
GATHER_SECONDS = 0.1
"""To wake the thread for each event costs more than to write it; a crash loses no more."""
PATIENCE_SECONDS = 5.0
"""So long a person waits for a decision to be written; then they are told that it will be."""
FAREWELL_SECONDS = 10.0
"""So long `close` waits for the books; then what they did not take stays in the spool."""
KEPT = "数据库暂时写不进，这一步已存在本机，恢复后自动写入，请不要重复操作"
IN_MEMORY = "数据库和磁盘都暂时写不进，这一步只在内存里，恢复后自动写入；请记下来，不要重复操作"


class Ledger:
    """The only writer of the store. Make it and call it on the event loop."""

    def __init__(
        self, books: Books, publish: Callable[[Event], None], spool: Spool | None = None
    ) -> None:
        """Without a spool everything waits in memory. What an earlier run left in the spool is to
        be written before, by `catch_up`."""
        self._books = books
        self._publish = publish
        self._loop = asyncio.get_running_loop()
        self._gathered: list[Entry] = []
        self._handing: asyncio.TimerHandle | None = None
        self._pending = Pending(spool)
        self._taken = self._done = 0
        self.refused = 0
        """Events that the store refused for good."""
        self.refused_later = 0
        """Those of them whose people had been told that they would be written."""
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
        self._thread.start()

    def note(self, event: Event) -> None:
        """Take an event to be written; returns at once."""
        if isinstance(event, NOT_KEPT):
            return
        self._gather((event, None))
        if self._handing is None:
            self._handing = self._loop.call_later(GATHER_SECONDS, self._hand_over)

    async def write(self, event: Event) -> None:
        """Returns when the event stands in the store and is published, however long the store is
        away; raises what refused it."""
        await self._written(event, None)

    async def decide(self, event: Event) -> None:
        """The same for a person, who is told in time: raises WrittenLater where the store stays
        away. What they decided is kept then, and will be written."""
        await self._written(event, PATIENCE_SECONDS)

    async def _written(self, event: Event, seconds: float | None) -> None:
        written: asyncio.Future[None] = self._loop.create_future()
        self._gather((event, written))
        self._hand_over()
        try:
            await asyncio.wait((written,), timeout=seconds)
        finally:
            if not written.done():
                written.add_done_callback(partial(self._written_later, event))
        if not written.done():
            raise WrittenLater(IN_MEMORY if self._pending.trouble else KEPT)
        written.result()

    @property
    def waiting(self) -> int:
        """Events not yet written."""
        return self._taken - self._done

    @property
    def spooled(self) -> int:
        """Of them, those in the spool on disk."""
        return self._pending.spooled

    @property
    def late_seconds(self) -> float:
        """For how long the books have taken nothing, though something waits; 0: they keep up."""
        return self._pending.late_seconds

    @property
    def trouble(self) -> str:
        """Why the spool cannot be written; "" where it can."""
        return self._pending.trouble

    async def close(self) -> None:
        """Write what is left, then stop; what the books do not take stays in the spool."""
        self._hand_over()
        self._closing.set()
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        self._pending.end()
        self._thread.join(FAREWELL_SECONDS)
        left = self._pending.close()
        if left:
            log.error("%d events are not written and not kept on disk", left)
        if self.spooled:
            log.warning("%d events wait on disk; they are written at the next start", self.spooled)

    def _gather(self, entry: Entry) -> None:
        self._taken += 1
        self._gathered.append(entry)

    def _hand_over(self) -> None:
        """To the threads, in order."""
        if self._handing is not None:
            self._handing.cancel()
            self._handing = None
        if self._gathered:
            self._pending.add(self._gathered)
            self._gathered = []

    # The thread ----------------------------------------------------------------------------

    def _run(self) -> None:
        while (entries := self._pending.take()) is not None:
            try:
                self._write(entries)
            except StoreAway as error:
                self._pending.put_back()
                log.error("the store is away, %d events wait: %s", self.waiting, error)
                if self._closing.wait(RETRY_SECONDS):
                    return
            else:
                self._pending.taken()
                self._done += len(entries)

    def _write(self, entries: Sequence[Entry]) -> None:
        """Raises StoreAway."""
        try:
            followed = self._books.write(*(event for event, _ in entries))
        except StoreAway:
            raise
        except Exception as error:
            self._refused(entries, error)
        else:
            self._tell(followed, entries, None)

    def _refused(self, entries: Sequence[Entry], error: Exception) -> None:
        """Nothing of this was written: each is tried alone, so that only the bad one is lost."""
        if len(entries) > 1:
            for entry in entries:
                self._write([entry])
            return
        self.refused += 1
        _log_refused(entries[0][0], error)
        self._tell((), entries, error)

    def _tell(
        self, followed: Sequence[Event], entries: Sequence[Entry], error: Exception | None
    ) -> None:
        """What followed is published first, then what was decided, and whoever waits goes on."""
        decided = [(event, written) for event, written in entries if written is not None]
        if followed or decided:
            with suppress(RuntimeError):  # the store came back after everybody had gone
                self._loop.call_soon_threadsafe(self._settle, followed, decided, error)

    # On the loop again ---------------------------------------------------------------------

    def _settle(
        self,
        followed: Sequence[Event],
        decided: Sequence[tuple[Event, asyncio.Future[None]]],
        error: Exception | None,
    ) -> None:
        for fact in followed:
            self._loop.call_soon(self._publish, fact)
        for event, written in decided:
            self._loop.call_soon(self._finish, event, written, error)

    def _finish(self, event: Event, written: asyncio.Future[None], error: Exception | None) -> None:
        if written.done():
            return  # written once more, after the store broke off
        if error is None:
            self._publish(event)
            written.set_result(None)
        else:
            written.set_exception(error)

    def _written_later(self, event: Event, written: asyncio.Future[None]) -> None:
        """Nobody waits for it any more."""
        if written.exception() is not None:
            self.refused_later += 1
            told = (event.call_id, type(event).__name__)
            log.error("call %s: %s was refused after its person had been told it was kept", *told)


def catch_up(books: Books, spool: Spool) -> int:
    """Write what the last run left in the spool, before anything else; how many events it was.

    Raises StoreAway.
    """
    count = 0
    while events := spool.oldest(MOST_TOGETHER)[1]:
        _enter(books, events)
        spool.drop(len(events))
        count += len(events)
    return count


def _enter(books: Books, events: Sequence[Event]) -> None:
    try:
        books.write(*events)
    except StoreAway:
        raise
    except Exception as error:
        if len(events) == 1:
            _log_refused(events[0], error)
            return
        for event in events:
            _enter(books, [event])


def _log_refused(event: Event, error: Exception) -> None:
    """Never its words: they are personal."""
    told = (event.call_id, type(event).__name__)
    log.error("call %s: %s was refused", *told, exc_info=error)
