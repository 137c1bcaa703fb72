"""Nobody calls through us, and who must log in does: each way of abuse, over messages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callcenter.sip.signal.admission import Entrance
from callcenter.sip.signal.digest import Credentials, authorization, parse_challenge
from callcenter.sip.signal.doorkeeper import GUESSES_SECONDS, MOST_GUESSES, Doorkeeper, Verdict
from callcenter.sip.signal.events import CallArrived, CallNotTaken, TransferAsked
from callcenter.sip.signal.headers import Uri
from callcenter.sip.signal.login import Accounts, Login
from callcenter.sip.signal.message import Request, Response, parse
from callcenter.sip.signal.settings import Settings
from callcenter.sip.signal.user_agent import UserAgent
from tests.sip.pair import events_of, make_agent
from tests.sip.raw import OFFER, text_request, text_response, tokens

KNOWN, STRANGER = ("192.0.2.1", 5070), ("198.51.100.1", 5070)
WHO = Credentials("2001", "correct horse")


class House:
    """A user agent whose doorkeeper knows KNOWN by the list."""

    def __init__(self, *, login: bool = False, strangers: bool = False, **changes: object) -> None:
        self.door = Doorkeeper(["192.0.2.0/28"], closed=not strangers)
        entrance = None
        if login:
            accounts = Login(Accounts({WHO.user: WHO.password}), tokens())
            entrance = Entrance(accounts, self.door, strangers=strangers)
        settings = Settings(
            "203.0.113.9",
            5060,
            is_stranger=self.door.is_stranger,
            entrance=entrance,
            hosts=frozenset({"203.0.113.9"}),
        )
        self.agent = UserAgent(replace(settings, **changes), tokens())  # type: ignore[arg-type]
        self.now = 10.0
        self._branches = tokens()

    def give(self, data: bytes, source: tuple[str, int]) -> list[Request | Response]:
        self.agent.receive_datagram(data, source, self.now)
        return [parse(data) for data, _ in self.agent.datagrams_to_send()]

    def ask(
        self,
        source: tuple[str, int],
        method: str = "INVITE",
        *extra: str,
        uri: str = "sip:95000@203.0.113.9",
        **more: str,
    ) -> list[int | str]:
        """The statuses and methods of all that goes out in answer to a new request."""
        fresh = self._branches()
        body = OFFER if method == "INVITE" else ""
        what = {"call_id": fresh, "branch": f"z9hG4bK{fresh}", **more}
        sent = self.give(text_request(method, body=body, extra=extra, uri=uri, **what), source)
        return [m.status if isinstance(m, Response) else m.method for m in sent]

    def talk(self, source: tuple[str, int] = KNOWN) -> tuple[str, str]:
        """An answered call, and our tag in it."""
        sent = self.give(text_request(body=OFFER, uri="sip:95000@203.0.113.9"), source)
        ringing = [m for m in sent if isinstance(m, Response)][-1]
        (call,) = self.agent.calls
        self.agent.answer(call, "203.0.113.9", 4000, self.now)
        self.agent.datagrams_to_send()
        self.give(text_request("ACK", to_tag=ringing.to.tag, branch="z9hG4bKack"), source)
        return call, ringing.to.tag


def test_a_stranger_calls_us_and_nobody_else() -> None:
    house = House()
    assert house.ask(STRANGER) == [100, 180]
    assert house.ask(STRANGER, uri="sip:95000@gateway.example") == [100, 180]
    assert house.ask(STRANGER, uri="sip:0085212345678@192.0.2.77") == [404]
    assert house.ask(STRANGER, uri="sip:0085212345678@[2001:db8::1]:5060") == [404]
    assert house.ask(KNOWN, uri="sip:95000@192.0.2.77") == [100, 180]
    by_proxy = "Via: SIP/2.0/UDP 203.0.113.77;branch=z9hG4bKcaller"
    assert house.ask(STRANGER, "INVITE", by_proxy, uri="sip:95000@203.0.113.1") == [100, 180]


def test_a_route_through_us_leads_nowhere() -> None:
    house = House()
    route = "Route: <sip:203.0.113.9;lr>, <sip:carrier.example;lr>"
    sent = house.ask(STRANGER, "INVITE", route)
    assert [m for m in sent if not isinstance(m, int)] == [], "no request goes out"


@pytest.mark.parametrize("method", ["REGISTER", "SUBSCRIBE", "PUBLISH", "MESSAGE", "INFO"])
def test_what_only_a_proxy_does_is_not_done(method: str) -> None:
    assert House().ask(STRANGER, method) == [405]


def test_a_stranger_cannot_have_us_call_somebody() -> None:
    house = House()
    refer_to = "Refer-To: <sip:0085212345678@carrier.example>"
    assert house.ask(STRANGER, "REFER", refer_to) == [603]
    assert house.ask(KNOWN, "REFER", refer_to) == [603]
    assert events_of(house.agent) == []


def test_who_talks_with_us_asks_and_nothing_is_called_until_somebody_agrees() -> None:
    house = House()
    call, tag = house.talk(STRANGER)
    refer = text_request(
        "REFER",
        to_tag=tag,
        cseq=2,
        branch="z9hG4bKr",
        extra=["Refer-To: <sip:0085212345678@carrier.example>"],
    )
    assert house.give(refer, STRANGER) == []
    assert [e for e in events_of(house.agent) if isinstance(e, TransferAsked)]
    house.agent.take_transfer(call, False, house.now)
    (declined,) = [parse(data) for data, _ in house.agent.datagrams_to_send()]
    assert isinstance(declined, Response)
    assert declined.status == 603


def test_a_stranger_cannot_take_the_place_of_somebody() -> None:
    house = House()
    _, tag = house.talk()
    replaces = f"Replaces: raw-1;to-tag={tag};from-tag=fartag"
    assert house.ask(STRANGER, "INVITE", replaces) == [403]
    assert house.ask(("192.0.2.2", 5070), "INVITE", replaces) == ["BYE", 200]


def test_the_far_end_of_a_call_may_replace_itself() -> None:
    house = House()
    _, tag = house.talk(STRANGER)
    replaces = f"Replaces: raw-1;to-tag={tag};from-tag=fartag"
    assert house.ask(("198.51.100.2", 5070), "INVITE", replaces) == [403]
    assert house.ask(("198.51.100.1", 5099), "INVITE", replaces) == ["BYE", 200]


def test_a_redirection_goes_only_where_we_would_dial() -> None:
    allowed = "sip:95001@127.0.0.1:5080"
    settings = replace(make_agent().settings, may_reach=lambda uri: uri == allowed)
    agent = UserAgent(settings, tokens())
    far = ("127.0.0.1", 5070)
    agent.invite(Uri.parse("sip:x@127.0.0.1:5070"), far, "138", ("127.0.0.1", 4000), 0.0)
    ((data, _),) = agent.datagrams_to_send()
    first = parse(data)
    assert isinstance(first, Request)
    moved = f"Contact: <sip:0085212345678@127.0.0.1:5070>;q=1, <{allowed}>;q=0.5"
    agent.receive_datagram(text_response(first, 302, moved), far, 0.0)
    sent = [parse(data) for data, _ in agent.datagrams_to_send()]
    called = [m.uri for m in sent if isinstance(m, Request) and m.method == "INVITE"]
    assert called == [allowed]
    second = next(m for m in sent if isinstance(m, Request) and m.method == "INVITE")
    agent.receive_datagram(text_response(second, 404), ("127.0.0.1", 5080), 0.0)
    (refused,) = events_of(agent)
    assert isinstance(refused, CallNotTaken)


# -- who must log in ------------------------------------------------------------------------------


def credentials(
    refusal: Response, who: Credentials = WHO, uri: str = "sip:95000@203.0.113.9"
) -> str:
    asked = parse_challenge(refusal.every("WWW-Authenticate")[0])
    return "Authorization: " + authorization(asked, who, "INVITE", uri, "c0")


def first_try(house: House, source: tuple[str, int]) -> Response:
    data = text_request(body=OFFER, uri="sip:95000@203.0.113.9")
    (refusal,) = house.give(data, source)
    assert isinstance(refusal, Response)
    assert refusal.status == 401
    assert house.give(data, source) == [refusal], "a repetition gets the same"
    ack = text_request("ACK", to_tag=refusal.to.tag)
    assert house.give(ack, source) == []
    return refusal


@pytest.mark.parametrize("source", [KNOWN, STRANGER])
def test_everybody_logs_in_where_everybody_must(source: tuple[str, int]) -> None:
    house = House(login=True)
    refusal = first_try(house, source)
    assert events_of(house.agent) == []
    assert house.agent.calls == ()
    assert house.ask(source, "INVITE", credentials(refusal)) == [100, 180]
    (arrived,) = events_of(house.agent)
    assert isinstance(arrived, CallArrived)


def test_the_registrar_never_has_to() -> None:
    house = House(login=True)
    house.door.trust("192.0.2.200")
    assert house.ask(("192.0.2.200", 5060)) == [100, 180]


def test_only_strangers_log_in_where_only_they_must() -> None:
    house = House(login=True, strangers=True)
    assert house.door.judge(STRANGER[0], 0.0) is Verdict.WELCOME
    assert house.ask(KNOWN) == [100, 180]
    assert house.ask(STRANGER) == [401]
    assert house.ask(STRANGER, "OPTIONS") == [200], "whether we are there may be asked"


def test_what_they_logged_in_for_may_be_anywhere() -> None:
    """Who logs in is no stranger, whatever they call us."""
    house = House(login=True)
    uri = "sip:95000@192.0.2.77"
    said = credentials(first_try(house, STRANGER), uri=uri)
    assert house.ask(STRANGER, "INVITE", said, uri=uri) == [100, 180]


def test_who_guesses_is_shut_out_for_a_while() -> None:
    house, wrong = House(login=True, strangers=True), Credentials("2001", "guess")
    for _ in range(MOST_GUESSES):
        assert house.door.judge(STRANGER[0], house.now) is Verdict.WELCOME
        data = text_request(body=OFFER, call_id=house._branches(), branch=house._branches())
        (refusal,) = house.give(data, STRANGER)
        assert isinstance(refusal, Response)
        assert house.ask(STRANGER, "INVITE", credentials(refusal, wrong)) == [401]
    assert house.door.wrong_logins == MOST_GUESSES
    assert house.door.judge(STRANGER[0], house.now + GUESSES_SECONDS - 1) is Verdict.SHUT_OUT
    assert house.door.judge(KNOWN[0], house.now) is Verdict.WELCOME
    assert house.door.judge(STRANGER[0], house.now + GUESSES_SECONDS) is Verdict.WELCOME


def test_a_full_house_asks_for_the_password_first() -> None:
    house = House(login=True, max_calls=1)
    said = credentials(first_try(house, STRANGER))
    assert house.ask(STRANGER, "INVITE", said) == [100, 180]
    assert house.ask(STRANGER) == [401]
    answered = house.give(
        text_request(body=OFFER, call_id="x", branch="z9hG4bKx", uri="sip:95000@203.0.113.9"),
        STRANGER,
    )
    assert isinstance(answered[0], Response)
    assert house.ask(STRANGER, "INVITE", credentials(answered[0])) == [503]


def test_we_meet_our_own_challenge() -> None:
    """The two halves of digest fit: a line of ours calls another that asks for a password."""
    house = House(login=True)
    caller = make_agent(("198.51.100.1", 5070), credentials=WHO)
    caller.invite(
        Uri.parse("sip:95000@203.0.113.9"), ("203.0.113.9", 5060), "138", ("127.0.0.1", 4000), 1.0
    )
    for _ in range(3):
        for data, _ in caller.datagrams_to_send():
            house.agent.receive_datagram(data, STRANGER, house.now)
        for data, _ in house.agent.datagrams_to_send():
            caller.receive_datagram(data, ("203.0.113.9", 5060), 1.0)
    assert [type(e) for e in events_of(house.agent)] == [CallArrived]
