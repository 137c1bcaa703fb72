"""pyVoIP's telephone, with our transactions for its socket. The one file that imports pyVoIP.

pyVoIP 1.6.8 (Tayler Porter and others, https://github.com/tayler6000/pyVoIP) is under the GNU
General Public License, version 3: whoever hands on a program together with it must keep to that
licence. Nothing here is needed by a line with `engine = "own"`.

It keeps the calls and says what is to be said; of what it writes, the status and the call count,
since it reads and copies headers by a way of its own. Its sound is not used: it has 8 bits.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, RLock
from typing import cast

import pyVoIP.VoIP  # noqa: F401 (before pyVoIP.SIP, which needs it half-way through)
from pyVoIP.SIP import SIPClient, SIPMessage, SIPMessageType
from pyVoIP.VoIP.VoIP import VoIPPhone

from callcenter.sip.signal.headers import MAGIC_COOKIE
from callcenter.sip.signal.hops import Address
from callcenter.sip.signal.message import Header, Request, Response
from callcenter.sip.signal.registration import Registrar

METHODS = ("INVITE", "ACK", "BYE", "CANCEL")
"""What pyVoIP takes."""
MOST_REGISTERING = 35
"""Seconds for one answer of the registrar: our transaction gives up after 32."""
_COPIED = ("Via", "From", "To", "Call-ID", "CSeq")
_LONGEST = 65535


class Heard(SIPMessage):
    """A request as pyVoIP reads it: its method, its number, and which call it belongs to.

    The rest are stand-ins, so that nothing in what came can stop it from answering.
    """

    def __init__(self, request: Request, call: str) -> None:
        self.method = request.method
        self._number = request.cseq.number
        self._call = call
        super().__init__(b"")

    def parse(self, data: bytes) -> None:
        """Takes the place of pyVoIP's own reading."""
        self.type = SIPMessageType.MESSAGE
        self.headers = {
            "Via": [{"address": ("far", "5060"), "branch": MAGIC_COOKIE}],
            "From": {"raw": "<sip:far>", "tag": "far"},
            "To": {"raw": "<sip:near>", "tag": ""},
            "Call-ID": self._call,
            "CSeq": {"check": str(self._number), "method": self.method},
            "Contact": "<sip:far>",
        }
        # Without media it opens no port of its own: the sound is ours.
        self.body = {"c": [], "m": []}


class Door:
    """Where pyVoIP has its socket: what it says goes to `say`, and it hears what is delivered.

    While it registers it waits in `select`, in a thread of its own.
    """

    def __init__(self, say: Callable[[bytes], None]) -> None:
        self._say = say
        self._inside, self._outside = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._inside.setblocking(False)
        self._outside.setblocking(False)

    def sendto(self, data: bytes, address: Address) -> None:
        """pyVoIP sends everything to one address; `say` knows better."""
        self._say(data)

    def recv(self, size: int) -> bytes:
        """The next that was delivered. Raises BlockingIOError where there is nothing."""
        return self._inside.recv(size)

    def setblocking(self, flag: bool) -> None:
        """It never blocks."""

    def fileno(self) -> int:
        """For `select`."""
        return self._inside.fileno()

    def deliver(self, data: bytes) -> None:
        """Let pyVoIP hear this; nothing happens where it does not listen."""
        with suppress(OSError):
            self._outside.send(data)

    def drain(self) -> None:
        """Forget what was delivered and not heard."""
        with suppress(BlockingIOError):
            while True:
                self._inside.recv(_LONGEST)

    def close(self) -> None:
        """May be called twice."""
        self._inside.close()
        self._outside.close()


class Client(SIPClient):
    """pyVoIP's signalling through a door: it opens no socket and starts no thread."""

    def by(self, door: Door) -> None:
        """Speak and hear by this door."""
        self.door = door
        self.s = self.out = cast(socket.socket, door)
        self.register_timeout = MOST_REGISTERING

    def parse_message(self, message: SIPMessage) -> None:
        """Responses are for the transactions; pyVoIP would print that it does not know them."""
        if message.type == SIPMessageType.MESSAGE:
            super().parse_message(message)

    def gen_tag(self) -> str:
        """pyVoIP keeps every tag it ever made."""
        return secrets.token_hex(8)

    def gen_call_id(self) -> str:
        """pyVoIP's are the same after each start."""
        return f"{secrets.token_hex(16)}@{self.myIP}"

    def enrol(self) -> bool:
        """Register once; blocking, MOST_REGISTERING twice at most. True where it was granted."""
        self.registerFailures = 0  # it would end the telephone after three
        self.door.drain()
        return bool(self.register())

    def leave(self) -> bool:
        """Register no longer; blocking."""
        self.door.drain()
        return bool(self.deregister())


class Phone(VoIPPhone):
    """pyVoIP's telephone: which calls ring and which are answered.

    `host` and `port` are what others reach us by; `say` gets each message that it wants to send.
    """

    def __init__(
        self,
        registrar: Registrar,
        host: str,
        port: int,
        say: Callable[[bytes], None],
    ) -> None:
        us = (f"[{host}]" if ":" in host else host, port)
        at = (registrar.host, registrar.port or 5060, registrar.user, registrar.password)
        super().__init__(*at, myIP=us[0], sipPort=us[1])
        # A call that is forgotten takes this lock, also while it is held.
        self.portsLock = cast(Lock, RLock())
        self.door = Door(say)
        self.client = Client(*at, self, *us, callCallback=self.callback)
        self.client.default_expires = registrar.expires
        self.client.by(self.door)
        # There is no hook by which it could be given.
        self.sip = self.client

    def hear(self, request: Request, call: str) -> None:
        """Let pyVoIP take a request of this call; what it wants to answer, it says at once."""
        self.client.parse_message(Heard(request, call))

    def callback(self, request: SIPMessage) -> None:
        """What pyVoIP's client hands up. A new call rings at once, without a thread."""
        call = request.headers["Call-ID"]
        if request.method == "INVITE" and call not in self.calls:
            self.door.sendto(self.client.gen_ringing(request).encode("ascii"), ("", 0))
            self._create_Call(request, int(call[:8], 16))
        elif request.method == "CANCEL":
            self._callback_MSG_Bye(request)
        else:
            super().callback(request)

    def stands(self, call: str) -> str:
        """RINGING or ANSWERED, pyVoIP's words; "" where the call is over."""
        found = self.calls.get(call)
        return str(found.state.value) if found is not None else ""

    def answer(self, call: str) -> None:
        """Pick up a call that rings."""
        self.calls[call].answer()

    def turn_away(self, call: str) -> None:
        """Busy, to a call that rings."""
        self.calls[call].deny()

    def hang_up(self, call: str) -> None:
        """BYE, to a call that is answered."""
        self.calls[call].hangup()

    def forget(self, call: str) -> None:
        """It is over; pyVoIP would keep its tag."""
        self.calls.pop(call, None)
        self.client.tagLibrary.pop(call, None)


def readable(response: Response) -> bytes:
    """A registrar's answer as pyVoIP can read it: it takes the first challenge, and knows MD5.

    After a 500 it sleeps for 5 s and asks again, without end; a 503 it takes for a refusal.
    """
    headers: list[Header] = [h for h in response.headers if h[0] in _COPIED]
    headers += [
        ("WWW-Authenticate", value)
        for value in response.every("WWW-Authenticate")
        if "sha-" not in value.lower()
    ]
    status = 503 if response.status == 500 else response.status
    return bytes(Response(tuple(headers), b"", status, "So"))
