"""Registration against hand-written answers, and its table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.errors import NotNow
from callcenter.sip.signal.events import RegistrationChanged
from callcenter.sip.signal.message import Request
from callcenter.sip.signal.registration import TABLE, Action, Input, Registrar, Registration, State
from tests.sip.pair import events_of, make_agent
from tests.sip.raw import FAR, requests, text_response

ASKED = 'WWW-Authenticate: Digest realm="r", nonce="{}", qop="auth"{}'
CONTACT = "Contact: <sip:callcenter@127.0.0.1:5060>;expires={}"


class Rig:
    """A user agent that has just sent its first REGISTER."""

    def __init__(self, password: str = "secret", expires: int = 100) -> None:
        self.agent = make_agent()
        self.now = 1000.0
        registrar = Registrar("127.0.0.1", FAR[1], "me", password, expires)
        self.agent.register(registrar, FAR, self.now)
        assert self.agent.registration is not None
        self.registration: Registration = self.agent.registration
        (self.request,) = self.sent()

    def sent(self) -> list[Request]:
        return requests(self.agent.datagrams_to_send())

    def get(self, status: int, *extra: str) -> list[Request]:
        """Answer the last REGISTER; what is sent next."""
        self.agent.receive_datagram(text_response(self.request, status, *extra), FAR, self.now)
        found = self.sent()
        self.request = found[-1] if found else self.request
        return found

    def wait(self, seconds: float) -> list[Request]:
        """The requests sent meanwhile."""
        end = self.now + seconds
        found: list[Request] = []
        while (at := self.agent.get_timer()) is not None and at <= end:
            self.now = max(at, self.now)
            self.agent.handle_timer(self.now)
            found += self.sent()
        self.now = end
        self.request = found[-1] if found else self.request
        return found

    def told(self) -> list[object]:
        return list(events_of(self.agent))


def test_the_golden_register() -> None:
    rig = Rig()
    assert rig.request.uri == "sip:127.0.0.1:5070"
    assert rig.request.from_.uri == rig.request.to.uri
    assert str(rig.request.to) == "<sip:me@127.0.0.1>"
    assert rig.request.first("Expires") == "100"
    assert rig.request.first("Contact") == "<sip:callcenter@127.0.0.1:5060>"


def test_registered_and_kept_fresh() -> None:
    rig = Rig()
    assert rig.get(100) == []
    assert rig.get(200, "Contact: <sip:else@h>;expires=7", CONTACT.format(50)) == []
    assert rig.told() == [RegistrationChanged(True, "for 50 s")]
    assert not rig.agent.idle
    assert rig.wait(39) == []
    (refresh,) = rig.wait(1.1)
    assert (refresh.cseq.number, refresh.call_id) == (2, rig.request.call_id)
    assert rig.registration.registered
    rig.get(200)
    assert rig.told() == [RegistrationChanged(True, "for 100 s")]


@pytest.mark.parametrize(
    ("extra", "seconds"),
    [
        ("Expires: 60", 60),
        ("Expires: soon", 100),
        ("Contact: <broken", 100),
        (CONTACT.format(0), 1),
        (CONTACT.format("x"), 100),
    ],
)
def test_how_long_it_lasts(extra: str, seconds: int) -> None:
    rig = Rig()
    rig.get(200, extra)
    assert rig.told() == [RegistrationChanged(True, f"for {seconds} s")]


def test_credentials() -> None:
    rig = Rig()
    (again,) = rig.get(401, ASKED.format("n1", ""))
    assert 'nonce="n1"' in (again.first("Authorization") or "")
    assert again.cseq.number == 2
    (stale,) = rig.get(401, ASKED.format("n2", ", stale=true"))
    assert 'nonce="n2"' in (stale.first("Authorization") or "")
    assert rig.get(401, ASKED.format("n3", ", stale=true")) == []
    assert rig.told() == [RegistrationChanged(False, "refused: 401 So")]


@pytest.mark.parametrize(
    ("password", "extra"), [("", ASKED.format("n", "")), ("secret", "WWW-Authenticate: Basic x")]
)
def test_a_challenge_that_cannot_be_met(password: str, extra: str) -> None:
    rig = Rig(password)
    assert rig.get(401, extra) == []
    assert rig.told() == [RegistrationChanged(False, "refused: 401 So")]


def test_wrong_credentials() -> None:
    rig = Rig()
    rig.get(401, ASKED.format("n", ""))
    assert rig.get(401, ASKED.format("n", "")) == []
    assert not rig.registration.registered


def test_too_brief() -> None:
    rig = Rig()
    (longer,) = rig.get(423, "Min-Expires: 600")
    assert longer.first("Expires") == "600"
    assert rig.get(423, "Min-Expires: 500") == []
    assert Rig().get(423) == []


def test_after_a_failure_it_rests_longer_and_longer() -> None:
    rig = Rig()
    waits: list[float] = []
    for _ in range(10):
        rig.get(503)
        before = rig.now
        while not rig.wait(0.5):
            pass
        waits.append(rig.now - before)
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert rig.told()[-1] == RegistrationChanged(False, "refused: 503 So")
    rig.get(200)
    rig.wait(80)
    rig.get(503)
    assert rig.wait(2) != []


def test_a_silent_registrar() -> None:
    rig = Rig()
    assert len(rig.wait(33)) == 10
    assert rig.told() == [RegistrationChanged(False, "refused: 408 Request Timeout")]


def test_leaving() -> None:
    rig = Rig()
    rig.get(200)
    rig.told()
    rig.agent.unregister(rig.now)
    rig.agent.unregister(rig.now)
    (rig.request,) = rig.sent()
    assert rig.request.first("Expires") == "0"
    (again,) = rig.get(401, ASKED.format("n", ""))
    assert again.first("Expires") == "0"
    assert not rig.agent.idle
    rig.get(200)
    assert rig.told() == [RegistrationChanged(False, "unregistered")]
    assert rig.agent.idle
    rig.agent.unregister(rig.now)
    assert rig.wait(500) == []


def test_leaving_while_asking_and_being_refused() -> None:
    rig = Rig()
    asking = rig.request
    rig.agent.unregister(rig.now)
    (leaving,) = rig.sent()
    rig.get(200)
    assert rig.registration.state is State.LEAVING
    assert asking.cseq.number < leaving.cseq.number
    rig.request = leaving
    rig.get(423, "Min-Expires: 60")
    assert rig.agent.idle
    assert rig.told() == [RegistrationChanged(False, "refused: 423 So")]


def test_leaving_after_a_failure_asks_nobody() -> None:
    rig = Rig()
    rig.get(403)
    rig.agent.unregister(rig.now)
    assert rig.sent() == []
    assert rig.agent.idle
    assert rig.wait(99) == []


def test_without_a_registration_there_is_nothing_to_leave() -> None:
    agent = make_agent()
    agent.unregister(0.0)
    assert agent.idle


def test_the_table_is_whole() -> None:
    assert {s for s, _ in TABLE} == set(State)
    assert {a for _, actions in TABLE.values() for a in actions} == set(Action)
    assert {what for _, what in TABLE} == set(Input)


@given(st.lists(st.sampled_from(Input), max_size=30))
def test_any_walk_is_taken_or_refused(walk: list[Input]) -> None:
    rig = Rig()
    for what in walk:
        if (rig.registration.state, what) in TABLE:
            rig.registration.feed(what, rig.now)
        else:
            with pytest.raises(NotNow, match="the registration is"):
                rig.registration.feed(what, rig.now)
    assert "secret" not in repr(Registrar("h", password="secret"))
