"""The transfers of one call: what is under way, what brought it here → events. Moves no sound."""

from __future__ import annotations

from dataclasses import replace

from callcenter.core.events import (
    TransferConsulted,
    TransferDone,
    TransferReturned,
    TransferStarted,
)
from callcenter.core.records import FRAME_MS, LiveCall, Transfer
from callcenter.desk.parts import Parts


class Transfers:
    """Knows the transfer under way, and the one whose notes the agent reads (E1, E2)."""

    def __init__(self, call_id: str, parts: Parts) -> None:
        self.current: Transfer | None = None
        self._brought: Transfer | None = None
        self._consulted = False
        self._call_id = call_id
        self._parts = parts
        self._due = 0

    def show(self, live: LiveCall) -> LiveCall:
        """The call with the transfer that a page shows."""
        return replace(live, transfer=self.current or self._brought)

    def has(self, person: str) -> bool:
        """Whether this is the target who talks with the agent now."""
        return self._consulted and self.is_for(person)

    def is_for(self, person: str) -> bool:
        """Whether this is whom the call is being transferred to."""
        return self.current is not None and self.current.to == person

    def start(self, transfer: Transfer, tick: int) -> None:
        """The target rings from this tick on."""
        self.current, self._consulted = transfer, False
        self._due = tick + self._parts.transfer_seconds * 1000 // FRAME_MS
        what = (transfer.by, transfer.to, transfer.notes, transfer.attended, transfer.outside)
        self._parts.tell(TransferStarted(self._call_id, transfer.asked_at, *what))

    def is_due(self, tick: int) -> bool:
        """Whether the target has rung long enough."""
        return self.current is not None and tick >= self._due

    def consult(self) -> None:
        """The target picked up; the caller still waits."""
        if self.current is not None:
            self._consulted = True
            at = self._parts.now()
            self._parts.tell(TransferConsulted(self._call_id, at, self.current.to))

    def returned(self, why: str) -> None:
        """The call came back."""
        if self.current is not None:
            at = self._parts.now()
            self._parts.tell(TransferReturned(self._call_id, at, self.current.to, why))
        self.current, self._consulted = None, False

    def done(self, agent: str) -> None:
        """The call is the target's; `agent` has left it."""
        if self.current is not None:
            what = (agent, self.current.to, self.current.outside)
            self._parts.tell(TransferDone(self._call_id, self._parts.now(), *what))
        self._brought, self.current, self._consulted = self.current, None, False
