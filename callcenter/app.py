"""The joinery: the only file that knows every port and what is plugged into it."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from callcenter.audio.recording import WavRecorder
from callcenter.audio.salvage import salvage
from callcenter.bus.local import LocalBus
from callcenter.casework import consequences
from callcenter.casework.backlog import StoredBacklog
from callcenter.casework.customers.effects import Rules
from callcenter.casework.staff import attendance
from callcenter.casework.staff.doors import Doors
from callcenter.casework.staff.seats import Seats
from callcenter.chores import chores
from callcenter.config import Config
from callcenter.core.events import CallEnded, Event, RecordingClosed
from callcenter.core.ports import AgentVoice, Voice
from callcenter.core.records import Agent
from callcenter.desk.agents import Roster
from callcenter.desk.backfill import Backfill
from callcenter.desk.ledger import Ledger
from callcenter.desk.meters import Meters
from callcenter.desk.parts import Parts
from callcenter.desk.seat_watch import SeatWatch
from callcenter.desk.steady import steady
from callcenter.desk.switchboard import Switchboard
from callcenter.outfit import (
    house_of,
    line_of,
    open_book,
    open_recogniser,
    recogniser_name,
    voices_of,
)
from callcenter.scripts.book import Book
from callcenter.sip.line.sip_line import SipLine
from callcenter.store.books import SqlBooks
from callcenter.store.directory import SqlDirectory
from callcenter.store.sql import Store
from callcenter.trials import ChildTrials, packs_of
from callcenter.web.app import create_app
from callcenter.web.listener import bound

log = logging.getLogger(__name__)
UNHEARD = "没有语音识别，来电照常接听和录音，识别可用后自动补转写"


class Service:
    """What runs after `open_service`: the desk, the bus, the store, and where to reach them."""

    def __init__(
        self,
        desk: Switchboard,
        bus: LocalBus,
        store: Store,
        lines: dict[str, SipLine],
        meters: Meters,
    ) -> None:
        self.desk = desk
        self.bus = bus
        self.store = store
        self.lines = lines
        self.meters = meters
        self.voices: Mapping[str, Voice] = {}
        self.web_url = ""
        self.doors: Doors | None = None


def now() -> datetime:
    """This moment, UTC."""
    return datetime.now(UTC)


def new_call_id() -> str:
    """Sorts by time, cannot be guessed, fits a file name: 20261122T084512-9f86d081884c."""
    return f"{now():%Y%m%dT%H%M%S}-{secrets.token_hex(6)}"


@asynccontextmanager
async def open_service(
    config: Config,
    voices: Iterable[tuple[Agent, AgentVoice]] | None = None,
    *,
    open_house: bool = False,
) -> AsyncIterator[Service]:
    """Run the whole service while inside; on the way out every call is ended and written down.

    `voices` stands in for the configured agents' sound (the demo's recorded ones); `open_house`:
    nobody needs to log in, which is for the demo alone.
    Raises PortInUse, StoreError, PackError.
    """
    async with AsyncExitStack() as stack:
        store = Store(config.database)
        stack.callback(store.close)
        store.upgrade()
        scripts = open_book(config)
        customers = Rules(config.hours.clock(), config.customers.thresholds())
        rules_of = consequences.all_of(scripts.group, config.desk.block_after, customers)
        books = SqlBooks(store, rules_of)
        _close_interrupted(books, store, Path(config.recordings))
        recogniser = await asyncio.to_thread(open_recogniser, config, scripts)
        stack.callback(recogniser.close)
        recorder = WavRecorder(config.recordings)
        stack.callback(recorder.close)
        wires = _Wires(books)
        stack.push_async_callback(wires.ledger.close)
        rules = config.desk
        limits = (rules.silence_seconds * 1000, rules.prompt_a_tries, rules.transfer_seconds)
        ports, after_call = (recorder, recogniser, scripts), config.staff.after_call_seconds
        parts = Parts(*ports, wires.tell, now, *limits, after_call)
        lines = {line.name: line_of(line) for line in config.line}
        own = {} if voices is not None else voices_of(config, lines, wires.told, now)
        for voice in own.values():
            stack.push_async_callback(voice.close)
        agents = voices or [(Agent(a.number, a.name), own[a.number].open) for a in config.agent]
        desk = wires.desk = _desk(config, parts, lines, agents, store, wires.ledger)
        stack.push_async_callback(desk.close)
        with store.session() as session:
            for stood in attendance.resumed(session, desk.agents(), now()):
                desk.heard_of(stood)
                wires.tell(stood)
        await desk.start()
        backlog = StoredBacklog(store, Path(config.recordings))
        backfill = Backfill(recogniser, scripts, backlog, wires.tell, now)
        stack.push_async_callback(_cancel, asyncio.create_task(backfill.run()))
        for chore in chores(config, store, scripts, wires.ledger.write, desk.agents, now):
            stack.push_async_callback(_cancel, asyncio.create_task(chore))
        watch = SeatWatch(Seats(store, now, config.staff.away), wires.bus.publish, now)
        stack.push_async_callback(_cancel, asyncio.create_task(watch.run()))
        wires.meters.watch(desk.live, desk.lines, lambda: wires.ledger.waiting)
        service = Service(desk, wires.bus, store, lines, wires.meters)
        service.voices = own
        service.doors = None if open_house else Doors(store, now)
        service.web_url = await _open_web(config, service, scripts, stack)
        stack.enter_context(steady())
        yield service


class _Wires:
    """Who is told of an event: the ledger and the meters, and on the bus everybody else."""

    def __init__(self, books: SqlBooks) -> None:
        self.bus = LocalBus()
        self.meters = Meters()
        self.ledger = Ledger(books, self.told)
        self.desk: Switchboard | None = None

    def tell(self, event: Event) -> None:
        """Something happened in a call."""
        self.ledger.note(event)
        self.meters.take(event)
        self.bus.publish(event)

    def told(self, event: Event) -> None:
        """The ledger has written a decision, or something that follows from a fact; or an agent's
        sound stands otherwise."""
        if self.desk is not None:
            self.desk.heard_of(event)
        self.bus.publish(event)


def _desk(
    config: Config,
    parts: Parts,
    lines: dict[str, SipLine],
    agents: Iterable[tuple[Agent, AgentVoice]],
    store: Store,
    ledger: Ledger,
) -> Switchboard:
    def notices() -> Sequence[str]:
        model = [] if parts.recogniser.ready else [f"{UNHEARD}：{parts.recogniser.detail}"]
        return [*model, *([parts.scripts.problem] if parts.scripts.problem else [])]

    return Switchboard(
        parts,
        lines,
        Roster(agents),
        SqlDirectory(store, now),
        ledger,
        new_call_id,
        {line.name: line.auto_answer for line in config.line if line.auto_answer},
        notices,
        config.desk.supervisors if config.desk.confirm == "supervisor" else (),
        config.desk.supervisors,
        {line.name: line.registrar.user for line in config.line if line.registrar},
    )


def _close_interrupted(books: SqlBooks, store: Store, recordings: Path) -> None:
    """End the calls that a crash left open, keep the recordings it left, sign the agents out."""
    for event in books.close_interrupted():
        if isinstance(event, CallEnded) and (found := salvage(recordings, event.call_id)):
            books.write(RecordingClosed(event.call_id, now(), found))
    with store.session() as session:
        left = attendance.interrupted(session)
    books.write(*left)


class _WebServer(uvicorn.Server):
    """Leaves the signals to whoever runs the service."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _open_web(config: Config, service: Service, scripts: Book, stack: AsyncExitStack) -> str:
    """Serve the pages; returns their address. Raises PortInUse."""
    web = config.web
    listener = bound(web.host, web.port)
    stack.callback(listener.close)
    trials = ChildTrials(scripts, packs_of(config), config.database)
    stack.push_async_callback(trials.close)
    app = create_app(
        desk=service.desk,
        store=service.store,
        bus=service.bus,
        recordings=Path(config.recordings),
        allowed_hosts=["127.0.0.1", "localhost", "::1", web.host, *web.allowed_hosts],
        now=now,
        metrics=service.meters.text,
        supervisors=config.desk.supervisors,
        group=scripts.group,
        model=recogniser_name(config),
        rules=trials,
        voices=service.voices,
        house=house_of(config),
        doors=service.doors,
    )
    server = _WebServer(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=2,
            ssl_certfile=web.cert or None,
            ssl_keyfile=web.key or None,
        )
    )
    serving = asyncio.create_task(server.serve([listener]))

    async def stop() -> None:
        server.should_exit = True
        service.bus.close()  # ends the event streams, which would hold the server open
        await serving

    stack.push_async_callback(stop)
    return f"{'https' if web.cert else 'http'}://{web.host}:{listener.getsockname()[1]}"


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
