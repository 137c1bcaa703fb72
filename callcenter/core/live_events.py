"""What is done with a running call: hold, transfer, supervisors, and how its sound came; and where
the agents stand. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from callcenter.core.event import Event
from callcenter.core.records import Quality


@dataclass(frozen=True, slots=True)
class CallHeld(Event):
    """The agent lets the caller wait with the hold tone (保持)."""

    agent: str


@dataclass(frozen=True, slots=True)
class CallResumed(Event):
    """The agent talks with the caller again."""

    agent: str


@dataclass(frozen=True, slots=True)
class DigitsSent(Event):
    """The agent presses keys (按键) for a machine at the far end: 0-9 * # A-D."""

    agent: str
    digits: str


@dataclass(frozen=True, slots=True)
class DigitsPressed(Event):
    """The far end pressed keys."""

    digits: str


@dataclass(frozen=True, slots=True)
class TransferStarted(Event):
    """The agent transfers the call (转接): `to` rings meanwhile, the caller hears the hold tone.

    `to` is an agent's number, or, `outside`, a telephone number; `attended`: the agent talks with
    them before the caller does.
    """

    agent: str
    to: str
    notes: str = ""
    attended: bool = False
    outside: bool = False


@dataclass(frozen=True, slots=True)
class TransferConsulted(Event):
    """The target picked up and talks with the agent; the caller still waits."""

    to: str


@dataclass(frozen=True, slots=True)
class TransferDone(Event):
    """The call is `to`'s now; the agent who had it has left it."""

    agent: str
    to: str
    outside: bool = False


@dataclass(frozen=True, slots=True)
class TransferReturned(Event):
    """The call came back to the agent: `why` is no_answer, declined, left, taken_back, or what the
    line says of an outside number."""

    to: str
    why: str


@dataclass(frozen=True, slots=True)
class HarassmentMarked(Event):
    """The agent says that the caller harasses (标记骚扰); the hit that follows says where."""

    agent: str


@dataclass(frozen=True, slots=True)
class LeadCalled(Event):
    """The agent asks a supervisor to come into the call (请主管), and why."""

    agent: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SupervisorJoined(Event):
    """A named person joins the call, or changes how: `mode` is listen, whisper or barge."""

    person: str
    mode: str


@dataclass(frozen=True, slots=True)
class SupervisorLeft(Event):
    """The person hears the call no longer."""

    person: str


@dataclass(frozen=True, slots=True)
class QualityMeasured(Event):
    """How one party's sound came over the wire until it left the call; `agent` is "" for the
    caller's."""

    party: str
    agent: str
    quality: Quality


@dataclass(frozen=True, slots=True)
class AgentAway(Event):
    """The agent's sound broke off (座席声音中断): the caller hears the hold tone meanwhile.

    `state` is away, then back, or offered: from then on whoever is free may take the call.
    """

    agent: str
    state: str


@dataclass(frozen=True, slots=True)
class VoiceChanged(Event):
    """An agent's sound is there, rings or is lost; told live, never stored. `call_id` is "": it
    is about an agent. The rest is that of VoiceState."""

    agent: str
    kind: str
    state: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AgentChanged(Event):
    """An agent stands otherwise from now on (座席状态): `state` is a value of presence.AgentState.

    `call_id` is the call that rings, runs or is wrapped up; `reason` that of a break, or why the
    system signed them out; `by` the agent, who decided for them, or the system.
    """

    agent: str
    state: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class SeatUnattended(Event):
    """Nobody is where somebody should be (空岗, K3); told live, never stored. `call_id` is "".

    `since` is when the agent left; `back`: they are there again, or their shift is over.
    """

    agent: str
    since: datetime
    back: bool = False
