"""Sends the messages that wait, as a task; sees ports only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from callcenter.core.errors import NotSent
from callcenter.core.events import Event
from callcenter.core.jobs import Task
from callcenter.core.messages import Letter
from callcenter.core.office import Letters, Messenger

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
        self._found: dict[str, Letter] = {}

    def task(self) -> Task:
        """Its pieces are letters, by their numbers."""
        return Task("messages", self._due, self._send, LOOK_SECONDS)

    def _due(self) -> Sequence[str]:
        if not self._messengers:
            return ()
        waiting = self._letters.waiting()
        self._found = {one.number: one for one in waiting if one.channel in self._messengers}
        return list(self._found)

    async def _send(self, number: str) -> None:
        """Raises NotSent, which then stands in the letter's course."""
        letter = self._found[number]
        try:
            told = await asyncio.to_thread(self._messengers[letter.channel].send, letter)
        except NotSent as error:
            fact = await asyncio.to_thread(self._letters.not_sent, letter, str(error))
            await self._write(fact)
            raise
        await self._write(await asyncio.to_thread(self._letters.sent, letter, told))
