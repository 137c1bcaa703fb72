"""Where names lead, asked of a real DNS server; registrars and calls that go to the next place."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from callcenter.sip.line.names import Names, Place
from callcenter.sip.line.sip_line import SipLine
from callcenter.sip.signal.hops import Flow, Hop
from callcenter.sip.signal.locate import MOST_PLACES
from callcenter.sip.signal.registration import Registrar
from tests.sip.dns_server import TinyDns
from tests.sip.registrar import TinyRegistrar
from tests.waiting import until

ZONE = {
    ("carrier.test.", "NAPTR"): [
        '20 0 "s" "SIP+D2U" "" _sip._udp.carrier.test.',
        '10 0 "s" "SIPS+D2T" "" _sips._tcp.carrier.test.',
        '5 0 "u" "E2U+sip" "!^.*$!sip:x@carrier.test!" .',
    ],
    ("_sip._udp.carrier.test.", "SRV"): [
        "20 0 5070 b.carrier.test.",
        "10 0 5080 a.carrier.test.",
    ],
    ("_sips._tcp.carrier.test.", "SRV"): ["0 0 5071 a.carrier.test."],
    ("a.carrier.test.", "A"): ["127.0.0.2"],
    ("a.carrier.test.", "AAAA"): ["::1"],
    ("b.carrier.test.", "A"): ["127.0.0.4"],
    ("_sip._udp.plain.test.", "SRV"): ["0 0 5090 a.carrier.test."],
    ("plain.test.", "A"): ["127.0.0.9"],
    ("_sip._udp.twin.test.", "SRV"): ["0 0 5060 twin.test."],
    ("twin.test.", "A"): ["127.0.0.2", "127.0.0.3"],
    ("_sip._udp.without.test.", "SRV"): ["0 0 0 ."],
    ("without.test.", "A"): ["127.0.0.9"],
    ("_sip._udp.many.test.", "SRV"): [f"{n} 0 {5000 + n} b.carrier.test." for n in range(1, 20)],
    ("_sip._udp.dead.test.", "SRV"): ["0 0 5060 nowhere.invalid."],
}
A, B = "127.0.0.2", "127.0.0.4"


@pytest.fixture
async def dns() -> AsyncIterator[TinyDns]:
    server = TinyDns(dict(ZONE))
    await server.start()
    yield server
    await server.close()


def tls(host: str, port: int = 5071) -> Flow:
    return Flow(host, port, "TLS", name="carrier.test")


@pytest.mark.parametrize(
    ("place", "transports", "ours", "ways"),
    [
        (Place("carrier.test"), ("UDP",), "127.0.0.1", [(A, 5080), (B, 5070)]),
        (
            Place("carrier.test"),
            ("UDP", "TLS"),
            "127.0.0.1",
            [tls(A), (A, 5080), (B, 5070)],
        ),
        (Place("carrier.test", 0, "TLS"), ("UDP", "TLS"), "127.0.0.1", [tls(A)]),
        (Place("carrier.test"), ("TLS",), "::1", [tls("::1")]),
        (Place("plain.test"), ("UDP",), "127.0.0.1", [(A, 5090)]),
        (Place("192.0.2.1"), ("TCP", "UDP"), "127.0.0.1", [Flow("192.0.2.1", 5060, "TCP")]),
        (Place("192.0.2.1", 0, "TLS"), ("UDP",), "127.0.0.1", [Flow("192.0.2.1", 5061, "TLS")]),
    ],
)
async def test_where_a_name_leads(
    dns: TinyDns, place: Place, transports: tuple[str, ...], ours: str, ways: list[Hop]
) -> None:
    assert await dns.names().ways(place, transports, ours) == tuple(ways)


async def test_each_address_of_a_place_is_a_way(dns: TinyDns) -> None:
    found = await dns.names().ways(Place("twin.test"), ("UDP",), "127.0.0.1")
    assert sorted(host for host, *_ in found) == ["127.0.0.2", "127.0.0.3"]


async def test_what_is_known_is_not_asked_again(dns: TinyDns) -> None:
    names = dns.names()
    for _ in range(3):
        await names.ways(Place("carrier.test"), ("UDP",), "127.0.0.1")
    assert set(dns.asked.values()) == {1}


@pytest.mark.parametrize("place", [Place("without.test"), Place("dead.test")])
async def test_a_house_without_sip(dns: TinyDns, place: Place) -> None:
    with pytest.raises(OSError, match="names no place for SIP"):
        await dns.names().ways(place, ("UDP",), "127.0.0.1")


async def test_a_long_list_is_cut(dns: TinyDns) -> None:
    found = await dns.names().ways(Place("many.test"), ("UDP",), "127.0.0.1")
    assert [port for _, port, *_ in found] == list(range(5001, 5001 + MOST_PLACES))


@pytest.mark.parametrize("host", ["carrier.test", "a..b", "x" * 70 + ".test", "\udce9.test"])
async def test_without_records_the_system_is_asked(
    dns: TinyDns, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dns.broken = True
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda h, *a, **k: real("127.0.0.7", *a, **k))
    found = await dns.names().ways(Place(host), ("TCP",), "127.0.0.1")
    assert found == (Flow("127.0.0.7", 5060, "TCP", name=host),)


async def test_a_name_that_no_host_can_have(dns: TinyDns) -> None:
    with pytest.raises(OSError, match="no host can be called so"):
        await dns.names().ways(Place("x" * 70 + ".test"), ("UDP",), "127.0.0.1")


async def test_a_server_that_is_silent_is_not_waited_for(
    dns: TinyDns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found until then counts."""
    monkeypatch.setattr("callcenter.sip.line.names._LONGEST", 0.2)
    dns.deaf_to = "b.carrier.test."
    found = await dns.names().ways(Place("carrier.test"), ("UDP",), "127.0.0.1")
    assert found == ((A, 5080),)


async def test_a_port_that_is_given_asks_no_records(
    dns: TinyDns, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda h, *a, **k: real("127.0.0.7", *a, **k))
    found = await dns.names().ways(Place("carrier.test", 99), ("UDP",), "127.0.0.1")
    assert found == (("127.0.0.7", 99),)
    assert not dns.asked


async def test_the_systems_servers_are_asked_where_none_is_named() -> None:
    made = Names()._new_resolver()
    assert made.lifetime > 0


# -- lines -----------------------------------------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callcenter.sip.signal.transaction.HASTE", 0.1)
    monkeypatch.setattr("callcenter.sip.signal.registration.FIRST_REST", 0.05)


async def test_a_line_registers_where_somebody_answers(dns: TinyDns, impatient: None) -> None:
    """The first server is silent; calls go where the line is registered."""
    deaf = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    deaf.bind(("127.0.0.2", 0))
    registrar = TinyRegistrar("1001", "secret")
    await registrar.start("127.0.0.3")
    dns.zone |= {
        ("_sip._udp.pbx.test.", "SRV"): [
            f"10 0 {deaf.getsockname()[1]} deaf.test.",
            f"20 0 {registrar.port} good.test.",
        ],
        ("deaf.test.", "A"): ["127.0.0.2"],
        ("good.test.", "A"): ["127.0.0.3"],
    }
    where = Registrar("pbx.test", 0, "1001", "secret", transport="")
    line = SipLine("main", port=0, registrar=where, names=dns.names())
    await line.start(lambda call: call.reject())
    await until(lambda: bool(line.state().registered))
    assert list(registrar.bindings) == ["sip:1001@pbx.test"]
    assert line._agent is not None
    found = await dns.names().ways(Place("pbx.test"), ("UDP",), "127.0.0.1")
    assert line._agent.ways(found)[0] == ("127.0.0.3", registrar.port)
    await line.close()
    assert registrar.bindings == {}
    await registrar.close()
    deaf.close()


async def test_a_call_goes_to_the_next_place(dns: TinyDns, impatient: None) -> None:
    deaf = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    deaf.bind(("127.0.0.1", 0))
    called = SipLine("called", port=0)
    await called.start(lambda call: call.answer())
    dns.zone |= {
        ("_sip._udp.house.test.", "SRV"): [
            f"10 0 {deaf.getsockname()[1]} house.test.",
            f"20 0 {called.port} house.test.",
        ],
        ("house.test.", "A"): ["127.0.0.1"],
    }
    caller = SipLine("caller", port=0, names=dns.names())
    await caller.start(lambda call: call.reject())
    call = await caller.dial("sip:8001@house.test", "1001")
    await asyncio.wait_for(call.answered(), 20)
    call.hang_up()
    for line in (caller, called):
        await line.close()
    deaf.close()
