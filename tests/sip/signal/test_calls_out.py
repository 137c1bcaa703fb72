"""Calls that we make, against hand-written answers: credentials, forks, refusals, bad sound."""

from __future__ import annotations

import pytest

from callcenter.core.errors import NotTaken
from callcenter.sip.signal.digest import Credentials
from callcenter.sip.signal.events import CallAnswered, CallNotTaken, CallRinging, SipEvent
from callcenter.sip.signal.headers import Uri
from callcenter.sip.signal.message import Request
from tests.sip.pair import events_of, make_agent
from tests.sip.raw import FAR, OFFER, ONLY_G729, requests, text_answer, text_response

CHALLENGE = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256'
PROXY = 'Proxy-Authenticate: Digest realm="r", nonce="n"'
ME = Credentials("me", "secret")


class Caller:
    """A user agent that has just sent an INVITE."""

    def __init__(
        self,
        credentials: Credentials | None = None,
        number: str = "1001",
        ring_seconds: float = 600.0,
    ) -> None:
        self.agent = make_agent(credentials=credentials, ring_seconds=ring_seconds)
        self.now = 5.0
        target = Uri.parse("sip:95000@127.0.0.1:5070")
        self.call = self.agent.invite(target, FAR, number, ("127.0.0.1", 4000), self.now)
        (self.invite,) = self.sent()

    def sent(self) -> list[Request]:
        return requests(self.agent.datagrams_to_send())

    def get(self, data: bytes) -> list[Request]:
        """What it sends after this datagram."""
        self.agent.receive_datagram(data, FAR, self.now)
        return self.sent()

    def told(self) -> list[SipEvent]:
        return events_of(self.agent)


def test_the_golden_invite() -> None:
    caller = Caller()
    head = bytes(caller.invite).partition(b"\r\n\r\n")[0].decode().split("\r\n")
    assert head == [
        "INVITE sip:95000@127.0.0.1:5070 SIP/2.0",
        "Via: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bK0000000000000004",
        "Max-Forwards: 70",
        "From: <sip:1001@127.0.0.1>;tag=0000000000000003",
        "To: <sip:95000@127.0.0.1:5070>",
        "Call-ID: 0000000000000005@127.0.0.1",
        "CSeq: 1 INVITE",
        "Contact: <sip:callcenter@127.0.0.1:5060>",
        "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, REFER, NOTIFY",
        "Accept: application/sdp",
        "Supported: 100rel, norefersub, replaces, timer",
        "Session-Expires: 1800",
        "Content-Type: application/sdp",
        f"Content-Length: {len(caller.invite.body)}",
    ]


def test_a_strange_number_is_escaped() -> None:
    caller = Caller(number='张 "3" <x>@')
    assert caller.invite.from_.uri.number == '张 "3" <x>@'


def test_progress_then_answer() -> None:
    caller = Caller()
    assert caller.get(text_response(caller.invite, 100, tag="")) == []
    assert caller.get(text_response(caller.invite, 183)) == []
    assert caller.get(text_response(caller.invite, 180)) == []
    (ack,) = caller.get(text_answer(caller.invite))
    assert (ack.method, ack.uri, ack.to.tag) == ("ACK", "sip:far@127.0.0.1:5070", "far")
    ringing, answered = caller.told()
    assert ringing == CallRinging(caller.call)
    assert isinstance(answered, CallAnswered)
    assert answered.stream.codec == "PCMA"
    assert [r.method for r in caller.get(text_answer(caller.invite))] == ["ACK"]
    assert caller.told() == []


def test_the_ack_goes_along_the_recorded_route() -> None:
    caller = Caller()
    route = "Record-Route: <sip:127.0.0.3:5080;lr>"
    caller.agent.receive_datagram(text_answer(caller.invite, OFFER, route), FAR, caller.now)
    ((_, address),) = caller.agent.datagrams_to_send()
    assert address == ("127.0.0.3", 5080)


@pytest.mark.parametrize(
    ("status", "challenge", "answer"),
    [(401, CHALLENGE, "Authorization"), (407, PROXY, "Proxy-Authorization")],
)
def test_credentials_are_given_once(status: int, challenge: str, answer: str) -> None:
    caller = Caller(ME)
    ack, again = caller.get(text_response(caller.invite, status, challenge))
    assert ack.method == "ACK"
    assert (again.method, again.cseq.number) == ("INVITE", 2)
    assert 'username="me"' in (again.first(answer) or "")
    assert again.via.branch != caller.invite.via.branch
    assert again.call_id == caller.invite.call_id
    assert [r.method for r in caller.get(text_response(again, status, challenge))] == ["ACK"]
    assert caller.told() == [CallNotTaken(caller.call, status, "So", NotTaken.UNREACHABLE)]


def test_credentials_after_progress_then_cancel() -> None:
    caller = Caller(ME)
    caller.get(text_response(caller.invite, 100, tag=""))
    _, again = caller.get(text_response(caller.invite, 401, CHALLENGE))
    caller.agent.hang_up(caller.call, caller.now)
    assert caller.sent() == []
    assert caller.get(text_response(caller.invite, 180)) == []
    (cancel,) = caller.get(text_response(again, 100, tag=""))
    assert (cancel.method, cancel.via.branch) == ("CANCEL", again.via.branch)
    assert caller.get(text_response(again, 180)) == []


@pytest.mark.parametrize("credentials", [None, ME])
def test_a_challenge_that_cannot_be_met_is_a_refusal(credentials: Credentials | None) -> None:
    caller = Caller(credentials)
    caller.get(text_response(caller.invite, 401, "WWW-Authenticate: Basic realm=x"))
    assert caller.told() == [CallNotTaken(caller.call, 401, "So", NotTaken.UNREACHABLE)]


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (302, NotTaken.UNREACHABLE),
        (403, NotTaken.REJECTED),
        (404, NotTaken.NOT_FOUND),
        (408, NotTaken.UNREACHABLE),
        (480, NotTaken.NO_ANSWER),
        (486, NotTaken.BUSY),
        (503, NotTaken.UNREACHABLE),
        (600, NotTaken.BUSY),
        (603, NotTaken.REJECTED),
    ],
)
def test_refusals(status: int, why: NotTaken) -> None:
    caller = Caller()
    (ack,) = caller.get(text_response(caller.invite, status))
    assert (ack.method, ack.via.branch, ack.to.tag) == ("ACK", caller.invite.via.branch, "far")
    assert [r.method for r in caller.get(text_response(caller.invite, status))] == ["ACK"]
    assert caller.told() == [CallNotTaken(caller.call, status, "So", why)]
    assert caller.agent.idle


@pytest.mark.parametrize("body", ["", "nonsense", ONLY_G729])
def test_an_answer_without_sound_that_we_speak(body: str) -> None:
    caller = Caller()
    sent = caller.get(text_answer(caller.invite, body))
    assert [r.method for r in sent] == ["ACK", "BYE"]
    assert caller.told() == [
        CallNotTaken(caller.call, 488, "Not Acceptable Here", NotTaken.UNREACHABLE)
    ]


def test_such_an_answer_to_a_cancelled_call() -> None:
    caller = Caller()
    caller.get(text_response(caller.invite, 180))
    caller.told()
    caller.agent.hang_up(caller.call, caller.now)
    assert [r.method for r in caller.get(text_answer(caller.invite, ""))] == [
        "CANCEL",
        "ACK",
        "BYE",
    ]
    assert caller.told() == [
        CallNotTaken(caller.call, 487, "Request Terminated", NotTaken.CANCELLED)
    ]


def test_an_answer_with_a_broken_route() -> None:
    caller = Caller()
    assert caller.get(text_answer(caller.invite, OFFER, "Record-Route: <broken>")) == []
    (refused,) = caller.told()
    assert isinstance(refused, CallNotTaken)
    assert (refused.status, refused.reason) == (500, "an answer without a usable route")


def test_when_two_phones_answer_the_second_is_sent_away() -> None:
    caller = Caller()
    caller.get(text_answer(caller.invite))
    ack, bye = caller.get(text_answer(caller.invite, tag="other"))
    assert (ack.method, ack.to.tag, bye.method, bye.to.tag) == ("ACK", "other", "BYE", "other")
    assert bye.uri == "sip:other@127.0.0.1:5070"
    assert caller.get(text_response(bye, 200)) == []
    broken = text_answer(caller.invite, OFFER, "Record-Route: <broken>", tag="third")
    assert caller.get(broken) == []
    assert caller.agent.calls == (caller.call,)


def moved(*contacts: str) -> tuple[str, ...]:
    return tuple(f"Contact: {c}" for c in contacts)


def test_a_call_follows_those_who_moved() -> None:
    caller = Caller()
    ack, again = caller.get(
        text_response(
            caller.invite,
            302,
            *moved("<sip:b@127.0.0.2:5072>;q=0.5", "<tel:+861>", "<sip:a@127.0.0.3>, *"),
        )
    )
    assert (ack.method, again.uri) == ("ACK", "sip:a@127.0.0.3")
    assert (again.call_id, again.from_.tag, again.to.tag, again.cseq.number) == (
        caller.invite.call_id,
        caller.invite.from_.tag,
        "",
        2,
    )
    caller.agent.receive_datagram(text_response(again, 486), FAR, caller.now)
    sent = caller.agent.datagrams_to_send()
    assert sent[-1][1] == ("127.0.0.2", 5072)
    (_, last) = requests(sent)
    assert last.uri == "sip:b@127.0.0.2:5072"
    ack, *more = caller.get(text_response(last, 302, *moved("<sip:c@127.0.0.4>")))
    assert more == []
    assert caller.told() == [CallNotTaken(caller.call, 302, "So", NotTaken.UNREACHABLE)]


def test_a_refusal_for_all_of_them_ends_it() -> None:
    caller = Caller()
    contacts = moved("<sip:a@h.example>", "<sip:b@h.example>")
    _, again = caller.get(text_response(caller.invite, 301, *contacts))
    assert [r.method for r in caller.get(text_response(again, 603))] == ["ACK"]
    assert caller.told() == [CallNotTaken(caller.call, 603, "So", NotTaken.REJECTED)]


@pytest.mark.parametrize(
    "contacts",
    [
        (),
        ("*",),
        ("<https://h.example>",),
        ("<sips:a@h.example>",),
        ("<sip:95000@127.0.0.1:5070>",),
        ("<sip:95000@127.0.0.1:5070?Subject=x>",),
        ('"',),
    ],
)
def test_who_names_nobody_else_refuses(contacts: tuple[str, ...]) -> None:
    caller = Caller()
    assert len(caller.get(text_response(caller.invite, 302, *moved(*contacts)))) == 1


def test_few_contacts_are_tried_and_none_twice() -> None:
    caller = Caller()
    contacts = moved(*(f"<sip:a{i % 6}@h.example>;q={'x' if i else 0.9}" for i in range(30)))
    _, invite = caller.get(text_response(caller.invite, 302, *contacts))
    tried = [invite.uri]
    while len(sent := caller.get(text_response(invite, 404))) == 2:
        invite = sent[1]
        tried.append(invite.uri)
    assert len(tried) == len(set(tried)) == 4


def test_a_cancelled_call_follows_nobody() -> None:
    caller = Caller()
    caller.get(text_response(caller.invite, 180))
    caller.agent.hang_up(caller.call, caller.now)
    caller.sent()
    assert len(caller.get(text_response(caller.invite, 302, *moved("<sip:a@h.example>")))) == 1


def test_credentials_are_for_one_address() -> None:
    caller = Caller(ME)
    _, again = caller.get(text_response(caller.invite, 401, CHALLENGE))
    _, elsewhere = caller.get(text_response(again, 302, *moved("<sip:a@127.0.0.3>")))
    assert elsewhere.first("Authorization") is None
    _, known = caller.get(text_response(elsewhere, 401, CHALLENGE))
    assert "127.0.0.3" in (known.first("Authorization") or "")


@pytest.mark.parametrize(("stirs", "sent"), [(True, ["CANCEL"]), (False, [])])
def test_nobody_answers_in_time(stirs: bool, sent: list[str]) -> None:
    caller = Caller(ring_seconds=20.0)
    if stirs:
        caller.get(text_response(caller.invite, 180))
        caller.told()
    caller.now += 20
    caller.agent.handle_timer(caller.now - 0.1)
    caller.sent()
    caller.agent.handle_timer(caller.now)
    assert [r.method for r in caller.sent() if r.method != "INVITE"] == sent
    if not stirs:
        assert [r.method for r in caller.get(text_response(caller.invite, 180))] == ["CANCEL"]
    caller.get(text_response(caller.invite, 487))
    why = CallNotTaken(caller.call, 408, "nobody answered", NotTaken.NO_ANSWER)
    assert caller.told() == [why]


def test_a_408_after_ringing_is_no_answer() -> None:
    caller = Caller()
    caller.get(text_response(caller.invite, 180))
    caller.told()
    caller.get(text_response(caller.invite, 408))
    assert caller.told() == [CallNotTaken(caller.call, 408, "So", NotTaken.NO_ANSWER)]


def test_an_answer_just_after_we_gave_up_is_sent_away() -> None:
    caller = Caller()
    caller.get(text_response(caller.invite, 180))
    caller.told()
    caller.now += 600
    caller.agent.handle_timer(caller.now)
    caller.sent()
    assert [r.method for r in caller.get(text_answer(caller.invite))] == ["ACK", "BYE"]
    assert isinstance(caller.told()[-1], CallNotTaken)


def test_answers_of_others_are_met_with_silence() -> None:
    caller = Caller()
    foreign = text_answer(caller.invite).replace(b"branch=z9hG4bK", b"branch=z9hG4bKx")
    assert caller.get(foreign) == []
    assert caller.told() == []
