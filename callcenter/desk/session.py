"""One live call: what people do with it, and how it stands. Its course is in desk/course.py."""

from __future__ import annotations

import logging
from dataclasses import replace

from callcenter.core import events, promises
from callcenter.core.call import PLAYING, WITH_AGENT, Input, State, step
from callcenter.core.errors import CallcenterError, CallRefused, NotNow
from callcenter.core.ports import Dialled, Leg, LineCall
from callcenter.core.records import FRAME_MS, CallerHistory, LiveCall, Party, Transfer
from callcenter.desk import absence
from callcenter.desk.bridge import Bridge, Seat
from callcenter.desk.course import ADVISED, Course
from callcenter.desk.dialling import Outbound
from callcenter.desk.parts import Parts

log = logging.getLogger(__name__)

TAKEN_OVER = "接管"
"""The note of a transfer that a supervisor made without being asked."""
CONFIRMS = {"line_fault": Input.CONFIRM_LINE_FAULT, "analysis": Input.CONFIRM_ANALYSIS}


class Session(Course):
    """A call from its first ring to its closed recording. Lives on the event loop."""

    def __init__(
        self,
        call_id: str,
        line: str,
        line_call: LineCall,
        parts: Parts,
        outbound: Outbound | None = None,
    ) -> None:
        """`outbound` where it is an agent who dials."""
        numbers = (line_call.caller_number, line_call.callee_number)
        state, at = State.SCREENING.value, parts.now()
        live = LiveCall(call_id, state, *numbers, at, line=line, node=parts.node)
        super().__init__(line, line_call, outbound.shown(live) if outbound else live, parts)

    # How it stands -------------------------------------------------------------------------

    @property
    def is_out(self) -> bool:
        """Whether we called, and it is not over."""
        return self._live.direction == "outbound" and self.state is not State.ENDED

    def snapshot(self) -> LiveCall:
        """The call as the pages show it."""
        live = replace(
            self._live,
            state=self.state.value,
            muted=self._bridge is not None and self._bridge.muted,
            joined=self.supervision.joined,
            lead_called=self.supervision.called,
            paused=self._pausing.current,
        )
        return self._hearing.show(self._transfers.show(live))

    def has(self, person: str) -> bool:
        """Whether this person's sound is in the call, so that they can have no other one."""
        mine = person == self.agent and self.state in WITH_AGENT
        return mine or self._transfers.has(person) or person in self.supervision.conference

    def known(self, history: CallerHistory) -> None:
        """What is kept of the number beyond the line; to be told before anybody speaks."""
        self._live = replace(self._live, history=history)
        self._hearing.known(history)

    def work_order(self, number: str) -> None:
        """The ledger has linked this work order."""
        self._live = replace(self._live, work_order=number)

    def promised(self, event: events.PromiseHeard | events.PromiseDecided) -> None:
        """The ledger has heard a promise of the agent's, or somebody decided about it."""
        self._live = replace(self._live, promises=promises.after(self._live.promises, event))

    # Beginning and end ---------------------------------------------------------------------

    def check_answer(self, agent: str) -> None:
        """Raises NotNow where this agent could not pick up now."""
        if self.state is State.TRANSFERRING:
            if not self._transfers.is_for(agent):
                raise NotNow(f"the call is being transferred, and not to agent {agent}")
        elif self.state is not State.OFFERED:
            step(self.state, Input.AGENT_ANSWERS)

    def answer(self, agent: str, leg: Leg) -> None:
        """The agent picks up, with this sound; or the target of a transfer does, or whoever takes a
        call whose agent's sound is gone. Raises NotNow."""
        self.check_answer(agent)
        if self.state is State.OFFERED and self._bridge is not None:
            how = (self.agent, agent, absence.NOTE, False, False, self._parts.now())
            self._transfers.start(Transfer(*how), self._bridge.ticks)
        transfer = self._transfers.current
        if transfer is None or self._bridge is None:
            self.agent, self._seat = agent, Seat(agent, leg)
            self.apply(Input.AGENT_ANSWERS)
            return
        self._bridge.target = Seat(agent, leg)
        if transfer.attended:
            self._transfers.consult()
        self.apply(Input.TARGET_CONSULTS if transfer.attended else Input.TARGET_ANSWERS)

    def dial(self, agent: str, agent_leg: Leg, callee: Leg) -> None:
        """`agent` waits for the callee, and hears what comes before they pick up."""
        self.agent = agent
        self._live = replace(self._live, agent=agent)
        seats = (callee, Seat(agent, agent_leg))
        self._bridge = Bridge(*seats, self.supervision.conference, self._hearing)
        self.apply(Input.AGENT_DIALS)

    def callee(self, refused: CallRefused | None = None) -> None:
        """The callee picked up, or did not take the call."""
        if refused is not None and self.state is State.DIALLING:
            self._not_taken = refused.why
        self.apply(Input.CALLEE_ANSWERS if refused is None else Input.CALLEE_REFUSES)

    async def await_callee(self, call: Dialled) -> None:
        """Wait until the callee picks up, or does not take the call."""
        try:
            await call.answered()
        except CallRefused as refused:
            log.info("call %s: was not taken: %s", self.call_id, refused.why)
            self.callee(refused)
        else:
            self.callee()

    def hang_up(self, agent: str) -> None:
        """`agent` ends the call, or turns it away; a transfer's target turns only that away."""
        if self.state is State.OFFERED and agent != self.agent:
            raise NotNow("the call is offered to everybody; it can be answered, or left to others")
        if not self._transfers.is_for(agent):
            self.apply(Input.AGENT_HANGS_UP)
        elif self.state is State.TRANSFERRING:
            self._come_back(Input.TARGET_FAILS, "declined")
        else:
            self._come_back(Input.TARGET_LEAVES, "left")

    def terminate(self, prompt: str, agent: str) -> None:
        """`agent` confirms: play the prompt to its end, then hang up. Raises NotNow."""
        confirm = CONFIRMS[prompt]
        step(self.state, confirm)
        self._set_paused("", agent)
        self._hearing.confirm(prompt)
        self._tell(events.TerminationConfirmed(self.call_id, self._parts.now(), agent, prompt))
        self.apply(confirm)

    def undo(self, agent: str) -> None:
        """`agent` takes the confirmation back while the agent is still there. Raises NotNow."""
        step(self.state, Input.UNDO)
        if self._bridge is None or self._bridge.agent is None:
            raise NotNow("too late to undo: the agent has left the call; possible within 2 s")
        self._hearing.undo()
        self._tell(events.TerminationUndone(self.call_id, self._parts.now(), agent))
        self.apply(Input.UNDO)

    def settle(self) -> None:
        """The agent goes on to another call: what was confirmed here stands."""
        if self.state in PLAYING and self._bridge is not None:
            self._let_go(self._bridge.vacate_agent())

    # While they talk -----------------------------------------------------------------------

    def dismiss(self, agent: str) -> None:
        """`agent` says that it is no harassment: the proposal is taken back. Raises NotNow."""
        if self.state not in ADVISED or not self._hearing.dismiss():
            raise NotNow(f"the call is {self.state.value}: there is no proposal to dismiss")
        self._tell(events.ProposalDismissed(self.call_id, self._parts.now(), agent))

    def mark(self, agent: str) -> None:
        """`agent` says that it is harassment (标记骚扰); a proposal follows. Raises NotNow."""
        if self.state not in ADVISED or not self._hearing.mark(agent):
            raise NotNow(f"the call is {self.state.value}: it cannot be marked, or is marked")

    def call_lead(self, agent: str, reason: str) -> None:
        """`agent` asks a supervisor to come (请主管); asked twice is asked once. Raises NotNow."""
        if self.state not in ADVISED:
            raise NotNow(f"the call is {self.state.value}: there is no talk to come to")
        self.supervision.call(agent, reason)

    def tick_box(self, what: str, agent: str) -> None:
        """`agent` hears this behind the caller, one of TICKS (H7). Raises NotNow."""
        if self.state not in ADVISED:
            raise NotNow(f"the call is {self.state.value}: there is no caller to listen to")
        self._hearing.tick_box(what, agent)

    def mute(self, muted: bool, agent: str) -> None:
        """Switch the agent's microphone off, or on again; the ear stays open. Raises NotNow."""
        if self.state is not State.TALKING or self._bridge is None:
            raise NotNow(f"the call is {self.state.value}: there is no open microphone to mute")
        self._bridge.muted = muted
        self._tell(events.MicrophoneMuted(self.call_id, self._parts.now(), agent, muted))

    def press(self, digits: str, agent: str) -> None:
        """Send the far end these keys. Raises NotNow."""
        if self.state not in ADVISED or self._bridge is None:
            raise NotNow(f"the call is {self.state.value}: there is nobody to press keys for")
        self._line_call.send_digits(digits)
        if self._pausing.current is not None:
            return
        at_ms = self._bridge.ticks * FRAME_MS
        told = self._hearing.redactor.keys(Party.AGENT, digits, at_ms)
        self._tell(events.DigitsSent(self.call_id, self._parts.now(), agent, told))

    def pause(self, by: str, why: str) -> None:
        """Record, hear and show nothing until `by` or another ends it (安全暂停); asked twice is
        asked once. Raises NotNow."""
        if self._recording is None or self.state in (State.ENDED, *PLAYING):
            raise NotNow(f"the call is {self.state.value}: there is nothing to pause")
        self._set_paused(why, by)

    def unpause(self, by: str) -> None:
        """Go on recording. Raises NotNow where the call is not paused."""
        if self._pausing.current is None:
            raise NotNow("the call is not paused")
        self._set_paused("", by)

    def hold(self, agent: str) -> None:
        """The caller waits with the hold tone; the ears go on listening. Raises NotNow."""
        self.apply(Input.HOLD)
        self._tell(events.CallHeld(self.call_id, self._parts.now(), agent))

    def resume(self, agent: str) -> None:
        """Talk with the caller again; a transfer under way is taken back. Raises NotNow."""
        if self.state is State.HELD:
            self._tell(events.CallResumed(self.call_id, self._parts.now(), agent))
        self._come_back(Input.RESUME, "taken_back")

    def transfer(self, transfer: Transfer) -> None:
        """The target rings, or the line dials the outside number. Raises NotNow."""
        what = Input.SEND_ON if transfer.outside else Input.TRANSFER
        step(self.state, what)
        self._transfers.start(transfer, self._bridge.ticks if self._bridge else 0)
        self.apply(what)
        if not transfer.outside:
            return
        try:
            self._line_call.transfer(transfer.to, self._sent_on)
        except CallcenterError as error:
            self._sent_on(False, str(error))
            raise NotNow(f"line {self.line} cannot transfer to this: {error}") from error

    def hand_over(self) -> None:
        """The agent has told the target enough: the call is the target's. Raises NotNow."""
        self.apply(Input.HAND_OVER)

    def check_taking_over(self, person: str) -> None:
        """Raises NotNow where there is no other agent in whose place `person` could come."""
        step(self.state, Input.TRANSFER)
        if person == self.agent:
            raise NotNow(f"{person} has this call already")

    def take_over(self, person: str, leg: Leg) -> None:
        """A supervisor takes the agent's place with this sound, unasked (接管). Raises NotNow."""
        self.check_taking_over(person)
        self.transfer(Transfer(person, person, TAKEN_OVER, False, False, self._parts.now()))
        self.answer(person, leg)
        self.supervision.called = None

    def _sent_on(self, answered: bool, why: str) -> None:
        """The line tells how a transfer to an outside number went; the caller may be gone."""
        if answered:
            self._transfers.done(self.agent)
        if self.state is State.SENDING_ON and answered:
            self.apply(Input.OUTSIDE_ANSWERS)
        elif self.state is State.SENDING_ON:
            self._come_back(Input.OUTSIDE_FAILS, why)

    def check_joining(self) -> None:
        """Raises NotNow where a supervisor would hear nothing."""
        if self._recording is None or self.state is State.ENDED:
            raise NotNow(f"the call is {self.state.value}: there is nothing to listen to")
