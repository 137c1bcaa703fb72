"""Every call recorded twice, in two folders: where one fails, the other has it whole.

Readers know the first folder only, so what it lacks is copied there from the second as soon as it
has room. One thread of its own does that.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Event, Thread

from callcenter.audio.recording import WavRecorder, WavRecording
from callcenter.core.records import Frame, RecordingInfo
from callcenter.core.redaction import Hidden
from callcenter.core.targets import Target

log = logging.getLogger(__name__)
AGAIN_SECONDS = 10.0
"""Between two tries to copy."""
LOOK_SECONDS = 0.5
"""So soon the thread ends when it is to."""


class TwoRecorders:
    """core.ports.Recorder over two folders."""

    def __init__(self, first: WavRecorder, second: WavRecorder) -> None:
        """Both are closed with this one."""
        self._first, self._second = first, second
        self._owed: SimpleQueue[str] = SimpleQueue()
        """Paths of what the first folder lacks."""
        self._closed = Event()
        self._thread = Thread(target=self._copy, name="copies", daemon=True)
        self._thread.start()

    def open(self, call_id: str, at: datetime) -> TwoRecordings:
        """As WavRecorder.open."""
        both = self._first.open(call_id, at), self._second.open(call_id, at)
        return TwoRecordings(*both, self._owed.put)

    def targets(self) -> Sequence[Target]:
        """How the two folders stand."""
        return [*self._first.targets(), *self._second.targets()]

    def close(self) -> None:
        """Finish what is open, copy what can be copied; blocks."""
        self._first.close()
        self._second.close()
        self._closed.set()
        self._thread.join()

    def _copy(self) -> None:
        while not self._closed.is_set():
            try:
                path = self._owed.get(timeout=LOOK_SECONDS)
            except Empty:
                continue
            while not self._copied(path) and not self._closed.wait(AGAIN_SECONDS):
                pass
        while not self._owed.empty():
            self._copied(self._owed.get())

    def _copied(self, path: str) -> bool:
        target = self._first.folder / path
        part = target.with_name(f".{target.name}.part")
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.touch(0o600)
            shutil.copyfile(self._second.folder / path, part)
            os.replace(part, target)
        except OSError as error:
            log.error("recording %s is whole in %s only: %s", path, self._second.folder, error)
            part.unlink(missing_ok=True)
            return False
        log.info("recording %s was copied from %s", path, self._second.folder)
        return True


class TwoRecordings:
    """One call's sound in both folders; implements core.ports.Recording."""

    def __init__(
        self, first: WavRecording, second: WavRecording, owe: Callable[[str], None]
    ) -> None:
        """`owe` is told the path of what the first folder lacks."""
        self._first, self._second = first, second
        self._owe = owe
        self.lost: Sequence[tuple[int, int]] = ()
        """As WavRecording.lost, of the better one."""

    def write(self, caller: Frame, agent: Frame) -> None:
        """Add 20 ms to both."""
        self._first.write(caller, agent)
        self._second.write(caller, agent)

    def hide(self, hidden: Hidden) -> None:
        """In both."""
        self._first.hide(hidden)
        self._second.hide(hidden)

    async def close(self) -> RecordingInfo:
        """Finish both files; what is told is the better one."""
        first, second = await asyncio.gather(self._first.close(), self._second.close())
        is_worse = self._second.lost_ms < self._first.lost_ms or not first.path
        if second.path and is_worse:
            self.lost = self._second.lost
            self._owe(second.path)
            return second
        self.lost = self._first.lost
        return first
