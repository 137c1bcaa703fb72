"""This node's signs of life, and what is to be done when another shows none; sees ports only."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from callcenter.core import nodes as core
from callcenter.core.errors import CallcenterError
from callcenter.core.event import Event
from callcenter.core.nodes import Node, Nodes

log = logging.getLogger(__name__)


class Heart:
    """Beats, and buries the dead; all in one place, so that who does not beat buries nobody.

    Who was cut off from the database themselves, or has just begun, must let the others show
    themselves first.
    """

    def __init__(
        self,
        nodes: Nodes,
        me: Callable[[], Node],
        lost: Callable[[str], None],
        buried: Callable[[str, Sequence[Event]], None],
    ) -> None:
        """`lost` is told the name of a node that is dead or has ended, `buried` what was written
        where this node was the one to close what it left open."""
        self._nodes = nodes
        self._me = me
        self._lost = lost
        self._buried = buried
        self._known: tuple[Node, ...] = ()
        self._closed: set[str] = set()
        """The dead whose calls are closed."""
        self._steady_since: float | None = None

    @property
    def known(self) -> tuple[Node, ...]:
        """Every node, this one first, as they were seen last."""
        me = self._me()
        return (me, *(node for node in self._known if node.name != me.name))

    @property
    def is_alone(self) -> bool:
        """Whether no other node is alive."""
        return not any(node.is_alive for node in self.known[1:])

    def begin(self, others: Sequence[Node]) -> None:
        """These are alive as this node begins."""
        self._known = tuple(others)
        self._steady_since = asyncio.get_running_loop().time()

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            try:
                await self.once()
            except CallcenterError as error:
                self._steady_since = None
                log.error("this node cannot be seen by the others: %s", error)
            await asyncio.sleep(core.BEAT_SECONDS)

    async def once(self) -> None:
        """One beat."""
        loop = asyncio.get_running_loop()
        begun, before = loop.time(), {node.name for node in self.known if node.is_alive}
        self._known = tuple(await asyncio.to_thread(self._nodes.beat, self._me()))
        ended = loop.time()
        if self._steady_since is None or ended - begun > core.BEAT_SECONDS:
            self._steady_since = ended
        alive = {node.name for node in self.known if node.is_alive}
        for name in before - alive:
            log.warning("node %s is gone", name)
            self._lost(name)
        self._closed -= alive
        if ended - self._steady_since >= core.DEAD_SECONDS + 2 * core.BEAT_SECONDS:
            await self._bury({node.name for node in self.known} - alive)

    async def _bury(self, dead: set[str]) -> None:
        for name in sorted(dead - self._closed):
            self._buried(name, await asyncio.to_thread(self._nodes.bury, name))
            self._closed.add(name)
