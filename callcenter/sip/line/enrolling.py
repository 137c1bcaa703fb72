"""Where a line's registrar is, and those whom it calls. Touches asyncio and the resolver."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from callcenter.core.errors import NotNow
from callcenter.sip.line.names import Place
from callcenter.sip.signal.headers import Uri, numeric_host
from callcenter.sip.signal.hops import Hop
from callcenter.sip.signal.registration import Registrar

_log = logging.getLogger(__name__)

FIRST_REST = 1.0
LONGEST_REST = 30.0
"""Seconds between two look-ups of a name that has no address, doubled each time."""


Ways = tuple[Hop, ...]
"""Where a request can go, in the order of trying."""


def place_of(uri: Uri, registrar: Registrar | None, transports: Sequence[str]) -> Place:
    """Where a call to `uri` goes: as it says, and to our registrar as we register there.

    Raises NotNow (a transport that the line does not speak).
    """
    said = uri.scheme == "sips" or uri.get("transport")
    transport, port = uri.transport if said else "", uri.port or 0
    if not said and registrar is not None and registrar.host == uri.host:
        transport, port = registrar.transport, port or registrar.port
    if transport and transport not in transports:
        raise NotNow(f"the line does not speak {transport}; it has {', '.join(transports)}")
    return Place(uri.host, port, transport)


class Enrolment:
    """Looks the registrar up, however long that takes, and again where it may have moved.

    `look` finds the ways to its host or raises OSError, `found` is told them, `trouble` says what
    is wrong.
    """

    def __init__(
        self,
        line: str,
        host: str,
        look: Callable[[], Awaitable[Ways]],
        found: Callable[[Ways], None],
    ) -> None:
        self.trouble = ""
        self._line = line
        self._host = host
        self._look = look
        self._found = found
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look it up; nothing happens where that is under way."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._look_up())

    def refused(self) -> None:
        """It did not register us: its name may mean another address by now."""
        if numeric_host(self._host) is None:
            self.start()

    def stop(self) -> None:
        """Look no further."""
        if self._task is not None:
            self._task.cancel()

    async def _look_up(self) -> None:
        rest = FIRST_REST
        while (ways := await self._try()) is None:
            await asyncio.sleep(rest)
            rest = min(2 * rest, LONGEST_REST)
        self._found(ways)

    async def _try(self) -> Ways | None:
        try:
            ways = await self._look()
        except OSError as error:
            self.trouble = f"no such host: {self._host}"
            _log.warning("line %s: registrar %s: %s", self._line, self._host, error)
            return None
        self.trouble = ""
        return ways
