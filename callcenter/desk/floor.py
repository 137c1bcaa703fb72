"""The live desk of one node among several: a switchboard of its own calls, which shows the others'.

Where agents stand is one for all nodes: each writes what it brings about itself, and takes from the
others what they tell. A command for a call of another node is passed on by the web before it comes
here (web/passing.py).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from callcenter.core.errors import CallcenterError, NotNow
from callcenter.core.events import AgentChanged, Event, VoiceChanged
from callcenter.core.nodes import Node
from callcenter.core.ports import LineCall
from callcenter.core.presence import BUSY, Presence
from callcenter.core.records import LiveCall
from callcenter.desk.lending import Lending
from callcenter.desk.neighbours import Neighbours
from callcenter.desk.switchboard import Switchboard

log = logging.getLogger(__name__)


class Floor(Switchboard):
    """The desk as it is seen from one of several nodes."""

    def __init__(
        self,
        *parts: Any,
        neighbours: Neighbours,
        lending: Lending,
        nodes: Callable[[], Sequence[Node]],
        others_go_on: Callable[[], bool],
    ) -> None:
        """`parts` are a switchboard's; `nodes` all of them, this one first, those that are dead
        too; `others_go_on` whether another is alive."""
        super().__init__(*parts)
        self._neighbours = neighbours
        self._lending = lending
        self._lending_to: set[str] = set()
        """Whose sound is being opened for a call elsewhere."""
        self._nodes = nodes
        self._attendance.others_go_on = others_go_on

    async def close(self) -> None:
        """End every call of this node, as a switchboard does."""
        self._lending.close()
        await super().close()

    def live(self) -> Sequence[LiveCall]:
        """The calls of every node, oldest first."""
        everywhere = [*self.own(), *self._neighbours.live()]
        return sorted(everywhere, key=lambda call: (call.rang_at, call.call_id))

    def own(self) -> Sequence[LiveCall]:
        """The calls of this node."""
        return super().live()

    def notices(self) -> Sequence[str]:
        """What people must know, and which node is missing."""
        lost = [node for node in self._nodes()[1:] if not node.is_alive]
        told = [
            f"节点 {node.name} 已失联：它的通话按中断结束，新来电由其他节点接听" for node in lost
        ]
        return [*super().notices(), *told]

    def heard_afar(self, event: Event) -> None:
        """What has happened on another node."""
        if not isinstance(event, VoiceChanged):
            self.heard_of(event)

    def stands(self, event: AgentChanged) -> None:
        """What the store says of an agent; what is known here may be newer."""
        known = self._presence(event.agent)
        if known is not None and event.at > known.since and known.call_id not in self._sessions:
            self.heard_of(event)

    def _presence(self, agent: str) -> Presence | None:
        return next((one for one in self.presence() if one.agent == agent), None)

    # Inside --------------------------------------------------------------------------------

    def _tick(self, place: float, hurried: bool) -> None:
        super()._tick(place, hurried)
        self._lending.tick()

    def _on_call(self, line: str, line_call: LineCall) -> None:
        """A call from outside, or from another node that wants the sound of a seat of ours."""
        agent = self._lending.claim(line_call.callee_number)
        if agent:
            self._spawn(self._lend(agent, line_call))
        else:
            super()._on_call(line, line_call)

    async def _lend(self, agent: str, line_call: LineCall) -> None:
        self._lending_to.add(agent)
        try:
            async with self._sound(agent) as seat:
                self._lending.begin(agent, seat, line_call)
        except CallcenterError as error:
            log.warning("agent %s cannot be heard on another node: %s", agent, error)
            line_call.reject()
        finally:
            self._lending_to.discard(agent)

    def _gone(self, agent: str) -> None:
        self._lending.end(agent)
        super()._gone(agent)

    def _check_free(self, agent: str) -> None:
        super()._check_free(agent)
        if self._lending.has(agent):
            raise NotNow(f"agent {agent} is on a call of another node")
        if agent in self._lending_to:
            return
        known = self._presence(agent)
        if known is not None and known.state in BUSY and known.call_id not in self._sessions:
            where = self._neighbours.node_of(known.call_id)
            if where:
                raise NotNow(f"agent {agent} is on call {known.call_id} of node {where}")
