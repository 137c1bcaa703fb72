"""Transfers in both roles: between three user agents, and against hand-written messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.errors import NoSuchCall, NotNow
from callcenter.sip.signal.digest import Credentials
from callcenter.sip.signal.events import (
    CallAnswered,
    CallArrived,
    CallEnded,
    CallNotTaken,
    MediaChanged,
    TransferAsked,
    TransferDone,
)
from callcenter.sip.signal.headers import Uri
from callcenter.sip.signal.message import Request
from callcenter.sip.signal.transfer import SENT, TAKEN, Action, Input, State
from tests.sip.pair import events_of, make_agent
from tests.sip.raw import FAR, requests, responses, text_request, text_response
from tests.sip.signal.test_user_agent import Rig
from tests.sip.wire import Wire

ALICE, DESK, BOB = 5060, 5070, 5080
"""Who is to be transferred, who transfers, and to whom."""


def test_the_tables_are_whole() -> None:
    for table in (SENT, TAKEN):
        assert {s for s, _ in table} == set(State)
        assert {after for after, _ in table.values()} == set(State)
    both = {**SENT, **TAKEN}
    assert {what for _, what in (*SENT, *TAKEN)} == set(Input)
    actions = {a for table in (SENT, TAKEN) for _, done in table.values() for a in done}
    assert actions == set(Action)
    assert both


@given(st.lists(st.sampled_from(Input), max_size=30))
def test_each_transfer_is_told_once(walk: list[Input]) -> None:
    state, asked, told = State.IDLE, 0, 0
    for what in walk:
        if (state, what) in SENT:
            state, actions = SENT[state, what]
            asked += Action.SEND_REFER in actions
            told += Action.TELL_WORKED in actions or Action.TELL_FAILED in actions
    assert asked - told == (state is not State.IDLE)


class Desk(Wire):
    """Alice has called the desk, which transfers her."""

    def __init__(self) -> None:
        super().__init__(ALICE, DESK, BOB)
        self.alice, self.desk = self.talk(ALICE, DESK)

    def transfer(self, to: str = f"sip:bob@127.0.0.1:{BOB}") -> None:
        self[DESK].transfer(self.desk, Uri.parse(to), self.now)
        self.roundtrip()

    def take(self, take: bool = True) -> str:
        """Alice's side follows, or not; the target that it was told."""
        (asked,) = self.told(ALICE, TransferAsked)
        assert isinstance(asked, TransferAsked)
        self[ALICE].take_transfer(asked.call, take, self.now)
        self.roundtrip()
        if take:
            self.dial(ALICE, asked.target)
            self.roundtrip()
        return asked.target


def test_a_blind_transfer() -> None:
    wire = Desk()
    wire.transfer()
    assert wire.take() == f"sip:bob@127.0.0.1:{BOB}"
    assert wire.told(DESK, TransferDone) == []
    wire.pick_up(BOB)
    assert wire.notified() == ["100 Trying", "180 Ringing", "200 OK"]
    assert wire.told(DESK, TransferDone) == [TransferDone(wire.desk, True, "")]
    assert wire.told(ALICE, CallEnded) == [CallEnded(wire.alice, "hung up")]
    assert len(wire.told(ALICE, CallAnswered)) == 2
    assert wire[DESK].calls == ()
    (invite,) = [m for m in wire.log if isinstance(m, Request) and "bob" in m.uri][:1]
    assert invite.first("Referred-By") == f"<sip:{DESK}@127.0.0.1:{DESK}>"
    wire.wait(400)
    assert wire.notified()[3:] == []


def test_a_transfer_to_somebody_who_is_busy() -> None:
    wire = Desk()
    wire.transfer()
    wire.take()
    (arrived,) = wire.told(BOB, CallArrived)
    assert isinstance(arrived, CallArrived)
    wire[BOB].reject(arrived.call, 486, wire.now)
    wire.roundtrip()
    assert wire.notified()[-1] == "486 Busy Here"
    assert wire.told(DESK, TransferDone) == [TransferDone(wire.desk, False, "486 Busy Here")]
    assert wire[DESK].calls == (wire.desk,)
    wire.transfer()
    assert wire.seen("REFER") == 2


def test_a_declined_transfer() -> None:
    wire = Desk()
    wire.transfer()
    wire.take(False)
    assert wire.told(DESK, TransferDone) == [TransferDone(wire.desk, False, "603 Decline")]
    assert wire.notified() == []
    assert wire[DESK].calls == (wire.desk,)
    with pytest.raises(NotNow, match="nobody asked"):
        wire[ALICE].take_transfer(wire.alice, True, wire.now)


def test_there_is_one_transfer_at_a_time() -> None:
    wire = Desk()
    wire.transfer()
    with pytest.raises(NotNow, match="transferred already"):
        wire.transfer()
    with pytest.raises(NoSuchCall):
        wire[DESK].transfer("nobody", Uri.parse("sip:x@h"), wire.now)


def test_a_transfer_that_nobody_follows_comes_to_an_end() -> None:
    wire = Desk()
    wire.transfer()
    (asked,) = wire.told(ALICE, TransferAsked)
    assert isinstance(asked, TransferAsked)
    wire[ALICE].take_transfer(asked.call, True, wire.now)
    wire.roundtrip()
    wire.wait(181)
    assert wire.notified() == ["100 Trying", "408 Request Timeout"]
    (done,) = wire.told(DESK, TransferDone)
    assert isinstance(done, TransferDone)
    assert not done.worked


def test_alice_leaves_during_the_transfer() -> None:
    wire = Desk()
    wire.transfer()
    wire[ALICE].hang_up(wire.alice, wire.now)
    wire.roundtrip()
    (done,) = wire.told(DESK, TransferDone)
    assert done == TransferDone(wire.desk, False, "603 Decline")
    assert wire.told(DESK, CallEnded) == [CallEnded(wire.desk, "hung up")]


def test_an_attended_transfer() -> None:
    wire = Desk()
    wire[DESK].hold(wire.desk, True, wire.now)
    asking, bob = wire.talk(DESK, BOB)
    wire[DESK].transfer_to(wire.desk, asking, wire.now)
    wire.roundtrip()
    assert "Replaces=" in wire.take()
    assert wire.told(DESK, TransferDone) == [TransferDone(wire.desk, True, "", asking)]
    assert wire.told(BOB, CallEnded) == []
    (moved,) = wire.told(BOB, MediaChanged)
    assert isinstance(moved, MediaChanged)
    assert (moved.call, moved.stream.address) == (bob, ("127.0.0.1", ALICE + 1))
    assert len(wire.told(BOB, CallArrived)) == 1
    assert wire[DESK].calls == ()
    assert wire[BOB].calls == (bob,)
    wire.wait(70)
    wire[BOB].hang_up(bob, wire.now)
    wire.roundtrip()
    assert wire[ALICE].calls == ()
    assert wire[BOB].idle


def test_only_answered_calls_are_joined() -> None:
    wire = Desk()
    asking = wire.dial(DESK, f"sip:bob@127.0.0.1:{BOB}")
    wire.roundtrip()
    with pytest.raises(NotNow, match="cannot be joined"):
        wire[DESK].transfer_to(wire.desk, asking, wire.now)
    with pytest.raises(NotNow, match="cannot transfer"):
        wire[DESK].transfer(asking, Uri.parse("sip:x@h"), wire.now)


def test_alice_leaves_after_she_took_the_transfer() -> None:
    wire = Desk()
    wire.transfer()
    wire.take()
    wire[ALICE].hang_up(wire.alice, wire.now)
    wire.roundtrip()
    (done,) = wire.told(DESK, TransferDone)
    assert done == TransferDone(wire.desk, False, "the call ended before the outcome was told")
    assert wire.told(DESK, CallEnded) == [CallEnded(wire.desk, "hung up")]
    wire.pick_up(BOB)
    assert wire.notified() == ["100 Trying", "180 Ringing"]


class Referring(Rig):
    """A call of ours that we ask a hand-written far end to take over."""

    def __init__(self) -> None:
        super().__init__()
        self.call, self.tag = self.talk()
        events_of(self.agent)
        self.agent.transfer(self.call, Uri.parse("sip:95001@127.0.0.1"), self.now)
        (self.refer,) = requests(self.agent.datagrams_to_send())

    def notify(self, line: str, cseq: int, *extra: str, kind: str = "message/sipfrag") -> int:
        extra = extra or ("Event: refer", "Subscription-State: active;expires=60")
        data = text_request(
            "NOTIFY",
            to_tag=self.tag,
            cseq=cseq,
            branch=f"z9hG4bKn{cseq}",
            extra=extra,
            body=line,
            content_type=kind,
        )
        return self.codes(data)[0]

    def done(self) -> list[tuple[bool, str]]:
        found = [e for e in events_of(self.agent) if isinstance(e, TransferDone)]
        return [(e.worked, e.reason) for e in found]


def test_the_refer_that_we_send() -> None:
    rig = Referring()
    assert (rig.refer.method, rig.refer.uri) == ("REFER", "sip:far@127.0.0.1:5070")
    assert rig.refer.first("Refer-To") == "<sip:95001@127.0.0.1>"
    rig.give(text_response(rig.refer, 100))
    rig.give(text_response(rig.refer, 202))
    assert rig.notify("SIP/2.0 180 Ringing", 2) == 200
    assert rig.done() == []
    assert rig.notify("SIP/2.0 200 OK\r\n", 3) == 200
    assert [r.method for r in requests(rig.sent)] == ["BYE"]
    assert rig.done() == [(True, "")]


@pytest.mark.parametrize(
    ("line", "state", "outcome"),
    [
        ("SIP/2.0 200", "terminated", (True, "")),
        ("SIP/2.0 404", "active", (False, "404 Not Found")),
        ("SIP/2.0 603 No thanks", "terminated;reason=noresource", (False, "603 No thanks")),
        ("SIP/2.0 100 Trying", "terminated", (False, "no word of the outcome came")),
        ("nonsense", "terminated", (False, "no word of the outcome came")),
        ("SIP/2.0 x y", "terminated", (False, "no word of the outcome came")),
    ],
)
def test_what_a_notify_tells(line: str, state: str, outcome: tuple[bool, str]) -> None:
    rig = Referring()
    # RFC 3515 §2.4.4: it may overtake the 202.
    assert rig.notify(line, 2, "o: refer;id=1", f"Subscription-State: {state}") == 200
    assert rig.done() == [outcome]
    rig.give(text_response(rig.refer, 202))
    assert rig.done() == []


def test_a_notify_that_nobody_asked_for() -> None:
    rig = Referring()
    assert rig.notify("SIP/2.0 200 OK", 2, "Event: presence") == 489
    assert rig.notify("SIP/2.0 200 OK", 3, kind="text/plain") == 200
    assert rig.done() == []
    other = Rig()
    _, tag = other.talk()
    stray = text_request("NOTIFY", to_tag=tag, cseq=2, extra=("Event: refer",), branch="z9hG4bKn")
    assert other.codes(stray) == [481]


def test_a_far_end_that_tells_nothing_more_has_taken_the_transfer() -> None:
    rig = Referring()
    rig.give(text_response(rig.refer, 200, "Refer-Sub: false"))
    assert rig.done() == [(True, "")]
    assert [r.method for r in requests(rig.sent)] == ["BYE"]


def test_a_refused_refer_and_no_answer_at_all() -> None:
    rig = Referring()
    rig.give(text_response(rig.refer, 405))
    assert rig.done() == [(False, "405 So")]
    assert rig.agent.calls == (rig.call,)
    late = Referring()
    late.give(text_response(late.refer, 202))
    late.pass_time(180)
    assert late.done() == [(False, "no word of the outcome came")]


def refer(tag: str, cseq: int, *extra: str) -> bytes:
    return text_request("REFER", to_tag=tag, cseq=cseq, branch=f"z9hG4bKr{cseq}", extra=extra)


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        ((), 400),
        (("Refer-To: <sip:a@b>", "Refer-To: <sip:c@d>"), 400),
        (("Refer-To: nonsense",), 400),
        (("Refer-To: <sip:a@b;method=BYE>",), 400),
        (("Refer-To: <https://example.org>",), 416),
    ],
)
def test_a_refer_that_cannot_be_followed(extra: tuple[str, ...], status: int) -> None:
    rig = Rig()
    _, tag = rig.talk()
    assert rig.codes(refer(tag, 2, *extra)) == [status]
    assert [type(e) for e in events_of(rig.agent)] == []


def test_a_refer_waits_for_the_taker_and_a_second_one_for_the_first() -> None:
    rig = Rig()
    call, tag = rig.talk()
    assert rig.codes(refer(tag, 2, "r: sip:95001@127.0.0.1:5090")) == []
    (asked,) = events_of(rig.agent)
    assert asked == TransferAsked(call, "sip:95001@127.0.0.1:5090")
    assert rig.codes(refer(tag, 3, "Refer-To: <sip:x@h>")) == [491]
    rig.agent.take_transfer(call, True, rig.now)
    sent = rig.agent.datagrams_to_send()
    (taken,) = responses(sent)
    (notify,) = requests(sent)
    assert taken.status == 202
    assert notify.first("Event") == "refer;id=2"
    assert notify.first("Subscription-State") == "active;expires=180"
    assert notify.first("Content-Type") == "message/sipfrag;version=2.0"
    assert notify.body == b"SIP/2.0 100 Trying\r\n"
    rig.give(text_response(notify, 200))
    assert rig.codes(refer(tag, 4, "Refer-To: <sip:x@h>")) == [491]
    new = rig.agent.invite(
        Uri.parse("sip:95001@127.0.0.1:5090"),
        ("127.0.0.1", 5090),
        "1",
        ("127.0.0.1", 4004),
        rig.now,
    )
    (invite,) = requests(rig.agent.datagrams_to_send())
    assert invite.first("Referred-By") is None
    rig.give(text_response(invite, 302))
    (last,) = [r for r in requests(rig.sent) if r.method == "NOTIFY"]
    assert last.first("Subscription-State") == "terminated;reason=noresource"
    assert last.body == b"SIP/2.0 302 So\r\n"
    told = events_of(rig.agent)[-1]
    assert isinstance(told, CallNotTaken)
    assert told.call == new


def test_who_knows_nothing_of_the_subscription_is_told_nothing_more() -> None:
    rig = Rig()
    call, tag = rig.talk()
    rig.give(refer(tag, 2, "Refer-To: <sip:95001@127.0.0.1:5090>"))
    rig.agent.take_transfer(call, True, rig.now)
    (notify,) = requests(rig.agent.datagrams_to_send())
    rig.give(text_response(notify, 481))
    assert rig.pass_time(200) == []


def test_a_refer_without_a_subscription() -> None:
    rig = Rig()
    call, tag = rig.talk()
    rig.give(refer(tag, 2, "Refer-To: <sip:95001@127.0.0.1>", "Refer-Sub: false"))
    rig.agent.take_transfer(call, True, rig.now)
    sent = rig.agent.datagrams_to_send()
    (taken,) = responses(sent)
    assert (taken.status, taken.first("Refer-Sub")) == (200, "false")
    assert requests(sent) == []


def test_a_challenge_within_a_call_is_met_once() -> None:
    wire = Referring()
    challenge = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"'
    wire.give(text_response(wire.refer, 401, challenge))
    assert wire.done() == [(False, "401 So")]
    rig = Rig()
    rig.agent = make_agent(credentials=Credentials("me", "secret"))
    call, _ = rig.talk()
    rig.agent.hang_up(call, rig.now)
    (bye,) = requests(rig.agent.datagrams_to_send())
    rig.give(text_response(bye, 401, challenge), FAR)
    (again,) = requests(rig.sent)
    assert (again.method, again.cseq.number) == ("BYE", bye.cseq.number + 1)
    assert 'username="me"' in (again.first("Authorization") or "")
    rig.give(text_response(again, 401, challenge))
    assert rig.agent.idle
