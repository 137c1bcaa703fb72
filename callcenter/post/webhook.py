"""Tells a program elsewhere a fact, signed, by one POST. Touches the network, on the event loop.

Signed as Standard Webhooks 1.0 has it (https://www.standardwebhooks.com): HMAC-SHA256 over id,
timestamp and body; a receiver in any language has a library that checks it. Certificates are
checked, no redirect is followed, nothing of the answer but its first line is read, and however slow
the other side is, it is over after TIMEOUT_SECONDS. Names are looked up in threads of its own: a
name server that is away keeps nobody else waiting.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import re
import socket
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from callcenter.core.errors import ConfigError, NotSent, TurnedDown

TIMEOUT_SECONDS = 10.0
SECRET = "{secret}"  # noqa: S105  (the place for it in a URL)
AGENT = "callcenter"
LONGEST_LINE = 1024
PREFIX = "whsec_"
PASSING = frozenset({408, 425, 429})
"""Refusals that are about the moment, as everything from 500 on is."""
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})\b")


@dataclass(frozen=True, slots=True)
class Place:
    """Where facts are told: an http(s) URL; SECRET in it stands for the secret, which else signs.

    `ca` is a file of certificates to trust in place of the system's.
    """

    name: str
    url: str
    secret: str = field(repr=False)
    ca: str = ""


class Webhook:
    """core.webhooks.Hook over HTTP(S); a connection for each fact. Errors never tell the URL."""

    def __init__(self, place: Place, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives seconds since 1970. Raises ConfigError for what cannot work."""
        parts = urlsplit(place.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"webhook {place.name}: expected a URL: https://…")
        self._place = place
        self._clock = clock
        self._host = parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._shown_host = parts.netloc.rpartition("@")[2]
        self._key = b"" if SECRET in place.url else key_of(place)
        path = parts.path.replace(SECRET, quote(place.secret, safe="")) or "/"
        self._path = f"{path}?{parts.query}" if parts.query else path
        self._tls = _tls(place) if parts.scheme == "https" else None
        self._names: ThreadPoolExecutor | None = None

    async def post(self, key: str, body: bytes) -> None:
        """Hand it over. Raises NotSent where the target is away, TurnedDown where it refused."""
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                status = await self._ask(self._head(key, body) + body)
        except TimeoutError:
            raise NotSent(f"no answer within {TIMEOUT_SECONDS:.0f} s") from None
        except (OSError, ssl.SSLError, ValueError) as error:
            # Only the kind: what the system says may repeat names and addresses.
            told = getattr(error, "verify_message", "") or type(error).__name__
            raise NotSent(f"cannot be reached: {told}") from None
        if status >= 500 or status in PASSING:
            raise NotSent(f"answered {status}")
        if not 200 <= status < 300:
            raise TurnedDown(f"answered {status}")

    def close(self) -> None:
        """Waits for nobody; what is posted later opens it again."""
        if self._names is not None:
            self._names.shutdown(wait=False, cancel_futures=True)
            self._names = None

    async def _ask(self, request: bytes) -> int:
        """The status of the answer; 0 for what is none."""
        self._names = self._names or ThreadPoolExecutor(1, f"webhook-{self._place.name}")
        address = await asyncio.get_running_loop().run_in_executor(self._names, self._address)
        name = self._host if self._tls else None
        reader, writer = await asyncio.open_connection(
            *address, ssl=self._tls, server_hostname=name, limit=LONGEST_LINE
        )
        try:
            writer.write(request)
            await writer.drain()
            found = _STATUS.match(await reader.readline())
        finally:
            writer.close()
            with suppress(OSError, ssl.SSLError):
                writer.transport.abort()
        if found is None:
            raise ValueError("no answer in HTTP")
        return int(found[1])

    def _address(self) -> tuple[str, int]:
        found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        address = found[0][4]
        return str(address[0]), int(address[1])

    def _head(self, key: str, body: bytes) -> bytes:
        lines = [
            f"POST {self._path} HTTP/1.1",
            f"Host: {self._shown_host}",
            f"User-Agent: {AGENT}",
            "Content-Type: application/json; charset=utf-8",
            f"Content-Length: {len(body)}",
            "Connection: close",
            f"webhook-id: {key}",
        ]
        if self._key:
            stamp = int(self._clock())
            lines.append(f"webhook-timestamp: {stamp}")
            lines.append(f"webhook-signature: {signature(self._key, key, stamp, body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def signature(secret: bytes, key: str, stamp: int, body: bytes) -> str:
    """Over the id, the moment (seconds since 1970) and the body."""
    signed = hmac.new(secret, f"{key}.{stamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed.digest()).decode()}"


def key_of(place: Place) -> bytes:
    """The secret as bytes: what stands after whsec_ in base64, else the text. Raises ConfigError.

    At least 24 bytes, as Standard Webhooks asks.
    """
    key = place.secret.encode()
    if place.secret.startswith(PREFIX):
        try:
            key = base64.b64decode(key[len(PREFIX) :], validate=True)
        except binascii.Error:
            key = b""
    if len(key) < 24:
        raise ConfigError(
            f"webhook {place.name}: its secret is too short; expected 24 bytes or more, "
            "such as openssl rand -hex 32 makes"
        )
    return key


def _tls(place: Place) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=place.ca or None)
    except (OSError, ssl.SSLError) as error:
        told = getattr(error, "strerror", None) or type(error).__name__
        raise ConfigError(f"webhook {place.name}: {place.ca}: cannot be used: {told}") from None
