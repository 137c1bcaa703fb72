"""One node of the drill, in a process of its own: `… -m bench.drills.node NAME PORT URL FOLDER S`.

The whole service without a recogniser, over the database URL, with agents of its own who answer
every call that rings here; dead for the others after S seconds. Prints "ready", and ends in good
order with its standard input.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bench.answering import answer_all
from bench.telephone.sides import LoopingVoice
from callcenter.app import open_service
from callcenter.config import (
    Config,
    DeskConfig,
    LineConfig,
    RecognitionConfig,
    StoreConfig,
    WebConfig,
)
from callcenter.config.node import NodeConfig
from callcenter.core import nodes
from callcenter.core.ports import AgentVoice, Leg
from callcenter.core.records import Agent

HOSTS = {"a": "127.0.0.11", "b": "127.0.0.12", "c": "127.0.0.13"}
"""Where the line of each node listens."""
AGENTS_EACH = 100


async def _voice(gone: object) -> Leg:
    return LoopingVoice()


def _agents() -> list[tuple[Agent, AgentVoice]]:
    """The house's: every node knows all of them."""
    names = [f"{node}{n}" for node in HOSTS for n in range(AGENTS_EACH)]
    return [(Agent(name, name), _voice) for name in names]


def _config(name: str, port: int, url: str, folder: Path) -> Config:
    return Config(
        data=str(folder / "data"),
        recordings=str(folder / "recordings"),
        store=StoreConfig(url=url),
        node=NodeConfig(name=name),
        web=WebConfig(port=0),
        line=(LineConfig(host=HOSTS[name], port=port, max_calls=AGENTS_EACH, rate=0),),
        desk=DeskConfig(silence_seconds=600),
        recognition=RecognitionConfig(model=str(folder / "no model")),
    )


async def main(name: str, port: str, url: str, folder: str, dead_seconds: str) -> None:
    """Run until standard input ends."""
    nodes.DEAD_SECONDS = float(dead_seconds)
    nodes.BEAT_SECONDS = nodes.DEAD_SECONDS / 5
    config = _config(name, int(port), url, Path(folder))
    async with open_service(config, _agents(), open_house=True) as here:
        answering = asyncio.create_task(
            answer_all(here, [f"{name}{n}" for n in range(AGENTS_EACH)], name)
        )
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)
        answering.cancel()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
