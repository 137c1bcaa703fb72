"""Transports below the calls: what is said by which, timers, lengths, lost ones, crowds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.sip.signal.events import CallNotTaken, RegistrationChanged
from callcenter.sip.signal.headers import NameAddr, Uri, Via
from callcenter.sip.signal.hops import Address, Flow, Hop, along
from callcenter.sip.signal.layer import LONGEST_DATAGRAM, MOST_TRANSACTIONS, MOST_TURNED_AWAY
from callcenter.sip.signal.matching import call_ids, dialog_ids
from callcenter.sip.signal.message import Request, Response, parse
from callcenter.sip.signal.registration import Registrar
from callcenter.sip.signal.settings import Settings
from callcenter.sip.signal.timetable import Timetable
from callcenter.sip.signal.user_agent import UserAgent
from tests.sip.pair import events_of
from tests.sip.raw import FAR, OFFER, text_answer, text_request, text_response, tokens

TCP = Flow("127.0.0.1", 5070, "TCP")
TLS = Flow("127.0.0.1", 5071, "TLS", name="far.example")
THEIRS = Flow("127.0.0.1", 40000, "TCP")
ALL = ("UDP", "TCP", "TLS")


class Rig:
    """A user agent that speaks everything, and what it sent."""

    def __init__(self, transports: tuple[str, ...] = ALL, **settings: object) -> None:
        base = Settings("127.0.0.1", 5060, transports=transports, ring_seconds=600.0)
        self.agent = UserAgent(replace(base, **settings), tokens())  # type: ignore[arg-type]
        self.now = 10.0

    def give(self, data: bytes, source: Hop = THEIRS) -> list[tuple[Request | Response, Hop]]:
        self.agent.receive_datagram(data, source, self.now)
        return self.sent()

    def sent(self) -> list[tuple[Request | Response, Hop]]:
        return [(parse(data), hop) for data, hop in self.agent.datagrams_to_send()]

    def dial(self, hop: Hop, uri: str = "sip:95000@127.0.0.1:5070") -> tuple[Request, Hop]:
        self.agent.invite(Uri.parse(uri), hop, "138", ("127.0.0.1", 4000), self.now)
        ((invite, way),) = self.sent()
        assert isinstance(invite, Request)
        return invite, way

    def wait(self, seconds: float) -> list[tuple[Request | Response, Hop]]:
        end = self.now + seconds
        found = []
        while (at := self.agent.get_timer()) is not None and at <= end:
            self.now = max(at, self.now)
            self.agent.handle_timer(self.now)
            found += self.sent()
        self.now = end
        return found


def by_tcp(data: bytes) -> bytes:
    return data.replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP")


# -- hops ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "hop"),
    [
        ("sip:a@127.0.0.1;transport=udp", ("127.0.0.1", 5060)),
        ("sip:a@127.0.0.1;transport=TCP", Flow("127.0.0.1", 5060, "TCP")),
        ("sip:a@[::1]:5063;transport=tls", Flow("::1", 5063, "TLS")),
        ("sips:a@127.0.0.1", Flow("127.0.0.1", 5061, "TLS")),
        ("sips:a@127.0.0.1:5066;transport=tcp", Flow("127.0.0.1", 5066, "TLS")),
        ("sip:a@127.0.0.1;transport=sctp", None),
        ("sips:a@pbx.example", None),
    ],
)
def test_where_a_uri_leads(uri: str, hop: Hop | None) -> None:
    assert Uri.parse(uri).address == hop


def test_a_connection_that_stands_is_used_again() -> None:
    here = ("127.0.0.1", 5070)
    assert along(THEIRS, None) is THEIRS
    assert along(THEIRS, TCP) == THEIRS._replace(home=5070)
    assert along(THEIRS, TCP).key == THEIRS.key  # type: ignore[union-attr]
    assert along(THEIRS, Flow("127.0.0.9", 5070, "TCP")) == Flow("127.0.0.9", 5070, "TCP")
    assert along(THEIRS, TLS) == TLS
    assert along(THEIRS, here) == here
    assert along(here, TCP) == TCP
    assert THEIRS._replace(home=5070).anew == TCP


def test_a_response_goes_back_by_its_connection() -> None:
    via = Via.parse("SIP/2.0/TCP 127.0.0.1:5070;branch=b")
    assert via.reply_address(THEIRS) == THEIRS._replace(home=5070)
    assert Via.parse("SIP/2.0/TLS [::1]").reply_address(Flow("::1", 40000, "TLS")) == Flow(
        "::1", 40000, "TLS", 5061
    )
    assert Via.parse("SIP/2.0/UDP [::1]:5070").stamped(("::1", 5070)).get("received") is None


# -- what is said ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hop", "uri", "via", "contact"),
    [
        (FAR, "sip:9@h", "SIP/2.0/UDP 127.0.0.1:5060", "sip:callcenter@127.0.0.1:5060"),
        (
            TCP,
            "sip:9@h",
            "SIP/2.0/TCP 127.0.0.1:5060",
            "sip:callcenter@127.0.0.1:5060;transport=tcp",
        ),
        (
            TLS,
            "sip:9@h",
            "SIP/2.0/TLS 127.0.0.1:5061",
            "sip:callcenter@127.0.0.1:5061;transport=tls",
        ),
        (TLS, "sips:9@h", "SIP/2.0/TLS 127.0.0.1:5061", "sips:callcenter@127.0.0.1:5061"),
    ],
)
def test_via_and_contact_name_the_transport(hop: Hop, uri: str, via: str, contact: str) -> None:
    invite, way = Rig().dial(hop, uri)
    assert way == hop
    assert str(invite.via).startswith(f"{via};rport;branch=z9hG4bK")
    assert invite.first("Contact") == f"<{contact}>"


def test_an_answer_names_the_transport_of_its_request() -> None:
    rig = Rig()
    out = rig.give(by_tcp(text_request(body=OFFER)))
    assert {hop for _, hop in out} == {THEIRS._replace(home=5070)}
    assert out[-1][0].first("Contact") == "<sip:callcenter@127.0.0.1:5060;transport=tcp>"
    secure = Flow("127.0.0.1", 40001, "TLS")
    sips = by_tcp(text_request(body=OFFER, branch="z9hG4bK2", call_id="2")).replace(
        b"To: <sip:", b"To: <sips:"
    )
    assert rig.give(sips, secure)[-1][0].first("Contact") == "<sips:callcenter@127.0.0.1:5061>"


def test_a_line_without_udp_goes_by_what_it_has() -> None:
    assert Rig(("TCP",)).dial(FAR)[1] == TCP
    assert Rig(("TLS", "TCP")).dial(FAR)[1] == Flow(*FAR, "TLS")


def test_ipv6_is_bracketed_in_via_and_contact() -> None:
    rig = Rig(host="::1")
    invite, _ = rig.dial(Flow("::1", 5070, "TCP"), "sip:9@[::1]")
    assert (invite.via.host, invite.via.port) == ("[::1]", 5060)
    assert NameAddr.parse(invite.first("Contact") or "").uri.host == "[::1]"
    assert b"c=IN IP" in bytes(invite)


# -- timers ----------------------------------------------------------------------------------------


def test_over_a_connection_nothing_is_sent_twice() -> None:
    rig = Rig()
    rig.dial(TCP)
    assert rig.wait(31) == []
    assert events_of(rig.agent) == []
    rig.wait(2)
    (event,) = events_of(rig.agent)
    assert isinstance(event, CallNotTaken)
    assert event.status == 408


def test_over_a_connection_a_transaction_is_forgotten_at_once() -> None:
    rig = Rig()
    options = by_tcp(text_request("OPTIONS"))
    assert len(rig.give(options)) == 1
    assert rig.agent.get_timer() == rig.now
    rig.wait(0)
    assert rig.agent.get_timer() is None
    assert len(rig.give(text_request("OPTIONS"), FAR)) == 1
    assert rig.agent.get_timer() == rig.now + 32


def test_a_refusal_over_a_connection_is_not_repeated() -> None:
    rig = Rig()
    rig.give(by_tcp(text_request(body=OFFER)))
    (call,) = rig.agent.calls
    rig.agent.reject(call, 486, rig.now)
    assert len(rig.sent()) == 1
    assert rig.wait(31) == []


@given(st.lists(st.tuples(st.integers(0, 5), st.none() | st.integers(0, 20)), max_size=40))
def test_the_timetable_wakes_each_at_its_last_time(
    windings: list[tuple[int, int | None]],
) -> None:
    class Sleeper:
        wound: float | None = None

    sleepers = [Sleeper() for _ in range(6)]
    table: Timetable[Sleeper] = Timetable()
    wanted: dict[int, float] = {}
    for number, at in windings:
        table.wind(sleepers[number], at)
        wanted.pop(number, None)
        if at is not None:
            wanted[number] = at
    assert table.next_at() == min(wanted.values(), default=None)
    woken = []
    for now in range(21):
        while (sleeper := table.due(now)) is not None:
            woken.append((sleepers.index(sleeper), float(now)))
    assert sorted(woken) == sorted((n, float(at)) for n, at in wanted.items())


# -- length, and connections that fail -----------------------------------------------------------


def long_uri(length: int) -> str:
    return f"sip:{'9' * length}@127.0.0.1:5070"


def test_a_long_request_goes_by_tcp_and_its_cancel_too() -> None:
    rig = Rig()
    assert rig.dial(FAR)[1] == FAR
    invite, way = rig.dial(FAR, long_uri(800))
    assert len(bytes(invite)) > LONGEST_DATAGRAM
    assert (way, invite.via.transport) == (TCP, "TCP")
    rig.give(text_response(invite, 180), TCP)
    rig.agent.hang_up(rig.agent.calls[-1], rig.now)
    ((cancel, way),) = rig.sent()
    assert isinstance(cancel, Request)
    assert (cancel.method, way, cancel.via) == ("CANCEL", TCP, invite.via)


def test_where_no_connection_can_be_made_the_long_request_goes_by_udp() -> None:
    rig = Rig()
    invite, _ = rig.dial(FAR, long_uri(800))
    rig.agent.connection_lost(TCP, "refused", rig.now)
    ((again, way),) = rig.sent()
    assert (way, again.via.transport) == (FAR, "UDP")
    assert again.via.branch == invite.via.branch
    assert again.first("Contact") == "<sip:callcenter@127.0.0.1:5060>"
    assert len(rig.wait(1)) == 1, "by UDP it is repeated"
    assert rig.dial(FAR, long_uri(800))[1] == FAR, "that there is no TCP is known now"
    rig.agent.connection_lost(TCP, "refused", rig.now)
    assert rig.sent() == []


def test_a_line_with_udp_alone_sends_long_requests_by_udp() -> None:
    assert Rig(("UDP",)).dial(FAR, long_uri(800))[1] == FAR


def test_a_call_by_a_connection_that_cannot_be_made_fails_at_once() -> None:
    rig = Rig()
    rig.dial(TLS, "sips:9@127.0.0.1:5071")
    rig.agent.connection_lost(Flow("127.0.0.1", 5071, "TLS"), "another name", rig.now)
    assert events_of(rig.agent) == []
    rig.agent.connection_lost(TLS, "its certificate is not accepted", rig.now)
    (event,) = events_of(rig.agent)
    assert isinstance(event, CallNotTaken)
    assert (event.status, event.reason) == (503, "its certificate is not accepted")
    assert rig.agent.calls == ()


def test_a_call_that_rings_outlives_its_connection() -> None:
    rig = Rig()
    invite, _ = rig.dial(TCP)
    rig.give(text_response(invite, 180), TCP)
    rig.agent.connection_lost(TCP, "closed", rig.now)
    rig.give(text_answer(invite), Flow("127.0.0.1", 5099, "TCP"))
    assert [type(e).__name__ for e in events_of(rig.agent)] == ["CallRinging", "CallAnswered"]


def test_requests_of_a_call_go_by_the_connection_it_came_by() -> None:
    rig = Rig()
    contact = "<sip:far@127.0.0.1:5070;transport=tcp>"
    rig.give(by_tcp(text_request(body=OFFER, contact=contact)))
    (call,) = rig.agent.calls
    rig.agent.answer(call, "127.0.0.1", 4002, rig.now)
    tag = rig.sent()[-1][0].to.tag
    rig.give(by_tcp(text_request("ACK", to_tag=tag, branch="z9hG4bKa")))
    rig.agent.hang_up(call, rig.now)
    ((bye, way),) = rig.sent()
    assert isinstance(bye, Request)
    assert (bye.method, bye.via.transport) == ("BYE", "TCP")
    assert way == THEIRS._replace(home=5070)


# -- a registrar behind a connection ---------------------------------------------------------------


def register(rig: Rig, hop: Hop = TCP) -> Request:
    rig.agent.register(Registrar("127.0.0.1", 5070, "me", "secret", 300, "TCP"), hop, rig.now)
    ((request, _),) = rig.sent()
    assert isinstance(request, Request)
    return request


def test_a_lost_connection_is_registered_anew_but_not_all_the_time() -> None:
    rig = Rig()
    rig.give(text_response(register(rig), 200), TCP)
    rig.agent.connection_lost(TCP._replace(port=1), "another one", rig.now)
    assert rig.wait(31) == []
    rig.agent.connection_lost(TCP, "closed", rig.now)
    ((refresh, _),) = rig.wait(0)
    assert isinstance(refresh, Request)
    rig.give(text_response(refresh, 200), TCP)
    rig.agent.connection_lost(TCP, "closed", rig.now)
    assert rig.wait(29) == []
    assert len(rig.wait(2)) == 1


def test_a_registrar_that_cannot_be_connected_to_is_told_in_words() -> None:
    rig = Rig()
    register(rig)
    rig.agent.connection_lost(TCP, "cannot connect to 127.0.0.1:5070/tcp", rig.now)
    assert events_of(rig.agent) == [
        RegistrationChanged(False, "refused: 503 cannot connect to 127.0.0.1:5070/tcp")
    ]
    assert len(rig.wait(2)) == 1


# -- crowds ----------------------------------------------------------------------------------------


def flood(rig: Rig, count: int, source: Address) -> list[int]:
    """The final statuses that so many INVITEs from one source get."""
    codes = []
    for number in range(count):
        name = f"{source[0]}-{number}"
        data = text_request(body=OFFER, branch=f"z9hG4bK{name}", call_id=name)
        out = [m for m, _ in rig.give(data, source) if isinstance(m, Response)]
        codes += [m.status for m in out if m.status >= 180]
    return codes


def test_a_stranger_cannot_fill_the_line() -> None:
    rig = Rig(max_calls=10, is_stranger=lambda host: host != "192.0.2.1")
    assert flood(rig, 12, ("192.0.2.66", 5060)) == [180] * 5 + [503] * 7
    assert flood(rig, 1, ("192.0.2.7", 5060)) == [180]
    assert flood(rig, 6, ("192.0.2.1", 5060)) == [180] * 4 + [503] * 2, "whom we know may"


def test_who_is_turned_away_leaves_nothing_behind() -> None:
    rig = Rig(max_calls=1)
    rig.give(text_request(body=OFFER), FAR)
    timer = rig.agent.get_timer()
    data = text_request(body=OFFER, branch="z9hG4bK9", call_id="9")
    ((first, _),) = rig.give(data, FAR)
    ((again, _),) = rig.give(data, FAR)
    assert isinstance(first, Response)
    assert (first.status, first.first("Retry-After")) == (503, "5")
    assert first == again
    assert first.to.tag
    assert rig.give(text_request("ACK", branch="z9hG4bK9", call_id="9"), FAR) == []
    assert rig.agent.get_timer() == timer


def test_who_was_turned_away_is_so_however_often_it_is_repeated() -> None:
    rig = Rig(max_calls=1)
    rig.give(text_request(body=OFFER), FAR)
    late = text_request(body=OFFER, branch="z9hG4bK9", call_id="9")
    ((refusal, _),) = rig.give(late, FAR)
    rig.agent.reject(rig.agent.calls[0], 486, rig.now)
    rig.agent.datagrams_to_send()
    assert [m for m, _ in rig.give(late, FAR)] == [refusal], "though there is room by now"
    assert rig.agent.calls == ()
    anew = text_request(body=OFFER, branch="z9hG4bK10", call_id="10")
    assert [m.status for m, _ in rig.give(anew, FAR) if isinstance(m, Response)] == [100, 180]


def test_a_machine_that_is_behind_takes_no_further_call() -> None:
    behind = [False]
    rig = Rig(is_behind=lambda: behind[0])
    rig.give(text_request(body=OFFER), FAR)
    (call,) = rig.agent.calls
    behind[0] = True
    assert flood(rig, 3, FAR) == [503] * 3
    rig.agent.answer(call, "127.0.0.1", 4000, rig.now)
    ((ok, _),) = rig.sent()
    assert isinstance(ok, Response)
    tag = ok.to.tag
    assert ok.status == 200, "what was taken goes on"
    rig.give(text_request("ACK", to_tag=tag, branch="z9hG4bKa"), FAR)
    ((ok, _),) = rig.give(text_request("BYE", to_tag=tag, cseq=2, branch="z9hG4bKb"), FAR)
    assert isinstance(ok, Response)
    assert ok.status == 200
    behind[0] = False
    assert flood(rig, 1, ("192.0.2.9", 5060)) == [180]


def test_what_the_turned_away_got_is_kept_for_so_many() -> None:
    rig = Rig(is_behind=lambda: True)
    flood(rig, MOST_TURNED_AWAY + 5, FAR)
    assert len(rig.agent._layer._turned_away) == MOST_TURNED_AWAY


def test_many_sources_together_are_bounded_too() -> None:
    rig = Rig()
    rig.agent._layer._servers.update({(str(n),): None for n in range(MOST_TRANSACTIONS)})  # type: ignore[misc]
    assert rig.give(text_request("OPTIONS"), FAR) == []


def test_what_is_known_before_it_is_parsed() -> None:
    rig = Rig()
    out = rig.give(text_request(body=OFFER), FAR)
    tag = out[-1][0].to.tag
    assert rig.agent.is_known(text_request("BYE", to_tag=tag))
    assert rig.agent.is_known(text_request("BYE", to_tag=tag).replace(b"Call-ID:", b"i \t:"))
    assert not rig.agent.is_known(text_request("BYE", to_tag="other"))
    assert not rig.agent.is_known(text_request("BYE", to_tag=tag, call_id="other"))
    assert not rig.agent.is_known(text_request(body=OFFER)), "it may be the flood itself"
    assert not rig.agent.is_known(b"")
    invite, _ = rig.dial(FAR)
    assert rig.agent.is_known(text_response(invite, 180))
    request = register(rig)
    assert rig.agent.is_known(text_response(request, 401))


@given(st.binary(max_size=200))
def test_any_bytes_are_looked_at(data: bytes) -> None:
    head = b"\r\nCall-ID: " + data + b"\r\nTo: <x>;tag=" + data
    assert len(call_ids(head)) <= 2
    assert len(dialog_ids(head)) <= 4


def test_what_is_no_sip_is_counted() -> None:
    rig = Rig()
    for data in (b"x" * 65000, b"hello", b"SIP/2.0 nonsense"):
        assert rig.give(data, FAR) == []
    assert rig.agent.ignored == 3
