"""The user agent whose calls pyVoIP keeps: what only time and odd far ends bring about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from callcenter.core.errors import NoSuchCall
from callcenter.sip.line import pyvoip_line
from callcenter.sip.signal.calls_in import LONGEST_RING
from callcenter.sip.signal.events import CallEnded, MediaChanged, SipEvent
from callcenter.sip.signal.message import Response
from callcenter.sip.signal.settings import Settings
from callcenter.sip.signal.user_agent import UserAgent
from tests.sip.pair import FAR, NEAR, Pair, events_of
from tests.sip.raw import OFFER, ONLY_G729, requests, responses, text_request, text_response, tokens

PLACE = ("127.0.0.1", 4002)


@pytest.fixture
def near() -> Iterator[UserAgent]:
    agent = pyvoip_line.agent()(Settings(*NEAR), tokens(), None, lambda: None)
    yield agent
    agent.close()


@pytest.fixture
def pair(near: UserAgent) -> Pair:
    pair = Pair()
    pair.near = near
    return pair


class Far:
    """A far end by hand; `sent` is what `near` sends, oldest first."""

    def __init__(self, near: UserAgent) -> None:
        self.near = near
        self.now = 100.0
        self.tag = ""

    def says(self, data: bytes) -> list[int]:
        """What `near` answers at once, as statuses."""
        self.near.receive_datagram(data, FAR, self.now)
        return [response.status for response in self.heard()]

    def heard(self) -> list[Response]:
        sent = self.near.datagrams_to_send()
        self.byes = [request for request in requests(sent) if request.method == "BYE"]
        return responses(sent)

    def rings(self, body: str = OFFER) -> str:
        """Call `near`; the id of the call there."""
        self.near.receive_datagram(text_request(body=body), FAR, self.now)
        (ringing,) = self.heard()
        self.tag = ringing.to.tag
        (call,) = self.near.calls
        events_of(self.near)
        return call

    def talks(self, body: str = OFFER) -> str:
        """A call that is answered and acknowledged."""
        call = self.rings(body)
        self.near.answer(call, *PLACE, self.now)
        (answer,) = self.heard()
        assert (answer.status, answer.to.tag) == (200, self.tag)
        if body:
            self.says(text_request("ACK", to_tag=self.tag, branch="z9hG4bKa"))
        return call

    def told(self) -> list[SipEvent]:
        return events_of(self.near)


@pytest.fixture
def far(near: UserAgent) -> Far:
    return Far(near)


def test_a_call_from_ringing_to_its_end(pair: Pair) -> None:
    near, far = pair.talk()
    assert (pair.seen("180"), pair.seen("200"), pair.seen("ACK")) == (1, 1, 1)
    pair.far.hang_up(far, pair.now)
    pair.roundtrip()
    assert pair.told("near", CallEnded) == [CallEnded(near, "hung up")]
    assert pair.near.idle
    pair.wait(40.0)
    assert pair.near.get_timer() is None


def test_an_answer_that_nobody_acknowledges_is_given_up(far: Far) -> None:
    call = far.rings()
    far.near.answer(call, *PLACE, far.now)
    times = 0
    while call in far.near.calls and not (ended := far.told()):
        times += sum(r.status == 200 for r in far.heard())
        far.now = far.near.get_timer() or far.now
        far.near.handle_timer(far.now)
    assert ended == [CallEnded(call, "went silent")]
    assert times > 8
    far.heard()
    (bye,) = far.byes
    far.says(text_response(bye, 200))
    assert far.near.idle


@pytest.mark.parametrize("acknowledged", [True, False])
def test_no_bye_before_the_ack(far: Far, acknowledged: bool) -> None:
    call = far.rings()
    far.near.answer(call, *PLACE, far.now)
    far.near.hang_up(call, far.now)
    far.near.hang_up(call, far.now)
    far.heard()
    assert not far.byes
    if acknowledged:
        far.says(text_request("ACK", to_tag=far.tag, branch="z9hG4bKa"))
    else:
        far.near.handle_timer(far.now + 40.0)
        far.heard()
    assert far.byes
    assert far.told() == []


def test_a_call_that_nobody_answers_rings_out(far: Far) -> None:
    call = far.rings()
    assert far.near.get_timer() == far.now + LONGEST_RING
    far.near.handle_timer(far.now + LONGEST_RING)
    assert [r.status for r in far.heard()] == [486]
    assert far.told() == [CallEnded(call, "was not answered in time")]
    assert far.near.idle


@pytest.mark.parametrize("method", ["CANCEL", "BYE"])
def test_a_ringing_call_is_ended_by_its_caller(far: Far, method: str) -> None:
    call = far.rings()
    bye = {"to_tag": far.tag, "cseq": 2, "branch": "z9hG4bKb"} if method == "BYE" else {}
    assert far.says(text_request(method, **bye)) == [200, 487]  # type: ignore[arg-type]
    assert far.told() == [CallEnded(call, "cancelled")]
    with pytest.raises(NoSuchCall):
        far.near.answer(call, *PLACE, far.now)


def test_a_cancel_that_comes_too_late(far: Far) -> None:
    call = far.talks()
    assert far.says(text_request("CANCEL")) == [200]
    assert far.near.calls == (call,)
    assert far.told() == []


def test_both_hang_up_at_once(far: Far) -> None:
    call = far.talks()
    far.near.hang_up(call, far.now)
    far.heard()
    (ours,) = far.byes
    assert far.says(text_request("BYE", to_tag=far.tag, cseq=2, branch="z9hG4bKb")) == [200]
    assert far.told() == []
    far.says(text_response(ours, 481))
    assert far.near.idle


ODD = [
    ("INVITE", 2, ONLY_G729, 488),
    ("INVITE", 2, "hello", 488),
    ("INVITE", 1, OFFER, 500),
    ("OPTIONS", 2, "", 200),
    ("REFER", 2, "", 405),
]


@pytest.mark.parametrize(("method", "cseq", "body", "status"), ODD)
def test_odd_requests_leave_the_call_as_it_was(
    far: Far, method: str, cseq: int, body: str, status: int
) -> None:
    call = far.talks()
    odd = text_request(method, to_tag=far.tag, cseq=cseq, body=body, branch="z9hG4bKo")
    assert far.says(odd) == [status]
    assert far.near.calls == (call,)
    assert far.told() == []
    stranger = text_request("BYE", to_tag=far.tag, cseq=3, branch="z9hG4bKs", from_="<sip:x>;tag=y")
    assert far.says(stranger) == [481]


def test_a_change_of_what_is_not_answered_yet(far: Far) -> None:
    far.rings()
    early = text_request(to_tag=far.tag, cseq=2, branch="z9hG4bKe", body=OFFER)
    assert far.says(early) == [481]


def test_a_late_offer_and_its_answer(far: Far) -> None:
    call = far.talks("")
    far.says(text_request("ACK", to_tag=far.tag, branch="z9hG4bKa", body=OFFER))
    (event,) = far.told()
    assert isinstance(event, MediaChanged)
    assert (event.call, event.stream.port) == (call, 4000)
    assert far.near.is_known(text_request("BYE", to_tag=far.tag))


def test_a_late_answer_without_a_codec_of_ours(far: Far) -> None:
    call = far.talks("")
    far.says(text_request("ACK", to_tag=far.tag, branch="z9hG4bKa", body=ONLY_G729))
    assert far.told() == [CallEnded(call, "no common codec")]
    assert far.byes


def test_a_bye_follows_the_recorded_route(far: Far) -> None:
    route = "Record-Route: <sip:127.0.0.1:5099;lr>"
    far.near.receive_datagram(text_request(body=OFFER, extra=(route,)), FAR, far.now)
    (ringing,) = far.heard()
    (call,) = far.near.calls
    far.near.answer(call, *PLACE, far.now)
    assert far.heard()[0].every("Record-Route") == ["<sip:127.0.0.1:5099;lr>"]
    tag = ringing.to.tag
    far.says(text_request("ACK", to_tag=tag, branch="z9hG4bKa"))
    far.near.hang_up(call, far.now)
    ((data, where),) = far.near.datagrams_to_send()
    assert where == ("127.0.0.1", 5099)
    assert b"BYE sip:far@127.0.0.1:5070 " in data


def test_a_strangers_calls_ring_on_half_the_line_at_most(near: UserAgent) -> None:
    agent = pyvoip_line.agent()(
        replace(near.settings, max_calls=10, is_stranger=lambda host: True),
        tokens(),
        None,
        lambda: None,
    )
    far = Far(agent)
    statuses = [
        far.says(text_request(body=OFFER, call_id=f"c{n}", branch=f"z9hG4bK{n}")) for n in range(6)
    ]
    assert statuses == [[180]] * 5 + [[503]]
    agent.close()
