"""Carries texts between the nodes of one PostgreSQL by NOTIFY; threads and connections of its own.

One notice has room for less than 8,000 bytes: a text goes in as many as it needs, which come in
order. What is sent while the server is away is lost; once it is back everybody is told to ask
again. https://www.postgresql.org/docs/current/sql-notify.html
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from sqlalchemy.engine import make_url

from callcenter.store import dialects

log = logging.getLogger(__name__)
CHANNEL = "callcenter"
PIECE_BYTES = 7500
"""Of a text in one notice; the rest is for its heading."""
MOST_PIECES = 4000
"""30 MB: whoever sends more is not one of us."""
GATHER_SECONDS = 0.05
"""What comes within it goes together: a transaction for each event would cost more."""
MOST_TOGETHER = 200
LOOK_SECONDS = 0.4
"""How often a thread that hears nothing looks whether it is to end."""
CONNECTING: dict[str, Any] = {
    "connect_timeout": 5,
    "application_name": "callcenter nodes",
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "options": "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3",
}
"""Who is gone without a word, the server or we, is noticed by the other within some ten seconds: so
soon the leader's lock is free."""
BACK_OFF = (0.2, 0.5, 1.0, 2.0)
"""Seconds before the next try to connect."""
LEADER = 0x6C656164
"""The advisory lock of who does what one node does for all."""
LEADS = f"SELECT pg_try_advisory_lock({LEADER})"
SEND = "SELECT pg_notify(%s, piece) FROM unnest(%s::text[]) AS piece"


class Closed(Exception):
    """It is to end."""


class Asking(Protocol):
    """The part of a psycopg connection that is used here."""

    def execute(self, query: str, params: Sequence[Any] = ()) -> Any: ...

    def notifies(self, *, timeout: float) -> Iterator[Any]: ...


class Notices:
    """core.nodes.Carrier over a PostgreSQL server."""

    def __init__(self, url: str, name: str) -> None:
        """`name` is this node's; raises StoreError for a URL that is not PostgreSQL's."""
        parsed = make_url(dialects.parsed(url)).set(drivername="postgresql")
        self._where = parsed.render_as_string(hide_password=False)
        self._name = name
        self._sending: SimpleQueue[str] = SimpleQueue()
        self._closing = threading.Event()
        self._leads = False
        self._number = 0
        self._threads: list[threading.Thread] = []

    def start(self, heard: Callable[[str, str], None], again: Callable[[], None]) -> None:
        """Connect, in threads; both callbacks run on this event loop."""
        loop = asyncio.get_running_loop()

        def told(do: Callable[..., None], *what: str) -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(do, *what)

        pieces = Pieces(self._name, lambda sender, text: told(heard, sender, text))
        self._run("notices heard", lambda asking: self._listen(asking, pieces, told, again))
        self._run("notices sent", self._send_all)

    def send(self, text: str) -> None:
        """To every other node; never blocks."""
        self._sending.put(text)

    @property
    def leads(self) -> bool:
        """Whether the lock of the leader is ours."""
        return self._leads

    async def close(self) -> None:
        """Send what waits, then stop."""
        self._closing.set()
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    def _run(self, name: str, work: Callable[[Asking], None]) -> None:
        thread = threading.Thread(target=self._keep, args=(name, work), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _keep(self, name: str, work: Callable[[Asking], None]) -> None:
        """A connection for this work, and another one when it breaks."""
        import psycopg

        tries = 0
        while not self._closing.is_set():
            try:
                with psycopg.connect(self._where, autocommit=True, **CONNECTING) as asking:
                    tries = 0
                    work(asking)
            except Closed:
                return
            except psycopg.Error as error:
                wait = BACK_OFF[min(tries, len(BACK_OFF) - 1)]
                told = str(error).partition("\n")[0]
                log.warning("%s: the database is away: %s", name, told)
                tries += 1
                self._closing.wait(wait)

    def _listen(
        self,
        asking: Asking,
        pieces: Pieces,
        told: Callable[..., None],
        again: Callable[[], None],
    ) -> None:
        asking.execute(f"LISTEN {CHANNEL}")
        told(again)
        while not self._closing.is_set():
            for notice in asking.notifies(timeout=LOOK_SECONDS):
                pieces.take(notice.payload)
        raise Closed

    def _send_all(self, asking: Asking) -> None:
        try:
            while True:
                self._leads = self._leads or bool(asking.execute(LEADS).fetchone()[0])
                texts = self._gathered()
                if texts:
                    asking.execute(SEND, (CHANNEL, list(self._cut(texts))))
                elif self._closing.is_set():
                    raise Closed
        finally:
            self._leads = False

    def _gathered(self) -> list[str]:
        """What is to be sent, after a moment in which more may come."""
        with suppress(Empty):
            texts = [self._sending.get(timeout=LOOK_SECONDS)]
            self._closing.wait(GATHER_SECONDS)
            while len(texts) < MOST_TOGETHER:
                try:
                    texts.append(self._sending.get_nowait())
                except Empty:
                    break
            return texts
        return []

    def _cut(self, texts: Sequence[str]) -> Iterator[str]:
        for text in texts:
            self._number += 1
            yield from cut(self._name, self._number, text)


def cut(sender: str, number: int, text: str) -> Iterator[str]:
    """The text in pieces that one notice has room for: sender, number, piece, of how many."""
    told = text.replace("\0", "").encode()
    parts = [b""] if not told else []
    while told:
        end = min(PIECE_BYTES, len(told))
        while end < len(told) and told[end] & 0xC0 == 0x80:
            end -= 1
        parts.append(told[:end])
        told = told[end:]
    for at, part in enumerate(parts):
        yield f"{sender}|{number}|{at}|{len(parts)}|{part.decode()}"


class Pieces:
    """Puts the texts of the other nodes together again."""

    def __init__(self, own: str, heard: Callable[[str, str], None]) -> None:
        self._own = own
        self._heard = heard
        self._begun: dict[str, tuple[str, list[str]]] = {}
        """By sender: the number of the text, and what of it is here."""

    def take(self, payload: str) -> None:
        """A notice; garbage, and a text of which a piece is missing, are passed over."""
        try:
            sender, number, at, of, piece = payload.split("|", 4)
            place, whole = int(at), int(of)
        except ValueError:
            return
        if sender == self._own or whole > MOST_PIECES:
            return
        before, parts = self._begun.pop(sender, ("", []))
        if place == 0:
            parts = []
        elif before != number or len(parts) != place:
            return
        parts.append(piece)
        if len(parts) < whole:
            self._begun[sender] = (number, parts)
        else:
            self._heard(sender, "".join(parts))
