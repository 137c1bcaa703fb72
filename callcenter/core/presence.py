"""Where an agent stands, as a table: (state, cue) -> state (座席状态; R4, R5). Pure.

What a person wishes while a call rings or runs waits until the call and its wrap-up are over; what
the desk sees is true at once. A pair that is not in the table changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from callcenter.core.people import SYSTEM


class AgentState(StrEnum):
    """The states of VOCABULARY §3a; the values are those of the API and of the store."""

    OFFLINE = "offline"
    """签出"""
    READY = "ready"
    """就绪: the only one in which a call is offered."""
    RINGING = "ringing"
    """振铃: a transfer, or the agent's own telephone."""
    ON_CALL = "on_call"
    """通话: with a caller who listens, waits or is being dialled."""
    WRAP_UP = "wrap_up"
    """话后整理"""
    BREAK = "break"
    """小休, with a reason."""
    RECOVERY = "recovery"
    """恢复休息 (H23): outside every figure."""


class Cue(StrEnum):
    """What can change a state: a person's wish, what the desk sees, the clock."""

    READY = "ready"
    BREAK = "break"
    SIGN_OUT = "offline"
    RECOVER = "recovery taken"
    RECOVERED = "recovery ended"
    RING = "rings"
    RING_OUT = "rings no more"
    TALK = "is on a call"
    LEAVE = "has left the call"
    TIME_UP = "wrap-up is over"


WISHES = (Cue.READY, Cue.BREAK, Cue.SIGN_OUT)
"""What an agent, or a lead for them, may ask for."""
STOPPED, INTERRUPTED = "stopped", "interrupted"
"""Why the system signs agents out: the service ends, or has ended without a word."""
REASON_LENGTH = 40
NOT_READY = "示忙"
"""The reason of who takes no calls for a while and is at their seat; it has a key of its own."""
BREAKS = ("用餐", "休息", "培训", "会议", NOT_READY)
"""Why agents take breaks, where the house does not say otherwise."""

_S, _C = AgentState, Cue
BUSY = (_S.RINGING, _S.ON_CALL)
_FREE = (_S.OFFLINE, _S.READY, _S.WRAP_UP, _S.BREAK)

TABLE: Mapping[tuple[AgentState, Cue], AgentState | None] = {
    **{(state, _C.READY): _S.READY for state in _FREE},
    **{(state, _C.BREAK): _S.BREAK for state in _FREE},
    **{(state, _C.SIGN_OUT): _S.OFFLINE for state in _FREE},
    **{(state, _C.RECOVER): _S.RECOVERY for state in _FREE},
    (_S.RECOVERY, _C.RECOVERED): _S.READY,
    **{(state, _C.RING): _S.RINGING for state in _FREE},
    (_S.RINGING, _C.RING_OUT): None,
    **{(state, _C.TALK): _S.ON_CALL for state in (*_FREE, *BUSY, _S.RECOVERY)},
    (_S.ON_CALL, _C.LEAVE): _S.WRAP_UP,
    (_S.WRAP_UP, _C.TIME_UP): None,
}
"""None is what the agent comes back to: ready, the break they were on, or what they wished."""
LATER = {
    _C.READY: _S.READY,
    _C.BREAK: _S.BREAK,
    _C.SIGN_OUT: _S.OFFLINE,
    _C.RECOVER: _S.RECOVERY,
    _C.RECOVERED: _S.READY,
}
"""What a cue that comes in a busy state leads to once the call is over."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Where one agent stands since when, who said so, and what comes after the call."""

    agent: str
    since: datetime
    state: AgentState = AgentState.READY
    reason: str = ""
    """Of a break, or why the system signed them out."""
    by: str = SYSTEM
    call_id: str = ""
    """The call that rings or runs, or that is wrapped up."""
    then: AgentState = AgentState.READY
    then_reason: str = ""


def step(
    now: Presence, cue: Cue, at: datetime, by: str = SYSTEM, reason: str = "", call_id: str = ""
) -> Presence:
    """How the agent stands after the cue; the same object where nothing changes.

    `reason` is a break's, `call_id` the call's that rings or runs.
    """
    if now.state in BUSY and cue in LATER:
        is_over = cue is not Cue.RECOVERED or now.then is AgentState.RECOVERY
        return replace(now, then=LATER[cue], then_reason=reason) if is_over else now
    if (now.state, cue) not in TABLE:
        return now
    to = TABLE[now.state, cue]
    if to is None:
        return Presence(now.agent, at, now.then, now.then_reason, by)
    after = Presence(now.agent, at, to, reason, by)
    if to in (*BUSY, AgentState.WRAP_UP):
        then, why = _then(now)
        after = replace(after, call_id=call_id or now.call_id, then=then, then_reason=why)
    return now if _stands(now, after) else after


def _then(now: Presence) -> tuple[AgentState, str]:
    """Who takes a call out of a break goes back to it; whoever takes one has signed in."""
    if now.state is AgentState.BREAK:
        return now.state, now.reason
    return now.then, now.then_reason


def _stands(now: Presence, after: Presence) -> bool:
    """Whether nothing has changed but the moment, and who says so once more."""
    return (now.state, now.reason, now.call_id) == (after.state, after.reason, after.call_id)
