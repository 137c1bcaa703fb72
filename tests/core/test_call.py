"""The call's table: complete where it must be, refusing where it should."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.call import PLAYING, TABLE, WITH_AGENT, Action, Input, State, step
from callcenter.core.errors import NotNow

CLOSES = {Action.CLOSE_BY_AGENT, Action.CLOSE_BY_CALLER, Action.CLOSE_BY_SYSTEM}
FACTS = (Input.CALLER_HANGS_UP, Input.SHUT_DOWN)


@given(st.lists(st.sampled_from(Input)))
def test_any_history_closes_a_call_at_most_once_and_never_after_its_end(history: list[Input]):
    state, closed = State.SCREENING, 0
    for what in history:
        try:
            state, actions = step(state, what)
        except NotNow:
            continue
        closed += len(CLOSES.intersection(actions))
        assert closed == (state is State.ENDED)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("fact", FACTS)
def test_what_the_wire_says_is_never_refused(state: State, fact: Input):
    assert step(state, fact)[0] is State.ENDED


def test_a_blocked_caller_is_answered_without_an_agent():
    state, actions = step(State.SCREENING, Input.CALLER_IS_BLOCKED)
    assert state is State.ANALYSIS
    assert actions[-1] is Action.PLAY_ANALYSIS
    with pytest.raises(NotNow):
        step(State.SCREENING, Input.AGENT_ANSWERS)


def test_every_prompt_cuts_the_microphone_first():
    for (state, _), (_, actions) in TABLE.items():
        if state is State.TALKING and Action.PLAY_LINE_FAULT in actions:
            assert actions.index(Action.CUT_MICROPHONE) < actions.index(Action.PLAY_LINE_FAULT)


def test_one_prompt_s_end_does_not_end_the_other():
    with pytest.raises(NotNow):
        step(State.ANALYSIS, Input.LINE_FAULT_DONE)
    with pytest.raises(NotNow):
        step(State.LINE_FAULT, Input.ANALYSIS_DONE)


def test_a_refusal_names_what_is_possible():
    with pytest.raises(NotNow, match="the call is ringing: cannot terminate line_fault; possible"):
        step(State.RINGING, Input.CONFIRM_LINE_FAULT)


def test_a_confirmed_termination_cannot_be_confirmed_twice():
    with pytest.raises(NotNow):
        step(State.LINE_FAULT, Input.CONFIRM_LINE_FAULT)


@pytest.mark.parametrize("playing", [State.LINE_FAULT, State.ANALYSIS])
def test_what_is_undone_stops_the_prompt_before_the_microphone_opens(playing: State):
    actions = (Action.STOP_PROMPT, Action.OPEN_MICROPHONE)
    assert step(playing, Input.UNDO) == (State.TALKING, actions)
    with pytest.raises(NotNow):
        step(State.TALKING, Input.UNDO)


WAITS = {
    *(State.HELD, State.TRANSFERRING, State.CONSULTING, State.SENDING_ON),
    *(State.AWAY, State.OFFERED),
}


@given(st.lists(st.sampled_from(Input)))
def test_the_hold_tone_plays_exactly_while_the_caller_waits(history: list[Input]):
    state, plays = State.SCREENING, False
    for what in history:
        try:
            state, actions = step(state, what)
        except NotNow:
            continue
        plays = (plays or Action.START_HOLD in actions) and Action.STOP_HOLD not in actions
        assert plays == (state in WAITS) or state is State.ENDED


@given(st.lists(st.sampled_from(Input)))
def test_a_consulted_target_gets_the_call_or_is_forgotten(history: list[Input]):
    state, there = State.SCREENING, False
    for what in history:
        try:
            state, actions = step(state, what)
        except NotNow:
            continue
        there = there or what in (Input.TARGET_CONSULTS, Input.TARGET_ANSWERS)
        there = there and not {Action.GIVE_TO_TARGET, Action.FORGET_TARGET}.intersection(actions)
        assert there == (state is State.CONSULTING) or state is State.ENDED


@pytest.mark.parametrize("state", WITH_AGENT)
def test_whoever_has_a_call_can_hang_up_on_the_line(state: State):
    assert step(state, Input.AGENT_HANGS_UP) == (
        State.ENDED,
        (Action.HANG_UP, Action.CLOSE_BY_AGENT),
    )


def test_a_call_out_is_connected_and_never_answered():
    assert step(State.SCREENING, Input.AGENT_DIALS) == (State.DIALLING, (Action.RING,))
    assert step(State.DIALLING, Input.CALLEE_ANSWERS) == (State.TALKING, (Action.CONNECT,))
    with pytest.raises(NotNow):
        step(State.DIALLING, Input.AGENT_ANSWERS)
    with pytest.raises(NotNow):
        step(State.RINGING, Input.CALLEE_ANSWERS)


def test_a_transfer_outside_cannot_be_taken_back():
    with pytest.raises(NotNow, match="cannot resume"):
        step(State.SENDING_ON, Input.RESUME)
    assert step(State.SENDING_ON, Input.OUTSIDE_FAILS)[0] is State.TALKING


@pytest.mark.parametrize("playing", PLAYING)
def test_an_abuser_on_hold_can_be_ended_with_a_prompt(playing: State):
    confirm = {State.LINE_FAULT: Input.CONFIRM_LINE_FAULT, State.ANALYSIS: Input.CONFIRM_ANALYSIS}
    state, actions = step(State.HELD, confirm[playing])
    assert state is playing
    assert actions[:2] == (Action.STOP_HOLD, Action.CUT_MICROPHONE)
