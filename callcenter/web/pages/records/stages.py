"""The bar of stages at the head of a record: what is done, by whom, where it stands. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from callcenter.casework.complaints import record as complaints
from callcenter.casework.orders import moves as orders
from callcenter.store.trail import Entry
from callcenter.web.pages.records.course import Step, course
from callcenter.web.pages.words import word

DONE, NOW, NEXT = "done", "now", "next"

OF_ORDERS: Mapping[str, int] = {state: n for n, state in enumerate(orders.OPEN)} | {
    orders.CLOSED: 6,
    orders.ARCHIVED: 6,
}
OF_COMPLAINTS: Mapping[str, int] = {
    complaints.RECEIVED: 0,
    complaints.ACKNOWLEDGED: 1,
    complaints.UNFOUNDED: 1,
    complaints.ASSESSED: 2,
    complaints.INVESTIGATED: 3,
    complaints.APPROVED: 4,
    complaints.IMPLEMENTED: 5,
    complaints.FOLLOWED_UP: 5,
    complaints.CLOSED: 6,
    complaints.ARCHIVED: 6,
}
"""In which of the six stages each state is; 6: all are over."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the six: its name, whether it is done, and the step that ended it."""

    words: str
    """The kind of its word, and which."""
    named: str
    stands: str
    step: Step | None

    @property
    def name(self) -> str:
        """What it is called."""
        return word(self.words, self.named)


def of_order(state: str, entries: Sequence[Entry]) -> list[Stage]:
    """The stages of a work order, named as its states are."""
    names = (*orders.OPEN, orders.CLOSED)
    return _stages("order", "order_state", names, OF_ORDERS, state, entries)


def of_complaint(state: str, entries: Sequence[Entry]) -> list[Stage]:
    """The six stages of the handbook."""
    names = ("receive", "judge", "investigate", "plan", "implement", "sum_up")
    return _stages("complaint", "complaint_stage", names, OF_COMPLAINTS, state, entries)


def _stages(
    kind: str,
    words: str,
    names: Sequence[str],
    stage_of: Mapping[str, int],
    state: str,
    entries: Sequence[Entry],
) -> list[Stage]:
    stands = stage_of[state]
    ended = {n: one for n, one in _ended(stage_of, entries).items() if n < stands}
    steps = {n: course(kind, [entry])[0] for n, entry in ended.items()}
    return [Stage(words, name, _where(n, stands), steps.get(n)) for n, name in enumerate(names)]


def _where(stage: int, stands: int) -> str:
    return DONE if stage < stands else NOW if stage == stands else NEXT


def _ended(stage_of: Mapping[str, int], entries: Sequence[Entry]) -> dict[int, Entry]:
    """By stage the last step that led out of it; the last stage ends with what ends all."""
    found: dict[int, Entry] = {}
    for before, after in pairwise(entries):
        left, came = stage_of.get(before.state, 0), stage_of.get(after.state, 0)
        if left != came:
            found[left] = after
        if came == 6 and left != 6:
            found[5] = after
    return found
