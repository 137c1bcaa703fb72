"""The calls of one line: found by id, dialog or INVITE, and which of them is due. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from callcenter.sip.signal.calls import Call
from callcenter.sip.signal.calls_in import CallIn
from callcenter.sip.signal.dialog import DialogId
from callcenter.sip.signal.layer import ServerTransaction
from callcenter.sip.signal.timetable import Timetable


class CallBook:
    """Hundreds of calls stand at once: only those that were touched are looked at again."""

    def __init__(self) -> None:
        self._by_id: dict[str, Call] = {}
        self._by_dialog: dict[DialogId, Call] = {}
        self._by_invite: dict[int, CallIn] = {}
        self._timers: Timetable[Call] = Timetable()
        self._touched: dict[str, Call] = {}

    def __iter__(self) -> Iterator[Call]:
        return iter(self._by_id.values())

    def __contains__(self, dialog: object) -> bool:
        """True where one of our calls has this dialog."""
        return dialog in self._by_dialog

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def ids(self) -> tuple[str, ...]:
        """What the calls are called in commands."""
        return tuple(self._by_id)

    def add(self, call: Call, call_id: str) -> None:
        """A new call, with the Call-ID of its INVITE."""
        call.touched = self._touch
        call.key = (call_id, call.tag)
        self._by_id[call.id] = call
        self._by_dialog[call.key] = call
        if isinstance(call, CallIn):
            self._by_invite[id(call.transaction)] = call
        self._touch(call)

    def find(self, call_id: str) -> Call | None:
        """By what it is called in commands."""
        return self._touch(self._by_id.get(call_id))

    def in_dialog(self, dialog: DialogId) -> Call | None:
        """By the Call-ID and our tag."""
        return self._touch(self._by_dialog.get(dialog))

    def of_invite(self, invite: ServerTransaction | None) -> CallIn | None:
        """By the INVITE that began it."""
        found = self._by_invite.get(id(invite))
        self._touch(found)
        return found

    def move(self, call: Call, dialog: DialogId) -> None:
        """The call goes on in another dialog."""
        self._by_dialog.pop(call.key, None)
        call.key = dialog
        self._by_dialog[dialog] = call
        self._touch(call)

    def settle(self) -> None:
        """Wind the timers of the calls that were touched; forget those that are over.

        Their transactions go on answering repetitions.
        """
        while self._touched:
            _, call = self._touched.popitem()
            if call.over:
                self._forget(call)
            else:
                self._timers.wind(call, call.get_timer())

    def get_timer(self) -> float | None:
        """When `handle_timer` is next wanted."""
        self.settle()
        return self._timers.next_at()

    def handle_timer(self, now: float) -> None:
        """Do what is due by now."""
        while (call := self._timers.due(now)) is not None:
            self._touch(call)
            call.handle_timer(now)
        self.settle()

    def _touch(self, call: Call | None) -> Call | None:
        if call is not None:
            self._touched[call.id] = call
        return call

    def _forget(self, call: Call) -> None:
        self._timers.wind(call, None)
        self._by_id.pop(call.id, None)
        self._by_dialog.pop(call.key, None)
        if isinstance(call, CallIn):
            self._by_invite.pop(id(call.transaction), None)
