"""`callcenter doctor --echo`: the headset says back what it hears, a second later."""

from __future__ import annotations

import asyncio
from collections import deque
from pathlib import Path

from rich.console import Console

from callcenter.audio.headset import Headset
from callcenter.config import AgentConfig, load
from callcenter.core.errors import MissingPiece
from callcenter.core.ports import Leg
from callcenter.core.records import FRAME_MS, FRAME_SAMPLES, Frame

SECONDS = 10.0
_LATER = 1000 // FRAME_MS
_BAR = 30


def echo(file: Path | None, seconds: float = SECONDS) -> int:
    """Try the first agent's headset for so long; 1 where it cannot be used."""
    agents: tuple[AgentConfig, ...] = load(file).agent if file else ()
    devices = [agent.device for agent in agents if agent.voice == "headset"]
    return asyncio.run(_echo(devices[0] if devices else "", seconds, Console()))


async def _echo(device: str, seconds: float, console: Console) -> int:
    headset = Headset(device, lambda state: None)
    try:
        leg = await headset.open(lambda: None)
    except MissingPiece as missing:
        console.print(f"✗ {missing}", highlight=False)
        return 1
    console.print(f"{headset.state().detail}: speak; you hear yourself a second later")
    try:
        await _speak_back(headset, leg, round(seconds * 1000 / FRAME_MS), console)
    finally:
        leg.close()
        await headset.close()
    return 0


async def _speak_back(headset: Headset, leg: Leg, frames: int, console: Console) -> None:
    loop, held = asyncio.get_running_loop(), deque(Frame(0) for _ in range(_LATER))
    began = loop.time()
    for number in range(frames):
        held.append(leg.receive(number * FRAME_SAMPLES))
        leg.send(held.popleft())
        if number % (_LATER // 2) == 0:
            console.print(_meter(headset.state().microphone.rms), highlight=False)
        await asyncio.sleep(max(0.0, began + number * FRAME_MS / 1000 - loop.time()))


def _meter(rms: float) -> str:
    """A line as long as it is loud, from -60 dBFS on."""
    return f"{rms:6.1f} dBFS {'█' * round(max(0.0, rms + 60) / 60 * _BAR)}"
