"""The machines that are this call centre (节点), where there are several."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from fastapi import APIRouter, Request

from callcenter.core.nodes import Elsewhere, Node
from callcenter.web.api.base import Out
from callcenter.web.room import InRoom

router = APIRouter(tags=["节点"])
State = Literal["here", "alive", "draining", "lost"]


class NodeOut(Out):
    """A machine: `here` is the one that answers; draining takes no further calls; lost shows no
    sign of life, and its calls were closed as interrupted. `calls` ring or run on it now."""

    name: str
    url: str
    state: State
    unseen_seconds: float
    calls: int


@router.get("/nodes", summary="节点")
async def nodes(request: Request, room: InRoom) -> list[NodeOut]:
    """Every machine that shares this database, this one first; none where there is but one."""
    elsewhere: Elsewhere | None = request.app.state.elsewhere
    if elsewhere is None:
        return []
    calls = Counter(call.node for call in room.desk.live())
    return [
        NodeOut(
            name=node.name,
            url=node.url,
            state="here" if not at else state_of(node),
            unseen_seconds=round(node.unseen_seconds, 1),
            calls=calls[node.name],
        )
        for at, node in enumerate(elsewhere.nodes())
    ]


def state_of(node: Node) -> State:
    """How another node stands."""
    if not node.is_alive:
        return "lost"
    return "draining" if node.draining else "alive"
