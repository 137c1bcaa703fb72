"""An INVITE that takes the place of another call (RFC 3891), and URIs that carry its name."""

from __future__ import annotations

import pytest

from callcenter.sip.errors import BadHeader
from callcenter.sip.signal.events import MediaChanged
from callcenter.sip.signal.headers import Uri
from callcenter.sip.signal.replaces import Replaces, carried
from tests.sip.pair import events_of
from tests.sip.raw import OFFER, ONLY_G729, requests, responses, text_request
from tests.sip.signal.test_calls_out import Caller
from tests.sip.signal.test_user_agent import Rig

THIRD = ("127.0.0.1", 5090)


def test_parse_and_str() -> None:
    text = "a@b;to-tag=x;from-tag=y;early-only"
    assert str(Replaces.parse(text)) == text
    assert Replaces.parse("a ; FROM-TAG = y;to-tag=x") == Replaces("a", "x", "y")
    for wrong in ("", "a", "a;to-tag=x", "a;from-tag=y", ";to-tag=x;from-tag=y", 'a;"'):
        with pytest.raises(BadHeader):
            Replaces.parse(wrong)


def test_a_uri_carries_it_and_nothing_else_is_honoured() -> None:
    named = "Replaces=a%40b%3Bto-tag%3Dx%3Bfrom-tag%3Dy"
    uri, found = carried(Uri.parse(f"sip:bob@h;transport=udp?Subject=x&{named}&Route=%3Csip:z%3E"))
    assert str(uri) == "sip:bob@h;transport=udp"
    assert found == Replaces("a@b", "x", "y")
    assert carried(Uri.parse("sip:bob@h")) == (Uri.parse("sip:bob@h"), None)
    with pytest.raises(BadHeader):
        carried(Uri.parse("sip:bob@h?Replaces=a"))


def replacing(named: str, *extra: str, body: str = OFFER, branch: str = "z9hG4bKt") -> bytes:
    data = text_request(
        body=body,
        call_id="third",
        branch=branch,
        from_="<sip:third@127.0.0.1>;tag=third",
        contact="<sip:third@127.0.0.1:5090>",
        extra=(f"Replaces: {named}", *extra),
    )
    return data.replace(b"127.0.0.1:5070", b"127.0.0.1:5090")


def test_somebody_takes_the_place_of_the_far_end() -> None:
    rig = Rig()
    call, tag = rig.talk()
    events_of(rig.agent)
    body = OFFER.replace("4000", "4900")
    (ok,) = rig.give(replacing(f"raw-1;to-tag={tag};from-tag=fartag", body=body), THIRD)
    assert (ok.status, ok.call_id) == (200, "third")
    assert b"m=audio 4002 " in ok.body
    (bye,) = requests(rig.sent)
    assert (bye.method, bye.call_id) == ("BYE", "raw-1")
    (change,) = events_of(rig.agent)
    assert isinstance(change, MediaChanged)
    assert (change.call, change.stream.port) == (call, 4900)
    assert rig.pass_time(0.6)[0] in (200, "BYE")
    ack = text_request(
        "ACK", to_tag=ok.to.tag, call_id="third", from_="<sip:t@h>;tag=third", branch="z9hG4bKa"
    )
    rig.give(ack, THIRD)
    old = text_request("BYE", to_tag=tag, cseq=5, branch="z9hG4bKold")
    assert rig.codes(old) == [481]
    rig.agent.hang_up(call, rig.now)
    ((data, address),) = rig.agent.datagrams_to_send()
    assert address == THIRD
    assert b"Call-ID: third" in data


def test_without_an_offer_it_gets_ours() -> None:
    rig = Rig()
    _, tag = rig.talk()
    events_of(rig.agent)
    (ok,) = rig.give(replacing(f"raw-1;to-tag={tag};from-tag=fartag", body=""), THIRD)
    assert b"a=sendrecv" in ok.body
    ack = text_request(
        "ACK",
        to_tag=ok.to.tag,
        call_id="third",
        from_="<sip:t@h>;tag=third",
        branch="z9hG4bKa",
        body=OFFER,
    )
    rig.give(ack, THIRD)
    assert [type(e) for e in events_of(rig.agent)] == [MediaChanged]


@pytest.mark.parametrize(
    ("named", "extra", "body", "status"),
    [
        ("other;to-tag={tag};from-tag=fartag", (), OFFER, 481),
        ("raw-1;to-tag=other;from-tag=fartag", (), OFFER, 481),
        ("raw-1;to-tag={tag};from-tag=other", (), OFFER, 481),
        ("raw-1;to-tag={tag};from-tag=fartag;early-only", (), OFFER, 486),
        ("raw-1;to-tag={tag}", (), OFFER, 400),
        ("raw-1;to-tag={tag};from-tag=fartag", ("Replaces: a;to-tag=b;from-tag=c",), OFFER, 400),
        ("raw-1;to-tag={tag};from-tag=fartag", (), ONLY_G729, 488),
        ("raw-1;to-tag={tag};from-tag=fartag", ("Record-Route: <broken>",), OFFER, 400),
    ],
)
def test_what_cannot_be_replaced(
    named: str, extra: tuple[str, ...], body: str, status: int
) -> None:
    rig = Rig()
    call, tag = rig.talk()
    events_of(rig.agent)
    assert rig.codes(replacing(named.format(tag=tag), *extra, body=body)) == [status]
    assert rig.agent.calls == (call,)
    assert events_of(rig.agent) == []
    assert rig.codes(text_request("BYE", to_tag=tag, cseq=2, branch="z9hG4bKb")) == [200]


def test_only_a_talking_call_is_replaced() -> None:
    rig = Rig()
    tag = rig.give(text_request(body=OFFER))[-1].to.tag
    named = f"raw-1;to-tag={tag};from-tag=fartag"
    assert rig.codes(replacing(named)) == [481]
    (call,) = rig.agent.calls
    rig.agent.answer(call, "127.0.0.1", 4002, rig.now)
    rig.agent.datagrams_to_send()
    assert rig.codes(replacing(named, branch="z9hG4bKt2").replace(b"Call-ID: third", b"i: t2")) == [
        491
    ]
    rig.give(text_request("ACK", to_tag=tag, branch="z9hG4bKa"))
    rig.agent.hang_up(call, rig.now)
    rig.agent.datagrams_to_send()
    assert rig.codes(replacing(named, branch="z9hG4bKt3").replace(b"Call-ID: third", b"i: t3")) == [
        603
    ]
    caller = Caller()
    caller.get(b"")
    mine = caller.invite
    named = f"{mine.call_id};to-tag={mine.from_.tag};from-tag=far"
    caller.agent.receive_datagram(replacing(named), THIRD, caller.now)
    assert [r.status for r in responses(caller.agent.datagrams_to_send())] == [481]


def test_the_one_who_was_replaced_is_held_no_more_and_full_houses_do_not_mind() -> None:
    rig = Rig(max_calls=1)
    call, tag = rig.talk()
    rig.agent.hold(call, True, rig.now)
    rig.agent.datagrams_to_send()
    (ok,) = rig.give(replacing(f"raw-1;to-tag={tag};from-tag=fartag"), THIRD)
    assert b"a=sendrecv" in ok.body
    assert [type(e) for e in events_of(rig.agent)] == [MediaChanged]
