"""The user agent against messages of other programs: requests of every kind, hold, garbage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.sip.signal.events import CallArrived, CallEnded, MediaChanged, TransferAsked
from callcenter.sip.signal.headers import Uri
from callcenter.sip.signal.hops import Hop
from callcenter.sip.signal.layer import MOST_FROM_ONE
from callcenter.sip.signal.message import Response
from callcenter.sip.signal.user_agent import UserAgent
from tests.sip.pair import events_of, make_agent
from tests.sip.raw import FAR, OFFER, ONLY_G729, requests, responses, text_request, text_response
from tests.sip.signal.test_message import GOLDEN, TORTURED


class Rig:
    """One user agent and a hand-written far end."""

    def __init__(self, max_calls: int = 10) -> None:
        self.agent: UserAgent = make_agent(max_calls=max_calls)
        self.now = 10.0
        self.sent: list[tuple[bytes, Hop]] = []

    def give(self, data: bytes, source: tuple[str, int] = FAR) -> list[Response]:
        """What it answers to a datagram."""
        self.agent.receive_datagram(data, source, self.now)
        self.sent = self.agent.datagrams_to_send()
        return responses(self.sent)

    def codes(self, data: bytes) -> list[int]:
        """The status codes of what it answers, also to what cannot be answered well."""
        self.agent.receive_datagram(data, FAR, self.now)
        self.sent = self.agent.datagrams_to_send()
        return [int(d.split(b" ")[1]) for d, _ in self.sent if d.startswith(b"SIP/2.0 ")]

    def pass_time(self, seconds: float) -> list[int | str]:
        """Status codes and methods that go out meanwhile."""
        end = self.now + seconds
        found: list[int | str] = []
        while (at := self.agent.get_timer()) is not None and at <= end:
            self.now = max(at, self.now)
            self.agent.handle_timer(self.now)
            out = self.agent.datagrams_to_send()
            found += [r.status for r in responses(out)] + [r.method for r in requests(out)]
        self.now = end
        return found

    def talk(self, body: str = OFFER) -> tuple[str, str]:
        """An answered and acknowledged call; its id and our tag."""
        self.give(text_request(body=body))
        (arrived,) = [e for e in events_of(self.agent) if isinstance(e, CallArrived)]
        self.agent.answer(arrived.call, "127.0.0.1", 4002, self.now)
        self.sent = self.agent.datagrams_to_send()
        (ok,) = responses(self.sent)
        self.give(text_request("ACK", to_tag=ok.to.tag, branch="z9hG4bKack"))
        return arrived.call, ok.to.tag

    def reinvite(self, tag: str, body: str, cseq: int, contact: str = "") -> list[Response]:
        return self.give(
            text_request(
                body=body,
                to_tag=tag,
                cseq=cseq,
                branch=f"z9hG4bKre{cseq}",
                contact=contact or "<sip:far@127.0.0.1:5070>",
            )
        )


def test_a_repeated_invite_is_one_call() -> None:
    rig = Rig()
    invite = text_request(body=OFFER)
    assert rig.codes(invite) == [100, 180]
    assert rig.codes(invite) == [180]
    (arrived,) = events_of(rig.agent)
    assert isinstance(arrived, CallArrived)
    rig.agent.answer(arrived.call, "127.0.0.1", 4002, rig.now)
    (ok,) = responses(rig.agent.datagrams_to_send())
    assert b"m=audio 4002 RTP/AVP 8 101" in ok.body
    assert rig.codes(invite) == []
    rig.agent.handle_timer(rig.now)
    assert rig.agent.datagrams_to_send() == []
    assert rig.pass_time(4) == [200, 200, 200]
    assert rig.codes(text_request("ACK", to_tag=ok.to.tag, branch="z9hG4bKack")) == []
    assert rig.pass_time(20) == []
    assert events_of(rig.agent) == []


def test_a_foreign_ack_changes_nothing() -> None:
    rig = Rig()
    rig.give(text_request(body=OFFER))
    (call,) = rig.agent.calls
    rig.agent.answer(call, "127.0.0.1", 4002, rig.now)
    (ok,) = responses(rig.agent.datagrams_to_send())
    for changes in ({"to_tag": "other"}, {"cseq": 2}, {"from_": "<sip:x@h>;tag=evil"}):
        rig.give(text_request("ACK", **{"to_tag": ok.to.tag, "branch": "z9hG4bKa", **changes}))  # type: ignore[arg-type]
    assert rig.pass_time(1) == [200]
    rig.give(text_request("ACK", to_tag=ok.to.tag))
    assert rig.pass_time(9) == []


def test_the_golden_answer() -> None:
    rig = Rig()
    rig.give(text_request(body=OFFER, extra=("Record-Route: <sip:127.0.0.3;lr>",)))
    rig.agent.answer(rig.agent.calls[0], "127.0.0.1", 4002, rig.now)
    ((data, address),) = rig.agent.datagrams_to_send()
    assert address == FAR
    head, _, body = data.partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"SIP/2.0 200 OK",
        b"Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKraw1",
        b"From: <sip:13800138001@127.0.0.1>;tag=fartag",
        b"Call-ID: raw-1",
        b"CSeq: 1 INVITE",
        b"Record-Route: <sip:127.0.0.3;lr>",
        b"To: <sip:95000@127.0.0.1>;tag=0000000000000002",
        b"Contact: <sip:callcenter@127.0.0.1:5060>",
        b"Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, REFER, NOTIFY",
        b"Accept: application/sdp",
        b"Supported: 100rel, norefersub, replaces, timer",
        b"Content-Type: application/sdp",
        b"Content-Length: %d" % len(body),
    ]


def test_a_bye_goes_along_the_recorded_route() -> None:
    rig = Rig()
    rig.give(text_request(body=OFFER, extra=("Record-Route: <sip:127.0.0.3:5080;lr>",)))
    (call,) = rig.agent.calls
    rig.agent.answer(call, "127.0.0.1", 4002, rig.now)
    (ok,) = responses(rig.agent.datagrams_to_send())
    rig.give(text_request("ACK", to_tag=ok.to.tag, branch="z9hG4bKack"))
    rig.agent.hang_up(call, rig.now)
    ((data, address),) = rig.agent.datagrams_to_send()
    assert address == ("127.0.0.3", 5080)
    (bye,) = requests([(data, address)])
    assert bye.every("Route") == ["<sip:127.0.0.3:5080;lr>"]
    assert bye.uri == "sip:far@127.0.0.1:5070"


def test_responses_follow_rport() -> None:
    rig = Rig()
    options = text_request("OPTIONS").replace(b";branch", b";rport;branch")
    (ok,) = rig.give(options, ("127.0.0.8", 9999))
    assert rig.sent[0][1] == ("127.0.0.8", 9999)
    assert ok.via.get("rport") == "9999"
    assert ok.via.get("received") == "127.0.0.8"


def test_options() -> None:
    (ok,) = Rig().give(text_request("OPTIONS"))
    assert ok.status == 200
    assert ok.first("Allow") == "INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, REFER, NOTIFY"
    assert ok.first("Supported") == "100rel, norefersub, replaces, timer"
    assert ok.to.tag


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (text_request("NOTIFY"), 481),
        (text_request("PRACK"), 481),
        (text_request("UPDATE"), 481),
        (text_request("REFER"), 603),
        (text_request("INFO"), 405),
        (text_request("MESSAGE"), 405),
        (text_request("SUBSCRIBE"), 405),
        (text_request("DANCE"), 501),
        (text_request("BYE"), 481),
        (text_request("BYE", to_tag="nobody"), 481),
        (text_request("INVITE", to_tag="nobody", body=OFFER), 481),
        (text_request("CANCEL"), 481),
        (text_request("INVITE", extra=("Accept: text/plain",), body=OFFER), 406),
        (text_request("INVITE", extra=("Accept:",), body=OFFER), 406),
        (text_request("OPTIONS", uri="mailto:a@b"), 416),
        (text_request("INVITE", body=ONLY_G729), 488),
        (text_request("INVITE", body="nonsense"), 488),
        (text_request("INVITE", body=OFFER, content_type="text/plain"), 415),
        (text_request("INVITE", body=OFFER, extra=("Content-Encoding: gzip",)), 415),
        (text_request("INVITE", body=OFFER, extra=("Record-Route: <broken>",)), 400),
        (text_request("INVITE", body=OFFER, extra=('Require: "open',)), 400),
        (text_request("INVITE", body=OFFER).replace(b"SIP/2.0\r\nV", b"SIP/3.0\r\nV"), 505),
        (text_request("INVITE", body=OFFER).replace(b"Call-ID", b"X-ID"), 400),
    ],
)
def test_what_is_refused(request_: bytes, status: int) -> None:
    rig = Rig()
    assert rig.codes(request_) == [status]
    ((data, address),) = rig.sent
    assert b";tag=0000" in data or b";tag=nobody" in data
    assert address == FAR
    assert events_of(rig.agent) == []


def test_a_required_extension_is_named() -> None:
    (refusal,) = Rig().give(text_request(body=OFFER, extra=("Require: 100rel, x, y",)))
    assert (refusal.status, refusal.first("Unsupported")) == (420, "x, y")


def test_a_refused_invite_is_repeated_until_its_ack() -> None:
    rig = Rig()
    (refusal,) = rig.give(text_request(body=ONLY_G729))
    assert rig.pass_time(1) == [488]
    assert rig.codes(text_request(body=ONLY_G729)) == [488]
    rig.give(text_request("ACK", to_tag=refusal.to.tag))
    assert rig.pass_time(30) == []


def test_a_request_that_comes_by_two_ways_is_refused_once() -> None:
    rig = Rig()
    assert rig.codes(text_request(body=OFFER)) == [100, 180]
    assert rig.codes(text_request(body=OFFER, branch="z9hG4bKother")) == [482]
    assert len(rig.agent.calls) == 1
    rig.pass_time(50)
    assert rig.codes(text_request(body=OFFER, branch="z9hG4bKthird")) == [482]


def test_an_old_program_without_a_branch() -> None:
    rig = Rig()
    invite = text_request(body=OFFER, branch="1")
    assert rig.codes(invite) == [100, 180]
    assert rig.codes(invite) == [180]
    rig.agent.reject(rig.agent.calls[0], 486, rig.now)
    assert [r.status for r in responses(rig.agent.datagrams_to_send())] == [486]
    rig.give(text_request("ACK", branch="1", to_tag="any"))
    assert rig.pass_time(9) == []


def test_a_full_house() -> None:
    rig = Rig(max_calls=1)
    assert rig.codes(text_request(body=OFFER)) == [100, 180]
    (refusal,) = rig.give(text_request(body=OFFER, call_id="raw-2", branch="z9hG4bKtwo"))
    assert (refusal.status, refusal.first("Retry-After")) == (503, "5")
    rig.agent.reject(rig.agent.calls[0], 486, rig.now)
    assert rig.codes(text_request(body=OFFER, call_id="raw-3", branch="z9hG4bK3"))[-1] == 180


@pytest.mark.parametrize(
    ("extra", "seconds", "status"),
    [((), 300, 480), (("Expires: 20",), 20, 487), (("Expires: 4000",), 300, 480)],
)
def test_nobody_rings_for_ever(extra: tuple[str, ...], seconds: float, status: int) -> None:
    rig = Rig()
    rig.give(text_request(body=OFFER, extra=extra))
    assert status not in rig.pass_time(seconds - 0.1)
    assert status in rig.pass_time(0.2)
    ended = events_of(rig.agent)[-1]
    assert isinstance(ended, CallEnded)
    assert ended.reason == "was not answered in time"


def test_a_cancel_stops_the_ringing() -> None:
    rig = Rig()
    rig.give(text_request(body=OFFER))
    cancel = text_request("CANCEL")
    assert rig.codes(cancel) == [200, 487]
    assert rig.codes(cancel) == [200]
    _, ended = events_of(rig.agent)
    assert isinstance(ended, CallEnded)
    assert ended.reason == "cancelled"


def test_a_cancel_after_the_answer_changes_nothing() -> None:
    rig = Rig()
    call, _ = rig.talk()
    assert rig.codes(text_request("CANCEL")) == [200]
    assert rig.agent.calls == (call,)


def test_hold_and_resume_keep_our_port() -> None:
    rig = Rig()
    call, tag = rig.talk()
    assert events_of(rig.agent) == []
    (held,) = rig.reinvite(tag, OFFER + "a=sendonly\r\n", 2)
    assert held.status == 200
    assert b"m=audio 4002 " in held.body
    assert b"a=recvonly" in held.body
    (change,) = events_of(rig.agent)
    assert isinstance(change, MediaChanged)
    assert (change.call, change.stream.may_send) == (call, False)
    assert rig.pass_time(0.6) == [200]
    rig.give(text_request("ACK", to_tag=tag, cseq=2, branch="z9hG4bKack2"))
    assert rig.pass_time(5) == []
    (resumed,) = rig.reinvite(tag, OFFER.replace("4000", "4100"), 3, "<sip:far@127.0.0.1:5099>")
    assert b"a=sendrecv" in resumed.body
    (change,) = events_of(rig.agent)
    assert isinstance(change, MediaChanged)
    assert change.stream.address == ("127.0.0.1", 4100)
    rig.give(text_request("ACK", to_tag=tag, cseq=3, branch="z9hG4bKack3"))
    rig.agent.hang_up(call, rig.now)
    assert rig.agent.datagrams_to_send()[0][1] == ("127.0.0.1", 5099)


def test_a_change_without_a_common_codec_leaves_the_call_as_it_is() -> None:
    rig = Rig()
    call, tag = rig.talk()
    assert [r.status for r in rig.reinvite(tag, ONLY_G729, 2)] == [488]
    assert rig.agent.calls == (call,)
    assert events_of(rig.agent) == []


def test_changes_come_one_after_the_other() -> None:
    rig = Rig()
    _, tag = rig.talk()
    assert [r.status for r in rig.reinvite(tag, OFFER, 2)] == [200]
    (refusal,) = rig.reinvite(tag, OFFER, 3)
    assert (refusal.status, refusal.first("Retry-After")) == (500, "2")
    assert [r.status for r in rig.reinvite(tag, OFFER, 3)] == [500]


def test_a_change_that_is_never_acknowledged_ends_the_call() -> None:
    rig = Rig()
    call, tag = rig.talk()
    rig.reinvite(tag, OFFER, 2)
    events_of(rig.agent)
    assert rig.pass_time(33)[-1] == "BYE"
    assert events_of(rig.agent) == [CallEnded(call, "went silent")]


def test_a_change_without_an_offer_gets_ours() -> None:
    rig = Rig()
    _, tag = rig.talk()
    (ok,) = rig.reinvite(tag, "", 2)
    assert b"RTP/AVP 0 8 101" in ok.body
    answer = text_request("ACK", to_tag=tag, cseq=2, branch="z9hG4bKack2", body=OFFER)
    rig.give(answer)
    (change,) = events_of(rig.agent)
    assert isinstance(change, MediaChanged)


def test_a_call_without_an_offer_is_answered_with_ours() -> None:
    rig = Rig()
    rig.give(text_request())
    (arrived,) = events_of(rig.agent)
    assert isinstance(arrived, CallArrived)
    assert rig.agent.answer(arrived.call, "127.0.0.1", 4002, rig.now) is None
    (ok,) = responses(rig.agent.datagrams_to_send())
    assert b"m=audio 4002 RTP/AVP 0 8 101" in ok.body
    rig.give(text_request("ACK", to_tag=ok.to.tag, branch="z9hG4bKack", body=OFFER))
    (change,) = events_of(rig.agent)
    assert isinstance(change, MediaChanged)
    assert change.stream.codec == "PCMA"


def test_a_late_answer_that_we_cannot_take_ends_the_call() -> None:
    rig = Rig()
    rig.give(text_request())
    (call,) = rig.agent.calls
    rig.agent.answer(call, "127.0.0.1", 4002, rig.now)
    (ok,) = responses(rig.agent.datagrams_to_send())
    rig.give(text_request("ACK", to_tag=ok.to.tag, branch="z9hG4bKack", body=ONLY_G729))
    assert [r.method for r in requests(rig.sent)] == ["BYE"]
    assert events_of(rig.agent)[-1] == CallEnded(call, "no common codec")


def test_requests_within_a_call() -> None:
    rig = Rig()
    _, tag = rig.talk()
    assert rig.codes(text_request("OPTIONS", to_tag=tag, cseq=2, branch="z9hG4bKb")) == [200]
    assert rig.codes(text_request("INFO", to_tag=tag, cseq=3, branch="z9hG4bKc")) == [405]
    assert rig.codes(text_request("BYE", to_tag=tag, cseq=1, branch="z9hG4bKd")) == [500]
    evil = text_request("BYE", to_tag=tag, cseq=9, branch="z9hG4bKe", from_="<sip:x@h>;tag=evil")
    assert rig.codes(evil) == [481]
    bye = text_request("BYE", to_tag=tag, cseq=9, branch="z9hG4bKf")
    assert rig.codes(bye) == [200]
    assert rig.codes(bye) == [200]
    assert rig.agent.idle


def test_a_bye_before_the_ack_ends_the_call() -> None:
    rig = Rig()
    rig.give(text_request(body=OFFER))
    (call,) = rig.agent.calls
    rig.agent.answer(call, "127.0.0.1", 4002, rig.now)
    (ok,) = responses(rig.agent.datagrams_to_send())
    assert rig.codes(text_request("BYE", to_tag=ok.to.tag, cseq=2, branch="z9hG4bKb")) == [200]
    assert events_of(rig.agent)[-1] == CallEnded(call, "hung up")
    assert rig.pass_time(60) == []


def test_progress_on_a_bye_is_not_its_end() -> None:
    rig = Rig()
    call, _ = rig.talk()
    rig.agent.hang_up(call, rig.now)
    (bye,) = requests(rig.agent.datagrams_to_send())
    rig.give(text_response(bye, 100))
    assert not rig.agent.idle
    rig.give(text_response(bye, 481))
    assert rig.agent.idle


def test_a_bye_ends_the_ringing_too() -> None:
    rig = Rig()
    ringing = rig.give(text_request(body=OFFER))[-1]
    tag = ringing.to.tag
    refer = text_request("REFER", to_tag=tag, cseq=2, branch="z9hG4bKr")
    assert rig.codes(refer) == [481]
    bye = text_request("BYE", to_tag=tag, cseq=3, branch="z9hG4bKb")
    assert rig.codes(bye) == [200, 487]
    ended = events_of(rig.agent)[-1]
    assert isinstance(ended, CallEnded)
    assert ended.reason == "cancelled"


def test_what_nobody_asked_for_is_met_with_silence() -> None:
    rig = Rig()
    answer = GOLDEN.replace(b"OPTIONS sip:95000@127.0.0.1 SIP/2.0", b"SIP/2.0 200 OK")
    for data in (b"", b"\0", b"\r\n\r\n", b"x" * 65000, answer, text_request("ACK")):
        assert rig.give(data) == []
    assert rig.give(text_request("ACK").replace(b"CSeq: 1", b"CSeq: x")) == []
    assert rig.give(text_request("OPTIONS").replace(b"Via: SIP", b"Via: ;;,")) == []


def test_memory_is_bounded() -> None:
    rig = Rig()
    for i in range(MOST_FROM_ONE + 100):
        branch = f"z9hG4bK{i}"
        rig.agent.receive_datagram(
            text_request("OPTIONS", branch=branch, call_id=branch), FAR, rig.now
        )
    assert len(rig.agent.datagrams_to_send()) == MOST_FROM_ONE
    rig.pass_time(40)
    assert rig.codes(text_request("OPTIONS")) == [200]


_TAG = "0000000000000002"
"""Ours, in the first call of a Rig."""
SEEDS = (
    GOLDEN,
    TORTURED,
    text_request(body=OFFER),
    text_request("BYE", to_tag="x"),
    text_request(to_tag=_TAG, cseq=2, body=OFFER, extra=("Session-Expires: 90;refresher=uas",)),
    text_request("UPDATE", to_tag=_TAG, cseq=3, body=OFFER, extra=("Supported: timer",)),
    text_request("PRACK", to_tag=_TAG, cseq=4, extra=("RAck: 1 1 INVITE",)),
    text_request("REFER", to_tag=_TAG, cseq=5, extra=("Refer-To: <sip:a@b?Replaces=c%3Bto-tag>",)),
    text_request(
        "NOTIFY",
        to_tag=_TAG,
        cseq=6,
        extra=("Event: refer", "Subscription-State: terminated"),
        body="SIP/2.0 200 OK",
        content_type="message/sipfrag",
    ),
    text_request(
        body=OFFER,
        call_id="other",
        branch="z9hG4bKo",
        extra=(f"Replaces: raw-1;to-tag={_TAG};from-tag=fartag", "Require: 100rel"),
    ),
)


@given(st.data())
def test_damaged_messages_never_break_it(data: st.DataObject) -> None:
    rig = Rig()
    call, _ = rig.talk()
    rig.agent.transfer(call, Uri.parse("sip:a@b"), rig.now)
    for _ in range(5):
        damaged = bytearray(data.draw(st.sampled_from(SEEDS)))
        for _ in range(data.draw(st.integers(1, 5))):
            at = data.draw(st.integers(0, len(damaged) - 1))
            damaged[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
        rig.codes(bytes(damaged))
        for event in events_of(rig.agent):
            if isinstance(event, TransferAsked):
                rig.agent.take_transfer(event.call, True, rig.now)
        rig.agent.handle_timer(rig.now + 1)
        rig.agent.datagrams_to_send()
    assert len(rig.agent.calls) <= 6
    rig.pass_time(4000)


@given(st.data())
def test_damaged_answers_never_break_it(data: st.DataObject) -> None:
    rig = Rig()
    rig.agent.invite(Uri.parse("sip:95000@h"), FAR, "1", ("127.0.0.1", 4000), rig.now)
    (invite,) = requests(rig.agent.datagrams_to_send())
    kinds = ("RSeq: 1", "Contact: <sip:a@b>;q=0.3", "Session-Expires: 90", "Min-SE: 99")
    for _ in range(6):
        status = data.draw(st.sampled_from([100, 180, 183, 200, 202, 302, 401, 422, 491, 503]))
        extra = data.draw(st.lists(st.sampled_from((*kinds, "Require: 100rel")), max_size=3))
        tag = data.draw(st.sampled_from(["a", "b", ""]))
        seed = text_response(invite, status, *extra, tag=tag) + OFFER.encode()
        damaged = bytearray(seed)
        for _ in range(data.draw(st.integers(0, 3))):
            at = data.draw(st.integers(0, len(damaged) - 1))
            damaged[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
        rig.give(bytes(damaged))
        invite = next((r for r in requests(rig.sent) if r.method == "INVITE"), invite)
    rig.pass_time(4000)
    assert len(events_of(rig.agent)) <= 60


def test_one_that_retires_takes_no_further_call_and_says_so() -> None:
    rig = Rig()
    _, tag = rig.talk()
    rig.agent.retire(rig.now)
    assert rig.codes(text_request("OPTIONS", branch="z9hG4bKo", call_id="o")) == [503]
    assert rig.codes(text_request(branch="z9hG4bKi", call_id="i"))[-1] == 503
    assert rig.codes(text_request("OPTIONS", to_tag=tag, cseq=2, branch="z9hG4bKb")) == [200]
    assert rig.codes(text_request("BYE", to_tag=tag, cseq=3, branch="z9hG4bKc")) == [200]


def test_one_that_is_full_says_so_to_who_asks() -> None:
    rig = Rig(max_calls=1)
    assert rig.codes(text_request("OPTIONS", branch="z9hG4bKo", call_id="o")) == [200]
    _, tag = rig.talk()
    assert rig.codes(text_request("OPTIONS", branch="z9hG4bKp", call_id="p")) == [503]
    assert rig.codes(text_request("OPTIONS", to_tag=tag, cseq=2, branch="z9hG4bKb")) == [200]
