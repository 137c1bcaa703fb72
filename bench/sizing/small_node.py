"""A node of the small case: `python -m bench.sizing.small_node NAME CALLS`, one process.

The whole service without a recogniser, over a store of its own, that takes so many calls and
answers each at once. Prints "ready", and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from pathlib import Path

from bench.drills.nodes import HOSTS
from bench.telephone.sides import LoopingVoice
from callcenter.app import Service, open_service
from callcenter.config import Config, DeskConfig, LineConfig, RecognitionConfig, WebConfig
from callcenter.core.errors import CallcenterError
from callcenter.core.events import CallEnded, CallRang
from callcenter.core.ports import Leg
from callcenter.core.records import Agent


async def _voice(gone: object) -> Leg:
    return LoopingVoice()


async def _answer(service: Service) -> None:
    free = [agent.number for agent in service.desk.agents()]
    taken: dict[str, str] = {}
    async for event in service.bus.subscribe():
        if isinstance(event, CallRang) and free:
            taken[event.call_id] = free.pop(0)
            try:
                await service.desk.answer(event.call_id, taken[event.call_id])
            except CallcenterError as error:
                sys.stderr.write(f"{error}\n")
        elif isinstance(event, CallEnded) and event.call_id in taken:
            free.append(taken.pop(event.call_id))


async def main(name: str, calls: str) -> None:
    """Run until standard input ends."""
    host, port = HOSTS[name]
    with tempfile.TemporaryDirectory() as folder:
        config = Config(
            data=f"{folder}/data",
            recordings=f"{folder}/recordings",
            web=WebConfig(port=0),
            line=(LineConfig(host=host, port=port, max_calls=int(calls), rate=0),),
            desk=DeskConfig(silence_seconds=600),
            recognition=RecognitionConfig(model=str(Path(folder) / "no model")),
        )
        voices = [(Agent(f"{name}{n}", f"{name}{n}"), _voice) for n in range(int(calls) + 5)]
        async with open_service(config, voices, open_house=True) as here:
            answering = asyncio.create_task(_answer(here))
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            await asyncio.to_thread(sys.stdin.read)
            answering.cancel()


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    asyncio.run(main(*sys.argv[1:]))
