"""Sends the messages that wait, one after the other, off the event loop; sees ports only."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from callcenter.core.errors import CallcenterError, NotSent
from callcenter.core.events import Event
from callcenter.core.messages import Letter
from callcenter.core.office import Letters, Messenger

log = logging.getLogger(__name__)
LOOK_SECONDS = 5.0
"""How often messages that wait are looked for."""


class Outbox:
    """Works through the letters. A channel without a messenger waits for one."""

    def __init__(
        self,
        letters: Letters,
        messengers: Mapping[str, Messenger],
        write: Callable[[Event], Awaitable[None]],
    ) -> None:
        """`messengers` by channel; `write` is the ledger's."""
        self._letters = letters
        self._messengers = messengers
        self._write = write

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while self._messengers:
            try:
                await self.once()
            except CallcenterError as error:
                log.error("no message can be sent now: %s", error)
            await asyncio.sleep(LOOK_SECONDS)

    async def once(self) -> int:
        """Try everything that waits now; how many have left."""
        waiting = await asyncio.to_thread(self._letters.waiting)
        return sum([await self._send(one) for one in waiting if one.channel in self._messengers])

    async def _send(self, letter: Letter) -> bool:
        try:
            told = await asyncio.to_thread(self._messengers[letter.channel].send, letter)
        except NotSent as error:
            log.warning("message %s: %s", letter.number, error)
            fact = await asyncio.to_thread(self._letters.not_sent, letter, str(error))
            await self._write(fact)
            return False
        await self._write(await asyncio.to_thread(self._letters.sent, letter, told))
        return True
