"""A headset is tried: what its microphone hears for two seconds is given to its ear. Touches the
card's process alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from callcenter.audio.agent_sound import level
from callcenter.audio.card_process import CardProcess
from callcenter.core.errors import MissingPiece
from callcenter.core.records import FRAME_MS, Level, VoiceState

_TAKES = 2000 // FRAME_MS
"""Frames that are taken, and then as many that are played."""
_RINGS_OUT = 400 // FRAME_MS
"""Frames until the last one played has reached the ear."""
_METER_FRAMES = 200 // FRAME_MS


class Trial:
    """One echo test; the card's own clock times it."""

    def __init__(self) -> None:
        self._heard: list[bytes] = []
        self._played = 0
        self._over = asyncio.Event()

    async def run(self, device: str) -> VoiceState:
        """The device that was opened, and how loud its microphone was. Raises MissingPiece."""
        card = await CardProcess.start(device)
        carrying = asyncio.create_task(card.carry(partial(self._hear, card.play)))
        carrying.add_done_callback(lambda _: self._over.set())
        try:
            await self._over.wait()
        finally:
            carrying.cancel()
            await asyncio.gather(carrying, return_exceptions=True)
            await card.end()
        if self._played < _TAKES:
            raise MissingPiece(f"sound device {card.name!r} is gone")
        return VoiceState("headset", "idle", card.name, level(b"".join(self._heard)))

    def level(self) -> Level:
        """How loud the last 200 ms were that it took."""
        return level(b"".join(self._heard[-_METER_FRAMES:]))

    def _hear(self, play: Callable[[bytes], None], pcm: bytes) -> None:
        if len(self._heard) < _TAKES:
            self._heard.append(pcm)
            return
        if self._played < _TAKES:
            play(self._heard[self._played])
        self._played += 1
        if self._played == _TAKES + _RINGS_OUT:
            self._over.set()
