"""Who takes calls, and with what sound. Touches nothing."""

from __future__ import annotations

from collections.abc import Iterable

from callcenter.core.errors import NotNow
from callcenter.core.ports import AgentVoice, Leg
from callcenter.core.records import Agent, Frame


class NoSound:
    """The leg of an agent who only reads: hears nothing, says nothing."""

    def receive(self, start: int) -> Frame:
        return Frame(start)

    def send(self, frame: Frame) -> bool:
        return False

    def close(self) -> None:
        """Nothing to let go of."""


class Roster:
    """The agents (座席) of this machine and where their sound comes from."""

    def __init__(self, agents: Iterable[tuple[Agent, AgentVoice]]) -> None:
        self._voices = {agent.number: (agent, voice) for agent, voice in agents}

    def agents(self) -> tuple[Agent, ...]:
        """Everybody, in the order of the configuration."""
        return tuple(agent for agent, _ in self._voices.values())

    def check(self, number: str) -> None:
        """Raises NotNow for an unknown agent; its text names the known ones."""
        if number not in self._voices:
            known = ", ".join(self._voices) or "none"
            raise NotNow(f"there is no agent {number!r}; expected one of: {known}")

    async def voice(self, number: str) -> Leg:
        """Open a known agent's sound. Raises MissingPiece for a headset that is not there."""
        return await self._voices[number][1]()
