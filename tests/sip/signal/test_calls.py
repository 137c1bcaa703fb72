"""Whole calls between two user agents in memory, with and without loss; the call table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.errors import NoSuchCall, NotNow, NotTaken
from callcenter.sip.signal.call_table import TABLE, Action, Input, State
from callcenter.sip.signal.calls import Call
from callcenter.sip.signal.events import (
    CallAnswered,
    CallArrived,
    CallEnded,
    CallNotTaken,
    CallRinging,
)
from tests.sip.pair import Pair


def test_the_table_is_whole() -> None:
    assert {s for s, _ in TABLE} == set(State)
    assert {a for _, actions in TABLE.values() for a in actions} == set(Action)
    assert {what for _, what in TABLE} == set(Input)
    reached = {after for after, _ in TABLE.values()}
    assert reached == set(State) - {State.RINGING, State.CALLING} | {State.CALLING}


@given(st.lists(st.sampled_from(Input), max_size=30), st.sampled_from(State))
def test_any_walk_stays_in_the_table(walk: list[Input], state: State) -> None:
    for what in walk:
        if (state, what) in TABLE:
            state = TABLE[state, what][0]
    assert (state, Input.HANG_UP) in TABLE


def test_a_call_from_ring_to_bye() -> None:
    pair = Pair()
    out = pair.dial()
    pair.roundtrip()
    (arrived,) = pair.told("near", CallArrived)
    assert isinstance(arrived, CallArrived)
    assert (arrived.caller_number, arrived.callee_number) == ("13800138001", "95000")
    assert pair.told("far", CallRinging) == [CallRinging(out)]
    assert [pair.seen(k) for k in ("100", "180", "200")] == [1, 1, 0]
    stream = pair.near.answer(arrived.call, "127.0.0.1", 4002, pair.now)
    pair.roundtrip()
    assert stream is not None
    assert (stream.codec, stream.address) == ("PCMU", ("127.0.0.1", 4000))
    (answered,) = pair.told("far", CallAnswered)
    assert isinstance(answered, CallAnswered)
    assert answered.stream.address == ("127.0.0.1", 4002)
    pair.far.hang_up(out, pair.now)
    pair.roundtrip()
    assert pair.told("near", CallEnded) == [CallEnded(arrived.call, "hung up")]
    assert pair.told("far", CallEnded) == []
    assert pair.near.idle
    assert pair.far.idle
    pair.wait(60)
    assert pair.near.get_timer() is None
    assert pair.far.get_timer() is None


def test_the_called_side_hangs_up() -> None:
    pair = Pair()
    near, far = pair.talk()
    pair.near.hang_up(near, pair.now)
    pair.near.hang_up(near, pair.now)
    pair.roundtrip()
    assert pair.told("far", CallEnded) == [CallEnded(far, "hung up")]
    assert pair.seen("BYE") == 1
    pair.near.hang_up(near, pair.now)


def test_both_sides_hang_up_at_once() -> None:
    pair = Pair()
    near, far = pair.talk()
    pair.near.hang_up(near, pair.now)
    pair.far.hang_up(far, pair.now)
    pair.roundtrip()
    assert pair.seen("BYE") == 2
    assert pair.near.idle
    assert pair.far.idle
    assert pair.told("near", CallEnded) == pair.told("far", CallEnded) == []


def test_a_lost_bye_is_repeated_until_it_is_confirmed() -> None:
    pair = Pair()
    near, _ = pair.talk()
    pair.near.hang_up(near, pair.now)
    pair.drop(pair.near)
    assert not pair.near.idle
    pair.wait(1)
    assert pair.near.idle
    assert pair.told("far", CallEnded) != []


def test_a_far_side_that_vanished_is_given_up() -> None:
    pair = Pair()
    near, _ = pair.talk()
    pair.near.hang_up(near, pair.now)
    pair.wait(40, crossing=False)
    assert pair.near.idle


def test_a_lost_invite_and_a_lost_answer() -> None:
    pair = Pair()
    out = pair.dial()
    pair.drop(pair.far)
    pair.wait(1)
    (came_in,) = pair.near.calls
    pair.near.answer(came_in, "127.0.0.1", 4002, pair.now)
    pair.drop(pair.near)
    pair.wait(1)
    assert pair.told("far", CallAnswered) != []
    assert pair.seen("ACK") == 1
    pair.wait(10)
    assert pair.seen("200") == 1
    assert pair.far.calls == (out,)


def test_a_lost_ack_is_sent_again_for_each_repeated_answer() -> None:
    pair = Pair()
    pair.dial()
    pair.roundtrip()
    pair.near.answer(pair.near.calls[0], "127.0.0.1", 4002, pair.now)
    for data, address in pair.near.datagrams_to_send():
        pair.far.receive_datagram(data, address, pair.now)
    assert len(pair.drop(pair.far)) == 1
    pair.wait(2)
    assert (pair.seen("200"), pair.seen("ACK")) == (1, 1)


def test_an_answer_that_is_never_acknowledged_ends_in_bye() -> None:
    pair = Pair()
    pair.dial()
    pair.roundtrip()
    (came_in,) = pair.near.calls
    pair.near.answer(came_in, "127.0.0.1", 4002, pair.now)
    pair.wait(31.9, crossing=False)
    pair.wait(0.2)
    pair.roundtrip()
    assert pair.told("near", CallEnded) == [CallEnded(came_in, "went silent")]
    assert pair.seen("BYE") >= 1


def test_a_hang_up_before_the_ack_waits_for_it() -> None:
    pair = Pair()
    out = pair.dial()
    pair.roundtrip()
    (came_in,) = pair.near.calls
    pair.near.answer(came_in, "127.0.0.1", 4002, pair.now)
    pair.near.hang_up(came_in, pair.now)
    pair.roundtrip()
    kinds = [getattr(m, "method", None) or m.status for m in pair.log][-4:]  # type: ignore[union-attr]
    assert kinds == [200, "ACK", "BYE", 200]
    assert pair.told("far", CallEnded) == [CallEnded(out, "hung up")]
    assert pair.told("near", CallEnded) == []


def test_a_hang_up_without_any_ack() -> None:
    pair = Pair()
    pair.dial()
    pair.roundtrip()
    (came_in,) = pair.near.calls
    pair.near.answer(came_in, "127.0.0.1", 4002, pair.now)
    pair.near.hang_up(came_in, pair.now)
    pair.near.hang_up(came_in, pair.now)
    pair.wait(32.5, crossing=False)
    pair.wait(35)
    assert pair.near.idle
    assert pair.seen("BYE") >= 1


def test_a_refusal() -> None:
    pair = Pair()
    out = pair.dial()
    pair.roundtrip()
    (came_in,) = pair.near.calls
    pair.near.reject(came_in, 603, pair.now)
    pair.roundtrip()
    assert pair.told("far", CallNotTaken) == [CallNotTaken(out, 603, "Decline", NotTaken.REJECTED)]
    assert pair.seen("ACK") == 1
    assert pair.near.idle
    with pytest.raises(NoSuchCall):
        pair.near.answer(came_in, "127.0.0.1", 4002, pair.now)


def test_hanging_up_on_a_ringing_call_is_busy() -> None:
    pair = Pair()
    out = pair.dial()
    pair.roundtrip()
    pair.near.hang_up(pair.near.calls[0], pair.now)
    pair.roundtrip()
    assert pair.told("far", CallNotTaken) == [CallNotTaken(out, 486, "Busy Here", NotTaken.BUSY)]


def test_a_call_is_answered_once() -> None:
    pair = Pair()
    near, _ = pair.talk()
    with pytest.raises(NotNow, match="cannot answer"):
        pair.near.answer(near, "127.0.0.1", 4002, pair.now)
    with pytest.raises(NotNow, match="cannot reject"):
        pair.near.reject(near, 486, pair.now)


def test_a_cancelled_call() -> None:
    pair = Pair()
    out = pair.dial()
    pair.roundtrip()
    (came_in,) = pair.near.calls
    pair.far.hang_up(out, pair.now)
    pair.far.hang_up(out, pair.now)
    pair.roundtrip()
    assert pair.told("near", CallEnded) == [CallEnded(came_in, "cancelled")]
    assert pair.told("far", CallNotTaken) == [
        CallNotTaken(out, 487, "Request Terminated", NotTaken.CANCELLED)
    ]
    assert [pair.seen(k) for k in ("CANCEL", "200", "487", "ACK")] == [1, 1, 1, 1]
    assert pair.near.idle
    assert pair.far.idle


def test_a_cancel_waits_for_the_far_side_to_stir() -> None:
    pair = Pair()
    out = pair.dial()
    pair.far.hang_up(out, pair.now)
    pair.far.hang_up(out, pair.now)
    pair.roundtrip()
    assert (pair.seen("CANCEL"), pair.seen("487")) == (1, 1)
    assert pair.far.idle


def test_a_cancel_that_crosses_the_answer_becomes_a_bye() -> None:
    pair = Pair()
    out = pair.dial()
    pair.roundtrip()
    (came_in,) = pair.near.calls
    pair.near.answer(came_in, "127.0.0.1", 4002, pair.now)
    pair.far.hang_up(out, pair.now)
    pair.roundtrip()
    assert pair.told("far", CallNotTaken) == [
        CallNotTaken(out, 487, "Request Terminated", NotTaken.CANCELLED)
    ]
    assert pair.told("near", CallEnded) == [CallEnded(came_in, "hung up")]
    assert pair.near.idle
    assert pair.far.idle


def test_an_answer_before_the_wanted_cancel() -> None:
    pair = Pair()
    out = pair.dial()
    datagrams = pair.far.datagrams_to_send()
    pair.far.hang_up(out, pair.now)
    for data, _ in datagrams:
        pair.near.receive_datagram(data, ("127.0.0.1", 5070), pair.now)
    pair.near.datagrams_to_send()
    pair.near.answer(pair.near.calls[0], "127.0.0.1", 4002, pair.now)
    pair.roundtrip()
    assert (pair.seen("CANCEL"), pair.seen("BYE")) == (0, 1)
    assert pair.told("far", CallNotTaken) == [
        CallNotTaken(out, 487, "Request Terminated", NotTaken.CANCELLED)
    ]


def test_a_cancelled_call_without_any_refusal_is_given_up() -> None:
    pair = Pair()
    out = pair.dial()
    pair.roundtrip()
    pair.far.hang_up(out, pair.now)
    pair.wait(33, crossing=False)
    pair.roundtrip()
    assert pair.told("far", CallNotTaken) == [
        CallNotTaken(out, 487, "Request Terminated", NotTaken.CANCELLED)
    ]
    assert pair.far.idle


def test_nobody_is_there() -> None:
    pair = Pair()
    out = pair.dial()
    pair.wait(33, crossing=False)
    pair.roundtrip()
    assert pair.told("far", CallNotTaken) == [
        CallNotTaken(out, 408, "Request Timeout", NotTaken.UNREACHABLE)
    ]


def test_a_long_ring_is_repeated_each_minute() -> None:
    pair = Pair()
    pair.dial()
    pair.roundtrip()
    pair.wait(125)
    assert pair.seen("180") == 3


def test_a_call_must_know_its_state() -> None:
    pair = Pair()
    pair.talk()
    call = next(iter(pair.near._calls))
    assert isinstance(call, Call)
    with pytest.raises(NotNow, match="the call is talking"):
        call.feed(Input.GIVE_UP, pair.now)


@given(st.data())
def test_calls_survive_any_loss(data: st.DataObject) -> None:
    """With one datagram in three lost, every call ends on both sides, and nothing is kept."""
    pair = Pair()
    out = pair.dial()
    for _ in range(data.draw(st.integers(1, 12))):
        victim = data.draw(st.sampled_from([pair.near, pair.far, None]))
        if victim is not None:
            pair.drop(victim)
        for call in pair.near.calls:
            if data.draw(st.booleans()):
                try:
                    pair.near.answer(call, "127.0.0.1", 4002, pair.now)
                except NotNow:
                    pair.near.hang_up(call, pair.now)
        pair.wait(data.draw(st.sampled_from([0.1, 1.0, 9.0])), crossing=victim is None)
    pair.far.hang_up(out, pair.now)
    for call in pair.near.calls:
        pair.near.hang_up(call, pair.now)
    pair.wait(200)
    assert pair.near.idle
    assert pair.far.idle
    assert pair.near.get_timer() is None
    assert pair.far.get_timer() is None
