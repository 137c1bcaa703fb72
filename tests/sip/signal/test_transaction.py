"""The four tables: complete, and walked at random with their timers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.errors import NotNow
from callcenter.sip.signal.transaction import (
    CLIENT_INVITE,
    CLIENT_OTHER,
    KINDS,
    SERVER_INVITE,
    SERVER_OTHER,
    Action,
    Input,
    Kind,
    Machine,
    State,
    Timings,
)

FROM_THE_WIRE = {
    CLIENT_INVITE.name: (Input.PROVISIONAL, Input.SUCCESS, Input.FAILURE),
    CLIENT_OTHER.name: (Input.PROVISIONAL, Input.SUCCESS, Input.FAILURE),
    SERVER_INVITE.name: (Input.REQUEST, Input.ACK),
    SERVER_OTHER.name: (Input.REQUEST,),
}


def states(kind: Kind) -> set[State]:
    return {s for s, _ in kind.table} | {s for s, _ in kind.table.values()}


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.name)
def test_the_wire_and_the_timers_are_met_in_every_state(kind: Kind) -> None:
    for state in states(kind) - {State.TERMINATED}:
        expected = {*FROM_THE_WIRE[kind.name], *kind.timers.get(state, ())}
        assert all((state, what) in kind.table for what in expected), state


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.name)
def test_every_state_is_reached_and_left(kind: Kind) -> None:
    assert {s for s, _ in kind.table} == states(kind) - {State.TERMINATED}
    reached = {after for after, _ in kind.table.values()} | {kind.first}
    assert reached == states(kind)


@given(
    st.sampled_from(KINDS),
    st.lists(st.tuples(st.sampled_from(Input), st.floats(0, 40)), max_size=25),
    st.booleans(),
)
def test_any_walk_stays_in_the_table(
    kind: Kind, walk: list[tuple[Input, float]], reliable: bool
) -> None:
    now = 0.0
    machine = Machine(kind, Timings(reliable=reliable), now)
    for what, pause in walk:
        now += pause
        while (timer := machine.due(now)) is not None:
            machine.feed(timer, now)
        assert machine.deadline is None or machine.deadline > now
        if (machine.state, what) in kind.table and not what.name.startswith("TIMER"):
            machine.feed(what, now)
        else:
            with pytest.raises(NotNow, match="transaction"):
                machine.feed(Input.SEND_FAILURE if machine.over else _foreign(machine), now)
    assert machine.over == (machine.state is State.TERMINATED)


def _foreign(machine: Machine) -> Input:
    return next(i for i in Input if (machine.state, i) not in machine.kind.table)


def run(machine: Machine, until: float) -> list[tuple[float, Input]]:
    """Fire timers up to a moment; when and which."""
    fired: list[tuple[float, Input]] = []
    while (at := machine.deadline) is not None and at <= until:
        timer = machine.due(at)
        assert timer is not None
        machine.feed(timer, at)
        fired.append((at, timer))
    return fired


def test_an_unanswered_invite_is_sent_seven_times() -> None:
    machine = Machine(CLIENT_INVITE, Timings(), 0.0)
    fired = run(machine, 100)
    assert [t for t, w in fired if w is Input.TIMER_A] == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert fired[-1] == (32.0, Input.TIMER_B)
    assert machine.over


def test_an_unanswered_bye_is_sent_eleven_times() -> None:
    machine = Machine(CLIENT_OTHER, Timings(), 0.0)
    times = [t for t, w in run(machine, 100) if w is Input.TIMER_E]
    assert times == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert machine.over


def test_in_proceeding_a_request_is_repeated_every_four_seconds() -> None:
    machine = Machine(CLIENT_OTHER, Timings(), 0.0)
    machine.feed(Input.PROVISIONAL, 0.1)
    assert [t for t, _ in run(machine, 9)] == [0.5, 4.5, 8.5]
    assert run(machine, 40)[-1] == (32.0, Input.TIMER_F)


def test_a_refusal_is_repeated_until_its_ack() -> None:
    machine = Machine(SERVER_INVITE, Timings(), 0.0)
    machine.feed(Input.SEND_FAILURE, 1.0)
    assert [t for t, _ in run(machine, 5)] == [1.5, 2.5, 4.5]
    machine.feed(Input.ACK, 5.0)
    assert machine.state is State.CONFIRMED
    assert run(machine, 100) == [(10.0, Input.TIMER_I)]
    assert machine.over


def test_over_a_reliable_transport_nothing_is_repeated() -> None:
    machine = Machine(CLIENT_INVITE, Timings(reliable=True), 0.0)
    assert run(machine, 31) == []
    assert machine.feed(Input.FAILURE, 31) == (Action.SEND_ACK, Action.HAND_UP)
    assert run(machine, 31) == [(31, Input.TIMER_D)]
    assert machine.due(99) is None
