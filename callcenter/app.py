"""The joinery: the only file that knows every port and what is plugged into it."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import (
    AsyncIterator,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from callcenter.bus.local import LocalBus
from callcenter.casework import consequences
from callcenter.casework.backlog import StoredBacklog
from callcenter.casework.customers.effects import Rules
from callcenter.casework.keeping import clearing
from callcenter.casework.staff.doors import Doors
from callcenter.casework.staff.seats import Seats
from callcenter.casework.webhooks import deliveries
from callcenter.chores import chores, couriers_of, target_of, tasks_of
from callcenter.config import Config
from callcenter.core.events import Event, NumberHeard, RecordingClosed
from callcenter.core.office import Seal
from callcenter.core.ports import AgentVoice, Recogniser, Recorder, Voice
from callcenter.core.records import Agent
from callcenter.core.targets import Target
from callcenter.desk.agents import Roster
from callcenter.desk.backfill import Backfill
from callcenter.desk.courier import Couriers
from callcenter.desk.distress import Distress
from callcenter.desk.hearers import Hearers
from callcenter.desk.jobs import Jobs
from callcenter.desk.ledger import Ledger, catch_up
from callcenter.desk.meters import Meters
from callcenter.desk.outliner import Outliner
from callcenter.desk.parts import Parts
from callcenter.desk.seat_watch import SeatWatch
from callcenter.desk.steady import steady
from callcenter.desk.switchboard import Switchboard
from callcenter.nodes import Alone, Together, team_of
from callcenter.outfit import (
    hearers_of,
    hiding_of,
    limits_of,
    line_of,
    open_book,
    open_recogniser,
    outliner_of,
    recorder_of,
    recordings_of,
    rein_of,
    seal_of,
    voices_of,
)
from callcenter.scripts.book import Book
from callcenter.sip.line.sip_line import SipLine
from callcenter.site import open_site
from callcenter.store.books import SqlBooks
from callcenter.store.directory import SqlDirectory
from callcenter.store.failures import StoredFailures
from callcenter.store.recordings import Recordings
from callcenter.store.spool import FileSpool
from callcenter.store.sql import Store

log = logging.getLogger(__name__)
SPOOL = "spool.jsonl"
"""In the data folder: what waits for the store."""
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
        self.recordings: Recordings | None = None


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
        office = _open_office(config, stack)
        store, scripts, team = office.store, office.scripts, office.team
        recogniser = await asyncio.to_thread(open_recogniser, config, scripts)
        stack.callback(recogniser.close)
        recorder = recorder_of(config)
        stack.callback(recorder.close)
        outliner = outliner_of(Path(config.recordings), store)
        wires = _Wires(office.books, office.spool, outliner, team.bus, recorder.targets)
        stack.push_async_callback(wires.ledger.close)
        parts = _parts(config, (recorder, recogniser, scripts), wires.tell, team.name)
        lines = {line.name: line_of(line, limits_of(config)) for line in config.line}
        own = {} if voices is not None else voices_of(config, lines, wires.told, now)
        for voice in own.values():
            stack.push_async_callback(voice.close)
        sound = team.voices(lines, own)
        agents = voices or [(Agent(a.number, a.name), sound[a.number]) for a in config.agent]
        recordings = recordings_of(config)
        backlog = StoredBacklog(store, recordings, team.own)
        backfill = Backfill(recogniser, scripts, backlog, wires.tell, now, hiding_of(config))
        jobs = _jobs(config, office, wires, backfill)
        also = wires.counted(office.couriers, jobs, hearers_of(recogniser))
        desk = _desk(config, parts, lines, agents, store, wires.ledger, also, team.desk)
        wires.desk = desk
        stack.push_async_callback(desk.close)
        team.resume(desk, wires.tell)
        await desk.start()
        for work in _besides_calls(config, office, wires, jobs):
            stack.push_async_callback(_cancel, asyncio.create_task(work))
        wires.meters.watch(team.calls_here, desk.lines, lambda: wires.ledger.waiting)
        service = Service(desk, wires.bus, store, lines, wires.meters)
        service.voices, service.recordings = own, recordings
        service.doors = None if open_house else _doors(config, store, office.seal)
        service.web_url = await open_site(config, service, scripts, stack, team.elsewhere, now)
        await team.start(service.web_url, wires.told)
        stack.enter_context(steady())
        yield service


@dataclass(frozen=True, slots=True)
class _Office:
    """What is kept, and by what rules; what the last run left is written and closed already."""

    store: Store
    scripts: Book
    seal: Seal
    books: SqlBooks
    spool: FileSpool
    team: Alone | Together
    couriers: Couriers


def _open_office(config: Config, stack: AsyncExitStack) -> _Office:
    """Raises StoreError, PackError, ConfigError."""
    store = Store(config.database)
    stack.callback(store.close)
    store.upgrade()
    scripts = open_book(config)
    seal = seal_of(config, make=True)
    books = _books(config, store, scripts, seal)
    couriers = couriers_of(config, store, now)
    spool = _caught_up(config, books, stack)
    team = team_of(config, store, books, now)
    stack.push_async_callback(team.close)
    team.enter()
    return _Office(store, scripts, seal, books, spool, team, couriers)


def _parts(
    config: Config,
    ports: tuple[Recorder, Recogniser, Book],
    tell: Callable[[Event], None],
    node: str,
) -> Parts:
    """What every call is made with."""
    rules = config.desk
    limits = (rules.silence_seconds * 1000, rules.prompt_a_tries, rules.transfer_seconds)
    after_call, remind = config.staff.after_call_seconds, config.privacy.pause_minutes
    return Parts(*ports, tell, now, *limits, after_call, node, hiding_of(config).kinds, remind)


def _jobs(config: Config, office: _Office, wires: _Wires, backfill: Backfill) -> Jobs:
    """What is done besides calls, and tried again."""

    def agents() -> Sequence[Agent]:
        return wires.desk.agents() if wires.desk is not None else ()

    duties = (config, office.store, office.scripts, wires.ledger.write)
    tasks = tasks_of(*duties, agents, now, backfill)
    return Jobs(tasks, StoredFailures(office.store), now, office.team.leads)


def _besides_calls(
    config: Config, office: _Office, wires: _Wires, jobs: Jobs
) -> Iterator[Coroutine[None, None, None]]:
    """What goes on as long as the service does; some of it one node does for all."""
    yield jobs.run()
    yield wires.outliner.run()
    watch = SeatWatch(Seats(office.store, now, config.staff.away), wires.bus.publish_here, now)
    yield watch.run()
    duties = (config, office.store, office.scripts, wires.ledger.write)
    for run in (*chores(*duties, now), *(courier.run for courier in office.couriers)):
        yield office.team.for_all(run)


class _Wires:
    """Who is told of an event: the ledger and the meters, and on the bus everybody else."""

    def __init__(
        self,
        books: SqlBooks,
        spool: FileSpool,
        outliner: Outliner,
        bus: LocalBus,
        targets: Callable[[], Sequence[Target]],
    ) -> None:
        self.bus = bus
        self.outliner = outliner
        self.meters = Meters()
        self.ledger = Ledger(books, self.told, spool)
        self.distress = Distress(self.ledger, targets)
        self.meters.add(self.distress)
        self.desk: Switchboard | None = None

    def counted(self, *more: Couriers | Jobs | Hearers) -> Sequence[Callable[[], Sequence[str]]]:
        """Have these counted, too; who says what people must know: they, the store, the disks."""
        for one in more:
            self.meters.add(one)
        return [one.notices for one in (self.distress, *more)]

    def tell(self, event: Event) -> None:
        """Something happened in a call."""
        if isinstance(event, NumberHeard):  # the agent's alone, and nowhere else's
            self.bus.publish_here(event)
            return
        self.ledger.note(event)
        self.meters.take(event)
        self.bus.publish(event)
        if isinstance(event, RecordingClosed):
            self.outliner.closed(event.recording.path)

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
    also: Sequence[Callable[[], Sequence[str]]],
    make: Callable[..., Switchboard],
) -> Switchboard:
    def notices() -> Sequence[str]:
        model = [] if parts.recogniser.ready else [f"{UNHEARD}：{parts.recogniser.detail}"]
        scripts = [parts.scripts.problem] if parts.scripts.problem else []
        return [*model, *scripts, *(text for tell in also for text in tell())]

    return make(
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
        rein_of(config, store, now),
    )


def _books(config: Config, store: Store, scripts: Book, seal: Seal) -> SqlBooks:
    """The books, with everything that follows from what is written into them."""
    customers = Rules(config.hours.clock(), config.customers.thresholds())
    rules_of = consequences.all_of(scripts.group, config.desk.block_after, customers)
    owed = deliveries.consequence([target_of(hook) for hook in config.webhook])
    return SqlBooks(store, [*rules_of, owed, clearing.consequence(seal.alias)])


def _caught_up(config: Config, books: SqlBooks, stack: AsyncExitStack) -> FileSpool:
    """Where the ledger keeps what the store does not take; what the last run left is written."""
    spool = FileSpool(Path(config.data) / SPOOL)
    stack.callback(spool.close)
    if late := catch_up(books, spool):
        log.warning("%d events that waited for the store are written now", late)
    return spool


def _doors(config: Config, store: Store, seal: Seal) -> Doors:
    doors = Doors(store, now, seal)
    if lost := doors.seal_factors():
        log.error(
            "%d second factors cannot be opened with the keys of %s: put the key back, or give "
            "these people another link (callcenter logins link NAME)",
            len(lost),
            config.key_file,
        )
    return doors


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
