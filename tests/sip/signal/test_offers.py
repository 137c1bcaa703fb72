"""Changes of a standing call: hold and resume by us, glare, UPDATE, refusals; the offers' table."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.errors import NoSuchCall, NotNow
from callcenter.sip.signal.events import CallEnded, MediaChanged
from callcenter.sip.signal.message import Request, Response
from callcenter.sip.signal.offers import TABLE, Action, Input, Offers, State
from callcenter.sip.signal.user_agent import UserAgent
from tests.sip.pair import Pair, events_of
from tests.sip.raw import OFFER, ONLY_G729, requests, text_answer, text_request, text_response
from tests.sip.signal.test_user_agent import Rig


def test_the_table_is_whole() -> None:
    assert {s for s, _ in TABLE} == set(State)
    assert {what for _, what in TABLE} == set(Input)
    assert {a for _, actions in TABLE.values() for a in actions} == set(Action)
    assert {after for after, _ in TABLE.values()} == set(State)


@given(st.lists(st.sampled_from(Input), max_size=30))
def test_at_most_one_offer_is_open(walk: list[Input]) -> None:
    state = State.QUIET
    for what in walk:
        if (state, what) in TABLE:
            before, (state, actions) = state, TABLE[state, what]
            sends = {Action.SEND_OFFER, Action.SEND_ANSWER, Action.SEND_OUR_OFFER} & set(actions)
            assert not (sends and before in (State.OURS, State.OFFERED))
    assert (state, Input.WANT) in TABLE
    assert (state, Input.STOP) in TABLE


def directions(pair: Pair) -> list[str]:
    """What each side said in the last offer and answer that crossed."""
    bodies = [m.body.decode() for m in pair.log if m.body][-2:]
    return [m[0] for b in bodies if (m := re.search(r"(?<=a=)(send|recv|in)(only|recv|active)", b))]


def streams(pair: Pair, side: str) -> list[tuple[bool, bool]]:
    found = [e for e in pair.told(side, MediaChanged) if isinstance(e, MediaChanged)]
    return [(e.stream.may_send, e.stream.may_receive) for e in found]


def test_hold_and_resume() -> None:
    pair = Pair()
    near, _ = pair.talk()
    pair.near.hold(near, True, pair.now)
    pair.near.hold(near, True, pair.now)
    pair.roundtrip()
    assert pair.seen("INVITE") == 2
    assert directions(pair) == ["sendonly", "recvonly"]
    assert streams(pair, "near") == [(True, False)]
    assert streams(pair, "far") == [(False, True)]
    pair.near.hold(near, False, pair.now)
    pair.roundtrip()
    assert directions(pair) == ["sendrecv", "sendrecv"]
    assert streams(pair, "near")[-1] == streams(pair, "far")[-1] == (True, True)
    assert pair.seen("ACK") == 3
    pair.wait(5)
    assert pair.seen("INVITE") == 3


def test_both_sides_hold_one_after_the_other() -> None:
    pair = Pair()
    near, far = pair.talk()
    pair.near.hold(near, True, pair.now)
    pair.roundtrip()
    pair.far.hold(far, True, pair.now)
    pair.roundtrip()
    assert directions(pair) == ["inactive", "inactive"]
    pair.near.hold(near, False, pair.now)
    pair.roundtrip()
    assert directions(pair) == ["recvonly", "sendonly"]
    assert streams(pair, "near")[-1] == (False, True)
    pair.far.hold(far, False, pair.now)
    pair.roundtrip()
    assert directions(pair) == ["sendrecv", "sendrecv"]


def test_a_wish_during_a_change_is_fulfilled_after_it() -> None:
    pair = Pair()
    near, _ = pair.talk()
    pair.near.hold(near, True, pair.now)
    pair.near.hold(near, False, pair.now)
    pair.roundtrip()
    assert pair.seen("INVITE") == 3
    assert streams(pair, "near") == [(True, False), (True, True)]


def test_glare_is_solved_by_waiting_for_different_times() -> None:
    pair = Pair()
    near, far = pair.talk()
    pair.near.hold(near, True, pair.now)
    pair.far.hold(far, True, pair.now)
    pair.roundtrip()
    assert pair.seen("491") == 2
    assert streams(pair, "near") == []
    # RFC 3261 §14.1: up to 2 s for who was called, 2.1 to 4 s for who called.
    pair.wait(2.05)
    assert streams(pair, "near") == [(True, False), (False, False)]
    pair.wait(5)
    assert (pair.seen("491"), pair.seen("INVITE")) == (2, 5)


def test_a_hold_before_the_ack_waits_for_it() -> None:
    pair = Pair()
    pair.dial()
    pair.roundtrip()
    (near,) = pair.near.calls
    with pytest.raises(NotNow, match="cannot hold"):
        pair.near.hold(near, True, pair.now)
    pair.near.answer(near, "127.0.0.1", 4002, pair.now)
    pair.near.hold(near, True, pair.now)
    pair.roundtrip()
    assert streams(pair, "far") == [(False, True)]
    with pytest.raises(NoSuchCall):
        pair.near.hold("nobody", True, pair.now)


def test_a_hang_up_during_a_change_ends_all() -> None:
    pair = Pair()
    near, far = pair.talk()
    pair.near.hold(near, True, pair.now)
    pair.near.hang_up(near, pair.now)
    pair.roundtrip()
    assert pair.told("far", CallEnded) == [CallEnded(far, "hung up")]
    pair.wait(70)
    assert pair.near.idle
    assert pair.near.get_timer() is None


def test_the_tries_of_a_change_that_is_wanted_no_more_are_not_counted_to_the_next() -> None:
    pair = Pair()
    near, far = pair.talk()
    pair.near.hold(near, True, pair.now)
    pair.wait(0.1)
    pair.far.hold(far, True, pair.now)
    pair.drop(pair.far)  # until it is repeated, all that the near end asks gets 491
    pair.wait(0.1)
    pair.near.hold(near, False, pair.now)
    for _ in range(2):
        pair.wait(0.1)
    pair.near.hold(near, True, pair.now)
    pair.wait(60)
    assert pair.seen("491") >= 3
    pair.near.hold(near, False, pair.now)
    pair.far.hold(far, False, pair.now)
    pair.wait(60)
    assert streams(pair, "near")[-1] == (True, True)
    assert streams(pair, "far")[-1] == (True, True)


@given(st.data())
def test_changes_survive_any_loss(data: st.DataObject) -> None:
    """However many datagrams are lost, both sides agree in the end, or the call is over."""
    pair = Pair()
    near, far = pair.talk()
    agents: list[tuple[UserAgent, str]] = [(pair.near, near), (pair.far, far)]
    for _ in range(data.draw(st.integers(1, 8))):
        agent, call = data.draw(st.sampled_from(agents))
        if call in agent.calls:
            agent.hold(call, data.draw(st.booleans()), pair.now)
        if data.draw(st.booleans()):
            pair.drop(data.draw(st.sampled_from([pair.near, pair.far])))
        pair.wait(data.draw(st.sampled_from([0.1, 1.0, 3.0])))
    pair.wait(60)
    for agent, call in agents:
        if call in agent.calls:
            agent.hold(call, False, pair.now)
    pair.wait(60)
    if pair.near.calls and pair.far.calls:
        ends = [next(iter(a._calls)) for a, _ in agents]
        for end in ends:
            assert end.offers.state is State.QUIET
            assert end.stream is not None
            assert (end.stream.may_send, end.stream.may_receive) == (True, True)
    else:
        assert not pair.near.calls
        assert not pair.far.calls


class Held(Rig):
    """An answered call whose hold is under way: `offer` is our re-INVITE."""

    def __init__(self) -> None:
        super().__init__()
        self.call, self.tag = self.talk()
        events_of(self.agent)
        self.agent.hold(self.call, True, self.now)
        (self.offer,) = requests(self.agent.datagrams_to_send())

    def get(self, data: bytes) -> list[Request]:
        self.give(data)
        return requests(self.sent)


def test_our_offer_is_a_request_within_the_dialog() -> None:
    rig = Held()
    offer = rig.offer
    assert (offer.method, offer.uri) == ("INVITE", "sip:far@127.0.0.1:5070")
    assert (offer.from_.tag, offer.to.tag) == (rig.tag, "fartag")
    assert b"a=sendonly" in offer.body
    assert offer.first("Content-Type") == "application/sdp"
    held = OFFER + "a=recvonly\r\n"
    (ack,) = rig.get(text_answer(offer, held, "Contact: <sip:far@127.0.0.1:5099>"))
    assert (ack.method, ack.cseq.number) == ("ACK", offer.cseq.number)
    assert rig.sent[0][1] == ("127.0.0.1", 5099)
    (change,) = events_of(rig.agent)
    assert isinstance(change, MediaChanged)
    assert [r.method for r in rig.get(text_answer(offer, held))] == ["ACK"]
    assert events_of(rig.agent) == []


@pytest.mark.parametrize("direction", ["inactive", "sendonly", "sendrecv"])
def test_a_strange_answer_to_our_hold_does_not_keep_them_silent(direction: str) -> None:
    rig = Held()
    rig.get(text_answer(rig.offer, f"{OFFER}a={direction}\r\n"))
    rig.agent.hold(rig.call, False, rig.now)
    (resume,) = requests(rig.agent.datagrams_to_send())
    assert b"a=sendrecv" in resume.body


def test_a_refused_hold_leaves_the_call_as_it_was() -> None:
    rig = Held()
    assert [r.method for r in rig.get(text_response(rig.offer, 488))] == ["ACK"]
    assert events_of(rig.agent) == []
    assert rig.pass_time(20) == []
    (ok,) = rig.reinvite(rig.tag, OFFER, 2)
    assert b"a=sendrecv" in ok.body


def test_a_put_off_hold_is_tried_again_five_times_at_most() -> None:
    rig = Held()
    for _ in range(4):
        assert [r.method for r in rig.get(text_response(rig.offer, 500, "Retry-After: 3"))] == [
            "ACK"
        ]
        assert rig.pass_time(2.9) == []
        assert rig.agent.get_timer() is not None
        rig.now += 0.2
        rig.agent.handle_timer(rig.now)
        (rig.offer,) = requests(rig.agent.datagrams_to_send())
    rig.get(text_response(rig.offer, 491))
    assert rig.pass_time(20) == []


@pytest.mark.parametrize("extra", [(), ("Retry-After: soon",)])
def test_without_a_time_there_is_no_second_attempt(extra: tuple[str, ...]) -> None:
    rig = Held()
    rig.get(text_response(rig.offer, 500, *extra))
    assert rig.pass_time(20) == []


def test_a_hold_that_asks_for_too_short_a_session_is_sent_again_at_once() -> None:
    rig = Held()
    rig.get(text_response(rig.offer, 422, "Min-SE: 3600"))
    rig.agent.handle_timer(rig.now)
    (again,) = requests(rig.agent.datagrams_to_send())
    assert again.first("Session-Expires") == "3600"
    rig.get(text_response(again, 422, "Min-SE: 3600"))
    assert rig.pass_time(20) == []


@pytest.mark.parametrize("status", [481, 408])
def test_who_knows_nothing_of_the_call_any_more_ends_it(status: int) -> None:
    rig = Held()
    assert [r.method for r in rig.get(text_response(rig.offer, status))] == ["ACK", "BYE"]
    assert events_of(rig.agent) == [CallEnded(rig.call, "went silent")]


def test_nobody_answers_our_offer() -> None:
    rig = Held()
    assert "BYE" in rig.pass_time(33)
    assert events_of(rig.agent) == [CallEnded(rig.call, "went silent")]


def test_progress_on_our_offer_changes_nothing() -> None:
    rig = Held()
    assert rig.get(text_response(rig.offer, 100)) == []
    assert [r.status for r in rig.reinvite(rig.tag, OFFER, 2)] == [491]


@pytest.mark.parametrize("body", ["", ONLY_G729, "nonsense"])
def test_an_answer_that_we_cannot_take_ends_the_call(body: str) -> None:
    rig = Held()
    assert [r.method for r in rig.get(text_answer(rig.offer, body))] == ["ACK", "BYE"]
    assert events_of(rig.agent) == [CallEnded(rig.call, "no common codec")]


def update(
    tag: str,
    cseq: int,
    body: str = "",
    contact: str = "<sip:far@127.0.0.1:5070>",
    content_type: str = "application/sdp",
) -> bytes:
    return text_request(
        "UPDATE",
        to_tag=tag,
        cseq=cseq,
        branch=f"z9hG4bKu{cseq}",
        body=body,
        contact=contact,
        content_type=content_type,
    )


def test_update_with_and_without_an_offer() -> None:
    rig = Rig()
    call, tag = rig.talk()
    events_of(rig.agent)
    (ok,) = rig.give(update(tag, 2, contact="<sip:far@127.0.0.1:5091>"))
    assert (ok.status, ok.body) == (200, b"")
    assert events_of(rig.agent) == []
    (ok,) = rig.give(update(tag, 3, OFFER + "a=sendonly\r\n", contact="<sip:far@127.0.0.1:5092>"))
    assert b"a=recvonly" in ok.body
    (change,) = events_of(rig.agent)
    assert isinstance(change, MediaChanged)
    assert rig.pass_time(1) == []
    assert rig.codes(update(tag, 4, ONLY_G729)) == [488]
    assert rig.codes(update(tag, 5, OFFER, content_type="text/plain")) == [415]
    rig.agent.hang_up(call, rig.now)
    assert rig.agent.datagrams_to_send()[0][1] == ("127.0.0.1", 5092)
    assert rig.codes(update(tag, 6)) == [481]


def test_update_while_an_offer_is_open() -> None:
    rig = Held()
    assert rig.codes(update(rig.tag, 2, OFFER)) == [491]
    assert rig.codes(update(rig.tag, 3)) == [200]
    other = Rig()
    _, tag = other.talk()
    assert [r.status for r in other.reinvite(tag, "", 2)] == [200]
    assert other.codes(update(tag, 3, OFFER)) == [491]
    assert other.codes(text_request(to_tag=tag, cseq=4, branch="z9hG4bKx", body=OFFER)) == [500]


def test_update_while_it_rings() -> None:
    rig = Rig()
    tag = rig.give(text_request(body=OFFER))[-1].to.tag
    (refusal,) = rig.give(update(tag, 2, OFFER))
    assert (refusal.status, refusal.first("Retry-After")) == (500, "5")
    (ok,) = rig.give(update(tag, 3, contact="<sip:far@127.0.0.1:5093>"))
    assert isinstance(ok, Response)
    (call,) = rig.agent.calls
    rig.agent.answer(call, "127.0.0.1", 4002, rig.now)
    rig.agent.datagrams_to_send()
    rig.give(text_request("ACK", to_tag=tag, branch="z9hG4bKa"))
    rig.agent.hang_up(call, rig.now)
    assert rig.agent.datagrams_to_send()[0][1] == ("127.0.0.1", 5093)


def test_offers_know_their_state() -> None:
    rig = Held()
    offers: Offers = next(iter(rig.agent._calls)).offers
    with pytest.raises(NotNow, match="cannot the rest is over"):
        offers.feed(Input.DUE, rig.now)
