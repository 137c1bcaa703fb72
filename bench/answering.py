"""Agents who pick up by themselves, for benches and drills."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from callcenter.app import Service
from callcenter.core.errors import CallcenterError
from callcenter.core.events import CallEnded, CallRang


async def answer_all(service: Service, agents: Sequence[str], node: str = "") -> None:
    """Each call that rings at this node is answered by the one who was free longest; until
    cancelled."""
    free = list(agents)
    taken: dict[str, str] = {}
    async for event in service.bus.subscribe():
        if isinstance(event, CallRang) and event.node == node and free:
            taken[event.call_id] = free.pop(0)
            try:
                await service.desk.answer(event.call_id, taken[event.call_id])
            except CallcenterError as error:
                sys.stderr.write(f"{error}\n")
        elif isinstance(event, CallEnded) and event.call_id in taken:
            free.append(taken.pop(event.call_id))
