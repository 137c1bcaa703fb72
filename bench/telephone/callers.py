"""Callers for the bench: real SIP and RTP from one process, as cheap as Python allows.

They send a voice to every call by an absolute clock and fetch what came back once a tick: the
kernel has noted when each packet came, and nobody is woken by every one of them, as nobody who is
called on a machine of his own would be.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from callcenter.sip.signal import events
from callcenter.sip.signal.headers import Uri
from callcenter.sip.signal.hops import Address
from callcenter.sip.signal.settings import Settings
from callcenter.sip.signal.user_agent import UserAgent
from callcenter.sip.sound.rtp import is_rtcp

TICK = 0.02
MOST_CALLS = 5000
FAREWELL_S = 5.0
BUSY = 503
_HEADER = struct.Struct("!BBHII")
_SO_TIMESTAMPNS = 35
"""Linux: the kernel notes when a packet came, however late it is fetched (socket(7))."""
_TIMESPEC = struct.Struct("@qq")
_NOTE_SPACE = 64
_OK = (
    "SIP/2.0 200 OK\r\nVia: {via};received=127.0.0.1\r\nFrom: {from_}\r\nTo: {to};tag=bench\r\n"
    "Call-ID: {call_id}\r\nCSeq: {cseq}\r\nContact: {contact};expires=3600\r\n"
    "Content-Length: 0\r\n\r\n"
)


@dataclass(slots=True)
class CallMade:
    """One call, as its caller saw it; times are those of `time.monotonic`, in seconds."""

    sound: socket.socket
    invited_at: float
    answered_at: float = 0.0
    to: Address | None = None
    failed: str = ""
    refused: bool = False
    """Told to come again later (503): the other side had enough calls."""
    decided: asyncio.Event = field(default_factory=asyncio.Event)
    came: list[float] = field(default_factory=list)
    sent: int = 0
    ssrc: int = field(default_factory=lambda: secrets.randbits(32))


class Callers:
    """Any number of calls to one address; use `callers` to open them."""

    def __init__(self, to: Address, user: str) -> None:
        self.to = to
        self.user = user
        self.calls: dict[str, CallMade] = {}
        self._signals = _socket()
        self.address: Address = self._signals.getsockname()
        host, port = self.address
        settings = Settings(host, port, max_calls=MOST_CALLS)
        self._agent = UserAgent(settings, lambda: secrets.token_hex(8))
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._signals, self._signalled)
        self._timer: asyncio.TimerHandle | None = None
        self._number = 0
        self._ahead = time.time() - time.monotonic()
        """Seconds by which the kernel's notes are ahead of `time.monotonic`."""
        self._moved = asyncio.Event()
        """Set whenever something may have changed."""
        self.voice = [bytes([(7 * n + k) % 256 for k in range(160)]) for n in range(50)]

    def call(self) -> str:
        """Ring once more; returns the call's id."""
        self._number += 1
        sound = _socket()
        sound.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        target = Uri("sip", self.user, *self.to)
        number = f"139{self._number:08d}"
        media = sound.getsockname()
        made = CallMade(sound, time.monotonic())
        call = self._agent.invite(target, self.to, number, media, self._loop.time())
        self.calls[call] = made
        self._pump()
        return call

    def hang_up(self, call: str) -> None:
        """End it, and stop sending to it."""
        made = self.calls[call]
        made.to = None
        made.sound.close()
        self._agent.hang_up(call, self._loop.time())
        self._pump()

    async def hang_up_all(self) -> None:
        """End every call, and wait until the other side has confirmed, `FAREWELL_S` at most."""
        for call, made in self.calls.items():
            if made.to is not None:
                self.hang_up(call)
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                while not self._agent.idle:
                    self._moved.clear()
                    await self._moved.wait()

    @property
    def standing(self) -> list[CallMade]:
        """The calls that are answered and not ended."""
        return [made for made in self.calls.values() if made.to is not None]

    async def talk(self, seconds: float) -> None:
        """Talk with everybody for so long: a packet a call every 20 ms, late ones made up."""
        begun = time.monotonic()
        for tick in range(round(seconds / TICK)):
            await asyncio.sleep(max(begun + tick * TICK - time.monotonic(), 0))
            voice = self.voice[tick % len(self.voice)]
            for made in self.standing:
                self._hear(made)
                self._say(made, voice)

    async def decided(self, made: CallMade, seconds: float) -> None:
        """Wait until the call is answered or has failed; after so long it has."""
        try:
            await asyncio.wait_for(made.decided.wait(), seconds)
        except TimeoutError:
            made.failed = "no answer"

    def close(self) -> None:
        """Let go of everything; calls that stand are hung up first by whoever made them."""
        if self._timer is not None:
            self._timer.cancel()
        self._loop.remove_reader(self._signals)
        self._signals.close()
        for made in self.calls.values():
            made.sound.close()

    def _say(self, made: CallMade, voice: bytes) -> None:
        number = made.sent
        made.sent += 1
        header = _HEADER.pack(0x80, 0, number & 0xFFFF, number * 160 & 0xFFFFFFFF, made.ssrc)
        assert made.to is not None
        try:
            made.sound.sendto(header + voice, made.to)
        except OSError:
            made.failed = made.failed or "the sound could not be sent"

    def _hear(self, made: CallMade) -> None:
        with suppress(OSError):
            while True:
                data, notes, *_ = made.sound.recvmsg(2048, _NOTE_SPACE)
                seconds, nanos = _TIMESPEC.unpack_from(notes[0][2])
                # Reports about one caller may come to the next one's port.
                if not is_rtcp(data):
                    made.came.append(seconds + nanos * 1e-9 - self._ahead)

    def _signalled(self) -> None:
        try:
            while True:
                data, source = self._signals.recvfrom(65535)
                if data.startswith(b"REGISTER "):
                    self._signals.sendto(_registered(data), source)
                else:
                    self._agent.receive_datagram(data, source, self._loop.time())
        except OSError:
            pass
        self._pump()

    def _on_time(self) -> None:
        self._agent.handle_timer(self._loop.time())
        self._pump()

    def _pump(self) -> None:
        self._moved.set()
        while (event := self._agent.next_event()) is not None:
            self._take(event)
        for data, address in self._agent.datagrams_to_send():
            self._signals.sendto(data, address)
        if self._timer is not None:
            self._timer.cancel()
        at = self._agent.get_timer()
        self._timer = None if at is None else self._loop.call_at(at, self._on_time)

    def _take(self, event: events.SipEvent) -> None:
        match event:
            case events.CallAnswered():
                made = self.calls[event.call]
                made.answered_at = time.monotonic()
                made.to = (event.stream.host, event.stream.port)
                made.decided.set()
            case events.CallNotTaken():
                made = self.calls[event.call]
                made.failed = f"{event.status} {event.reason}"
                made.refused = event.status == BUSY
                made.decided.set()
            case events.CallEnded():
                made = self.calls[event.call]
                made.failed = made.failed or f"ended: {event.reason}"
                made.to = None


@asynccontextmanager
async def callers(to: Address, user: str) -> AsyncIterator[Callers]:
    """Callers of one address; on the way out they hang up and wait a moment."""
    made = Callers(to, user)
    try:
        yield made
        await made.hang_up_all()
    finally:
        made.close()


def _socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    made.setblocking(False)
    made.bind(("127.0.0.1", 0))
    return made


def _registered(request: bytes) -> bytes:
    """The answer of a registrar who lets everybody in, for the peer that will not do without."""
    lines = request.decode("utf-8", "replace").split("\r\n")
    found = dict(_split(lines))
    return _OK.format(
        via=found["via"],
        from_=found["from"],
        to=found["to"],
        call_id=found["call-id"],
        cseq=found["cseq"],
        contact=found.get("contact", "<sip:peer@127.0.0.1>"),
    ).encode()


def _split(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            yield name.strip().lower(), value.strip()
