"""Passes a person's request on to another node, with their own cookie. Touches the network.

The other node lets them in by the same store, checks what they may do, and notes what they did.
"""

from __future__ import annotations

import asyncio
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from email.message import Message
from http.client import HTTPResponse
from typing import cast

from callcenter.core.errors import NotNow
from callcenter.core.nodes import Answered, Asked, Fetched

TIMEOUT_SECONDS = 45.0
"""An agent's telephone rings for as long as 20 s before a command is answered."""
MOST_BYTES = 1_000_000
KEPT = ("content-type", "retry-after", "www-authenticate")
"""Of the other node's headers what its answer means."""
FILE = (*KEPT, "content-length", "content-range", "accept-ranges", "etag", "cache-control")
PIECE_BYTES = 64 * 1024
Answer = HTTPResponse | urllib.error.HTTPError


class Passing:
    """Asks other nodes."""

    def __init__(self, ca: str = "") -> None:
        """`ca` is a file with who signed their certificates; the system's list where empty."""
        self._ca = ca
        self._context: ssl.SSLContext | None = None

    async def on(self, node: str, url: str, asked: Asked) -> Answered:
        """The answer of this node, which is reached under this URL. Raises NotNow."""
        return await asyncio.to_thread(self._ask, node, url, asked)

    def fetch(self, node: str, url: str, asked: Asked) -> Fetched:
        """A file of this node. Blocking. Raises NotNow."""
        got = self._opened(node, url, asked)
        return Fetched(got.status or 502, _kept(got.headers, FILE), _pieces(got))

    def _ask(self, node: str, url: str, asked: Asked) -> Answered:
        with self._opened(node, url, asked) as got:
            try:
                return Answered(got.status or 502, _kept(got.headers), got.read(MOST_BYTES))
            except OSError as error:
                raise NotNow(f"node {node} did not answer to the end") from error

    def _opened(self, node: str, url: str, asked: Asked) -> Answer:
        """Its answer, whatever its status."""
        if not url.startswith(("http://", "https://")):
            raise NotNow(f"node {node} says no URL under which it can be reached")
        request = urllib.request.Request(  # noqa: S310  (seen to above)
            url.rstrip("/") + asked.path, asked.body or None, dict(asked.headers)
        )
        request.method = asked.method
        handlers = [_NoWayRound(), urllib.request.ProxyHandler({})]
        if url.startswith("https:"):
            handlers.append(urllib.request.HTTPSHandler(context=self._tls()))
        try:
            opener = urllib.request.build_opener(*handlers)
            return cast(Answer, opener.open(request, None, TIMEOUT_SECONDS))
        except urllib.error.HTTPError as error:
            return error
        except (OSError, ValueError) as error:
            told = getattr(error, "reason", None) or type(error).__name__
            raise NotNow(f"node {node} cannot be reached at {url}: {told}") from error

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = ssl.create_default_context(cafile=self._ca or None)
        return self._context


class _NoWayRound(urllib.request.HTTPRedirectHandler):
    """A cookie goes to the node that it is for, and nowhere else."""

    def redirect_request(self, *asked: object, **more: object) -> None:
        return None


def _pieces(got: Answer) -> Iterator[bytes]:
    with got:
        while piece := got.read(PIECE_BYTES):
            yield piece


def _kept(headers: Message, names: Sequence[str] = KEPT) -> dict[str, str]:
    return {name: headers[name] for name in names if name in headers}
