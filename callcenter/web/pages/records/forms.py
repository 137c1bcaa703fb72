"""The forms of steps in a record: which fields each asks for, and as what. Pure.

What is possible says the record's table of moves, what a step takes its own module (ADR 11); how a
field is asked for is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from callcenter.casework.complaints.record import CORRECTED
from callcenter.casework.orders.effects import ACTIONS, DETAILS
from callcenter.core.steps import Moves
from callcenter.web.access.rights import DESK
from callcenter.web.pages.offered import has, offered
from callcenter.web.pages.words import WORDS, word

Takes = Callable[[str], tuple[str, ...]]
"""What a step takes, besides what it needs."""

LINE, TEXT, MOMENT, PERSON, LEAD, YUAN, CHECK, LINES, CONTACT, OWN = (
    "line", "text", "moment", "person", "lead", "yuan", "check", "lines", "contact", "own",
)  # fmt: skip
KINDS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "content", "solution", "note", "proposal", "process_told", "judgement", "reply",
            "cause", "impact", "measures", "remark", "feedback", "sanction", "summary", "measure",
            "wanted", "result",
        ),
        TEXT,
    ),
    **dict.fromkeys(
        ("happened_at", "due_at", "received_at", "feedback_due_at", "investigate_by"), MOMENT
    ),
    **dict.fromkeys(("owner", "agent", "issued_to", "responsible"), PERSON),
    **dict.fromkeys(("compensation_fen", "loss_fen", "cost_fen"), YUAN),
    **dict.fromkeys(("chosen", "improvement", "satisfied", "message"), OWN),
    "escalated_to": LEAD,
    "severe": CHECK,
    "told": LINES,
    "contact": CONTACT,
}  # fmt: skip
"""How a field is asked for; a line of text where it does not stand here. OWN: the page has its own
way for it."""
CHOICES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "work_order": {
        "type": ("type",),
        "priority": ("priority",),
        "what": ("order_promise", "reply", "call_back", "appointment", "refund", "visit", "send",
                 "solve"),
        "alarm": ("alarm",),
    },
    "complaint": {
        "category": ("complaint_category",),
        "channel": ("complaint_channel",),
        "severity": ("severity",),
    },
}  # fmt: skip
"""What is chosen out of words: their kind, and which, all where only the kind stands."""
PREFILLED = ("correct", "wrap_up", "wrap_up_solved", "wrap_up_closed")
NOT_ASKED = frozenset({"call_id", "customer_number"})
MORE_OF_COMPLAINTS: Mapping[str, tuple[str, ...]] = {
    "propose": ("cost_fen",),
    "approve": ("remark",),
    "report": ("severity",),
    "correct": CORRECTED,
}
WRITTEN_ANEW = ("wrap_up_solved", "wrap_up_closed")


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of a form; its words are said when it is drawn."""

    action: str
    name: str
    kind: str
    needed: bool
    value: Any = ""
    choices: tuple[str, ...] = ()
    """The kind of words to choose from, and which of them."""

    @property
    def label(self) -> str:
        """What it is called, in this step."""
        own = f"{self.action}.{self.name}"
        return word("field", own if own in WORDS["field"] else self.name)

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """Names and words to choose from; none where it is filled in freely."""
        of = self.choices
        return tuple((key, word(of[0], key)) for key in (of[1:] or WORDS[of[0]])) if of else ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A step that the reader may take now."""

    words: str
    """The kind of its word."""
    action: str
    entries: tuple[Entry, ...]

    @property
    def name(self) -> str:
        """What it is called."""
        return word(self.words, self.action)


def of_order(action: str) -> tuple[str, ...]:
    """What a step in a work order takes."""
    takes, _ = ACTIONS.get(action, ((), None))
    if action in WRITTEN_ANEW:
        return ("title", "type", "concerned", "content", "solution")
    if CONTACT in takes:
        return (CONTACT,)
    return tuple(name for name in takes if name not in NOT_ASKED)


def of_complaint(action: str) -> tuple[str, ...]:
    """What a step in a complaint takes besides what it needs."""
    return MORE_OF_COMPLAINTS.get(action, ())


def of_follow_up(action: str) -> tuple[str, ...]:
    """Nothing besides what it needs."""
    return ()


def offers(kind: str, moves: Moves, row: Any, takes: Takes) -> dict[str, Offer]:
    """The steps that this reader may take in this record, by action; none who only reads."""
    if not has(*DESK):
        return {}
    words = f"{'order' if kind == 'work_order' else kind}_action"
    return {
        action: Offer(words, action, _entries(kind, moves, row, action, takes))
        for action in offered(moves, row.state)
    }


def _entries(kind: str, moves: Moves, row: Any, action: str, takes: Takes) -> tuple[Entry, ...]:
    needs = moves[row.state, action].needs
    names = dict.fromkeys((*needs, *takes(action)))
    if names.keys() >= set(DETAILS[:4]):
        names = dict.fromkeys((*[one for one in DETAILS if one in names], *names))
    filled = action in PREFILLED
    return tuple(
        Entry(
            action,
            name,
            KINDS.get(name, LINE),
            name in needs,
            getattr(row, name, "") if filled else "",
            CHOICES.get(kind, {}).get(name, ()),
        )
        for name in names
    )
