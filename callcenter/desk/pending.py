"""What the ledger has yet to write: in memory, or in the spool on disk where that takes too long.

Two threads meet here: the ledger's, which may be held up by the store for long, and one of its own,
which meanwhile brings to the disk what waits. Touches threads and the clock.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from time import monotonic

from callcenter.core.events import Event
from callcenter.core.office import Spool

log = logging.getLogger(__name__)
MOST_TOGETHER = 200
"""Events of one transaction: other writers of the store wait as long as these take."""
LATE_SECONDS = 0.5
"""What the books have not taken after so long goes to the disk."""
MOST_IN_MEMORY = 2000
"""Events; what is more goes to the disk, too."""

Entry = tuple[Event, asyncio.Future[None] | None]


class Pending:
    """Entries in their order. `add` is the event loop's, `take`, `taken` and `put_back` are the
    ledger's thread's, for one batch at a time."""

    def __init__(self, spool: Spool | None) -> None:
        self._spool = spool
        self.trouble = ""
        """Why the spool cannot be written."""
        self._added: SimpleQueue[list[Entry] | None] = SimpleQueue()
        self._changed = threading.Condition()
        self._memory: deque[Entry] = deque()
        self._batch: Sequence[Entry] = ()
        """What the ledger writes now,"""
        self._on_disk = False
        """and whether it is the beginning of the spool, too,"""
        self._number = 0
        """where its first event has this number."""
        self._waits_since: float | None = None
        """Since when the oldest entry waits."""
        self._promised: dict[int, asyncio.Future[None]] = {}
        """Who waits for what is in the spool, by its number."""
        self._ended = False
        self._thread = threading.Thread(target=self._keep, name="spool", daemon=True)
        self._thread.start()

    def add(self, entries: list[Entry]) -> None:
        """Behind all others; never blocks."""
        self._added.put(entries)

    def end(self) -> None:
        """Nothing is added any more: `take` gives None when all is taken."""
        self._added.put(None)

    def close(self) -> int:
        """What is left goes to the disk; how many entries could not."""
        self._thread.join()
        with self._changed:
            self._to_disk()
            return len(self._memory) + (0 if self._on_disk else len(self._batch))

    @property
    def spooled(self) -> int:
        """How many are in the spool."""
        return self._spool.waiting if self._spool else 0

    @property
    def late_seconds(self) -> float:
        """For how long nothing could be written, though something waits; 0 within the usual."""
        since = self._waits_since
        late = 0.0 if since is None else monotonic() - since
        return late if late > LATE_SECONDS else 0.0

    # The ledger's thread -------------------------------------------------------------------

    def take(self) -> Sequence[Entry] | None:
        """The oldest, to be written together; waits for some. None at the end."""
        with self._changed:
            while not (self.spooled or self._memory):
                if self._ended:
                    return None
                self._changed.wait()
            self._batch = self._from_disk() if self.spooled else self._from_memory()
            self._waits_since = self._waits_since or monotonic()
            return self._batch

    def taken(self) -> None:
        """The batch stands in the books."""
        with self._changed:
            if self._spool is not None and self._on_disk:
                self._spool.drop(len(self._batch))
                for n in range(len(self._batch)):
                    self._promised.pop(self._number + n, None)
            self._batch, self._on_disk, self._waits_since = (), False, None

    def put_back(self) -> None:
        """Nothing of the batch was written."""
        with self._changed:
            if not self._on_disk:
                self._memory.extendleft(reversed(self._batch))
            self._batch, self._on_disk = (), False

    def _from_memory(self) -> Sequence[Entry]:
        count = min(MOST_TOGETHER, len(self._memory))
        return [self._memory.popleft() for _ in range(count)]

    def _from_disk(self) -> Sequence[Entry]:
        assert self._spool is not None
        self._on_disk = True
        self._number, events = self._spool.oldest(MOST_TOGETHER)
        return [(event, self._promised.get(n)) for n, event in enumerate(events, self._number)]

    # The thread that brings to the disk ----------------------------------------------------

    def _keep(self) -> None:
        entries: list[Entry] | None = []
        while entries is not None:
            try:
                entries = self._added.get(timeout=self._patience())
            except Empty:
                entries = []
            with self._changed:
                self._memory.extend(entries or ())
                self._ended = entries is None
                if self._is_late():
                    self._to_disk()
                self._changed.notify()

    def _patience(self) -> float | None:
        """How soon to look whether the books are late."""
        return LATE_SECONDS / 2 if self._memory or self._batch or self.spooled else None

    def _is_late(self) -> bool:
        return bool(self.spooled or self.late_seconds or len(self._memory) > MOST_IN_MEMORY)

    def _to_disk(self) -> None:
        """All that is in memory goes to the end of the spool; where there is no room it stays."""
        if self._spool is None:
            return
        entries = [*(() if self._on_disk else self._batch), *self._memory]
        if not entries:
            return
        try:
            first = self._spool.put([event for event, _ in entries])
        except OSError as error:
            if not self.trouble:
                log.error("what waits for the store stays in memory: %s", error)
            self.trouble = str(error)
            return
        self.trouble = ""
        if self._batch and not self._on_disk:
            self._on_disk, self._number = True, first
        self._memory.clear()
        self._promised |= {n: f for n, (_, f) in enumerate(entries, first) if f is not None}
