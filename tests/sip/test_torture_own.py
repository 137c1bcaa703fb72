"""Our own torture messages, each with the answer that its file names."""

from __future__ import annotations

import pytest

from callcenter.sip.errors import NotSip
from callcenter.sip.signal.digest import Credentials
from callcenter.sip.signal.events import CallArrived, CallEnded
from callcenter.sip.signal.headers import NameAddr, Uri
from callcenter.sip.signal.message import BadMessage, parse
from callcenter.sip.signal.replaces import carried
from tests.sip.pair import events_of
from tests.sip.raw import FAR, OFFER, requests, responses, text_request, text_response
from tests.sip.signal.test_calls_out import Caller
from tests.sip.signal.test_user_agent import Rig
from tests.sip.torture import READERS, Torture, own
from tests.sip.wellformed import flaw

OWN = own()


def still_works(rig: Rig) -> None:
    """A call from somebody else is taken, and all that was begun comes to its end."""
    events_of(rig.agent)
    other = {"call_id": "other", "branch": "z9hG4bKother"}
    assert rig.codes(text_request(body=OFFER, **other)) == [100, 180]  # type: ignore[arg-type]
    for call in rig.agent.calls:
        rig.agent.hang_up(call, rig.now)
    rig.pass_time(70)
    assert rig.agent.idle
    assert rig.agent.get_timer() is None


@pytest.mark.parametrize("torture", OWN, ids=lambda t: t.name)
def test_each_is_answered_as_it_should_be(torture: Torture) -> None:
    rig = Rig()
    assert tuple(rig.codes(torture.data)) == torture.answers
    assert [flaw(data) for data, _ in rig.sent] == [""] * len(torture.answers)
    arrived = [e for e in events_of(rig.agent) if isinstance(e, CallArrived)]
    assert len(arrived) == (180 in torture.answers)
    still_works(rig)


@pytest.mark.parametrize("torture", [t for t in OWN if t.reads], ids=lambda t: t.name)
def test_each_is_read_as_it_should_be(torture: Torture) -> None:
    message = parse(torture.data)
    read = {name: str(READERS[name](message)) for name in torture.reads}
    assert read == torture.reads
    assert parse(bytes(message)) == message


def test_every_class_is_there() -> None:
    assert len(OWN) >= 49
    broken = [t for t in OWN if set(t.answers) & {400, 505} and t.name != "route-broken"]
    assert len(broken) >= 15
    for torture in broken:
        with pytest.raises(BadMessage) as caught:
            parse(torture.data)
        assert caught.value.status in torture.answers
    for name in ("answer-big-code", "answer-big-numbers"):
        with pytest.raises(NotSip):
            parse(next(t.data for t in OWN if t.name == name))


@pytest.mark.parametrize(
    "name", ["two-bodies", "two-bodies-alternative", "session-and-media-address"]
)
def test_such_a_call_can_be_answered(name: str) -> None:
    rig = Rig()
    rig.give(next(t.data for t in OWN if t.name == name))
    (call,) = rig.agent.calls
    stream = rig.agent.answer(call, "127.0.0.1", 4002, rig.now)
    assert stream is not None
    assert (stream.codec, stream.address) == ("PCMA", ("127.0.0.1", 4000))
    (ok,) = responses(rig.agent.datagrams_to_send())
    assert b"m=audio 4002 RTP/AVP 8 101" in ok.body


def test_what_a_stranger_writes_never_becomes_a_header_of_ours() -> None:
    rig = Rig()
    replaces = "Replaces=a%0D%0AEvil:1%3Bto-tag%3Db%3Bfrom-tag%3Dc"
    rig.agent.invite(Uri.parse(f"sip:7@127.0.0.1?{replaces}"), FAR, "1", ("127.0.0.1", 4), 1.0)
    ((data, _),) = rig.agent.datagrams_to_send()
    assert flaw(data) == ""
    assert b"Replaces: a  Evil:1;to-tag=b;from-tag=c\r\n" in data


def test_calls_in_other_alphabets_can_be_joined() -> None:
    rig = Rig()
    answered: list[str] = []
    for call_id in ("one", "\udce9\udcff"):
        rig.give(text_request(body=OFFER, call_id=call_id, branch=f"z9hG4bK{len(call_id)}"))
        (call,) = [c for c in rig.agent.calls if c not in answered]
        rig.agent.answer(call, "127.0.0.1", 4002, rig.now)
        answered.append(call)
    rig.agent.datagrams_to_send()
    rig.agent.transfer_to(*answered, rig.now)
    ((data, _),) = rig.agent.datagrams_to_send()
    (refer,) = requests([(data, FAR)])
    _, replaces = carried(NameAddr.parse(refer.first("Refer-To") or "").uri)
    assert replaces is not None
    assert replaces.call_id == "\udce9\udcff"


def test_a_challenge_in_another_alphabet_is_met() -> None:
    caller = Caller(Credentials("me", "秘密"))
    asked = 'WWW-Authenticate: Digest realm="J\udce9", nonce="\udcff", opaque="\\""'
    _, again = caller.get(text_response(caller.invite, 401, asked))
    assert 'realm="J\udce9"' in (again.first("Authorization") or "")


def test_who_never_says_more_than_ringing_is_not_waited_for_for_ever() -> None:
    rig = Rig()
    call, _ = rig.talk()
    rig.agent.hold(call, True, rig.now)
    (reinvite,) = requests(rig.agent.datagrams_to_send())
    rig.give(text_response(reinvite, 180))
    assert "BYE" not in rig.pass_time(800)
    assert "BYE" in rig.pass_time(200)
    assert [e for e in events_of(rig.agent) if isinstance(e, CallEnded)]
