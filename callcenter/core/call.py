"""One call as a table: (state, input) -> (state, actions). Pure; drawn in docs/call-states.md.

Two rules (after h11): a pair that is not in the table is refused, never guessed; and inputs name
what they are about: LINE_FAULT_DONE, not "prompt done", since one prompt must not end another.
In a call that we made, "the caller" is whom we called: the party beyond the line.
"""

from __future__ import annotations

from enum import StrEnum

from callcenter.core.errors import NotNow


class State(StrEnum):
    """Where a call stands."""

    SCREENING = "screening"
    RINGING = "ringing"
    DIALLING = "dialling"
    TALKING = "talking"
    HELD = "held"
    TRANSFERRING = "transferring"
    CONSULTING = "consulting"
    SENDING_ON = "sending_on"
    AWAY = "away"
    OFFERED = "offered"
    LINE_FAULT = "line_fault"
    ANALYSIS = "analysis"
    ENDED = "ended"


class Input(StrEnum):
    """What can happen to a call: what people decide, what the wire says, what a prompt does."""

    CALLER_IS_BLOCKED = "screened: blocked"
    CALLER_MAY_RING = "screened: may ring"
    AGENT_ANSWERS = "answer"
    AGENT_DIALS = "dial"
    CALLEE_ANSWERS = "callee answers"
    CALLEE_REFUSES = "callee refuses"
    CALLEE_IS_SILENT = "nobody answers"
    HOLD = "hold"
    RESUME = "resume"
    TRANSFER = "transfer"
    TARGET_ANSWERS = "target answers"
    TARGET_CONSULTS = "target consults"
    TARGET_FAILS = "target does not answer"
    TARGET_LEAVES = "target leaves"
    HAND_OVER = "hand over"
    SEND_ON = "send on"
    OUTSIDE_ANSWERS = "outside answers"
    OUTSIDE_FAILS = "outside does not answer"
    AGENT_VANISHES = "agent's sound breaks"
    AGENT_RETURNS = "agent's sound is back"
    AGENT_STAYS_AWAY = "agent stays away"
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
    CONNECT = "connect the callee"
    START_HOLD = "start the hold tone"
    STOP_HOLD = "stop the hold tone"
    GIVE_TO_TARGET = "give the call to the target"
    FORGET_TARGET = "forget the target"
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

WITH_AGENT = (
    *(_S.DIALLING, _S.TALKING, _S.HELD, _S.TRANSFERRING, _S.CONSULTING, _S.SENDING_ON),
    *(_S.AWAY, _S.OFFERED),
)
"""An agent has this call and no other one."""
PLAYING = (_S.LINE_FAULT, _S.ANALYSIS)
_FACTS = (
    *(_I.CALLER_HANGS_UP, _I.LINE_FAULT_DONE, _I.ANALYSIS_DONE, _I.SHUT_DOWN),
    *(_I.CALLER_MAY_RING, _I.CALLER_IS_BLOCKED, _I.CALLEE_ANSWERS, _I.CALLEE_REFUSES),
)

TABLE: dict[tuple[State, Input], tuple[State, tuple[Action, ...]]] = {
    # Nobody can answer before the blocklist has: a blocked caller never reaches an agent.
    (_S.SCREENING, _I.CALLER_MAY_RING): (_S.RINGING, (_A.RING,)),
    (_S.SCREENING, _I.CALLER_IS_BLOCKED): (_S.ANALYSIS, (_A.RING, _A.ANSWER, _A.PLAY_ANALYSIS)),
    (_S.SCREENING, _I.AGENT_DIALS): (_S.DIALLING, (_A.RING,)),
    (_S.SCREENING, _I.CALLER_HANGS_UP): (_S.ENDED, (_A.RING, _A.CLOSE_BY_CALLER)),
    (_S.SCREENING, _I.SHUT_DOWN): (_S.ENDED, (_A.RING, _A.REJECT, _A.CLOSE_BY_SYSTEM)),
    (_S.RINGING, _I.AGENT_ANSWERS): (_S.TALKING, (_A.ANSWER,)),
    (_S.RINGING, _I.CALLER_HANGS_UP): (_S.ENDED, (_A.CLOSE_BY_CALLER,)),
    (_S.RINGING, _I.AGENT_HANGS_UP): (_S.ENDED, (_A.REJECT, _A.CLOSE_BY_AGENT)),
    (_S.RINGING, _I.SHUT_DOWN): (_S.ENDED, (_A.REJECT, _A.CLOSE_BY_SYSTEM)),
    (_S.DIALLING, _I.CALLEE_ANSWERS): (_S.TALKING, (_A.CONNECT,)),
    (_S.DIALLING, _I.CALLEE_REFUSES): (_S.ENDED, (_A.CLOSE_BY_CALLER,)),
    (_S.DIALLING, _I.CALLEE_IS_SILENT): (_S.ENDED, (_A.HANG_UP, _A.CLOSE_BY_SYSTEM)),
    # Whoever has an agent can be hung up on, by either side and by the house.
    **{
        (state, _I.AGENT_HANGS_UP): (_S.ENDED, (_A.HANG_UP, _A.CLOSE_BY_AGENT))
        for state in WITH_AGENT
    },
    **{(state, _I.CALLER_HANGS_UP): (_S.ENDED, (_A.CLOSE_BY_CALLER,)) for state in WITH_AGENT},
    **{(state, _I.SHUT_DOWN): (_S.ENDED, (_A.HANG_UP, _A.CLOSE_BY_SYSTEM)) for state in WITH_AGENT},
    # The caller waits with the hold tone; the microphone reaches nobody, the ears go on listening.
    (_S.TALKING, _I.HOLD): (_S.HELD, (_A.START_HOLD,)),
    (_S.HELD, _I.RESUME): (_S.TALKING, (_A.STOP_HOLD,)),
    (_S.TALKING, _I.TRANSFER): (_S.TRANSFERRING, (_A.START_HOLD,)),
    (_S.HELD, _I.TRANSFER): (_S.TRANSFERRING, ()),
    (_S.TRANSFERRING, _I.TARGET_ANSWERS): (_S.TALKING, (_A.STOP_HOLD, _A.GIVE_TO_TARGET)),
    (_S.TRANSFERRING, _I.TARGET_CONSULTS): (_S.CONSULTING, ()),
    (_S.TRANSFERRING, _I.TARGET_FAILS): (_S.TALKING, (_A.STOP_HOLD, _A.FORGET_TARGET)),
    (_S.TRANSFERRING, _I.RESUME): (_S.TALKING, (_A.STOP_HOLD, _A.FORGET_TARGET)),
    (_S.CONSULTING, _I.HAND_OVER): (_S.TALKING, (_A.STOP_HOLD, _A.GIVE_TO_TARGET)),
    (_S.CONSULTING, _I.TARGET_LEAVES): (_S.HELD, (_A.FORGET_TARGET,)),
    (_S.CONSULTING, _I.RESUME): (_S.TALKING, (_A.STOP_HOLD, _A.FORGET_TARGET)),
    # A transfer to an outside number is the line's: it cannot be taken back, only fail.
    (_S.TALKING, _I.SEND_ON): (_S.SENDING_ON, (_A.START_HOLD,)),
    (_S.HELD, _I.SEND_ON): (_S.SENDING_ON, ()),
    (_S.SENDING_ON, _I.OUTSIDE_ANSWERS): (_S.ENDED, (_A.HANG_UP, _A.CLOSE_BY_AGENT)),
    (_S.SENDING_ON, _I.OUTSIDE_FAILS): (_S.TALKING, (_A.STOP_HOLD, _A.FORGET_TARGET)),
    # An agent whose sound broke keeps the call until it is back, or somebody else takes it.
    (_S.TALKING, _I.AGENT_VANISHES): (_S.AWAY, (_A.START_HOLD,)),
    (_S.AWAY, _I.AGENT_STAYS_AWAY): (_S.OFFERED, ()),
    (_S.HELD, _I.AGENT_STAYS_AWAY): (_S.OFFERED, ()),
    **{(s, _I.AGENT_RETURNS): (_S.TALKING, (_A.STOP_HOLD,)) for s in (_S.AWAY, _S.OFFERED)},
    (_S.OFFERED, _I.TARGET_ANSWERS): (_S.TALKING, (_A.STOP_HOLD, _A.GIVE_TO_TARGET)),
    (_S.TALKING, _I.CONFIRM_LINE_FAULT): (
        _S.LINE_FAULT,
        (_A.CUT_MICROPHONE, _A.PLAY_LINE_FAULT),
    ),
    (_S.TALKING, _I.CONFIRM_ANALYSIS): (_S.ANALYSIS, (_A.CUT_MICROPHONE, _A.PLAY_ANALYSIS)),
    (_S.HELD, _I.CONFIRM_LINE_FAULT): (
        _S.LINE_FAULT,
        (_A.STOP_HOLD, _A.CUT_MICROPHONE, _A.PLAY_LINE_FAULT),
    ),
    (_S.HELD, _I.CONFIRM_ANALYSIS): (
        _S.ANALYSIS,
        (_A.STOP_HOLD, _A.CUT_MICROPHONE, _A.PLAY_ANALYSIS),
    ),
    # The session allows it for two seconds; after that the agent is gone from the call.
    **{(state, _I.UNDO): (_S.TALKING, (_A.STOP_PROMPT, _A.OPEN_MICROPHONE)) for state in PLAYING},
    (_S.LINE_FAULT, _I.LINE_FAULT_DONE): (_S.ENDED, (_A.HANG_UP, _A.CLOSE_BY_SYSTEM)),
    (_S.ANALYSIS, _I.ANALYSIS_DONE): (_S.ENDED, (_A.HANG_UP, _A.CLOSE_BY_SYSTEM)),
    **{
        (state, _I.AGENT_HANGS_UP): (_S.ENDED, (_A.STOP_PROMPT, _A.HANG_UP, _A.CLOSE_BY_AGENT))
        for state in PLAYING
    },
    **{
        (state, _I.CALLER_HANGS_UP): (_S.ENDED, (_A.STOP_PROMPT, _A.CLOSE_BY_CALLER))
        for state in PLAYING
    },
    **{
        (state, _I.SHUT_DOWN): (_S.ENDED, (_A.STOP_PROMPT, _A.HANG_UP, _A.CLOSE_BY_SYSTEM))
        for state in PLAYING
    },
    # Crossing on the wire: both sides hang up at once, or a prompt ends as the caller leaves.
    **{(_S.ENDED, fact): (_S.ENDED, ()) for fact in _FACTS},
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
