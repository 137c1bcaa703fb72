"""Who takes calls, with what sound, and who is on a recovery break. Touches nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from callcenter.core.errors import NotNow
from callcenter.core.ports import AgentVoice, Gone, Leg
from callcenter.core.records import Agent, Frame, RecoveryBreak, VoiceState


class NoSound:
    """The leg of an agent who only reads: hears nothing, says nothing."""

    def receive(self, start: int) -> Frame:
        return Frame(start)

    def send(self, frame: Frame) -> bool:
        return False

    def quality(self) -> None:
        """It comes over no network."""

    def close(self) -> None:
        """Nothing to let go of."""


class ReadsAlong:
    """core.ports.Voice of an agent who only reads."""

    async def open(self, gone: Gone) -> Leg:
        return NoSound()

    def state(self) -> VoiceState:
        return VoiceState("none")

    async def close(self) -> None:
        """Nothing to let go of."""


class Roster:
    """The agents (座席) of this machine and where their sound comes from."""

    def __init__(self, agents: Iterable[tuple[Agent, AgentVoice]]) -> None:
        self._voices = {agent.number: (agent, voice) for agent, voice in agents}
        self._breaks: dict[str, RecoveryBreak] = {}

    def agents(self) -> tuple[Agent, ...]:
        """Everybody, in the order of the configuration."""
        return tuple(agent for agent, _ in self._voices.values())

    def check(self, number: str) -> None:
        """Raises NotNow for an agent on a break, and for an unknown one, naming the known ones."""
        if number not in self._voices:
            known = ", ".join(self._voices) or "none"
            raise NotNow(f"there is no agent {number!r}; expected one of: {known}")
        if self.on_break(number):
            raise NotNow(f"agent {number} is on a recovery break; possible when they are back")

    async def voice(self, number: str, gone: Gone) -> Leg:
        """Open a known agent's sound; `gone` is called when they leave by themselves.

        Raises MissingPiece for a headset that is not there, NotNow for an unanswered telephone.
        """
        return await self._voices[number][1](gone)

    def breaks(self) -> tuple[RecoveryBreak, ...]:
        """The recovery breaks that are offered or being taken (H23)."""
        return tuple(self._breaks.values())

    def on_break(self, number: str) -> bool:
        """True while this agent takes a recovery break."""
        found = self._breaks.get(number)
        return found is not None and found.taken_at is not None

    def offer_break(self, number: str, call_id: str) -> None:
        """After this call; a break that is being taken goes on."""
        if not self.on_break(number):
            self._breaks[number] = RecoveryBreak(number, call_id)

    def take_break(self, number: str, call_id: str, at: datetime) -> None:
        """No calls for this agent from now on."""
        self._breaks[number] = RecoveryBreak(number, call_id, at)

    def end_break(self, number: str) -> None:
        """The agent is back, or does without."""
        self._breaks.pop(number, None)
