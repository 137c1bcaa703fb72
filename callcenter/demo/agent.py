"""A simulated agent: answers what rings, says recorded lines, confirms what the desk proposes."""

from __future__ import annotations

import asyncio

from callcenter.app import Service
from callcenter.core import events
from callcenter.core.errors import CallcenterError
from callcenter.core.ports import Gone, Leg
from callcenter.core.records import Agent
from callcenter.demo.scenarios import Scenario, scenarios
from callcenter.demo.talker import Talker, TalkerLeg

AGENT = Agent("1001", "小李")
REACHES_FOR_PHONE = 1.0
"""Seconds from the ring to the answer."""
DECIDES = 1.5
"""Seconds a person takes from seeing the last reason to confirming."""


class SimulatedAgent:
    """Sits at the desk of a running service."""

    def __init__(self) -> None:
        self._talker = Talker((), opens=True)
        self._proposed: dict[str, str] = {}
        self._last_reason = 0.0

    async def voice(self, gone: Gone) -> Leg:
        """The sound of the call that was answered last."""
        return TalkerLeg(self._talker)

    async def work(self, service: Service) -> None:
        """Serve the desk until cancelled."""
        deciding = asyncio.create_task(self._decide(service))
        try:
            async for event in service.bus.subscribe():
                await self._see(service, event)
        finally:
            deciding.cancel()

    async def _see(self, service: Service, event: events.Event) -> None:
        match event:
            case events.CallRang():
                await asyncio.sleep(REACHES_FOR_PHONE)
                await self._answer(service, event)
            case events.TerminationProposed():
                self._proposed[event.call_id] = event.prompt
                self._last_reason = asyncio.get_running_loop().time()
            case events.HitFound():
                self._last_reason = asyncio.get_running_loop().time()
            case events.CallEnded():
                self._proposed.pop(event.call_id, None)

    async def _answer(self, service: Service, ring: events.CallRang) -> None:
        self._talker = Talker(_scenario(ring.caller_number).agent, opens=True)
        try:
            await service.desk.answer(ring.call_id, AGENT.number)
        except CallcenterError:
            return  # a blocked caller, whom the desk keeps away, or one who has left

    async def _decide(self, service: Service) -> None:
        """Confirm a proposal once everything has been said and a moment has passed (H2, H9)."""
        while True:
            await asyncio.sleep(0.1)
            waited = asyncio.get_running_loop().time() - self._last_reason
            if self._proposed and self._talker.done and waited > DECIDES:
                call_id, prompt = self._proposed.popitem()
                await service.desk.terminate(call_id, prompt, AGENT.number)


def _scenario(caller_number: str) -> Scenario:
    return next(s for s in scenarios() if s.caller_number == caller_number)
