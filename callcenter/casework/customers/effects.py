"""What each step changes in a customer's file (U2, U3, U5, U6, U9). Touches nothing.

What may be done when is customers.MOVES.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from callcenter.casework.customers.fields import (
    CLASSES,
    FIELDS,
    MOST_FEN,
    MOST_NUMBERS,
    Thresholds,
    joined,
    numbers,
    tidy,
)
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.hours import Hours
from callcenter.core.numbers import mask
from callcenter.store.customer_tables import Customer

CONTACT_DAYS = 7
"""Calendar days, the last one wholly: 应在一周内与客户进行沟通 (U3)."""
MOST = 200
"""Consents and disclosures in one file."""
EMPTY: Mapping[str, Any] = {
    "name": "", "name_key": "", "contact": "", "numbers": [], "address": "", "business_scope": "",
    "email": "", "remarks": "", "member": False, "purchases": 0, "amount_fen": 0,
    "potential_fen": 0, "last_purchase_at": None, "class_by": "", "contact_note": "",
    "contact_call": "", "contact_due_at": None,
}  # fmt: skip
"""What is left of somebody who is anonymised. Consents and disclosures stay: they prove that the
procedure was kept (U9)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the configuration says: the clock of deadlines, and what makes a key customer."""

    hours: Hours = field(default_factory=Hours)
    thresholds: Thresholds = field(default_factory=Thresholds)


@dataclass(frozen=True, slots=True)
class Wish:
    """A step that somebody wants to take."""

    row: Customer
    action: str
    given: Mapping[str, Any]
    actor: Actor
    rules: Rules

    @property
    def by(self) -> str:
        """The name that signs it."""
        return self.actor.person.strip()

    @property
    def at(self) -> str:
        """When, as lists keep it."""
        return moment(self.actor.at)

    def classed(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """The changes, and the class that follows by rule: the hand's stands until it is taken
        back."""
        made = dict(changes)
        if not self.row.class_by:
            now = (
                made.get(name, getattr(self.row, name))
                for name in ("purchases", "amount_fen", "potential_fen")
            )
            made["customer_class"] = self.rules.thresholds.classify(*now)
        return made


def moment(at: datetime) -> str:
    """A moment as lists keep it."""
    return at.astimezone(UTC).isoformat()


def _updated(wish: Wish) -> dict[str, Any]:
    if not wish.given:
        raise Refused(f"update needs some of: {', '.join(FIELDS)}")
    return wish.classed(tidy(wish.given))


def _number_corrected(wish: Wish) -> dict[str, Any]:
    """The new number is the first to ring; the one that it replaces goes (U6), which may be told
    as lists show it, with its middle hidden."""
    new, old = numbers([wish.given["phone"]]), wish.given.get("replaces", "")
    kept = list(wish.row.numbers)
    if old:
        gone = old if "*" in old else numbers([old])[0]["number"]
        kept = [one for one in kept if gone not in (one["number"], mask(one["number"]))]
        if len(kept) != len(wish.row.numbers) - 1:
            raise Refused("the number that it replaces is not in this file, or there are two such")
    both = joined(new, kept)
    if len(both) > max(MOST_NUMBERS, len(wish.row.numbers)):
        raise Refused(f"this file holds {MOST_NUMBERS} numbers; say which one it replaces")
    return {"numbers": both}


def _bought(wish: Wish) -> dict[str, Any]:
    amount = wish.given["amount_fen"]
    if not 0 < amount <= MOST_FEN:
        raise Refused(f"amount_fen is {amount}; expected 1 to {MOST_FEN}")
    at = wish.given.get("last_purchase_at") or wish.actor.at
    last = wish.row.last_purchase_at
    return wish.classed(
        {
            "purchases": wish.row.purchases + 1,
            "amount_fen": min(wish.row.amount_fen + amount, MOST_FEN),
            "last_purchase_at": max(at, last) if last else at,
        }
    )


def _classed_by_hand(wish: Wish) -> dict[str, Any]:
    wanted = wish.given["customer_class"]
    if wanted not in CLASSES:
        raise Refused(f"a customer cannot be {wanted!r}; expected {', '.join(CLASSES)}")
    return {"customer_class": wanted, "class_by": wish.by, "reason": wish.given["reason"]}


def _classed_by_rule(wish: Wish) -> dict[str, Any]:
    if not wish.row.class_by:
        raise Refused("this customer is classed by rule already")
    row = wish.row
    by_rule = wish.rules.thresholds.classify(row.purchases, row.amount_fen, row.potential_fen)
    return {"customer_class": by_rule, "class_by": "", "reason": ""}


def _allotted(wish: Wish) -> dict[str, Any]:
    """Whoever gets a customer speaks with them within a week, whoever did before."""
    agent = wish.given["agent"].strip()
    if agent == wish.row.agent:
        raise Refused(f"this customer is allotted to {agent} already")
    return allotment(agent, wish.actor.at, wish.rules)


def allotment(agent: str, at: datetime, rules: Rules) -> dict[str, Any]:
    """A customer is this agent's from now on."""
    due = rules.hours.day_end(at, CONTACT_DAYS)
    return {"agent": agent, "allotted_at": at, "contact_due_at": due, "contacted_at": None}


def _spoken_with(wish: Wish) -> dict[str, Any]:
    return {
        "contacted_at": wish.row.contacted_at or wish.actor.at,
        "last_contact_at": wish.actor.at,
        "contact_note": wish.given["note"],
        "contact_call": wish.given.get("call_id", ""),
    }


def _consented(wish: Wish) -> dict[str, Any]:
    reference = wish.given["reference"].strip()
    if any(one["reference"] == reference for one in wish.row.consents):
        raise Refused(f"consent {reference} is in this file already")
    if len(wish.row.consents) >= MOST:
        raise Refused(f"this file holds {MOST} consents; that is the most")
    until = wish.given.get("until")
    made = {
        "reference": reference,
        "to": wish.given["to"].strip(),
        "purpose": wish.given["purpose"],
        "until": moment(until) if until else "",
        "at": wish.at,
        "by": wish.by,
        "withdrawn_at": "",
    }
    return {"consents": [*wish.row.consents, made]}


def _withdrawn(wish: Wish) -> dict[str, Any]:
    reference = wish.given["reference"].strip()
    standing = [one for one in wish.row.consents if one["reference"] == reference]
    if not standing or standing[0]["withdrawn_at"]:
        raise Refused(f"there is no standing consent {reference} in this file")
    ended = {**standing[0], "withdrawn_at": wish.at}
    kept = [ended if one["reference"] == reference else one for one in wish.row.consents]
    return {"consents": kept}


def _disclosed(wish: Wish) -> dict[str, Any]:
    """To a third party with the customer's consent on file only (U9)."""
    reference, to = wish.given["reference"].strip(), wish.given["to"].strip()
    if not any(_allows(one, reference, to, wish.actor.at) for one in wish.row.consents):
        raise Refused(
            f"the customer's consent {reference} to tell {to} is not on file, or it has ended; "
            "record_consent comes first"
        )
    if len(wish.row.disclosures) >= MOST:
        raise Refused(f"this file holds {MOST} disclosures; that is the most")
    told = {name: wish.given[name] for name in ("purpose", "what")}
    made = {"at": wish.at, "by": wish.by, "to": to, "reference": reference, **told}
    return {"disclosures": [*wish.row.disclosures, made]}


def _allows(consent: Mapping[str, str], reference: str, to: str, at: datetime) -> bool:
    in_time = not consent["until"] or at <= datetime.fromisoformat(consent["until"])
    same = (consent["reference"], consent["to"]) == (reference, to)
    return same and in_time and not consent["withdrawn_at"]


def _merged(wish: Wish) -> dict[str, Any]:
    return {"merged_into": wish.given["merged_into"], "reason": wish.given["reason"]}


def _anonymised(wish: Wish) -> dict[str, Any]:
    return anonymous(wish.given["reason"], wish.rules)


def anonymous(reason: str, rules: Rules) -> dict[str, Any]:
    """What a file says of nobody any more."""
    return {**EMPTY, "reason": reason, "customer_class": rules.thresholds.classify(0, 0, 0)}


EFFECTS: Mapping[str, Callable[[Wish], dict[str, Any]]] = {
    "update": _updated,
    "correct_number": _number_corrected,
    "record_purchase": _bought,
    "classify": _classed_by_hand,
    "unclassify": _classed_by_rule,
    "allot": _allotted,
    "record_contact": _spoken_with,
    "record_consent": _consented,
    "withdraw_consent": _withdrawn,
    "disclose": _disclosed,
    "merge": _merged,
    "anonymise": _anonymised,
}
TAKES: Mapping[str, tuple[str, ...]] = {
    "update": FIELDS,
    "correct_number": ("phone", "replaces", "call_id"),
    "record_purchase": ("amount_fen", "last_purchase_at"),
    "classify": ("customer_class", "reason"),
    "unclassify": (),
    "allot": ("agent",),
    "record_contact": ("note", "call_id"),
    "record_consent": ("reference", "to", "purpose", "until"),
    "withdraw_consent": ("reference",),
    "disclose": ("reference", "to", "purpose", "what"),
    "merge": ("merged_into", "reason"),
    "anonymise": ("reason",),
}
"""What a step may be given."""
