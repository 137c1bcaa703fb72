"""One machine alone, or one node among several where the store is a PostgreSQL server.

Part of the joinery: knows the ports and what is plugged into them. What is shared between nodes,
and how, stands in docs/adr/0016-several-nodes.md.
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from callcenter.bus.local import LocalBus
from callcenter.bus.shared import SharedBus
from callcenter.casework import interrupted
from callcenter.casework.nodes import StoredNodes
from callcenter.casework.staff import attendance
from callcenter.config import Config
from callcenter.core.errors import CallcenterError
from callcenter.core.events import AgentChanged, CallEnded, Cleared, Event
from callcenter.core.keeping import CALL, SOUND
from callcenter.core.nodes import Answered, Asked, Elsewhere, Fetched, Node
from callcenter.core.ports import AgentVoice, Voice
from callcenter.core.presence import BUSY
from callcenter.core.records import LiveCall
from callcenter.desk.floor import Floor
from callcenter.desk.heart import Heart
from callcenter.desk.neighbours import HELLO, Neighbours, Told
from callcenter.desk.switchboard import Switchboard
from callcenter.outfit import recordings_of
from callcenter.post.passing import Passing
from callcenter.seats import Seats
from callcenter.sip.line.sip_line import SipLine
from callcenter.store import dialects
from callcenter.store.books import SqlBooks
from callcenter.store.notices import Notices
from callcenter.store.recordings import Recordings
from callcenter.store.sql import Store

log = logging.getLogger(__name__)
LOOK_AGAIN_SECONDS = 30.0
"""Between two looks at where the store says that agents stand."""
CALL_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
LEAD_SECONDS = 1.0
"""Between two looks whether it is this node that does what one does for all."""
Now = Callable[[], datetime]
Tell = Callable[[Event], None]
Lines = Mapping[str, SipLine]
Run = Callable[[], Coroutine[None, None, None]]


def team_of(config: Config, store: Store, books: SqlBooks, now: Now) -> Alone | Together:
    """What this process is. Raises StoreError."""
    kind = Together if dialects.is_server(config.database) else Alone
    return kind(config, store, books, now)


class Alone:
    """The only machine: nobody else writes into its store."""

    name = ""
    elsewhere: Elsewhere | None = None
    """The other nodes, for the web."""
    own: Collection[str] | None = None
    """The nodes whose recordings lie here; None: all."""

    def __init__(self, config: Config, store: Store, books: SqlBooks, now: Now) -> None:
        self.bus = LocalBus()
        self._recordings = Path(config.recordings)
        self._store = store
        self._books = books
        self._now = now
        self.calls_here: Callable[[], Sequence[LiveCall]] = tuple
        """The calls of this machine."""

    def enter(self) -> None:
        """End the calls that a crash left open, keep the recordings it left, sign the agents
        out. Raises StoreError."""
        _close(self._store, self._books, self._recordings, self._now())
        with self._store.session() as session:
            left = attendance.interrupted(session)
        self._books.write(*left)

    def voices(self, lines: Lines, own: Mapping[str, Voice]) -> Mapping[str, AgentVoice]:
        """The agents' sound, by their numbers: they all sit here."""
        return {number: voice.open for number, voice in own.items()}

    def desk(self, *parts: Any) -> Switchboard:
        """The live desk."""
        desk = Switchboard(*parts)
        self.calls_here = desk.live
        return desk

    def resume(self, desk: Switchboard, tell: Tell) -> None:
        """Where the agents stand: as they stood when the service ended."""
        with self._store.session() as session:
            stood = attendance.resumed(session, desk.agents(), self._now())
        for one in stood:
            desk.heard_of(one)
            tell(one)

    async def start(self, url: str, told: Tell) -> None:
        """There is nobody to hear."""

    def leads(self) -> bool:
        """What one node does for all is done here."""
        return True

    def for_all(self, run: Run) -> Coroutine[None, None, None]:
        """Work that one node does for all."""
        return run()

    async def close(self) -> None:
        """Nobody waits for a word."""


class Together:
    """This node, and what it knows of the others; implements core.nodes.Elsewhere for the web."""

    def __init__(self, config: Config, store: Store, books: SqlBooks, now: Now) -> None:
        self.name = config.node.name or socket.gethostname()
        self.elsewhere: Elsewhere | None = self
        self.own: Collection[str] | None = (self.name, "")
        self.url = config.node.url
        self.draining: Callable[[], bool] = lambda: False
        self._recordings = Path(config.recordings)
        self._shelf = recordings_of(config)
        self._store = store
        self._books = books
        self._stored = StoredNodes(store, books, now)
        self._now = now
        self._carrier = Notices(config.store.url, self.name)
        self.bus = SharedBus(self._carrier)
        self.neighbours = Neighbours()
        self._passing = Passing(config.node.ca)
        self._heart = Heart(self._stored, self._me, self._lost, self._buried)
        self.calls_here: Callable[[], Sequence[LiveCall]] = tuple
        """The calls of this node."""
        self._told = Told(lambda: self.calls_here(), self.bus.say)
        self._desk: Floor | None = None
        self._tell: Tell = lambda event: None
        self._seats = Seats(config, self.name, self.bus.say)
        self._tasks: set[asyncio.Task[None]] = set()

    # Beginning and end ---------------------------------------------------------------------

    def enter(self) -> None:
        """Join the others; what a crash of this node left open is closed, and nothing else."""
        others = self._stored.enter(self._me())
        self._heart.begin(others)
        self._spawn(self._heart.run())
        mine = [self.name]
        _close(self._store, self._books, self._recordings, self._now(), mine if others else None)
        with self._store.session() as session:
            left = [] if others else attendance.interrupted(session)
        self._books.write(*left)

    def voices(self, lines: Lines, own: Mapping[str, Voice]) -> Mapping[str, AgentVoice]:
        """The agents' sound, by their numbers, wherever they sit."""
        self._seats.plug(lines, own)
        return {number: self._seats.voice(number) for number in own}

    def desk(self, *parts: Any) -> Switchboard:
        """The live desk, with the calls of the other nodes."""
        floor = self._desk = Floor(
            *parts,
            neighbours=self.neighbours,
            lending=self._seats.lending,
            nodes=self.nodes,
            others_go_on=self._others_go_on,
        )
        self.draining = lambda: floor.draining
        self.calls_here = self._desk.own
        return self._desk

    def resume(self, desk: Switchboard, tell: Tell) -> None:
        """Where the agents stand: as they do on the other nodes, or as they stood last."""
        alone = self._heart.is_alone
        with self._store.session() as session:
            stood: Sequence[Event] = (
                attendance.resumed(session, desk.agents(), self._now())
                if alone
                else attendance.standing(session, desk.agents())
            )
        for one in stood:
            desk.heard_of(one)
            if alone:
                tell(one)

    async def start(self, url: str, told: Tell) -> None:
        """Begin to hear and to tell; `url` is that of our own pages, `told` takes what was
        written for a dead node."""
        self.url, self._tell = self.url or url, told
        self.bus.published = self._told.note
        self.bus.start(self._heard, self._take_word, self._again)
        await self._heart.once()
        self._spawn(self._told.run())
        self._spawn(self._look_again())

    async def close(self) -> None:
        """After the desk: everything is told and written."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._carrier.close()
        try:
            await asyncio.to_thread(self._stored.leave, self.name)
        except CallcenterError as error:
            log.warning("node %s left without a word: %s", self.name, error)

    # What one node does for all ------------------------------------------------------------

    def leads(self) -> bool:
        """Whether letters are sent and reports built here."""
        return self._carrier.leads

    async def for_all(self, run: Run) -> None:
        """Work that one node does for all: this one while it leads."""
        work: asyncio.Task[None] | None = None
        try:
            while True:
                if work is None and self.leads():
                    work = asyncio.create_task(run())
                elif work is not None and not self.leads():
                    await _cancelled(work)
                    work = None
                await asyncio.sleep(LEAD_SECONDS)
        finally:
            await _cancelled(work)

    # Elsewhere -----------------------------------------------------------------------------

    def nodes(self) -> Sequence[Node]:
        """All nodes, this one first."""
        return self._heart.known

    def node_of_call(self, call_id: str) -> str:
        """The other node on which this call runs, or ""."""
        return self.neighbours.node_of(call_id)

    def node_of_agent(self, agent: str) -> str:
        """The other node on which this agent has a call, or ""."""
        standing = self._desk.presence() if self._desk else ()
        known = next((one for one in standing if one.agent == agent and one.state in BUSY), None)
        return self.node_of_call(known.call_id) if known else ""

    async def pass_on(self, node: str, asked: Asked) -> Answered:
        """Ask the other node. Raises NotNow."""
        return await self._passing.on(node, self._url(node), asked)

    def fetch(self, node: str, asked: Asked) -> Fetched:
        """A file of the other node. Blocking. Raises NotNow."""
        return self._passing.fetch(node, self._url(node), asked)

    # Inside --------------------------------------------------------------------------------

    def _me(self) -> Node:
        return Node(self.name, self.url, 0.0, self.draining())

    def _url(self, node: str) -> str:
        return next((one.url for one in self.nodes() if one.name == node and one.is_alive), "")

    def _others_go_on(self) -> bool:
        return not self._heart.is_alone

    def _heard(self, node: str, event: Event) -> None:
        self.neighbours.take_event(node, event)
        self._seats.heard(node, event)
        if isinstance(event, Cleared) and (event.kind, event.part) == (CALL, SOUND):
            self._spawn(self._remove(event.numbers))
        if self._desk is not None:
            self._desk.heard_afar(event)

    async def _remove(self, ids: Sequence[str]) -> None:
        """Recordings that another node has erased may lie here."""
        try:
            await asyncio.to_thread(_remove, self._shelf, ids)
        except CallcenterError as error:
            log.error("a recording that was erased still lies here: %s", error)

    def _take_word(self, node: str, kind: str, text: str) -> None:
        if kind == HELLO:
            self._told.tell_all()
            self._seats.tell()
        elif not self._seats.take_word(node, kind, text):
            self.neighbours.take_word(node, kind, text)

    def _again(self) -> None:
        """The way to the others is open (again): what was missed is asked for."""
        self.bus.say(HELLO)
        self._told.tell_all()
        self._seats.tell()
        self._spawn(self._look())

    def _lost(self, node: str) -> None:
        self.neighbours.forget(node)
        self._seats.lost(node)

    def _buried(self, node: str, written: Sequence[Event]) -> None:
        for event in written:
            self._tell(event)
        if any(isinstance(event, CallEnded) for event in written):
            log.warning("closed the calls that node %s left open", node)
            self._spawn(self._salvage(node))

    async def _salvage(self, node: str) -> None:
        """Where the recordings are in a common folder, those of a dead node lie here, too."""
        left = (self._store, self._books, self._recordings, self._now(), [node])
        for fact in await asyncio.to_thread(_close, *left):
            self._tell(fact)

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            await self._look()

    async def _look(self) -> None:
        """Where the agents stand by the store, should a word of it have been lost."""
        if self._desk is None:
            return
        try:
            for stood in await asyncio.to_thread(self._standing):
                self._desk.stands(stood)
        except CallcenterError as error:
            log.error("nobody knows now where agents of other nodes stand: %s", error)

    def _standing(self) -> Sequence[AgentChanged]:
        assert self._desk is not None
        with self._store.session() as session:
            return attendance.standing(session, self._desk.agents())

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _cancelled(work: asyncio.Task[None] | None) -> None:
    if work is not None:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


def _remove(shelf: Recordings, ids: Sequence[str]) -> None:
    """Blocking. Raises StoreError."""
    for call_id in filter(CALL_ID.fullmatch, ids):
        for file in shelf.folder.glob(f"*/*/*/{call_id}.wav"):
            shelf.remove(file.relative_to(shelf.folder).as_posix())


def _close(
    store: Store,
    books: SqlBooks,
    recordings: Path,
    at: datetime,
    nodes: Collection[str] | None = None,
) -> list[Event]:
    """Write what is to be written of calls that were cut off. Blocking."""
    with store.session() as session:
        found = list(interrupted.closings(session, recordings, at, nodes))
    for facts in found:
        books.write(*facts)
    return [fact for facts in found for fact in facts]
