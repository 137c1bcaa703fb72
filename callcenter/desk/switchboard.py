"""Takes the calls of all lines, screens the blocked, and carries out what people decide."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

from callcenter.core.call import Input, State
from callcenter.core.errors import CallcenterError, NotNow
from callcenter.core.events import (
    Event,
    PromiseDecided,
    PromiseHeard,
    RecoveryBreakEnded,
    RecoveryBreakOffered,
    RecoveryBreakTaken,
    WorkOrderLinked,
)
from callcenter.core.office import Directory
from callcenter.core.people import check_supervisor
from callcenter.core.ports import Leg, Line, LineCall
from callcenter.core.presence import Presence
from callcenter.core.records import (
    Ability,
    Agent,
    CallerHistory,
    LineState,
    LiveCall,
    RecoveryBreak,
    Transfer,
)
from callcenter.desk import joining
from callcenter.desk.agents import Roster
from callcenter.desk.attendance import Attendance
from callcenter.desk.calling_out import Dialling, Rein
from callcenter.desk.commands import Commands
from callcenter.desk.dialling import dialled
from callcenter.desk.ledger import Ledger
from callcenter.desk.load import Load
from callcenter.desk.metronome import beat
from callcenter.desk.opening import while_wanted
from callcenter.desk.parts import Parts
from callcenter.desk.session import CONFIRMS, Session

log = logging.getLogger(__name__)
LOOK_UP_SECONDS = 3.0
"""So long a call waits to ring for what is known of its number."""
STOPPING = "服务正在停机：不再接新来电，也不再呼出；正在进行的通话不受影响"


class Switchboard(Commands):
    """The live desk; implements core.ports.Desk. Make it and call it on the event loop."""

    def __init__(
        self,
        parts: Parts,
        lines: Mapping[str, Line],
        roster: Roster,
        directory: Directory,
        ledger: Ledger,
        new_call_id: Callable[[], str],
        auto_answer: Mapping[str, str],
        notices: Callable[[], Sequence[str]],
        confirmed_by: Sequence[str] = (),
        supervisors: Sequence[str] = (),
        numbers: Mapping[str, str] | None = None,
        rein: Rein | None = None,
    ) -> None:
        """`auto_answer` names the agent who takes a line's calls at once; `confirmed_by` the
        supervisors who alone confirm the end of a call, nobody where each agent may;
        `supervisors` who may join calls, anybody where empty; `numbers` our own number on a line,
        told when we call out: the agent's where a line has none; `rein` limits calls out."""
        super().__init__()
        self._attendance = Attendance(roster.agents(), parts, self._freed)
        self._parts = replace(parts, tell=self._attendance.tell)
        self._lines = lines
        self._roster = roster
        self._directory = directory
        self._ledger = ledger
        self._new_call_id = new_call_id
        self._auto_answer = auto_answer
        self._notices = notices
        self._confirmed_by = confirmed_by
        self._supervisors = supervisors
        known = (lines, numbers or {}, rein)
        self._dialling = Dialling(*known, parts.now, self._parts.tell, self._calls_out)
        self._opening: set[str] = set()
        """Whose sound is being opened for a call."""
        self._load = Load()
        self.draining = False
        """Whether the service is going to stop, and takes no further calls."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Open every line. Raises PortInUse."""
        self._spawn(beat(self._tick))
        for name, line in self._lines.items():
            await line.start(partial(self._on_call, name), lambda: self._load.behind)

    def drain(self) -> None:
        """Take no further calls and make none; those that ring or run go on."""
        self.draining = True
        for line in self._lines.values():
            line.drain()

    @property
    def running(self) -> int:
        """How many calls ring or run here."""
        return len(self._sessions)

    async def drained(self) -> None:
        """Wait until every call has ended."""
        while self._sessions:
            await next(iter(self._sessions.values())).closed.wait()
            await asyncio.sleep(0)

    async def close(self) -> None:
        """End every call as the system, wait until each is written, close the lines."""
        self._attendance.close()
        running = list(self._sessions.values())
        for session in running:
            session.apply(Input.SHUT_DOWN)
        for session in running:
            await session.closed.wait()
        for line in self._lines.values():
            await line.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # Commands ------------------------------------------------------------------------------

    async def answer(self, call_id: str, agent: str) -> None:
        """The agent picks up, or the target of a transfer does.

        Raises NoSuchCall, NotNow, MissingPiece.
        """
        session = self._session(call_id)
        session.check_answer(agent)
        async with self._sound(agent, partial(session.check_answer, agent)) as leg:
            session.answer(agent, leg)

    async def dial(self, number: str, agent: str, line: str = "") -> str:
        """The agent calls a number or SIP URI; the call's id, while it is being dialled.

        Raises NotNow, Refused (what cannot be dialled), NotDialled, MissingPiece.
        """
        if self.draining:
            raise NotNow(STOPPING)
        planned = self._dialling.plan(number, agent, line)
        async with planned as (to, line, outbound), self._sound(agent) as leg:
            history = await self._known(outbound.number)
            try:
                call = await self._lines[line].dial(to, outbound.from_number)
            except (CallcenterError, OSError) as error:
                raise NotNow(f"line {line} cannot dial this: {error}") from error
            session = Session(self._new_call_id(), line, call, self._parts, outbound)
            self._keep(session)
            session.known(history)
            session.dial(agent, leg, call.leg)
        self._spawn(session.await_callee(call))
        return session.call_id

    async def press(self, call_id: str, digits: str, agent: str) -> None:
        """Send the far end these keys. Raises NoSuchCall, NotNow."""
        session = self._session(call_id)
        if Ability.DTMF not in self._lines[session.line].can:
            raise NotNow(f"line {session.line} cannot send digits")
        session.press(digits, agent)

    async def transfer(
        self, call_id: str, to: str, agent: str, notes: str = "", attended: bool = False
    ) -> None:
        """Transfer to an agent of the roster, who reads the notes. Raises NoSuchCall, NotNow."""
        session = self._session(call_id)
        self._check_free(to)
        self._attendance.check_ready(to)
        session.transfer(Transfer(agent, to, notes, attended, False, self._parts.now()))

    async def send_on(self, call_id: str, number: str, agent: str, notes: str = "") -> None:
        """Transfer to an outside number. Raises NoSuchCall, NotNow, Refused."""
        session, to = self._session(call_id), dialled(number)
        if Ability.TRANSFER not in self._lines[session.line].can:
            raise NotNow(f"line {session.line} cannot transfer to outside numbers")
        await self._dialling.check(to, agent, session.line, call_id)
        session.transfer(Transfer(agent, to, notes, False, True, self._parts.now()))

    async def join(self, call_id: str, mode: str, agent: str) -> None:
        """A supervisor listens, whispers or barges in, or changes that.

        Raises NoSuchCall, NotNow, Refused (who is no supervisor), MissingPiece.
        """
        person = check_supervisor(agent, self._supervisors)
        await joining.join(self._session(call_id), mode, person, self._sound)

    async def take_over(self, call_id: str, agent: str) -> None:
        """A supervisor takes the agent's place at once, and the agent is free.

        Raises NoSuchCall, NotNow, Refused (who is no supervisor), MissingPiece.
        """
        person = check_supervisor(agent, self._supervisors)
        await joining.take_over(self._session(call_id), person, self._sound)

    async def terminate(self, call_id: str, prompt: str, agent: str) -> None:
        """End the call with a prompt, confirmed by `agent`.

        Raises NoSuchCall, NotNow, and Refused where only supervisors confirm.
        """
        if prompt not in CONFIRMS:
            raise NotNow(f"there is no prompt {prompt!r}; expected one of: {', '.join(CONFIRMS)}")
        session = self._session(call_id)
        session.terminate(prompt, check_supervisor(agent, self._confirmed_by))

    async def set_state(self, agent: str, state: str, by: str, reason: str = "") -> None:
        """Ready, on a break, offline: now, or after the call. Raises NotNow."""
        self._roster.check(agent)
        self._attendance.wish(agent, state, by, reason)

    async def record(self, event: Event) -> None:
        """Write a fact that a person decided, and tell everybody."""
        await self._ledger.decide(event)

    # Views ---------------------------------------------------------------------------------

    def live(self) -> Sequence[LiveCall]:
        """The calls that ring or run, oldest first."""
        return [
            session.snapshot()
            for session in self._sessions.values()
            if session.state not in (State.SCREENING, State.ENDED)
        ]

    def agents(self) -> Sequence[Agent]:
        return self._roster.agents()

    def presence(self) -> Sequence[Presence]:
        return self._attendance.all()

    def breaks(self) -> Sequence[RecoveryBreak]:
        return self._roster.breaks()

    def lines(self) -> Sequence[LineState]:
        return [line.state() for line in self._lines.values()]

    def notices(self) -> Sequence[str]:
        return [*([STOPPING] if self.draining else []), *self._notices()]

    def heard_of(self, event: Event) -> None:
        """What the ledger adds to a live call, or says of an agent."""
        self._attendance.heard_of(event)
        match event:
            case RecoveryBreakOffered():
                self._roster.offer_break(event.agent, event.call_id)
            case RecoveryBreakTaken():
                self._roster.take_break(event.agent, event.call_id, event.at)
            case RecoveryBreakEnded():
                self._roster.end_break(event.agent)
            case PromiseHeard() | PromiseDecided() if event.call_id in self._sessions:
                self._sessions[event.call_id].promised(event)
            # An empty number asks for a new order; the fact with its number follows.
            case WorkOrderLinked() if event.number and event.call_id in self._sessions:
                self._sessions[event.call_id].work_order(event.number)

    # Inside --------------------------------------------------------------------------------

    def _check_free(self, agent: str) -> None:
        self._roster.check(agent)
        for session in self._sessions.values():
            if session.has(agent):
                raise NotNow(f"agent {agent} is on call {session.call_id}")

    @asynccontextmanager
    async def _sound(
        self, agent: str, check: Callable[[], None] = lambda: None
    ) -> AsyncIterator[Leg]:
        """The sound of an agent who is free; let go of where it comes to nothing.

        `check` raises NotNow once it is not wanted any more: then no telephone rings on.
        """
        self._check_free(agent)
        if agent in self._opening:
            raise NotNow(f"agent {agent} is about to take a call")
        for other in self._sessions.values():
            if other.agent == agent:
                other.settle()
        self._opening.add(agent)
        try:
            voice = partial(self._roster.voice, agent, partial(self._gone, agent))
            leg = await while_wanted(voice, check)
            try:
                yield leg
            except BaseException:
                leg.close()
                raise
        finally:
            self._opening.discard(agent)

    def _gone(self, agent: str) -> None:
        """The agent's telephone hung up: as if they had, or had left whom they joined."""
        log.info("agent %s: their telephone hung up", agent)
        for session in tuple(self._sessions.values()):
            if agent in session.supervision.conference:
                session.supervision.leave(agent)
            elif session.has(agent):
                session.hang_up(agent)

    def _tick(self, place: float, hurried: bool) -> None:
        late, calls = asyncio.get_running_loop().time() - place, len(self._sessions)
        if self._load.tick(late, calls):
            log.warning("%d calls are more than this machine keeps up with", calls)
        for session in tuple(self._sessions.values()):
            try:
                session.tick(place, hurried)
            except Exception:
                log.exception("call %s: a tick failed", session.call_id)

    def _on_call(self, line: str, line_call: LineCall) -> None:
        session = Session(self._new_call_id(), line, line_call, self._parts)
        self._keep(session)
        self._spawn(self._take(session, line, line_call.caller_number))

    def _keep(self, session: Session) -> None:
        self._sessions[session.call_id] = session
        self._spawn(self._forget(session))

    async def _take(self, session: Session, line: str, caller_number: str) -> None:
        """Screen the caller; then ring, or answer for the agent who is set for the line."""
        history = await self._known(caller_number)
        session.known(history)
        try:
            session.apply(Input.CALLER_IS_BLOCKED if history.blocked else Input.CALLER_MAY_RING)
        except CallcenterError as error:
            log.warning("call %s: does not ring: %s", session.call_id, error)
        agent = self._auto_answer.get(line)
        if agent and self._attendance.is_ready(agent):
            await self._answer_for(agent, session)

    def _freed(self, agent: str) -> None:
        """An agent has become ready: the call that rings for them longest is answered."""
        for session in self._sessions.values():
            rings = session.state is State.RINGING
            if rings and self._auto_answer.get(session.line) == agent:
                self._spawn(self._answer_for(agent, session))
                return

    async def _answer_for(self, agent: str, session: Session) -> None:
        try:
            if session.state is State.RINGING:
                await self.answer(session.call_id, agent)
        except CallcenterError as error:
            log.warning("call %s: was not answered: %s", session.call_id, error)

    def _calls_out(self) -> int:
        return sum(session.is_out for session in self._sessions.values())

    async def _known(self, caller_number: str) -> CallerHistory:
        """In time, or nothing: a store that hangs keeps nobody from ringing."""
        try:
            looking = asyncio.to_thread(self._look_up, caller_number)
            return await asyncio.wait_for(looking, LOOK_UP_SECONDS)
        except TimeoutError:
            log.error("a caller's history is not there in %.0f s, the call rings", LOOK_UP_SECONDS)
            return CallerHistory()

    def _look_up(self, caller_number: str) -> CallerHistory:
        """What is kept of the number, or nothing: our trouble turns no customer away."""
        try:
            return self._directory.history(caller_number)
        except CallcenterError as error:
            log.error("a caller's history cannot be read, the call rings: %s", error)
            return CallerHistory()

    async def _forget(self, session: Session) -> None:
        await session.closed.wait()
        del self._sessions[session.call_id]

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
