"""The table of agents' states: what follows what, and what waits for the end of a call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.presence import BUSY, TABLE, AgentState, Cue, Presence, step

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
STEPS = st.lists(st.tuples(st.sampled_from(Cue), st.sampled_from(("", "用餐"))), max_size=30)


def after(*cues: Cue, state: AgentState = AgentState.READY, reason: str = "") -> Presence:
    now = Presence("1001", NOON, state, reason)
    for n, cue in enumerate(cues, 1):
        why = "培训" if cue is Cue.BREAK else ""
        call_id = "c1" if cue in (Cue.RING, Cue.TALK) else ""
        now = step(now, cue, NOON + timedelta(seconds=n), "1001", why, call_id)
    return now


@pytest.mark.parametrize(
    ("cues", "state"),
    [
        ((Cue.SIGN_OUT,), "offline"),
        ((Cue.BREAK, Cue.READY), "ready"),
        ((Cue.RING,), "ringing"),
        ((Cue.RING, Cue.RING_OUT), "ready"),
        ((Cue.RING, Cue.TALK), "on_call"),
        ((Cue.TALK, Cue.LEAVE), "wrap_up"),
        ((Cue.TALK, Cue.LEAVE, Cue.TIME_UP), "ready"),
        ((Cue.TALK, Cue.LEAVE, Cue.READY), "ready"),
        ((Cue.TALK, Cue.BREAK), "on_call"),
        ((Cue.TALK, Cue.SIGN_OUT, Cue.LEAVE, Cue.TIME_UP), "offline"),
        ((Cue.TALK, Cue.RECOVER, Cue.LEAVE, Cue.TIME_UP), "recovery"),
        ((Cue.TALK, Cue.RECOVER, Cue.RECOVERED, Cue.LEAVE, Cue.TIME_UP), "ready"),
        ((Cue.SIGN_OUT, Cue.TALK, Cue.LEAVE, Cue.TIME_UP), "ready"),
        ((Cue.RECOVER, Cue.READY), "recovery"),
        ((Cue.RECOVER, Cue.RECOVERED), "ready"),
        ((Cue.RECOVERED,), "ready"),
        ((Cue.TIME_UP,), "ready"),
    ],
)
def test_r4_what_follows_what(cues: tuple[Cue, ...], state: str) -> None:
    assert after(*cues).state == state


def test_r4_a_call_taken_out_of_a_break_leads_back_to_it() -> None:
    resting = after(Cue.TALK, Cue.LEAVE, Cue.TIME_UP, state=AgentState.BREAK, reason="用餐")
    assert (resting.state, resting.reason) == (AgentState.BREAK, "用餐")
    kept = after(Cue.TALK, Cue.BREAK, Cue.RECOVERED, Cue.LEAVE, Cue.TIME_UP)
    assert (kept.state, kept.reason) == (AgentState.BREAK, "培训"), "no recovery was asked for"


def test_what_changes_nothing_keeps_its_timer() -> None:
    ready = Presence("1001", NOON)
    assert step(ready, Cue.READY, NOON + timedelta(hours=1), "李主管") is ready
    talking = after(Cue.TALK)
    assert step(talking, Cue.BREAK, NOON + timedelta(hours=1)).since == talking.since


@given(STEPS)
def test_nobody_is_ever_stuck_or_in_a_call_without_one(steps: list[tuple[Cue, str]]) -> None:
    now = Presence("1001", NOON)
    for cue, reason in steps:
        now = step(now, cue, NOON, "1001", reason, "c1" if cue in (Cue.RING, Cue.TALK) else "")
        assert bool(now.call_id) == (now.state in (*BUSY, AgentState.WRAP_UP))
        assert any(state is now.state for state, _ in TABLE)
        assert now.then not in (*BUSY, AgentState.WRAP_UP)
