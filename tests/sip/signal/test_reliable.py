"""Reliable provisional responses in both roles: 180 until its PRACK, PRACK for theirs."""

from __future__ import annotations

import pytest

from callcenter.core.errors import NotTaken
from callcenter.sip.signal.events import (
    CallAnswered,
    CallEnded,
    CallNotTaken,
    CallRinging,
    EarlyMedia,
)
from callcenter.sip.signal.message import Response
from tests.sip.pair import events_of
from tests.sip.raw import (
    FAR,
    OFFER,
    requests,
    responses,
    text_answer,
    text_request,
    text_response,
)
from tests.sip.signal.test_calls_out import CHALLENGE, ME, Caller
from tests.sip.signal.test_user_agent import Rig

WANTS = ("Require: 100rel",)


def prack(ringing: Response, rack: str, cseq: int = 2) -> bytes:
    extra = (f"RAck: {rack}",)
    return text_request(
        "PRACK", to_tag=ringing.to.tag, cseq=cseq, branch=f"z9hG4bKp{cseq}", extra=extra
    )


class Ringing(Rig):
    """A call from a strict carrier, ringing."""

    def __init__(self) -> None:
        super().__init__()
        self.ringing = self.give(text_request(body=OFFER, extra=WANTS))[-1]
        self.number = int(self.ringing.first("RSeq") or "-1")


def test_a_reliable_180_is_repeated_until_its_prack() -> None:
    rig = Ringing()
    assert (rig.ringing.status, rig.ringing.first("Require")) == (180, "100rel")
    assert rig.pass_time(4) == [180, 180, 180]
    wrong = (f"{rig.number + 1} 1 INVITE", f"{rig.number} 2 INVITE", f"{rig.number} 1 BYE")
    for cseq, rack in enumerate(wrong, 2):
        assert rig.codes(prack(rig.ringing, rack, cseq)) == [481]
    assert rig.codes(prack(rig.ringing, "nonsense", cseq=8)) == [400]
    assert rig.codes(prack(rig.ringing, f"{rig.number} 1 INVITE", cseq=9)) == [200]
    assert rig.pass_time(40) == []
    assert rig.codes(prack(rig.ringing, f"{rig.number} 1 INVITE", cseq=10)) == [200]
    rig.now = 71
    rig.agent.handle_timer(rig.now)
    (again,) = responses(rig.agent.datagrams_to_send())
    assert (again.status, again.first("RSeq")) == (180, str(rig.number + 1))


def test_without_any_prack_the_call_is_refused() -> None:
    rig = Ringing()
    found = rig.pass_time(40)
    assert 504 in found
    assert found.count(180) == 6
    ended = events_of(rig.agent)[-1]
    assert isinstance(ended, CallEnded)
    assert ended.reason == "went silent"


def test_an_answer_does_not_wait_for_the_prack() -> None:
    rig = Ringing()
    (call,) = rig.agent.calls
    rig.agent.answer(call, "127.0.0.1", 4002, rig.now)
    (ok,) = responses(rig.agent.datagrams_to_send())
    assert (ok.status, ok.to.tag) == (200, rig.ringing.to.tag)
    rig.give(text_request("ACK", to_tag=ok.to.tag, branch="z9hG4bKack"))
    assert rig.pass_time(20) == []
    assert rig.codes(prack(rig.ringing, f"{rig.number} 1 INVITE")) == [200]


def test_a_refusal_stops_the_ringing() -> None:
    rig = Ringing()
    rig.agent.reject(rig.agent.calls[0], 486, rig.now)
    assert [r.status for r in responses(rig.agent.datagrams_to_send())] == [486]
    rig.give(text_request("ACK", to_tag=rig.ringing.to.tag))
    assert rig.pass_time(20) == []


def test_without_an_offer_nothing_but_the_answer_is_sent() -> None:
    """A reliable 180 would have to bring our offer (RFC 3262 §5) before a port is open."""
    rig = Rig()
    assert [r.status for r in rig.give(text_request(extra=WANTS))] == [100]
    assert rig.pass_time(70) == []
    (call,) = rig.agent.calls
    rig.agent.answer(call, "127.0.0.1", 4002, rig.now)
    (ok,) = responses(rig.agent.datagrams_to_send())
    assert b"m=audio 4002" in ok.body


def test_a_prack_for_what_was_never_sent() -> None:
    rig = Rig()
    ringing = rig.give(text_request(body=OFFER))[-1]
    assert ringing.first("RSeq") is None
    assert rig.codes(prack(ringing, "1 1 INVITE")) == [481]
    other = Caller()
    other.get(text_answer(other.invite))
    tag = other.invite.from_.tag
    stray = text_request(
        "PRACK", to_tag=tag, call_id=other.invite.call_id, from_="<sip:a@b>;tag=far"
    )
    other.agent.receive_datagram(stray, FAR, other.now)
    assert [r.status for r in responses(other.agent.datagrams_to_send())] == [481]


def reliable(
    caller: Caller, number: int, status: int = 180, body: str = "", tag: str = "far"
) -> bytes:
    extra = (
        "Require: 100rel",
        f"RSeq: {number}",
        f"Contact: <sip:{tag}@127.0.0.1:5070>",
        "Content-Type: application/sdp",
    )
    return text_response(caller.invite, status, *extra, tag=tag) + body.encode()


def test_each_reliable_1xx_gets_one_prack() -> None:
    caller = Caller()
    (first,) = caller.get(reliable(caller, 7))
    assert (first.method, first.first("RAck"), first.cseq.number) == ("PRACK", "7 1 INVITE", 2)
    assert (first.uri, first.to.tag) == ("sip:far@127.0.0.1:5070", "far")
    assert caller.get(reliable(caller, 7)) == []
    assert caller.get(reliable(caller, 9)) == []
    (second,) = caller.get(reliable(caller, 8, 183))
    assert (second.first("RAck"), second.cseq.number) == ("8 1 INVITE", 3)
    caller.get(text_response(second, 200))
    assert caller.told() == [CallRinging(caller.call)]
    (ack,) = caller.get(text_answer(caller.invite))
    assert (ack.method, ack.cseq.number) == ("ACK", 1)
    caller.agent.hang_up(caller.call, caller.now)
    (bye,) = caller.sent()
    assert (bye.method, bye.cseq.number) == ("BYE", 4)


def test_reliable_1xx_that_cannot_be_acknowledged_are_passed_over() -> None:
    caller = Caller()
    for extra in ("Record-Route: <broken>", "RSeq: x", "X: y"):
        assert caller.get(text_response(caller.invite, 180, "Require: 100rel", extra)) == []
    assert caller.get(text_response(caller.invite, 180, "Require: 100rel", "RSeq: 1", tag="")) == []
    assert caller.told() == []
    caller.get(text_response(caller.invite, 180, 'Require: "100rel'))
    assert caller.told() == [CallRinging(caller.call)]


def test_a_prack_is_sent_even_while_we_cancel() -> None:
    caller = Caller()
    caller.get(text_response(caller.invite, 100, tag=""))
    caller.agent.hang_up(caller.call, caller.now)
    assert [r.method for r in caller.sent()] == ["CANCEL"]
    assert [r.method for r in caller.get(reliable(caller, 1))] == ["PRACK"]


def test_credentials_start_the_numbers_anew() -> None:
    caller = Caller(ME)
    caller.get(reliable(caller, 7))
    _, caller.invite = caller.get(text_response(caller.invite, 401, CHALLENGE))
    (again,) = caller.get(reliable(caller, 1))
    assert again.first("RAck") == "1 2 INVITE"


def test_an_answer_in_a_reliable_1xx_stands() -> None:
    """RFC 3261 §13.2.1: what comes after it is not looked at; UPDATE changes it (RFC 3311)."""
    caller = Caller()
    caller.get(reliable(caller, 1, 183, OFFER))
    (early,) = caller.told()
    assert isinstance(early, EarlyMedia)
    assert early.stream.address == ("127.0.0.1", 4000)
    caller.get(reliable(caller, 2, 180, OFFER.replace("4000", "4400")))
    assert caller.told() == [CallRinging(caller.call)]
    me = caller.invite.from_.tag
    update = text_request(
        "UPDATE",
        to_tag=me,
        call_id=caller.invite.call_id,
        from_="<sip:95000@h>;tag=far",
        body=OFFER.replace("4000", "4600"),
    )
    caller.agent.receive_datagram(update, FAR, caller.now)
    (ok,) = responses(caller.agent.datagrams_to_send())
    assert (ok.status, ok.body[:3]) == (200, b"v=0")
    caller.told()
    caller.get(text_answer(caller.invite, ""))
    (answered,) = caller.told()
    assert isinstance(answered, CallAnswered)
    assert answered.stream.address == ("127.0.0.1", 4600)


def test_an_update_before_our_offer_is_answered_must_wait() -> None:
    caller = Caller()
    caller.get(text_response(caller.invite, 180))
    me = caller.invite.from_.tag
    call_id = caller.invite.call_id
    update = text_request(
        "UPDATE", to_tag=me, call_id=call_id, from_="<sip:95000@h>;tag=far", body=OFFER
    )
    caller.agent.receive_datagram(update, FAR, caller.now)
    assert [r.status for r in responses(caller.agent.datagrams_to_send())] == [491]
    bye = text_request("BYE", to_tag=me, call_id=call_id, from_="<sip:95000@h>;tag=far", cseq=2)
    caller.agent.receive_datagram(bye, FAR, caller.now)
    assert [r.status for r in responses(caller.agent.datagrams_to_send())] == [481]


@pytest.mark.parametrize("body", [OFFER, ""])
def test_early_sound_in_an_unreliable_1xx(body: str) -> None:
    caller = Caller()
    caller.get(text_response(caller.invite, 183) + OFFER.encode())
    assert [type(e) for e in caller.told()] == [EarlyMedia]
    caller.get(text_response(caller.invite, 183) + b"nonsense")
    assert caller.told() == []
    caller.get(text_answer(caller.invite, body))
    assert [type(e) for e in caller.told()] == [CallAnswered]


def test_of_several_phones_the_last_is_heard_and_the_one_that_answers_decides() -> None:
    caller = Caller()
    for tag, port in (("one", "4100"), ("two", "4200")):
        body = OFFER.replace("4000", port).encode()
        caller.get(text_response(caller.invite, 183, tag=tag) + body)
    heard = [e.stream.port for e in caller.told() if isinstance(e, EarlyMedia)]
    assert heard == [4100, 4200]
    (ack,) = caller.get(text_answer(caller.invite, OFFER.replace("4000", "4100"), tag="one"))
    assert ack.to.tag == "one"
    (answered,) = caller.told()
    assert isinstance(answered, CallAnswered)
    assert answered.stream.port == 4100


def test_phones_behind_one_call_are_bounded() -> None:
    caller = Caller()
    for i in range(50):
        caller.get(text_response(caller.invite, 180, tag=f"t{i}"))
    assert len(next(iter(caller.agent._calls))._early) == 8  # type: ignore[attr-defined]
    (ack,) = caller.get(text_answer(caller.invite, tag="t40"))
    assert ack.to.tag == "t40"


def test_an_early_phone_answers_with_a_broken_route() -> None:
    caller = Caller()
    caller.get(text_response(caller.invite, 180))
    caller.told()
    assert caller.get(text_answer(caller.invite, OFFER, "Record-Route: <broken>")) == []
    (refused,) = caller.told()
    assert isinstance(refused, CallNotTaken)
    assert (refused.status, refused.why) == (500, NotTaken.UNREACHABLE)


def test_both_sides_speak_it() -> None:
    rig = Rig()
    caller = Caller()
    rig.give(bytes(caller.invite.with_header("Require", "100rel")))
    (ringing,) = [r for r in responses(rig.sent) if r.status == 180]
    (ack_for_it,) = caller.get(bytes(ringing))
    assert [r.status for r in rig.give(bytes(ack_for_it))] == [200]
    assert requests(rig.sent) == []
    assert rig.pass_time(30) == []
