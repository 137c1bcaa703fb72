"""A tiny registrar on real UDP that checks digests, for tests."""

from __future__ import annotations

import asyncio
import hashlib

from callcenter.sip.signal.headers import split, unquote_text
from callcenter.sip.signal.message import Request, parse
from callcenter.sip.signal.replies import reply


def _hash(algorithm: str, text: str) -> str:
    name = {"MD5": "md5", "SHA-256": "sha256"}[algorithm]
    return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()


class TinyRegistrar(asyncio.DatagramProtocol):
    """Knows one user; `bindings` maps the address of record to its Contact."""

    def __init__(self, user: str, password: str, algorithm: str = "MD5") -> None:
        self.user, self.password, self.algorithm = user, password, algorithm
        self.bindings: dict[str, str] = {}
        self.refused = 0
        self.changed = asyncio.Event()
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self, host: str = "127.0.0.1") -> None:
        """On a free port the first time, then on the same one."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=(host, self.port)
        )
        self.port = self._transport.get_extra_info("sockname")[1]

    async def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
        await asyncio.sleep(0)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        request = parse(data)
        assert isinstance(request, Request)
        assert self._transport is not None
        self._transport.sendto(self._answer(request), addr)

    def _answer(self, request: Request) -> bytes:
        if not self._is_known(request):
            self.refused += 1
            self.changed.set()
            asked = f'Digest realm="tiny", nonce="abc", qop="auth", algorithm={self.algorithm}'
            headers = (("WWW-Authenticate", asked),)
            return bytes(reply(request, 401, tag="t", headers=headers, reason="Who?"))
        contact, expires = request.first("Contact") or "", request.first("Expires")
        aor = str(request.to.uri)
        if expires == "0":
            self.bindings.pop(aor, None)
        else:
            self.bindings[aor] = contact
        self.changed.set()
        headers = (("Contact", f"{contact};expires={expires}"),)
        return bytes(reply(request, 200, tag="t", headers=headers))

    def _is_known(self, request: Request) -> bool:
        value = request.first("Authorization")
        if value is None:
            return False
        pairs = (p.partition("=") for p in split(value.partition(" ")[2], ","))
        given = {k: unquote_text(v) for k, _, v in pairs}
        ha1 = _hash(self.algorithm, f"{self.user}:tiny:{self.password}")
        ha2 = _hash(self.algorithm, f"REGISTER:{request.uri}")
        # RFC 2617 §3.2.2.1: who knows no qop leaves the rest out, too.
        middle = f"abc:{given['nc']}:{given['cnonce']}:auth" if "qop" in given else "abc"
        return given["response"] == _hash(self.algorithm, f"{ha1}:{middle}:{ha2}")
