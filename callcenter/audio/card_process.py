"""Our end of a sound card's process (card.py): starts it, carries frames, ends it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress

from callcenter.core.errors import MissingPiece
from callcenter.core.records import WIDE_BYTES

OPENS_S = 10.0
"""A card that does not open within this is no use in a call."""
_ENDS_S = 1.0
_MOST_UNPLAYED = 12 * WIDE_BYTES
"""Sound (240 ms) that may wait for the process; what comes then is dropped."""
_PROGRAM = (sys.executable, "-m", "callcenter.audio.card")


class CardProcess:
    """An open card."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.name = ""

    @classmethod
    async def start(cls, device: str) -> CardProcess:
        """Open the named device, or the default one. Raises MissingPiece."""
        card = cls(
            await asyncio.create_subprocess_exec(
                *_PROGRAM,
                device,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C ends the service, and that ends this
            )
        )
        try:
            async with asyncio.timeout(OPENS_S):
                card.name = await card._first_line()
        except TimeoutError:
            await card.end()
            raise MissingPiece(f"sound device {device!r}: not open after {OPENS_S:.0f} s") from None
        except BaseException:
            await card.end()
            raise
        return card

    async def carry(self, heard: Callable[[bytes], None]) -> None:
        """Give `heard` 20 ms at a time, at 16 kHz, until the card stops."""
        assert self._process.stdout is not None
        with suppress(asyncio.IncompleteReadError):
            while True:
                heard(await self._process.stdout.readexactly(WIDE_BYTES))

    def play(self, pcm: bytes) -> None:
        """20 ms for the ear; never blocks."""
        pipe = self._process.stdin
        assert pipe is not None
        waiting = pipe.transport.get_write_buffer_size()
        if not pipe.transport.is_closing() and waiting < _MOST_UNPLAYED:
            pipe.write(pcm)

    async def end(self) -> None:
        """Let go of the card."""
        assert self._process.stdin is not None
        pipe = self._process.stdin.transport
        if not pipe.is_closing():
            pipe.abort()
        try:
            async with asyncio.timeout(_ENDS_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def _first_line(self) -> str:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        return _answer(line, await self._process.wait() if not line else 0)


def list_devices() -> list[str]:
    """The names of this machine's sound devices. Blocks. Raises MissingPiece."""
    try:
        asked = subprocess.run(  # noqa: S603
            [*_PROGRAM, "--list"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=OPENS_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise MissingPiece(f"the sound system gave no answer within {OPENS_S:.0f} s") from None
    return [str(device["name"]) for device in json.loads(_answer(asked.stdout, asked.returncode))]


def _answer(line: bytes, code: int) -> str:
    """What the process says on its first line. Raises MissingPiece."""
    what, _, rest = line.decode(errors="replace").strip().partition(" ")
    if what == "sorry":
        raise MissingPiece(rest)
    if what != "ready":
        raise MissingPiece(
            f"the sound system broke down as it was opened (exit code {code}); is ALSA's "
            "configuration whole? Try: aplay -l"
        )
    return rest
