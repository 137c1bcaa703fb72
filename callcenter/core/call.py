"""One call as a table: (state, input) -> (state, actions). Pure; drawn in docs/call-states.md.

Two rules (after h11): a pair that is not in the table is refused, never guessed; and inputs name
what they are about: LINE_FAULT_DONE, not "prompt done", since one prompt must not end another.
"""

from __future__ import annotations

from enum import StrEnum

from callcenter.core.errors import NotNow


class State(StrEnum):
    """Where a call stands."""

    SCREENING = "screening"
    RINGING = "ringing"
    TALKING = "talking"
    LINE_FAULT = "line_fault"
    ANALYSIS = "analysis"
    ENDED = "ended"


class Input(StrEnum):
    """What can happen to a call: what people decide, what the wire says, what a prompt does."""

    CALLER_IS_BLOCKED = "screened: blocked"
    CALLER_MAY_RING = "screened: may ring"
    AGENT_ANSWERS = "answer"
    CONFIRM_LINE_FAULT = "terminate line_fault"
    CONFIRM_ANALYSIS = "terminate analysis"
    UNDO = "undo"
    LINE_FAULT_DONE = "line_fault done"
    ANALYSIS_DONE = "analysis done"
    AGENT_HANGS_UP = "hang up"
    CALLER_HANGS_UP = "caller hangs up"
    SHUT_DOWN = "shut down"


class Action(StrEnum):
    """What the session must do, in this order."""

    RING = "tell that it rings"
    ANSWER = "answer the line"
    CUT_MICROPHONE = "cut the agent's microphone"
    OPEN_MICROPHONE = "open the agent's microphone"
    PLAY_LINE_FAULT = "play line_fault"
    PLAY_ANALYSIS = "play analysis"
    STOP_PROMPT = "stop the prompt"
    REJECT = "reject the line"
    HANG_UP = "hang up the line"
    CLOSE_BY_CALLER = "close: ended by caller"
    CLOSE_BY_AGENT = "close: ended by agent"
    CLOSE_BY_SYSTEM = "close: ended by system"


_A, _I, _S = Action, Input, State

TABLE: dict[tuple[State, Input], tuple[State, tuple[Action, ...]]] = {
    # Nobody can answer before the blocklist has: a blocked caller never reaches an agent.
    (_S.SCREENING, _I.CALLER_MAY_RING): (_S.RINGING, (_A.RING,)),
    (_S.SCREENING, _I.CALLER_IS_BLOCKED): (_S.ANALYSIS, (_A.RING, _A.ANSWER, _A.PLAY_ANALYSIS)),
    (_S.SCREENING, _I.CALLER_HANGS_UP): (_S.ENDED, (_A.RING, _A.CLOSE_BY_CALLER)),
    (_S.SCREENING, _I.SHUT_DOWN): (_S.ENDED, (_A.RING, _A.REJECT, _A.CLOSE_BY_SYSTEM)),
    (_S.RINGING, _I.AGENT_ANSWERS): (_S.TALKING, (_A.ANSWER,)),
    (_S.RINGING, _I.CALLER_HANGS_UP): (_S.ENDED, (_A.CLOSE_BY_CALLER,)),
    (_S.RINGING, _I.AGENT_HANGS_UP): (_S.ENDED, (_A.REJECT, _A.CLOSE_BY_AGENT)),
    (_S.RINGING, _I.SHUT_DOWN): (_S.ENDED, (_A.REJECT, _A.CLOSE_BY_SYSTEM)),
    (_S.TALKING, _I.CONFIRM_LINE_FAULT): (
        _S.LINE_FAULT,
        (_A.CUT_MICROPHONE, _A.PLAY_LINE_FAULT),
    ),
    (_S.TALKING, _I.CONFIRM_ANALYSIS): (_S.ANALYSIS, (_A.CUT_MICROPHONE, _A.PLAY_ANALYSIS)),
    (_S.TALKING, _I.AGENT_HANGS_UP): (_S.ENDED, (_A.HANG_UP, _A.CLOSE_BY_AGENT)),
    (_S.TALKING, _I.CALLER_HANGS_UP): (_S.ENDED, (_A.CLOSE_BY_CALLER,)),
    (_S.TALKING, _I.SHUT_DOWN): (_S.ENDED, (_A.HANG_UP, _A.CLOSE_BY_SYSTEM)),
    # The session allows it for two seconds; after that the agent is gone from the call.
    (_S.LINE_FAULT, _I.UNDO): (_S.TALKING, (_A.STOP_PROMPT, _A.OPEN_MICROPHONE)),
    (_S.LINE_FAULT, _I.LINE_FAULT_DONE): (_S.ENDED, (_A.HANG_UP, _A.CLOSE_BY_SYSTEM)),
    (_S.LINE_FAULT, _I.AGENT_HANGS_UP): (
        _S.ENDED,
        (_A.STOP_PROMPT, _A.HANG_UP, _A.CLOSE_BY_AGENT),
    ),
    (_S.LINE_FAULT, _I.CALLER_HANGS_UP): (_S.ENDED, (_A.STOP_PROMPT, _A.CLOSE_BY_CALLER)),
    (_S.LINE_FAULT, _I.SHUT_DOWN): (
        _S.ENDED,
        (_A.STOP_PROMPT, _A.HANG_UP, _A.CLOSE_BY_SYSTEM),
    ),
    (_S.ANALYSIS, _I.UNDO): (_S.TALKING, (_A.STOP_PROMPT, _A.OPEN_MICROPHONE)),
    (_S.ANALYSIS, _I.ANALYSIS_DONE): (_S.ENDED, (_A.HANG_UP, _A.CLOSE_BY_SYSTEM)),
    (_S.ANALYSIS, _I.AGENT_HANGS_UP): (
        _S.ENDED,
        (_A.STOP_PROMPT, _A.HANG_UP, _A.CLOSE_BY_AGENT),
    ),
    (_S.ANALYSIS, _I.CALLER_HANGS_UP): (_S.ENDED, (_A.STOP_PROMPT, _A.CLOSE_BY_CALLER)),
    (_S.ANALYSIS, _I.SHUT_DOWN): (
        _S.ENDED,
        (_A.STOP_PROMPT, _A.HANG_UP, _A.CLOSE_BY_SYSTEM),
    ),
    # Crossing on the wire: both sides hang up at once, or a prompt ends as the caller leaves.
    (_S.ENDED, _I.CALLER_HANGS_UP): (_S.ENDED, ()),
    (_S.ENDED, _I.LINE_FAULT_DONE): (_S.ENDED, ()),
    (_S.ENDED, _I.ANALYSIS_DONE): (_S.ENDED, ()),
    (_S.ENDED, _I.SHUT_DOWN): (_S.ENDED, ()),
    (_S.ENDED, _I.CALLER_MAY_RING): (_S.ENDED, ()),
    (_S.ENDED, _I.CALLER_IS_BLOCKED): (_S.ENDED, ()),
}


def step(state: State, what: Input) -> tuple[State, tuple[Action, ...]]:
    """The next state and what to do.

    Raises NotNow where the table has no such pair; its text names the inputs that it has.
    """
    found = TABLE.get((state, what))
    if found is None:
        allowed = ", ".join(sorted(i.value for s, i in TABLE if s is state))
        raise NotNow(f"the call is {state.value}: cannot {what.value}; possible now: {allowed}")
    return found
