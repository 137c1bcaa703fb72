"""Which vosk-server hears an utterance: one that answers, with the least lag. Touches the network.

A server that fails is left alone for a while, longer after each try, and nobody's words are spent
on finding out whether it is back as long as another answers: it is tried with silence.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Lock

from callcenter.asr.vosk_line import TROUBLES, Line, reason
from callcenter.core.hearers import Hearer
from callcenter.core.records import SAMPLE_RATE

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds without a new try after a failure: the first, doubled up to the longest."""
PACE_MS = 200
"""As long as the sound that is asked about at once: servers that answer in less keep up alike, and
the one with fewer utterances is asked."""
FRESH_SECONDS = 10.0
"""So long it counts how quick a server answered."""
NEWS = 0.3
"""How much of the lag is the last answer's."""
SILENCE = bytes(2 * SAMPLE_RATE // 5)

log = logging.getLogger(__name__)


class Server:
    """One vosk-server, and how it fares; safe in any thread. A `vosk_line.Witness`."""

    def __init__(self, url: str, reply_seconds: float) -> None:
        self.url = url
        self._reply_seconds = reply_seconds
        self._lock = Lock()
        self._problem = ""
        self._failures = 0
        self._wait = self._rests_until = self._not_before = 0.0
        self._lines: set[Line] = set()
        self._ringing = 0
        self._asked: dict[Line, float] = {}
        self._lag = self._answered_at = 0.0

    @property
    def problem(self) -> str:
        """Why it is not asked; "" while it answers."""
        return self._problem

    @property
    def is_due(self) -> bool:
        """Whether it may be tried again."""
        return time.monotonic() >= self._not_before

    def expect(self) -> None:
        """An utterance comes: it counts from now on."""
        with self._lock:
            self._ringing += 1

    def ring(self) -> Line:
        """A connection that is ready for sound, after `expect`. Raises what is in TROUBLES."""
        try:
            line = Line(self.url, self._reply_seconds, self)
            with self._lock:
                self._lines.add(line)
            return line
        finally:
            with self._lock:
                self._ringing -= 1

    def probe(self) -> None:
        """Find out whether it answers, by a moment of silence; blocks."""
        self.expect()
        with suppress(*TROUBLES):
            line = self.ring()
            try:
                line.say(SILENCE)
            finally:
                line.close()

    def claim(self) -> bool:
        """Whether the caller is the one to try it now."""
        with self._lock:
            if time.monotonic() < self._not_before:
                return False
            self._not_before = time.monotonic() + self._reply_seconds
            return True

    def state(self) -> Hearer:
        """How it stands now."""
        with self._lock:
            lag, streams = round(1000 * self._lag_now()), len(self._lines) + self._ringing
            return Hearer(self.url, self._problem, lag, streams, self._failures)

    def asked(self, line: Line) -> None:
        with self._lock:
            self._asked[line] = time.monotonic()

    def answered(self, line: Line) -> None:
        with self._lock:
            now = time.monotonic()
            took = now - self._asked.pop(line, now)
            stale = now - self._answered_at > FRESH_SECONDS
            self._lag = took if stale else self._lag + NEWS * (took - self._lag)
            self._answered_at = now
            if self._problem:
                log.info("vosk-server %s answers", self.url)
            self._problem, self._wait = "", 0.0
            self._not_before = self._rests_until = 0.0

    def failed(self, error: Exception) -> None:
        """What fails while the server is left alone anyway says nothing new."""
        with self._lock:
            if not self._problem:
                log.warning("vosk-server %s: %s", self.url, reason(error))
            elif time.monotonic() < self._rests_until:
                return
            self._problem = f"vosk-server {self.url}: {reason(error)}"
            self._failures += 1
            self._wait = min(max(self._wait * 2, FIRST_WAIT), LONGEST_WAIT)
            self._not_before = self._rests_until = time.monotonic() + self._wait

    def closed(self, line: Line) -> None:
        with self._lock:
            self._lines.discard(line)
            self._asked.pop(line, None)

    def _lag_now(self) -> float:
        """Seconds: of the last answers, or of one that is waited for in vain."""
        now = time.monotonic()
        oldest = max((now - since for since in self._asked.values()), default=0.0)
        fresh = self._lag if now - self._answered_at <= FRESH_SECONDS else 0.0
        return max(oldest, fresh)


class Fleet:
    """The servers at these addresses; `spawn` runs something in a thread, or drops it."""

    def __init__(
        self,
        urls: Sequence[str],
        reply_seconds: float,
        spawn: Callable[[Callable[[], None]], None],
    ) -> None:
        self.servers = tuple(Server(url, reply_seconds) for url in urls)
        self._spawn = spawn
        self._choosing = Lock()
        self._known = False
        """Whether each was tried once."""

    def ring(self) -> Line:
        """A line to the server that shall hear the next utterance. Raises what is in TROUBLES
        where none answers."""
        failure: Exception | None = None
        tried: set[Server] = set()
        while (server := self._next(tried)) is not None:
            tried.add(server)
            try:
                return server.ring()
            except TROUBLES as error:
                failure = error
        raise failure or ConnectionError(f"not tried again yet: {self.problem}")

    def probe(self) -> bool:
        """Try those that do not answer, whenever they were tried last; True where one answers.
        Blocks."""
        unsure = [one for one in self.servers if one.problem or not self._known]
        self._known = True
        if unsure:
            with ThreadPoolExecutor(len(unsure)) as pool:
                list(pool.map(Server.probe, unsure))
        return self.is_ready

    @property
    def is_ready(self) -> bool:
        """Whether one at least answers."""
        return not all(server.problem for server in self.servers)

    @property
    def problem(self) -> str:
        """Why those do not answer that do not."""
        return "; ".join(server.problem for server in self.servers if server.problem)

    def states(self) -> list[Hearer]:
        """How each stands now."""
        return [server.state() for server in self.servers]

    def _next(self, tried: set[Server]) -> Server | None:
        """The best that was not tried, which then expects the utterance."""
        with self._choosing:
            left = (one for one in self._candidates() if one not in tried)
            if (server := next(left, None)) is not None:
                server.expect()
            return server

    def _candidates(self) -> Sequence[Server]:
        """Those that answer, the best first; where none does, those that may be tried again."""
        standing = [(server.state(), server) for server in self.servers]
        answering = [pair for pair in standing if not pair[0].problem]
        due = [server for state, server in standing if state.problem and server.is_due]
        if not answering:
            return due
        for server in due:
            if server.claim():
                self._spawn(server.probe)
        answering.sort(key=lambda pair: (pair[0].lag_ms // PACE_MS, pair[0].streams))
        return [server for _, server in answering]
