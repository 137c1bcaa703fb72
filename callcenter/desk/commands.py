"""What people decide about a call that runs, handed to its session. Part of the switchboard."""

from __future__ import annotations

import logging

from callcenter.core.errors import NoSuchCall, NotNow
from callcenter.core.pauses import CURRENT
from callcenter.core.records import TICKS
from callcenter.desk.session import Session

log = logging.getLogger(__name__)


class Commands:
    """Those for which nobody's sound has to be opened. All raise NoSuchCall and NotNow."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    async def hang_up(self, call_id: str, agent: str) -> None:
        """End the call at once, or turn a ringing one away."""
        session = self._session(call_id)
        log.info("call %s: %s hangs up", call_id, agent)
        session.hang_up(agent)

    async def hold(self, call_id: str, agent: str) -> None:
        """The caller waits with the hold tone."""
        self._session(call_id).hold(agent)

    async def resume(self, call_id: str, agent: str) -> None:
        """Talk with the caller again, also out of a transfer."""
        self._session(call_id).resume(agent)

    async def hand_over(self, call_id: str, agent: str) -> None:
        """End an attended transfer: the call is the target's."""
        session = self._session(call_id)
        log.info("call %s: %s hands it over", call_id, agent)
        session.hand_over()

    async def leave(self, call_id: str, agent: str) -> None:
        """A supervisor leaves the call."""
        self._session(call_id).supervision.leave(agent.strip())

    async def undo(self, call_id: str, agent: str) -> None:
        """Take a confirmation back within two seconds."""
        self._session(call_id).undo(agent)

    async def dismiss(self, call_id: str, agent: str) -> None:
        """Take a proposal back: it is no harassment."""
        self._session(call_id).dismiss(agent)

    async def mark(self, call_id: str, agent: str) -> None:
        """The agent says that it is harassment (标记骚扰)."""
        self._session(call_id).mark(agent)

    async def call_lead(self, call_id: str, agent: str, reason: str = "") -> None:
        """The agent asks a supervisor to come (请主管)."""
        self._session(call_id).call_lead(agent, reason)

    async def mute(self, call_id: str, muted: bool, agent: str) -> None:
        """Switch the agent's microphone off, or on again."""
        self._session(call_id).mute(muted, agent)

    async def pause(self, call_id: str, agent: str, why: str) -> None:
        """Nothing is recorded, heard or shown until somebody ends it (安全暂停)."""
        self._session(self._called(call_id, agent)).pause(agent, why)

    async def unpause(self, call_id: str, agent: str) -> None:
        """Recording goes on."""
        self._session(self._called(call_id, agent)).unpause(agent)

    async def tick_box(self, call_id: str, what: str, agent: str) -> None:
        """The agent hears one of TICKS behind the caller."""
        if what not in TICKS:
            raise NotNow(f"there is no tick-box {what!r}; expected one of: {', '.join(TICKS)}")
        self._session(call_id).tick_box(what, agent)

    def _called(self, call_id: str, agent: str) -> str:
        """The call's id; that of the call which the agent has, where it is called current."""
        if call_id != CURRENT:
            return call_id
        mine = (one.call_id for one in self._sessions.values() if one.agent == agent)
        return next(mine, call_id)

    def _session(self, call_id: str) -> Session:
        try:
            return self._sessions[call_id]
        except KeyError:
            raise NoSuchCall(f"there is no live call {call_id!r}") from None
