"""The live desk, as the pages and the API command and see it: one of the ports. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from callcenter.core.events import Event
from callcenter.core.presence import Presence
from callcenter.core.records import Agent, LineState, LiveCall, RecoveryBreak


class Desk(Protocol):
    """The live calls, as the pages and the API command and see them. Runs on the event loop.

    Commands raise NoSuchCall, NotNow (what the state allows), Refused (who may) and MissingPiece
    (an agent's headset).
    """

    async def answer(self, call_id: str, agent: str) -> None: ...

    async def dial(self, number: str, agent: str, line: str = "") -> str:
        """Call a number or SIP URI; the call's id, while it is being dialled."""
        ...

    async def hang_up(self, call_id: str, agent: str) -> None: ...

    async def hold(self, call_id: str, agent: str) -> None:
        """The caller waits with the hold tone."""
        ...

    async def resume(self, call_id: str, agent: str) -> None:
        """Talk with the caller again; a transfer under way is taken back."""
        ...

    async def press(self, call_id: str, digits: str, agent: str) -> None:
        """Send the far end these keys: 0-9 * # A-D."""
        ...

    async def transfer(
        self, call_id: str, to: str, agent: str, notes: str = "", attended: bool = False
    ) -> None:
        """Transfer to an agent of the roster; `attended`: they talk with this agent first."""
        ...

    async def send_on(self, call_id: str, number: str, agent: str, notes: str = "") -> None:
        """Transfer to an outside number."""
        ...

    async def hand_over(self, call_id: str, agent: str) -> None:
        """End an attended transfer: the call is the target's."""
        ...

    async def join(self, call_id: str, mode: str, agent: str) -> None:
        """A supervisor joins: `mode` is listen, whisper or barge."""
        ...

    async def leave(self, call_id: str, agent: str) -> None:
        """A supervisor leaves."""
        ...

    async def take_over(self, call_id: str, agent: str) -> None:
        """A supervisor takes the agent's place in the call; the agent is free (接管)."""
        ...

    async def terminate(self, call_id: str, prompt: str, agent: str) -> None:
        """Play the named prompt to its end, then hang up; `agent` is the person who confirmed."""
        ...

    async def undo(self, call_id: str, agent: str) -> None:
        """Take a confirmation back within two seconds: the prompt stops, both can talk again."""
        ...

    async def dismiss(self, call_id: str, agent: str) -> None:
        """It is no harassment: take the desk's proposal back; `agent` is who says so."""
        ...

    async def mark(self, call_id: str, agent: str) -> None:
        """It is harassment: `agent` marks it by hand, which flags the call as a rule's hit does."""
        ...

    async def call_lead(self, call_id: str, agent: str, reason: str = "") -> None:
        """`agent` asks a supervisor to come into the call."""
        ...

    async def pause(self, call_id: str, agent: str, why: str) -> None:
        """Record, hear and show nothing of it until somebody ends that (安全暂停)."""
        ...

    async def unpause(self, call_id: str, agent: str) -> None:
        """Go on recording."""
        ...

    async def mute(self, call_id: str, muted: bool, agent: str) -> None:
        """Switch the agent's microphone off, or on again."""
        ...

    async def tick_box(self, call_id: str, what: str, agent: str) -> None:
        """The agent hears this behind the caller: one of TICKS; ticked twice is ticked once."""
        ...

    def live(self) -> Sequence[LiveCall]:
        """The calls that ring or run now, oldest first."""
        ...

    def agents(self) -> Sequence[Agent]: ...

    def breaks(self) -> Sequence[RecoveryBreak]:
        """The recovery breaks that are offered or being taken."""
        ...

    def lines(self) -> Sequence[LineState]: ...

    def notices(self) -> Sequence[str]:
        """What the people at the desk must know, e.g. that there is no model: one sentence each."""
        ...

    async def set_state(self, agent: str, state: str, by: str, reason: str = "") -> None:
        """`by` wishes that the agent be ready, on a break or offline; in a call: after it."""
        ...

    def presence(self) -> Sequence[Presence]:
        """Where each agent stands (座席状态)."""
        ...

    async def record(self, event: Event) -> None:
        """Publish a fact decided by a person; returns when the ledger has written it.

        Raises WrittenLater where the store is away: it is kept, and will be written.
        """
        ...
