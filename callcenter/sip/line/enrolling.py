"""Where a line's registrar is, and those whom it calls. Touches asyncio and the resolver."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from callcenter.core.errors import NotNow
from callcenter.sip.line.addresses import look_up
from callcenter.sip.signal.headers import Uri, numeric_host
from callcenter.sip.signal.hops import DEFAULT_PORTS, Hop
from callcenter.sip.signal.registration import Registrar

_log = logging.getLogger(__name__)

FIRST_REST = 1.0
LONGEST_REST = 30.0
"""Seconds between two look-ups of a name that has no address, doubled each time."""


async def way_to(
    uri: Uri, registrar: Registrar | None, transports: Sequence[str], ours: str
) -> Hop:
    """Where a call to `uri` goes: as it says, and to our registrar as we register there.

    Raises NotNow (a transport that the line does not speak), OSError (no such host).
    """
    transport, port = uri.transport, uri.port
    if uri.scheme == "sip" and not uri.get("transport"):
        transport = transports[0]
        if registrar is not None and registrar.host == uri.host:
            transport, port = registrar.transport, port or registrar.port
    if transport not in transports:
        raise NotNow(f"the line does not speak {transport}; it has {', '.join(transports)}")
    return await look_up(uri.host, port or DEFAULT_PORTS[transport], transport, ours)


class Enrolment:
    """Looks the registrar up, however long that takes, and again where it may have moved.

    `found` is told each address, `trouble` says what is wrong.
    """

    def __init__(
        self, line: str, registrar: Registrar, ours: str, found: Callable[[Hop], None]
    ) -> None:
        self.trouble = ""
        self._line = line
        self._registrar = registrar
        self._ours = ours
        self._found = found
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look it up; nothing happens where that is under way."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._look_up())

    def refused(self) -> None:
        """It did not register us: its name may mean another address by now."""
        if numeric_host(self._registrar.host) is None:
            self.start()

    def stop(self) -> None:
        """Look no further."""
        if self._task is not None:
            self._task.cancel()

    async def _look_up(self) -> None:
        rest = FIRST_REST
        while (address := await self._try()) is None:
            await asyncio.sleep(rest)
            rest = min(2 * rest, LONGEST_REST)
        self._found(address)

    async def _try(self) -> Hop | None:
        where = self._registrar
        try:
            address = await look_up(where.host, where.port, where.transport, self._ours)
        except OSError as error:
            self.trouble = f"no such host: {where.host}"
            _log.warning("line %s: registrar %s: %s", self._line, where.host, error)
            return None
        self.trouble = ""
        return address
