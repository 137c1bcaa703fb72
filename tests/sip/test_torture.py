"""The 49 messages of RFC 4475, each with the outcome that the RFC names for a telephone.

Where the RFC leaves a choice (refuse, or be liberal) the table says which one is ours.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from callcenter.sip.errors import NotSip
from callcenter.sip.signal.events import CallAnswered, CallNotTaken
from callcenter.sip.signal.message import BadMessage, Request, Response, parse
from tests.sip.signal.test_calls_out import Caller
from tests.sip.signal.test_user_agent import Rig
from tests.sip.test_torture_own import still_works
from tests.sip.torture import READERS, RFC_4475, needs_rfc_4475
from tests.sip.wellformed import flaw

pytestmark = needs_rfc_4475
RINGS = (100, 180)
NOTHING = ()


@dataclass(frozen=True)
class Case:
    """A message by its name in the RFC; what answers it, and what must be read from it."""

    section: str
    name: str
    answers: tuple[int, ...]
    reads: dict[str, object] = field(default_factory=dict)


LONG = "long" * 20
CASES = (
    # Valid: all of them must be understood.
    Case(
        "3.1.1.1",
        "wsinv",
        (481,),  # it has a To tag, of a call that we do not know
        {
            "uri": "sip:vivekg@chair-dnrc.example.com;unknownparam",
            "from": "sip:jdrosen@example.com",
            "from name": 'J Rosenberg \\"',
            "from tag": "98asjd8",
            "to": "sip:vivekg@chair-dnrc.example.com",
            "to tag": "1918181833n",
            "hops": "0068",
            "cseq": 9,
            "vias": 3,
            "via": "UDP 192.0.2.2",
            "branch": "390skdjuw",
            "contact": "sip:jdrosen@example.com",
            "body": 150,
        },
    ),
    Case(
        "3.1.1.2",
        "intmeth",
        (501,),
        {
            "method": "!interesting-Method0123456789_*+`.%indeed'~",
            "to": "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com",
            "to name": "BEL:\x07 NUL:\x00 DEL:\x7f",
            "from name": "token1~` token2'+_ token3*%!.-",
            "from tag": "_token~1'+`*%!-.",
            "branch": "z9hG4bK-.!%66*_+`'~",
            "call id": "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{",
            "cseq": 139122385,
        },
    ),
    Case(
        "3.1.1.3",
        "esc01",
        RINGS,
        {
            "uri": "sip:sips%3Auser%40example.com@example.net",
            "to number": "user",
            "from number": "I have spaces",
            "body": 150,
        },
    ),
    Case("3.1.1.4", "escnull", (405,), {"from": "sip:null-%00-null@example.com", "contacts": 2}),
    Case("3.1.1.5", "esc02", (501,), {"method": "RE%47IST%45R", "contacts": 2, "to name": "%Z%45"}),
    Case(
        "3.1.1.6",
        "lwsdisp",
        (200,),
        {"from name": "caller", "from": "sip:caller@example.com", "from tag": "323"},
    ),
    Case(
        "3.1.1.7",
        "longreq",
        RINGS,
        {
            "vias": 34,
            "cseq": 3882340,
            "from": f"sip:{'amazinglylongcallername' * 5}@example.net",
            "contacts": 1,
            "body": 150,
        },
    ),
    Case("3.1.1.8", "dblreq", (405,), {"method": "REGISTER", "body": 0}),
    Case(
        "3.1.1.9",
        "semiuri",
        (200,),
        {"uri": "sip:user;par=u%40example.net@example.com", "to": "sip:j_user@example.com"},
    ),
    Case("3.1.1.10", "transports", (200,), {"vias": 5, "via": "UDP t1.example.com"}),
    Case("3.1.1.11", "mpart01", (405,), {"body": 553, "from": "sip:fluffy@example.com"}),
    Case(
        "3.1.1.12",
        "unreason",
        NOTHING,
        {"status": 200, "reason": "= 2**3 * 5**2 но сто девяносто девять - простое", "body": 154},
    ),
    Case("3.1.1.13", "noreason", NOTHING, {"status": 100, "reason": "", "cseq": 35}),
    # Broken: refused, or read as they were meant where the RFC allows it.
    Case("3.1.2.1", "badinv01", (400,)),
    Case("3.1.2.2", "clerr", (400,)),
    Case("3.1.2.3", "ncl", (400,)),
    Case("3.1.2.4", "scalar02", (400,)),
    Case("3.1.2.5", "scalarlg", NOTHING),
    Case("3.1.2.6", "quotbal", (400,)),
    Case("3.1.2.7", "ltgtruri", (400,)),
    Case("3.1.2.8", "lwsruri", (400,)),
    Case("3.1.2.9", "lwsstart", RINGS, {"uri": "sip:user@example.com"}),
    Case("3.1.2.10", "trws", (200,), {"uri": "sip:remote-target@example.com"}),
    Case("3.1.2.11", "escruri", RINGS, {"to": "sip:user@example.com"}),
    Case("3.1.2.12", "baddate", RINGS, {"cseq": 1392934}),
    Case("3.1.2.13", "regbadct", (405,), {"method": "REGISTER"}),
    Case("3.1.2.14", "badaspec", (200,), {"to": "sip:t.watson@example.org"}),
    Case("3.1.2.15", "baddn", (200,), {"from": "sip:a.g.bell@example.com", "from tag": "43"}),
    Case("3.1.2.16", "badvers", (505,)),
    Case("3.1.2.17", "mismatch01", (400,)),
    Case("3.1.2.18", "mismatch02", (400,)),
    Case("3.1.2.19", "bigcode", NOTHING),
    # What transactions make of it.
    Case("3.2.1", "badbranch", (200,), {"branch": "z9hG4bK"}),
    # What a telephone makes of it.
    Case("3.3.1", "insuf", (400,)),
    Case("3.3.2", "unkscm", (416,), {"uri": "nobodyKnowsThisScheme:totallyopaquecontent"}),
    Case("3.3.3", "novelsc", (416,), {"uri": "soap.beep://192.0.2.103:3002"}),
    Case("3.3.4", "unksm2", (405,), {"to": "isbn:2983792873", "contact": "name:John_Smith"}),
    Case("3.3.5", "bext01", (420,)),
    Case("3.3.6", "invut", (415,), {"body": 40}),
    Case("3.3.7", "regaut01", (405,), {"method": "REGISTER"}),
    Case("3.3.8", "multi01", (400,)),
    Case("3.3.9", "mcl01", (400,)),
    Case("3.3.10", "bcast", NOTHING, {"vias": 2}),
    Case("3.3.11", "zeromf", (200,), {"hops": "0"}),
    Case("3.3.12", "cparam01", (405,), {"contact": "sip:+19725552222@gw1.example.net"}),
    Case(
        "3.3.13", "cparam02", (405,), {"contact": "sip:+19725552222@gw1.example.net;unknownparam"}
    ),
    Case(
        "3.3.14",
        "regescrt",
        (405,),
        {"contact": "sip:user@example.com?Route=%3Csip:sip.example.com%3E"},
    ),
    Case("3.3.15", "sdp01", (406,)),
    Case(
        "3.4.1",
        "inv2543",
        RINGS,
        {
            "branch": "",
            "from": "sip:+13035551111@ift.client.example.net;user=phone",
            "from tag": "",
            "contact": "None",
            "body": 105,
        },
    ),
)


def wire(name: str) -> bytes:
    return (RFC_4475 / f"{name}.dat").read_bytes()


def test_none_is_left_out() -> None:
    assert len(CASES) == 49
    assert {c.name for c in CASES} == {f.stem for f in RFC_4475.glob("*.dat")}


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.section} {c.name}")
def test_the_outcome_that_the_rfc_names(case: Case) -> None:
    rig = Rig()
    assert tuple(rig.codes(wire(case.name))) == case.answers
    assert [flaw(data) for data, _ in rig.sent] == [""] * len(case.answers)
    assert len(rig.agent.calls) == (case.answers == RINGS)
    still_works(rig)


@pytest.mark.parametrize("case", [c for c in CASES if c.reads], ids=lambda c: c.name)
def test_what_is_read(case: Case) -> None:
    message = parse(wire(case.name))
    assert {name: READERS[name](message) for name in case.reads} == case.reads
    assert parse(bytes(message)) == message


def test_the_refusals_say_why() -> None:
    rig = Rig()
    (refusal,) = rig.give(wire("bext01"))
    assert refusal.first("Unsupported") == "nothingSupportsThis, nothingSupportsThisEither"
    (refusal,) = Rig().give(wire("invut"))
    assert refusal.first("Accept") == "application/sdp"
    (refusal,) = Rig().give(wire("novelsc"))
    assert refusal.call_id == "novelsc.asdfasser0q239nwsdfasdkl34"
    for case in CASES:
        if case.answers == (400,):
            with pytest.raises(BadMessage) as caught:
                parse(wire(case.name))
            assert caught.value.status == 400
            assert caught.value.reason
    for name in ("scalarlg", "bigcode"):
        with pytest.raises(NotSip):
            parse(wire(name))


def test_escaped_parameters_are_understood() -> None:
    contact = parse(wire("esc01")).contact
    assert contact is not None
    assert (contact.get("lr"), contact.get("name")) == ("", "value%41")


def test_the_same_branch_of_a_cookie_alone_is_not_the_same_request() -> None:
    rig = Rig()
    first = wire("badbranch")
    assert rig.codes(first) == [200]
    assert rig.codes(first) == [200]
    another = first.replace(b"badbranch.", b"another.").replace(b"OPTIONS", b"BYE")
    assert rig.codes(another) == [481]


def to_our_call(name: str, caller: Caller, status: bytes = b"") -> bytes:
    """The RFC's response as it would come to a call of ours; `status` replaces its start line."""
    head, _, body = wire(name).partition(b"\r\n\r\n")
    start, *lines = head.split(b"\r\n")
    ours = ("Via", "From", "Call-ID", "CSeq")
    own = [f"{n}: {v}".encode() for n, v in caller.invite.headers if n in ours]
    to = f"To: {caller.invite.first('To')};tag=far".encode()
    kept = [line for line in lines[1:] if line.startswith((b"Via", b"Content-T", b"Retry"))]
    if name != "bcast":
        kept = [line for line in kept if not line.startswith(b"Via")]
    contact = b"Contact: <sip:far@127.0.0.1:5070>"
    return b"\r\n".join([status or start, *own, to, contact, *kept]) + b"\r\n\r\n" + body


def test_responses_that_come_to_a_call_of_ours() -> None:
    caller = Caller()
    for name in ("noreason", "bigcode", "bcast"):
        assert caller.get(to_our_call(name, caller)) == []
        assert caller.told() == []
    huge = to_our_call("scalarlg", caller).replace(b" INVITE", b"9292394834772304023312 INVITE")
    assert caller.get(huge) == []
    (ack,) = caller.get(to_our_call("unreason", caller).replace(b"/AVP 0 12", b"/AVP 0"))
    assert ack.method == "ACK"
    (answered,) = caller.told()
    assert isinstance(answered, CallAnswered)


def test_an_overlarge_retry_after_is_a_refusal_like_any() -> None:
    caller = Caller()
    (ack,) = caller.get(to_our_call("scalarlg", caller))
    assert ack.method == "ACK"
    (refused,) = caller.told()
    assert isinstance(refused, CallNotTaken)
    assert (refused.status, refused.reason) == (503, "Service Unavailable")


def test_the_calls_can_be_answered_and_ended() -> None:
    for case in CASES:
        if case.answers != RINGS:
            continue
        rig = Rig()
        rig.give(wire(case.name))
        (call,) = rig.agent.calls
        rig.agent.answer(call, "127.0.0.1", 4002, rig.now)
        (ok,) = [parse(data) for data, _ in rig.agent.datagrams_to_send()]
        assert isinstance(ok, Response)
        invite = parse(wire(case.name))
        assert isinstance(invite, Request)
        ack = invite.with_header("To", ok.first("To") or "")
        ack = ack.with_header("CSeq", f"{invite.cseq.number} ACK")
        rig.give(bytes(Request(ack.headers, b"", "ACK", invite.uri)))
        rig.agent.hang_up(call, rig.now)
        (bye,) = [parse(data) for data, _ in rig.agent.datagrams_to_send()]
        assert isinstance(bye, Request)
        assert bye.method == "BYE"
