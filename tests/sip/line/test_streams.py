"""Lines over TCP and TLS on loopback: whole calls, connections reused, lost, refused, hostile."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from callcenter.core.errors import ConfigError, NotNow, PortInUse
from callcenter.sip.line import streams
from callcenter.sip.line.line_calls import DialledCall
from callcenter.sip.line.sip_line import SipLine
from callcenter.sip.line.tls import Certificates
from callcenter.sip.line.wires import Access
from callcenter.sip.signal.hops import Flow
from callcenter.sip.signal.message import Request, Response, parse
from callcenter.sip.signal.registration import Registrar
from callcenter.sip.signal.replies import reply
from tests.sip.certificates import Authority
from tests.sip.far import tone
from tests.sip.line.test_sip_line import PATIENCE, Phone, carry, coded, refusal, told, within
from tests.sip.raw import OFFER, text_request
from tests.waiting import until

TCP = Access(("TCP",))


@asynccontextmanager
async def phones(*accesses: Access, host: str = "127.0.0.1") -> AsyncIterator[list[Phone]]:
    """Lines that are reached so; port 0 all of them."""
    made = [
        Phone(SipLine(f"line{n}", host, 0, access=replace(access, tls_port=0)))
        for n, access in enumerate(accesses)
    ]
    try:
        for phone in made:
            await phone.start()
        yield made
    finally:
        for phone in made:
            await phone.line.close()


async def reached(dialled: DialledCall, near: Phone, far: Phone) -> None:
    """They answer, talk both ways, and hang up."""
    call = await near.next_call()
    leg = call.answer()
    await asyncio.wait_for(dialled.answered(), PATIENCE)
    assert carry(dialled.leg, leg, tone(10)) == coded(tone(10))
    assert carry(leg, dialled.leg, tone(10, 700)) == coded(tone(10, 700))
    gone = told(dialled)
    call.hang_up()
    await within(gone)
    await until(lambda: near.line.state().detail == far.line.state().detail == "calls: 0")


class Plain:
    """A far end by hand over one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, port: int) -> Plain:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    def say(self, data: bytes) -> None:
        self.writer.write(data.replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP"))

    async def hear(self) -> Request | Response:
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r")[0])
            return parse(head + await self.reader.readexactly(length))

    async def hear_final(self) -> Response:
        while True:
            heard = await self.hear()
            if isinstance(heard, Response) and heard.status >= 200:
                return heard

    async def ended(self) -> bool:
        """The other side closes it, in its way."""
        try:
            return await asyncio.wait_for(self.reader.read(), PATIENCE) is not None
        except ConnectionError:
            return True

    async def close(self) -> None:
        self.writer.transport.abort()
        await asyncio.sleep(0)


# -- whole calls -----------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_a_call_over_tcp(host: str) -> None:
    async with phones(TCP, TCP, host=host) as (near, far):
        where = f"[{host}]" if ":" in host else host
        assert near.line.state().address == f"{where}:{near.line.port};transport=tcp"
        dialled = await far.line.dial(f"sip:95000@{near.line.state().address}", "138")
        await reached(dialled, near, far)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_a_call_over_udp_and_ipv6(host: str) -> None:
    async with phones(Access(), Access(), host=host) as (near, far):
        dialled = await far.line.dial(f"sip:95000@{near.line.state().address}", "138")
        await reached(dialled, near, far)


@pytest.mark.parametrize("uri", ["sips:95000@{}:{}", "sip:95000@{}:{};transport=tls"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
async def test_a_call_over_tls(tmp_path: Path, uri: str, host: str) -> None:
    access = Access(("UDP", "TLS"), certificates=Authority(tmp_path).files())
    async with phones(access, access, host=host) as (near, far):
        where = f"[{host}]" if ":" in host else host
        dialled = await far.line.dial(uri.format(where, near.line.tls_port), "138")
        await reached(dialled, near, far)


async def test_udp_and_tcp_have_the_same_port() -> None:
    async with phones(Access(("UDP", "TCP")), Access(("UDP", "TCP"))) as (near, far):
        for more in ("", ";transport=tcp"):
            uri = f"sip:95000@127.0.0.1:{near.line.port}{more}"
            await reached(await far.line.dial(uri, "138"), near, far)


async def test_a_transport_that_the_line_does_not_have() -> None:
    async with phones(Access(), TCP) as (udp, tcp):
        with pytest.raises(NotNow, match="does not speak TLS; it has UDP"):
            await udp.line.dial("sips:95000@127.0.0.1", "138")
        with pytest.raises(NotNow, match="does not speak UDP; it has TCP"):
            await tcp.line.dial("sip:95000@127.0.0.1;transport=udp", "138")


# -- certificates ----------------------------------------------------------------------------------


async def test_a_certificate_of_another_authority_is_refused(tmp_path: Path) -> None:
    ours, theirs = Authority(tmp_path, "ours"), Authority(tmp_path, "theirs")
    near_side = Access(("TLS",), certificates=theirs.files("127.0.0.1"))
    far_side = Access(("TLS",), certificates=Certificates(ca=ours.ca))
    async with phones(near_side, far_side) as (near, far):
        dialled = await far.line.dial(f"sips:95000@127.0.0.1:{near.line.tls_port}", "138")
        code, reason = await refusal(dialled)
        assert code == 503
        assert f"cannot connect to 127.0.0.1:{near.line.tls_port}/tls" in reason
        assert "its certificate is not accepted: " in reason


async def test_a_certificate_of_another_name_is_refused(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    near_side = Access(("TLS",), certificates=authority.files("pbx.example"))
    far_side = Access(("TLS",), certificates=Certificates(ca=authority.ca))
    async with phones(near_side, far_side) as (near, far):
        dialled = await far.line.dial(f"sips:95000@127.0.0.1:{near.line.tls_port}", "138")
        code, reason = await refusal(dialled)
        assert (code, "mismatch" in reason) == (503, True)


async def test_who_does_not_verify_takes_any_certificate(tmp_path: Path) -> None:
    near_side = Access(("TLS",), certificates=Authority(tmp_path).files("pbx.example"))
    far_side = Access(("TLS",), certificates=Certificates(verify=False))
    async with phones(near_side, far_side) as (near, far):
        uri = f"sip:95000@127.0.0.1:{near.line.tls_port};transport=tls"
        await reached(await far.line.dial(uri, "138"), near, far)


def test_files_that_are_no_certificates(tmp_path: Path) -> None:
    noise = tmp_path / "noise.pem"
    noise.write_text("noise", "utf-8")
    good = Authority(tmp_path).files("127.0.0.1")
    other = Authority(tmp_path).files("localhost")
    for files, word in (
        (Certificates(str(noise), str(noise)), "noise.pem"),
        (Certificates(str(tmp_path / "none.pem")), "No such file"),
        (replace(good, key=other.key), "mismatch"),
    ):
        with pytest.raises(ConfigError, match=word):
            files.for_server()
        with pytest.raises(ConfigError, match=word):
            files.for_client()
    for ca in (str(noise), str(tmp_path / "none.pem")):
        with pytest.raises(ConfigError, match=r"tls\.ca: "):
            Certificates(ca=ca).for_client()
    assert Certificates().for_server() is None


async def test_a_line_without_its_certificate_does_not_start(tmp_path: Path) -> None:
    gone = Certificates(str(tmp_path / "gone.pem"))
    line = SipLine("main", port=0, access=Access(("TLS",), 0, gone))
    with pytest.raises(ConfigError, match=r"line main: tls.cert, tls.key: .*gone.pem"):
        await line.start(lambda call: call.reject())
    await line.close()


async def test_no_tls_on_the_tls_port_harms_nobody(tmp_path: Path) -> None:
    access = Access(("UDP", "TLS"), certificates=Authority(tmp_path).files())
    async with phones(access, access) as (near, far):
        hand = await Plain.to(near.line.tls_port)
        hand.say(text_request("OPTIONS"))
        assert await hand.ended()
        await hand.close()
        dialled = await far.line.dial(f"sips:95000@127.0.0.1:{near.line.tls_port}", "138")
        await reached(dialled, near, far)


# -- connections -----------------------------------------------------------------------------------


async def test_messages_in_one_piece_and_in_many() -> None:
    async with phones(TCP) as (near,):
        hand = await Plain.to(near.line.port)
        one, two = (text_request("OPTIONS", branch=f"z9hG4bK{n}", call_id=n) for n in "12")
        hand.say(one + b"\r\n\r\n" + two)
        assert [(await hand.hear()).call_id for _ in "12"] == ["1", "2"]
        for byte in text_request("OPTIONS", branch="z9hG4bK3", call_id="3"):
            hand.say(bytes([byte]))
            await hand.writer.drain()
        # The pong (RFC 5626 §3.5.1) comes after the answers to what came with the ping.
        assert await hand.reader.readexactly(2) == b"\r\n"
        await hand.close()


async def test_an_answer_comes_by_the_same_connection_or_by_a_new_one() -> None:
    async with phones(TCP) as (near,):
        home: asyncio.Queue[Plain] = asyncio.Queue()

        async def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            home.put_nowait(Plain(reader, writer))

        server = await asyncio.start_server(taken, "127.0.0.1", 0)
        port = str(server.sockets[0].getsockname()[1]).encode()
        hand = await Plain.to(near.line.port)
        hand.say(text_request(body=OFFER).replace(b":5070", b":" + port))
        call = await near.next_call()
        assert (await hand.hear()).status == 100  # type: ignore[union-attr]
        assert (await hand.hear()).status == 180  # type: ignore[union-attr]
        assert home.empty()
        await hand.close()
        await until(lambda: len(near.line._wires._streams or ()) == 0)
        call.answer()
        again = await asyncio.wait_for(home.get(), PATIENCE)
        ok = await again.hear_final()
        assert (ok.status, ok.first("Contact")) == (
            200,
            f"<sip:line0@127.0.0.1:{near.line.port};transport=tcp>",
        )
        call.hang_up()
        again.say(text_request("ACK", to_tag=ok.to.tag, branch="z9hG4bKa"))
        bye = await again.hear()
        assert isinstance(bye, Request)
        assert (bye.method, bye.via.transport) == ("BYE", "TCP")
        again.say(bytes(reply(bye, 200)))
        await until(lambda: near.line.state().detail == "calls: 0")
        await again.close()
        server.close()


async def test_a_call_to_where_nobody_listens_fails_at_once() -> None:
    async with phones(TCP) as (far,):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
            dialled = await far.line.dial(f"sip:1@127.0.0.1:{port}", "138")
            code, reason = await refusal(dialled)
        assert code == 503
        assert reason.startswith(f"cannot connect to 127.0.0.1:{port}/tcp: ")


@pytest.mark.parametrize(
    "garbage",
    [
        b"OPTIONS sip:x SIP/2.0\r\nVia: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"x" * 70000,
        bytes(range(256)) * 300,
    ],
)
async def test_what_is_no_sip_ends_its_connection(garbage: bytes) -> None:
    async with phones(TCP) as (near,):
        hand, other = await Plain.to(near.line.port), await Plain.to(near.line.port)
        hand.say(garbage)
        assert await hand.ended()
        other.say(text_request("OPTIONS"))
        assert (await other.hear_final()).status == 200
        await hand.close()
        await other.close()


async def test_a_message_that_does_not_end_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "PATIENCE", 0.2)
    async with phones(TCP) as (near,):
        silent, slow, good = [await Plain.to(near.line.port) for _ in "123"]
        good.say(text_request("OPTIONS"))
        slow.say(text_request("OPTIONS")[:50])
        assert await silent.ended()
        assert await slow.ended()
        assert (await good.hear_final()).status == 200
        good.say(text_request("OPTIONS", branch="z9hG4bK2", call_id="2"))
        assert (await good.hear_final()).call_id == "2"
        for hand in (silent, slow, good):
            await hand.close()


async def test_one_source_has_so_many_connections_and_no_more() -> None:
    async with phones(TCP) as (near,):
        held = [await Plain.to(near.line.port) for _ in range(streams.MOST_FROM_ONE)]
        await until(lambda: len(near.line._wires._streams or ()) == streams.MOST_FROM_ONE)
        over = await Plain.to(near.line.port)
        assert await over.ended()
        other = Plain(
            *await asyncio.open_connection("127.0.0.1", near.line.port, local_addr=("127.0.0.2", 0))
        )
        other.say(text_request("OPTIONS"))
        assert (await other.hear_final()).status == 200
        await held[0].close()
        await until(lambda: len(near.line._wires._streams or ()) == streams.MOST_FROM_ONE)
        held[0] = await Plain.to(near.line.port)
        held[0].say(text_request("OPTIONS"))
        assert (await held[0].hear_final()).status == 200
        for hand in (*held, over, other):
            await hand.close()


async def test_who_is_not_in_the_list_cannot_connect() -> None:
    async with phones(replace(TCP, allow=("127.0.0.2",))) as (near,):
        stranger = await Plain.to(near.line.port)
        assert await stranger.ended()
        await until(lambda: near.line.state().turned_away == 1)
        await stranger.close()


async def test_who_says_too_much_by_a_connection_is_slowed() -> None:
    async with phones(replace(TCP, rate=5)) as (near,):
        hand = await Plain.to(near.line.port)
        for n in range(20):
            hand.say(text_request("OPTIONS", branch=f"z9hG4bK{n}", call_id=str(n)))
        assert (await hand.hear_final()).status == 200
        await until(lambda: near.line.state().limited > 0)
        await hand.close()


async def test_a_tcp_port_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = SipLine("second", port=port, access=TCP)
        with pytest.raises(PortInUse, match=rf"line second: cannot use 127.0.0.1:{port}/tcp: "):
            await line.start(lambda call: call.reject())
        await line.close()


# -- a registrar behind a connection ---------------------------------------------------------------


class TcpRegistrar:
    """Takes every REGISTER on a port that stays the same; can die and come back."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.seen: list[Request] = []
        self.changed = asyncio.Event()
        self.port = 0
        self._context = context
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self) -> None:
        self._server = await asyncio.start_server(
            self._take, "127.0.0.1", self.port, ssl=self._context
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        hand = Plain(reader, writer)
        try:
            while True:
                request = await hand.hear()
                assert isinstance(request, Request)
                self.seen.append(request)
                writer.write(bytes(reply(request, 200, tag="t")))
                self.changed.set()
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            writer.transport.abort()

    async def die(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()
        await asyncio.sleep(0)


@pytest.mark.parametrize("transport", ["TCP", "TLS"])
async def test_a_registrar_that_dies_and_returns(
    tmp_path: Path, transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcenter.sip.signal.registration._BETWEEN_LOSSES", 0.0)
    monkeypatch.setattr("callcenter.sip.signal.registration.FIRST_REST", 0.1)
    files = Authority(tmp_path).files()
    registrar = TcpRegistrar(files.for_server() if transport == "TLS" else None)
    await registrar.start()
    where = Registrar("localhost", registrar.port, "1001", "secret", 300, transport)
    access = Access((transport,), certificates=Certificates(ca=files.ca))
    line = SipLine("main", port=0, registrar=where, access=access)
    await line.start(lambda call: call.reject())
    await until(lambda: bool(line.state().registered))
    assert registrar.seen[0].via.transport == transport
    await registrar.die()
    await until(lambda: line.state().registered is False)
    assert "cannot connect to 127.0.0.1" in line.state().detail
    before = len(registrar.seen)
    await registrar.start()
    await until(lambda: bool(line.state().registered))
    assert len(registrar.seen) > before
    await line.close()
    await registrar.die()
    assert registrar.seen[-1].first("Expires") == "0"


# -- what lines rarely meet ------------------------------------------------------------------------


class Ends:
    """Connections without a line; what they lost."""

    def __init__(self) -> None:
        self.lost: list[tuple[Flow, str]] = []
        self.streams = streams.Streams(
            "127.0.0.1", self._take, lambda *told: self.lost.append(told), lambda host: True
        )

    def _take(self, message: bytes, flow: Flow) -> bool:
        return True


async def test_the_oldest_connection_of_ours_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST_CONNECTIONS", 2)
    ends = Ends()
    async with phones(TCP, TCP, TCP) as lines:
        flows = [Flow("127.0.0.1", phone.line.port, "TCP") for phone in lines]
        for flow in flows:
            ends.streams.send(text_request("OPTIONS"), flow)
        assert ends.lost == [(flows[0], "too many connections")]
        await until(lambda: len(lines[2].line._wires._streams or ()) == 1)
        await ends.streams.close()


async def test_a_line_without_tls_cannot_be_led_there() -> None:
    ends = Ends()
    flow = Flow("127.0.0.1", 5061, "TLS")
    ends.streams.send(b"x", flow)
    await until(lambda: ends.lost == [(flow, "this line has no TLS")])
    await ends.streams.close()


async def test_a_connection_that_is_closed_while_it_is_made() -> None:
    ends = Ends()
    async with phones(TCP) as (near,):
        flow = Flow("127.0.0.1", near.line.port, "TCP")
        ends.streams.send(text_request("OPTIONS"), flow)
        await ends.streams.close()
        assert ends.lost == [(flow, "the line is closed")]


class Stuck(asyncio.Transport):
    """Its other side does not read."""

    def __init__(self) -> None:
        super().__init__()
        self.aborted = 0

    def get_write_buffer_size(self) -> int:
        return 2**21

    def abort(self) -> None:
        self.aborted += 1


async def test_who_does_not_read_is_not_waited_for() -> None:
    lost: list[str] = []
    connection = streams.Connection(
        Flow("127.0.0.1", 5060, "TCP"), lambda data, flow: True, lambda _, why: lost.append(why)
    )
    transport = Stuck()
    connection.connection_made(transport)
    connection.send(b"x")
    connection.end("again")
    connection.connection_lost(None)
    assert (lost, transport.aborted) == (["the other side does not read"], 1)
    late = Stuck()
    connection.connection_made(late)
    assert late.aborted == 1


async def test_a_slowed_connection_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_PAUSE", 0.05)
    async with phones(replace(TCP, rate=2)) as (near,):
        hand = await Plain.to(near.line.port)
        for n in range(3):
            hand.say(text_request("OPTIONS", branch=f"z9hG4bK{n}", call_id=str(n)))
        await until(lambda: near.line.state().limited > 0)
        heard = asyncio.create_task(_hear_later(hand))
        while not heard.done():
            hand.say(
                text_request(
                    "OPTIONS", branch=f"z9hG4bK{near.line.state().limited}", call_id="later"
                )
            )
            await asyncio.sleep(0.1)  # between two questions, not instead of one
        await heard
        await hand.close()


async def _hear_later(hand: Plain) -> None:
    while (await hand.hear()).call_id != "later":
        pass


# -- signs of life ---------------------------------------------------------------------------------


class Pinged:
    """A far end that takes one connection, and answers as many pings as it is told to."""

    def __init__(self, answers: int) -> None:
        self.pings = 0
        self._answers = answers
        self._server: asyncio.Server | None = None

    async def start(self) -> Flow:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return Flow("127.0.0.1", self._server.sockets[0].getsockname()[1], "TCP")

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")  # the request
            while True:
                assert await reader.readexactly(4) == b"\r\n\r\n"
                self.pings += 1
                if self.pings <= self._answers:
                    writer.write(b"\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.transport.abort()


@pytest.mark.parametrize("answers", [0, 2])
async def test_who_answers_pings_must_go_on_answering(
    answers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "PING_BETWEEN", (0.01, 0.02))
    monkeypatch.setattr(streams, "PONG_WITHIN", 0.1)
    far, ends = Pinged(answers), Ends()
    flow = await far.start()
    ends.streams.send(text_request("OPTIONS"), flow)
    if answers:
        await until(lambda: ends.lost == [(flow, "no answer to a ping")])
        assert far.pings == answers + 1
    else:
        await until(lambda: far.pings > 3)
        assert not ends.lost, "not everybody knows pings"
    await ends.streams.close()
    await far.close()
