"""Who is called, each in a process of its own: `python -m bench.telephone.sides SIDE …`.

`ours` is the whole service without a recogniser: it answers each call with an agent of its own, who
talks all the time, and records both. `pyvoip` is pyVoIP's own telephone, which sends back what it
hears. Both print their SIP port as the first line and stop at the end of standard input.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

from bench.answering import answer_all
from callcenter.app import open_service
from callcenter.config import Config, DeskConfig, LineConfig, RecognitionConfig, WebConfig
from callcenter.core.ports import AgentVoice, Leg
from callcenter.core.records import FRAME_BYTES, Agent, Frame

AGENTS = 450
SAID = [bytes([(n * 3 + k) % 64 for k in range(FRAME_BYTES)]) for n in range(50)]


class LoopingVoice:
    """An agent who says the same second for ever; implements core.ports.Leg."""

    def __init__(self) -> None:
        self._frames = cycle(SAID)

    def receive(self, start: int) -> Frame:
        return Frame(start, next(self._frames))

    def send(self, frame: Frame) -> bool:
        return True

    def quality(self) -> None:
        """It comes over no network."""

    def close(self) -> None:
        """Nothing to let go of."""


async def _voice(gone: Callable[[], None]) -> Leg:
    return LoopingVoice()


def _voices() -> list[tuple[Agent, AgentVoice]]:
    return [(Agent(f"{1000 + n}", f"座席{n}"), _voice) for n in range(AGENTS)]


async def ours() -> None:
    """The service, until standard input ends."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(
            data=f"{folder}/data",
            recordings=f"{folder}/recordings",
            web=WebConfig(port=0),
            line=(LineConfig(port=0, max_calls=AGENTS + 50),),
            desk=DeskConfig(silence_seconds=600),
            recognition=RecognitionConfig(model=str(Path(folder) / "no model")),
        )
        async with open_service(config, _voices(), open_house=True) as service:
            answering = asyncio.create_task(
                answer_all(service, [agent.number for agent in service.desk.agents()])
            )
            _say(service.lines["main"].port)
            await asyncio.to_thread(sys.stdin.read)
            answering.cancel()


def pyvoip(server_port: int) -> None:
    """pyVoIP's telephone, registered with the callers' own registrar, echoing each call."""
    from pyVoIP.VoIP import CallState, VoIPPhone

    def echo(call: object) -> None:
        call.answer()  # type: ignore[attr-defined]
        while call.state == CallState.ANSWERED:  # type: ignore[attr-defined]
            call.write_audio(call.read_audio(160, True))  # type: ignore[attr-defined]

    port = _free_port()
    phone = VoIPPhone(
        "127.0.0.1", server_port, "bench", "bench", callCallback=echo, myIP="127.0.0.1",
        sipPort=port, rtpPortLow=30000, rtpPortHigh=40000,
    )  # fmt: skip
    phone.start()
    _say(port)
    sys.stdin.read()
    threading.Thread(target=phone.stop, daemon=True).start()


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _say(port: int) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


def main(words: list[str]) -> None:
    """`ours` or `pyvoip PORT`, PORT being that of the callers."""
    logging.disable(logging.CRITICAL)
    if words[0] == "ours":
        asyncio.run(ours())
    else:
        pyvoip(int(words[1]))


if __name__ == "__main__":
    main(sys.argv[1:])
