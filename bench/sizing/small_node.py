"""A node of the small case: `python -m bench.sizing.small_node NAME HOST PORT CALLS`, one process.

The whole service without a recogniser, over a store of its own, that takes so many calls and
answers each at once. Prints "ready", and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from pathlib import Path

from bench.answering import answer_all
from bench.telephone.sides import LoopingVoice
from callcenter.app import open_service
from callcenter.config import Config, DeskConfig, LineConfig, RecognitionConfig, WebConfig
from callcenter.core.ports import Leg
from callcenter.core.records import Agent


async def _voice(gone: object) -> Leg:
    return LoopingVoice()


async def main(name: str, host: str, port: str, calls: str) -> None:
    """Run until standard input ends."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(
            data=f"{folder}/data",
            recordings=f"{folder}/recordings",
            web=WebConfig(port=0),
            line=(LineConfig(host=host, port=int(port), max_calls=int(calls), rate=0),),
            desk=DeskConfig(silence_seconds=600),
            recognition=RecognitionConfig(model=str(Path(folder) / "no model")),
        )
        agents = [f"{name}{n}" for n in range(int(calls) + 5)]
        voices = [(Agent(agent, agent), _voice) for agent in agents]
        async with open_service(config, voices, open_house=True) as here:
            answering = asyncio.create_task(answer_all(here, agents))
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            await asyncio.to_thread(sys.stdin.read)
            answering.cancel()


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    asyncio.run(main(*sys.argv[1:]))
