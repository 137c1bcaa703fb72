"""Session timers: what is agreed, who refreshes and how, what happens when nobody does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.sip.signal.events import CallAnswered, CallEnded, CallNotTaken
from callcenter.sip.signal.message import Request, parse
from callcenter.sip.signal.session_timer import TABLE, Action, Input, SessionTimer, State
from callcenter.sip.signal.settings import Settings
from callcenter.sip.signal.user_agent import UserAgent
from tests.sip.pair import NEAR, Pair, events_of
from tests.sip.raw import (
    OFFER,
    requests,
    responses,
    text_answer,
    text_request,
    text_response,
    tokens,
)
from tests.sip.signal.test_calls_out import Caller
from tests.sip.signal.test_user_agent import Rig


def test_the_table_is_whole() -> None:
    assert {s for s, _ in TABLE} == set(State)
    assert {what for _, what in TABLE} == set(Input)
    assert {a for _, actions in TABLE.values() for a in actions} == set(Action)


def invite(*extra: str) -> Request:
    message = parse(text_request(body=OFFER, extra=extra))
    assert isinstance(message, Request)
    return message


SPEAKS = "Supported: timer"


@pytest.mark.parametrize(
    ("extra", "answer", "state"),
    [
        # RFC 4028 §9, table 2: who supports it, who is asked to refresh → who does.
        ((), "", State.OFF),
        ((SPEAKS,), "1800;refresher=uac", State.THEIRS),
        ((SPEAKS, "Session-Expires: 600"), "600;refresher=uac", State.THEIRS),
        ((SPEAKS, "x: 600 ; refresher=UAS"), "600;refresher=uas", State.OURS),
        (("k: path, timer", "x: 600;refresher=uac"), "600;refresher=uac", State.THEIRS),
        (("Session-Expires: 600",), "600;refresher=uas", State.OURS),
        ((SPEAKS, "x: 60"), "90;refresher=uac", State.THEIRS),
        ((SPEAKS, "x: 600", "Min-SE: 900"), "900;refresher=uac", State.THEIRS),
        ((SPEAKS, "x: soon", "Min-SE: x"), "1800;refresher=uac", State.THEIRS),
        ((SPEAKS, 'x: 600;"'), "1800;refresher=uac", State.THEIRS),
        (("Supported: < timer",), "", State.OFF),
    ],
)
def test_what_is_agreed_as_the_called_side(
    extra: tuple[str, ...], answer: str, state: State
) -> None:
    timer = SessionTimer(1800, 90)
    headers = dict(timer.answer(invite(*extra), 0.0))
    assert headers.get("Session-Expires", "") == answer
    assert ("Require" in headers) is (SPEAKS in extra or "k: path, timer" in extra)
    assert timer.state is state


@pytest.mark.parametrize(
    ("extra", "least"),
    [
        ((SPEAKS, "Session-Expires: 89"), "90"),
        ((SPEAKS, "Session-Expires: 90"), None),
        (("Session-Expires: 89",), None),
        ((SPEAKS,), None),
    ],
)
def test_too_short_a_time_is_refused(extra: tuple[str, ...], least: str | None) -> None:
    assert dict(SessionTimer(1800, 10).refusal(invite(*extra))).get("Min-SE") == least


def test_the_time_of_a_session() -> None:
    timer = SessionTimer(1800, 90)
    timer.answer(invite(SPEAKS, "x: 100;refresher=uas"), 0.0)
    assert timer.get_timer() == 50
    assert timer.due(49) is None
    assert timer.due(50) is Action.REFRESH
    timer.refused(50)
    assert timer.get_timer() == 59
    assert timer.due(59) is Action.REFRESH
    timer.refused(59)
    assert timer.get_timer() == 67
    assert timer.due(67) is Action.REFRESH
    timer.refused(67)
    assert timer.get_timer() == 68
    assert timer.due(68) is Action.HANG_UP
    assert timer.get_timer() is None
    timer.refused(68)
    timer.answer(invite(SPEAKS, "x: 1000;refresher=uac"), 0.0)
    assert timer.get_timer() == 968
    timer.refused(500)
    timer.stop(501)
    assert timer.get_timer() is None


@given(st.lists(st.sampled_from(Input), max_size=30))
def test_who_does_not_refresh_never_does(walk: list[Input]) -> None:
    state = State.OFF
    for what in walk:
        if (state, what) in TABLE:
            before, (state, actions) = state, TABLE[state, what]
            assert Action.REFRESH not in actions or before is State.OURS
    assert (state, Input.NOBODY) in TABLE


def test_a_call_is_refreshed_by_who_made_it_for_as_long_as_it_lasts() -> None:
    pair = Pair()
    pair.talk()
    pair.wait(4000)
    assert (pair.seen("UPDATE"), pair.seen("INVITE")) == (4, 1)
    assert pair.near.calls
    assert pair.far.calls


def test_without_update_it_is_refreshed_by_a_change_that_changes_nothing() -> None:
    pair = Pair()
    pair.talk()
    for agent in (pair.near, pair.far):
        next(iter(agent._calls)).peer_allows = frozenset({"INVITE"})
    pair.wait(4000)
    assert (pair.seen("UPDATE"), pair.seen("INVITE")) == (0, 5)
    bodies = {m.body for m in pair.log if isinstance(m, Request) and m.method == "INVITE"}
    assert len(bodies) == 1


def test_when_nobody_refreshes_both_sides_hang_up() -> None:
    pair = Pair()
    near, far = pair.talk()
    pair.wait(1900, crossing=False)
    pair.roundtrip()
    assert pair.told("near", CallEnded) == [CallEnded(near, "the session lapsed")]
    assert pair.told("far", CallEnded) == [CallEnded(far, "went silent")]


class Refresher(Caller):
    """A call of ours that we must refresh after 50 s."""

    def __init__(self, allow: str = "Allow: UPDATE, INVITE") -> None:
        super().__init__()
        agreed = ("Require: timer", "Session-Expires: 100;refresher=uac", allow)
        self.get(text_answer(self.invite, OFFER, *agreed))
        assert isinstance(self.told()[-1], CallAnswered)
        self.refresh = self.wait_for_request()

    def wait_for_request(self) -> Request:
        at = self.agent.get_timer()
        while at is not None:
            self.now = at
            self.agent.handle_timer(self.now)
            for request in self.sent():
                return request
            at = self.agent.get_timer()
        raise AssertionError


def test_an_update_says_who_refreshes() -> None:
    caller = Refresher()
    assert (caller.now, caller.refresh.method) == (55, "UPDATE")
    assert caller.refresh.body == b""
    assert caller.refresh.first("Session-Expires") == "100;refresher=uac"
    caller.get(text_response(caller.refresh, 100))
    caller.get(text_response(caller.refresh, 200, "Session-Expires: 200;refresher=uac"))
    again = caller.wait_for_request()
    assert (caller.now, again.first("Session-Expires")) == (155, "200;refresher=uac")
    caller.get(text_response(again, 200))
    assert caller.agent.calls
    caller.now += 40
    caller.agent.handle_timer(caller.now)
    assert caller.agent.get_timer() is None


def test_an_update_that_is_not_taken_becomes_an_invite() -> None:
    caller = Refresher()
    (offer,) = caller.get(text_response(caller.refresh, 405))
    assert offer.method == "INVITE"
    assert b"a=sendrecv" in offer.body
    caller.get(text_response(offer, 488))
    assert caller.wait_for_request().method == "INVITE"


@pytest.mark.parametrize("status", [408, 481])
def test_a_refresh_that_finds_nobody_ends_the_call(status: int) -> None:
    caller = Refresher()
    (bye,) = caller.get(text_response(caller.refresh, status))
    assert bye.method == "BYE"
    assert caller.told() == [CallEnded(caller.call, "went silent")]


def test_a_refused_refresh_is_tried_again_then_the_call_ends() -> None:
    caller = Refresher()
    caller.get(text_response(caller.refresh, 503))
    again = caller.wait_for_request()
    assert again.method == "UPDATE"
    while again.method == "UPDATE":
        caller.get(text_response(again, 503))
        again = caller.wait_for_request()
    assert (caller.now, again.method) == (73, "BYE")
    assert caller.told() == [CallEnded(caller.call, "the session lapsed")]


def test_a_refresh_that_is_too_soon_is_repeated_with_more_time() -> None:
    caller = Refresher()
    (again,) = caller.get(text_response(caller.refresh, 422, "Min-SE: 400"))
    assert again.first("Session-Expires") == "400;refresher=uac"
    assert again.first("Min-SE") == "400"
    assert caller.get(text_response(again, 422, "Min-SE: 300")) == []


def test_a_hang_up_during_a_refresh() -> None:
    caller = Refresher()
    caller.agent.hang_up(caller.call, caller.now)
    assert [r.method for r in caller.sent()] == ["BYE"]
    assert caller.get(text_response(caller.refresh, 481)) == []


def test_an_invite_that_asks_for_too_little_is_sent_again() -> None:
    caller = Caller()
    ack, again = caller.get(text_response(caller.invite, 422, "Min-SE: 3600"))
    assert ack.method == "ACK"
    assert (again.first("Session-Expires"), again.first("Min-SE")) == ("3600", "3600")
    assert (again.cseq.number, again.call_id) == (2, caller.invite.call_id)
    assert [r.method for r in caller.get(text_response(again, 422, "Min-SE: 3600"))] == ["ACK"]
    assert isinstance(caller.told()[-1], CallNotTaken)


@pytest.mark.parametrize("extra", [(), ("Min-SE: much",)])
def test_a_422_that_says_nothing_is_a_refusal(extra: tuple[str, ...]) -> None:
    caller = Caller()
    assert [r.method for r in caller.get(text_response(caller.invite, 422, *extra))] == ["ACK"]


def test_a_caller_who_asks_for_too_little_is_told() -> None:
    rig = Rig()
    rig.agent = UserAgent(replace(Settings(*NEAR), least_session_seconds=300), tokens())
    short = ("Supported: timer", "Session-Expires: 200")
    (refusal,) = rig.give(text_request(body=OFFER, extra=short))
    assert (refusal.status, refusal.first("Min-SE")) == (422, "300")
    rig.give(text_request(body=OFFER, branch="z9hG4bKn", cseq=2, extra=short[:1]))
    (call,) = rig.agent.calls
    rig.agent.answer(call, "127.0.0.1", 4002, rig.now)
    tag = responses(rig.agent.datagrams_to_send())[-1].to.tag
    rig.give(text_request("ACK", to_tag=tag, cseq=2, branch="z9hG4bKa"))
    again = text_request(body=OFFER, to_tag=tag, cseq=3, branch="z9hG4bKs", extra=short)
    assert rig.codes(again) == [422]
    update = text_request("UPDATE", to_tag=tag, cseq=4, branch="z9hG4bKu", extra=short)
    assert rig.codes(update) == [422]


def test_the_called_side_refreshes_where_it_is_asked_to() -> None:
    rig = Rig()
    extra = ("Supported: timer", "Session-Expires: 100;refresher=uas", "Allow: UPDATE")
    rig.give(text_request(body=OFFER, extra=extra))
    (call,) = rig.agent.calls
    rig.agent.answer(call, "127.0.0.1", 4002, rig.now)
    (ok,) = responses(rig.agent.datagrams_to_send())
    assert ok.first("Session-Expires") == "100;refresher=uas"
    assert ok.first("Require") == "timer"
    rig.give(text_request("ACK", to_tag=ok.to.tag, branch="z9hG4bKack"))
    rig.now = 60
    rig.agent.handle_timer(rig.now)
    (update,) = requests(rig.agent.datagrams_to_send())
    assert update.first("Session-Expires") == "100;refresher=uac"
    assert events_of(rig.agent)[1:] == []
