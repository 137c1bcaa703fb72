"""Registrars and calls that go to the next place (RFC 3263 §4.3), and ways that are kept open."""

from __future__ import annotations

import pytest

from callcenter.core.errors import NotTaken
from callcenter.sip.signal.digest import Credentials
from callcenter.sip.signal.events import CallAnswered, CallNotTaken, RegistrationChanged, SipEvent
from callcenter.sip.signal.framing import PING
from callcenter.sip.signal.headers import Uri
from callcenter.sip.signal.hops import Flow, Hop
from callcenter.sip.signal.message import Request, parse
from callcenter.sip.signal.registration import Registrar
from callcenter.sip.signal.settings import Settings
from callcenter.sip.signal.transaction import HASTE
from callcenter.sip.signal.user_agent import UserAgent
from tests.sip.pair import events_of
from tests.sip.raw import text_answer, text_response, tokens

A, B, C = (("127.0.0.1", port) for port in (5071, 5072, 5073))
ASKED = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"'
SOUND = ("127.0.0.1", 4000)


class Rig:
    """A user agent, the requests that it sends and where they go."""

    def __init__(self, keep_alive: float = 0.0) -> None:
        credentials = Credentials("me", "secret")
        settings = Settings(
            "127.0.0.1", 5060, credentials=credentials, keep_alive=keep_alive, ring_seconds=600
        )
        self.agent = UserAgent(settings, tokens())
        self.now = 100.0
        self.last: Request

    def register(self, *ways: Hop) -> list[tuple[str, Hop]]:
        registrar = Registrar("pbx.test", 0, "me", "secret", 100)
        self.agent.register(registrar, ways[0], self.now, ways[1:])
        return self.sent()

    def call(self, *ways: Hop) -> list[tuple[str, Hop]]:
        target = Uri.parse("sip:7@pbx.test")
        self.agent.invite(target, ways[0], "1", SOUND, self.now, ways[1:])
        return self.sent()

    def sent(self) -> list[tuple[str, Hop]]:
        found: list[tuple[str, Hop]] = []
        for data, way in self.agent.datagrams_to_send():
            if data == PING:
                found.append(("ping", way))
                continue
            message = parse(data)
            assert isinstance(message, Request)
            found.append((message.method, way))
            self.last = message if message.method != "ACK" else self.last
        return found

    def get(self, status: int, *extra: str) -> list[tuple[str, Hop]]:
        self.agent.receive_datagram(text_response(self.last, status, *extra), A, self.now)
        return self.sent()

    def wait(self, seconds: float) -> list[tuple[str, Hop]]:
        end, found = self.now + seconds, list[tuple[str, Hop]]()
        while (at := self.agent.get_timer()) is not None and at <= end:
            self.now = max(at, self.now)
            self.agent.handle_timer(self.now)
            found += self.sent()
        self.now = end
        return found

    def told(self) -> list[SipEvent]:
        return events_of(self.agent)


def test_a_registrar_that_is_silent_is_not_the_only_one() -> None:
    rig = Rig()
    assert rig.register(A, B) == [("REGISTER", A)]
    assert rig.last.uri == "sip:pbx.test"
    heard = rig.wait(HASTE)
    assert heard == [*[("REGISTER", A)] * 3, ("REGISTER", B)]
    rig.get(200)
    assert rig.told() == [RegistrationChanged(True, "for 100 s")]
    assert rig.agent.registration is not None
    assert rig.agent.registration.address == B
    assert rig.wait(80) == [("REGISTER", B)], "refreshed where it is registered"


def test_each_registrar_is_tried_before_it_rests() -> None:
    rig = Rig()
    rig.register(A, B, C)
    assert rig.get(503, "Retry-After: 9") == [("REGISTER", B)]
    assert rig.get(401, ASKED) == [("REGISTER", B)]
    assert rig.get(503) == [("REGISTER", C)]
    assert rig.last.first("Authorization") is None, "it was made for another one's challenge"
    assert rig.get(503) == []
    assert rig.told() == [RegistrationChanged(False, "refused: 503 So")]
    assert rig.wait(2) == [("REGISTER", C)]
    assert rig.get(403) == [], "a refusal is one for all of them"


def test_the_last_one_is_waited_for_as_long_as_ever() -> None:
    rig = Rig()
    rig.register(A, B)
    assert rig.wait(HASTE)[-1] == ("REGISTER", B)
    assert rig.wait(31)[-1] == ("REGISTER", B)
    assert rig.told() == []
    rig.wait(2)
    assert rig.told() == [RegistrationChanged(False, "refused: 408 Request Timeout")]


def test_a_registrar_that_cannot_be_connected_to() -> None:
    rig = Rig()
    first, second = Flow("127.0.0.1", 5071, "TCP"), Flow("127.0.0.1", 5072, "TCP")
    rig.register(first, second)
    rig.agent.connection_lost(first, "refused", rig.now)
    assert rig.sent() == [("REGISTER", second)]


def test_a_registrar_that_moved() -> None:
    rig = Rig()
    rig.register(A)
    rig.get(200)
    assert rig.register(B) == []
    assert rig.wait(80) == [("REGISTER", B)]


def test_leaving_goes_elsewhere_too() -> None:
    rig = Rig()
    rig.register(A, B)
    rig.get(200)
    rig.agent.unregister(rig.now)
    rig.sent()
    assert rig.get(503) == [("REGISTER", B)]
    assert rig.last.first("Expires") == "0"
    rig.get(200)
    assert rig.agent.idle


def test_a_call_goes_on_to_who_stirs() -> None:
    rig = Rig()
    assert rig.call(A, B, C) == [("INVITE", A)]
    first = rig.last
    assert rig.wait(HASTE)[-1] == ("INVITE", B)
    assert (rig.last.call_id, rig.last.uri) == (first.call_id, first.uri)
    assert rig.last.via.branch != first.via.branch
    assert rig.get(503) == [("ACK", B), ("INVITE", C)]
    rig.get(100)
    rig.agent.receive_datagram(text_answer(rig.last), C, rig.now)
    assert [type(event) for event in rig.told()] == [CallAnswered]


@pytest.mark.parametrize(("status", "goes"), [(503, True), (408, False), (486, False)])
def test_after_a_sign_of_life_only_a_503_moves_it(status: int, goes: bool) -> None:
    rig = Rig()
    rig.call(A, B)
    rig.get(180)
    assert (rig.get(status)[1:] == [("INVITE", B)]) is goes
    assert rig.agent.idle is not goes


def test_where_nobody_is_the_call_ends() -> None:
    rig = Rig()
    rig.call(A, B)
    rig.wait(HASTE)
    assert rig.get(503) == [("ACK", B)]
    assert [e.why for e in rig.told() if isinstance(e, CallNotTaken)] == [NotTaken.UNREACHABLE]


def test_a_cancelled_call_goes_nowhere() -> None:
    rig = Rig()
    rig.call(A, B)
    rig.agent.hang_up(rig.agent.calls[0], rig.now)
    assert not any(way == B for _, way in rig.wait(600))
    assert rig.agent.idle


def test_who_was_sent_elsewhere_stays_there() -> None:
    rig = Rig()
    rig.call(A, B)
    rig.get(302, "Contact: <sip:7@127.0.0.1:5073>")
    assert rig.get(503) == [("ACK", C)]
    assert rig.agent.idle


def test_the_way_by_udp_is_kept_open_while_registered() -> None:
    rig = Rig(keep_alive=25)
    rig.register(A)
    assert rig.wait(1) == [("REGISTER", A)], "nothing but the repetition"
    rig.get(200)
    assert rig.wait(79.9) == [("ping", A)] * 3
    rig.wait(0.2)
    rig.get(503)
    assert ("ping", A) not in rig.wait(1.9)
    rig.wait(0.2)
    rig.get(200)
    assert rig.wait(26) == [("ping", A)]
    rig.agent.unregister(rig.now)
    rig.sent()
    rig.get(200)
    assert rig.wait(100) == []
    assert rig.agent.get_timer() is None


def test_a_connection_needs_no_datagrams() -> None:
    rig = Rig(keep_alive=25)
    rig.register(Flow("127.0.0.1", 5071, "TCP"))
    rig.get(200)
    assert rig.wait(79) == []
