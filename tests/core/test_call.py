"""The call's table: complete where it must be, refusing where it should."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.call import TABLE, Action, Input, State, step
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
