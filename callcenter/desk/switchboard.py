"""Takes the calls of all lines, screens the blocked, and carries out what people decide."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

from callcenter.core.call import Input, State
from callcenter.core.errors import CallcenterError, CallRefused, NoSuchCall, NotNow
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
from callcenter.core.ports import Dialled, Leg, Line, LineCall
from callcenter.core.presence import Presence
from callcenter.core.records import (
    TICKS,
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
from callcenter.desk.dialling import Outbound, dialled, line_for, recorded
from callcenter.desk.ledger import Ledger
from callcenter.desk.load import Load
from callcenter.desk.metronome import beat
from callcenter.desk.opening import while_wanted
from callcenter.desk.parts import Parts
from callcenter.desk.session import CONFIRMS, Session

log = logging.getLogger(__name__)


class Switchboard:
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
    ) -> None:
        """`auto_answer` names the agent who takes a line's calls at once; `confirmed_by` the
        supervisors who alone confirm the end of a call, nobody where each agent may;
        `supervisors` who may join calls, anybody where empty; `numbers` our own number on a line,
        told when we call out: the agent's where a line has none."""
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
        self._numbers = numbers or {}
        self._opening: set[str] = set()
        """Whose sound is being opened for a call."""
        self._load = Load()
        self._sessions: dict[str, Session] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Open every line. Raises PortInUse."""
        self._spawn(beat(self._tick))
        for name, line in self._lines.items():
            await line.start(partial(self._on_call, name), lambda: self._load.behind)

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

        Raises NotNow, Refused (what cannot be dialled), MissingPiece.
        """
        to, line = dialled(number), line_for(self._lines, line)
        outbound = Outbound(self._numbers.get(line) or agent, recorded(to))
        history = await asyncio.to_thread(self._look_up, outbound.number)
        async with self._sound(agent) as leg:
            try:
                call = await self._lines[line].dial(to, outbound.from_number)
            except (CallcenterError, OSError) as error:
                raise NotNow(f"line {line} cannot dial this: {error}") from error
            session = Session(self._new_call_id(), line, call, self._parts, outbound)
            self._keep(session)
            session.known(history)
            session.dial(agent, leg, call.leg)
        self._spawn(self._await_callee(session, call))
        return session.call_id

    async def hang_up(self, call_id: str, agent: str) -> None:
        """End the call at once, or turn a ringing one away. Raises NoSuchCall, NotNow."""
        log.info("call %s: %s hangs up", call_id, agent)
        self._session(call_id).hang_up(agent)

    async def hold(self, call_id: str, agent: str) -> None:
        """The caller waits with the hold tone. Raises NoSuchCall, NotNow."""
        self._session(call_id).hold(agent)

    async def resume(self, call_id: str, agent: str) -> None:
        """Talk with the caller again, also out of a transfer. Raises NoSuchCall, NotNow."""
        self._session(call_id).resume(agent)

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
        session.transfer(Transfer(agent, to, notes, False, True, self._parts.now()))

    async def hand_over(self, call_id: str, agent: str) -> None:
        """End an attended transfer: the call is the target's. Raises NoSuchCall, NotNow."""
        log.info("call %s: %s hands it over", call_id, agent)
        self._session(call_id).hand_over()

    async def join(self, call_id: str, mode: str, agent: str) -> None:
        """A supervisor listens, whispers or barges in, or changes that.

        Raises NoSuchCall, NotNow, Refused (who is no supervisor), MissingPiece.
        """
        person = check_supervisor(agent, self._supervisors)
        await joining.join(self._session(call_id), mode, person, self._sound)

    async def leave(self, call_id: str, agent: str) -> None:
        """A supervisor leaves the call. Raises NoSuchCall, NotNow."""
        self._session(call_id).supervision.leave(agent.strip())

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

    async def undo(self, call_id: str, agent: str) -> None:
        """Take a confirmation back within two seconds. Raises NoSuchCall, NotNow."""
        self._session(call_id).undo(agent)

    async def dismiss(self, call_id: str, agent: str) -> None:
        """Take a proposal back: it is no harassment. Raises NoSuchCall, NotNow."""
        self._session(call_id).dismiss(agent)

    async def mute(self, call_id: str, muted: bool, agent: str) -> None:
        """Switch the agent's microphone off, or on again. Raises NoSuchCall, NotNow."""
        self._session(call_id).mute(muted, agent)

    async def tick_box(self, call_id: str, what: str, agent: str) -> None:
        """The agent hears one of TICKS behind the caller. Raises NoSuchCall, NotNow."""
        if what not in TICKS:
            raise NotNow(f"there is no tick-box {what!r}; expected one of: {', '.join(TICKS)}")
        self._session(call_id).tick_box(what, agent)

    async def set_state(self, agent: str, state: str, by: str, reason: str = "") -> None:
        """Ready, on a break, offline: now, or after the call. Raises NotNow."""
        self._roster.check(agent)
        self._attendance.wish(agent, state, by, reason)

    async def record(self, event: Event) -> None:
        """Write a fact that a person decided, and tell everybody."""
        await self._ledger.write(event)

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
        return self._notices()

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

    def _session(self, call_id: str) -> Session:
        try:
            return self._sessions[call_id]
        except KeyError:
            raise NoSuchCall(f"there is no live call {call_id!r}") from None

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
        history = await asyncio.to_thread(self._look_up, caller_number)
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

    async def _await_callee(self, session: Session, call: Dialled) -> None:
        try:
            await call.answered()
        except CallRefused as refused:
            log.info("call %s: was not taken: %s", session.call_id, refused.why)
            session.callee(refused)
        else:
            session.callee()

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
