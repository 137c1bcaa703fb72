"""Several lines, each registered by itself; registrars that are away, move, refuse."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from callcenter.core.errors import NotNow
from callcenter.sip.line.enrolling import place_of
from callcenter.sip.line.names import Place
from callcenter.sip.line.sip_line import SipLine
from callcenter.sip.signal.headers import Uri
from callcenter.sip.signal.registration import LONGEST_REST, Registrar
from tests.sip.registrar import TinyRegistrar
from tests.sip.signal.test_registration import Rig
from tests.waiting import until


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callcenter.sip.line.enrolling.FIRST_REST", 0.05)
    monkeypatch.setattr("callcenter.sip.signal.registration.FIRST_REST", 0.05)


def line_at(registrar: TinyRegistrar, name: str, host: str = "127.0.0.1") -> SipLine:
    where = Registrar(host, registrar.port, registrar.user, registrar.password)
    return SipLine(name, port=0, registrar=where)


async def test_each_line_is_registered_by_itself() -> None:
    good, deaf = TinyRegistrar("1001", "secret"), TinyRegistrar("1002", "secret")
    await good.start()
    await deaf.start()
    deaf.password = "changed"
    lines = [line_at(good, "first"), line_at(deaf, "second"), line_at(good, "third")]
    lines[1]._registrar = Registrar("127.0.0.1", deaf.port, "1002", "secret")
    for line in lines:
        await line.start(lambda call: call.reject())
    await until(lambda: [bool(line.state().registered) for line in lines] == [True, False, True])
    await until(lambda: "401" in lines[1].state().detail)
    await lines[0].close()
    assert lines[2].state().registered
    for line in lines[1:]:
        await line.close()
    for registrar in (good, deaf):
        await registrar.close()
    assert good.bindings == {}


class Names:
    """Stands before the resolver: what `pbx.test` means changes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.means = ""
        self.asked = 0
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)

    def _look_up(self, host: Any, *rest: Any, **more: Any) -> Any:
        if host != "pbx.test":
            return self._real(host, *rest, **more)
        self.asked += 1
        if not self.means:
            raise socket.gaierror(socket.EAI_AGAIN, "try again")
        return self._real(self.means, *rest, **more)


async def test_a_name_that_fails_at_first_and_moves_later(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names(monkeypatch)
    first, second = TinyRegistrar("1001", "secret"), TinyRegistrar("1001", "secret")
    await first.start()
    second.port = first.port
    line = line_at(first, "main", "pbx.test")
    await line.start(lambda call: call.reject())
    await until(lambda: line.state().detail == "no such host: pbx.test")
    assert line.state().registered is False
    await until(lambda: names.asked > 1)
    names.means = "127.0.0.1"
    await until(lambda: bool(line.state().registered))
    await second.start("127.0.0.2")
    names.means = "127.0.0.2"
    first.password = "changed"
    agent = line._agent
    assert agent is not None
    assert agent.registration is not None
    monkeypatch.setattr("callcenter.sip.signal.registration._FORBIDDEN", ())
    agent.registration._due = asyncio.get_running_loop().time()
    agent.handle_timer(agent.registration._due)
    line._pump()
    await until(lambda: bool(second.bindings))
    await until(lambda: bool(line.state().registered))
    await line.close()
    await first.close()
    await second.close()


async def test_a_closed_line_looks_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names(monkeypatch)
    line = SipLine("main", port=0, registrar=Registrar("pbx.test"))
    await line.start(lambda call: call.reject())
    await until(lambda: names.asked > 0)
    await line.close()
    assert line.state().detail == "closed"


@pytest.mark.parametrize("status", [401, 403, 404, 407])
def test_a_wrong_password_is_not_hammered(status: int) -> None:
    rig = Rig(password="")
    for _ in range(3):
        rig.get(status)
        assert rig.wait(LONGEST_REST - 1) == []
        assert rig.wait(1) != []


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("60", 60.0), ("90;duration=5", 90.0), ("30 (busy)", 30.0), ("999999", 3600.0), ("x", 0.05)],
)
def test_a_registrar_says_when_to_come_again(said: str, seconds: float) -> None:
    rig = Rig()
    rig.get(503, f"Retry-After: {said}")
    assert rig.registration.get_timer() == pytest.approx(rig.now + seconds)


REGISTRAR = Registrar("pbx.test", 5071, transport="TLS")


@pytest.mark.parametrize(
    ("uri", "transports", "place"),
    [
        ("sip:1@192.0.2.1", ("UDP",), Place("192.0.2.1")),
        ("sip:1@192.0.2.1:5066;transport=udp", ("TCP", "UDP"), Place("192.0.2.1", 5066, "UDP")),
        ("sips:1@192.0.2.1", ("UDP", "TLS"), Place("192.0.2.1", 0, "TLS")),
        ("sip:1@pbx.test", ("UDP", "TLS"), Place("pbx.test", 5071, "TLS")),
        ("sip:1@pbx.test:99", ("UDP", "TLS"), Place("pbx.test", 99, "TLS")),
        ("sip:1@pbx.test;transport=udp", ("UDP", "TLS"), Place("pbx.test", 0, "UDP")),
    ],
)
def test_where_a_uri_leads(uri: str, transports: tuple[str, ...], place: Place) -> None:
    assert place_of(Uri.parse(uri), REGISTRAR, transports) == place


def test_no_way_by_what_the_line_does_not_speak() -> None:
    with pytest.raises(NotNow, match="does not speak TCP; it has UDP, TLS"):
        place_of(Uri.parse("sip:1@h;transport=tcp"), None, ("UDP", "TLS"))
