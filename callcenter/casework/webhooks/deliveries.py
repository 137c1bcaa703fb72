"""What is yet to be told to programs elsewhere, in the store; implements core.webhooks.Parcels.

A row is made in the transaction that writes its fact, so that neither can be without the other. A
row on its way is nobody else's until VISIBLE has passed: whoever took it may have died.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy import delete as delete_rows
from sqlalchemy.orm import Session

from callcenter.casework.webhooks import forms
from callcenter.casework.webhooks.facts import fact_of, topic_of
from callcenter.casework.webhooks.forms import Names, Told
from callcenter.core.events import Event, as_dict
from callcenter.core.webhooks import Outcome, Parcel, Standing, Target
from callcenter.store import facts as rows
from callcenter.store.sql import Store
from callcenter.store.tables import Call
from callcenter.store.webhook_tables import Delivery

DELIVERED, GIVEN_UP = "delivered", "given_up"
VISIBLE = timedelta(minutes=2)
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""When what may be tried now is due, also for a clock that was set back."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)
"""After the first refusal, and at most, each wait twice the one before."""
KEPT = timedelta(days=7)
"""So long one can look up what has left, or was given up."""
IN_ORDER = 10
"""The most of one subject that are taken together."""


def consequence(targets: Sequence[Target]) -> Callable[[Session, Event], list[Event]]:
    """The rule for the books: whoever is to be told of a fact is owed it from then on."""

    def owed(session: Session, event: Event) -> list[Event]:
        fact = fact_of(event) if targets else None
        if fact is None:
            return []
        for target in targets:
            if topic_of(fact.type) in target.topics and forms.takes(target.form, fact.type):
                rows.once(
                    session,
                    Delivery,
                    {"key": _key(target.name, event)},
                    target=target.name,
                    subject=fact.subject,
                    call_id=event.call_id,
                    type=fact.type,
                    at=event.at,
                    facts=dict(fact.data),
                    owed_at=event.at,
                    next_try_at=AT_ONCE,
                    tries=0,
                    outcome="",
                    problem="",
                )
        return []

    return owed


def _key(target: str, event: Event) -> str:
    """The same for the same fact, however often it is written."""
    text = json.dumps(as_dict(event), ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(f"{target}\0{text}".encode()).hexdigest()[:32]


class Deliveries:
    """What is owed to one target. `now` gives UTC, `names` an agent's name."""

    def __init__(
        self, store: Store, target: Target, now: Callable[[], datetime], names: Names
    ) -> None:
        self._store = store
        self._target = target
        self._now = now
        self._names = names

    def take(self, most: int) -> Sequence[Parcel]:
        """The oldest that may be tried now, in order; nobody else gets them meanwhile."""
        with self._store.session() as session:
            if not self._due(session, 1):
                return ()
        with self._store.session(write=True) as session:
            found = self._due(session, most)
            wanted = update(Delivery).where(Delivery.id.in_([one.id for one in found]))
            session.execute(wanted.values(next_try_at=self._now() + VISIBLE))
            return [self._parcel(session, one) for one in found]

    def settle(self, outcomes: Sequence[Outcome]) -> int:
        """Write down what became of them; how many were given up."""
        if not outcomes:
            return 0
        with self._store.session(write=True) as session:
            return sum([self._settle(session, outcome) for outcome in outcomes])

    def standing(self) -> Standing:
        """How it stands with the target."""
        waiting, given_up = self._are(), self._are(GIVEN_UP)
        with self._store.session() as session:
            count, oldest = session.execute(
                select(func.count(), func.min(Delivery.at)).where(*waiting)
            ).one()
            lost = session.scalar(select(func.count()).where(*given_up)) or 0
            sent = session.scalar(select(func.max(Delivery.done_at)).where(*self._are(DELIVERED)))
            failed = select(Delivery.problem).where(*waiting, Delivery.problem != "")
            problem = session.scalar(failed.order_by(Delivery.id.desc()).limit(1))
        return Standing(count, oldest, lost, sent, problem or "")

    def tidy(self) -> int:
        """Give up what waits for too long, forget what is long done; how many were given up."""
        now = self._now()
        late = (*self._are(), Delivery.owed_at < now - self._target.give_up)
        done = (Delivery.target == self._target.name, Delivery.done_at < now - KEPT)
        with self._store.session() as session:
            found = session.scalars(select(Delivery.id).where(*late)).all()
            old = session.scalar(select(Delivery.id).where(*done).limit(1))
        if not found and old is None:
            return 0
        with self._store.session(write=True) as session:
            given_up = {"done_at": now, "outcome": GIVEN_UP}
            session.execute(update(Delivery).where(*late).values(given_up))
            session.execute(delete_rows(Delivery).where(*done))
        return len(found)

    def revive(self) -> int:
        """What was given up is tried again, from now on; how many it is. For a person to ask."""
        now = self._now()
        again = {"done_at": None, "outcome": "", "tries": 0, "owed_at": now, "next_try_at": AT_ONCE}
        with self._store.session(write=True) as session:
            found = session.scalars(select(Delivery.id).where(*self._are(GIVEN_UP))).all()
            session.execute(update(Delivery).where(*self._are(GIVEN_UP)).values(again))
        return len(found)

    def _are(self, outcome: str = "") -> tuple[ColumnElement[bool], ...]:
        mine = Delivery.target == self._target.name
        if not outcome:
            return (mine, Delivery.done_at.is_(None))
        return (mine, Delivery.done_at.is_not(None), Delivery.outcome == outcome)

    def _due(self, session: Session, most: int) -> list[Delivery]:
        """No more than IN_ORDER of a subject, and none of one that waits or is on its way."""
        now = self._now()
        held = select(Delivery.subject).where(*self._are(), Delivery.next_try_at > now)
        wanted = select(Delivery).where(*self._are(), Delivery.subject.not_in(held))
        taken: list[Delivery] = []
        counted: dict[str, int] = {}
        for one in session.scalars(wanted.order_by(Delivery.id).limit(most)):
            counted[one.subject] = counted.get(one.subject, 0) + 1
            if counted[one.subject] <= IN_ORDER:
                taken.append(one)
        return taken

    def _parcel(self, session: Session, row: Delivery) -> Parcel:
        call = session.get(Call, row.call_id) if row.call_id else None
        made = forms.body(
            self._target.form, _told(row, call), self._names, masked=self._target.masked
        )
        return Parcel(row.id, row.key, row.subject, made or b"{}")

    def _settle(self, session: Session, outcome: Outcome) -> bool:
        row, now = session.get(Delivery, outcome.parcel.id), self._now()
        if row is None or row.done_at is not None:
            return False
        if not outcome.tried:
            row.next_try_at = AT_ONCE
            return False
        row.tries, row.problem = row.tries + 1, outcome.problem
        if not outcome.problem:
            row.done_at, row.outcome = now, DELIVERED
            return False
        row.next_try_at = now + wait_after(row.tries) if outcome.refused else AT_ONCE
        if now - row.owed_at < self._target.give_up:
            return False
        row.done_at, row.outcome = now, GIVEN_UP
        return True


def wait_after(tries: int) -> timedelta:
    """Before the next try, after so many."""
    return min(FIRST_WAIT * (1 << min(tries - 1, 20)), LONGEST_WAIT)


def _told(row: Delivery, call: Call | None) -> Told:
    if call is None:
        return Told(row.type, row.at, row.facts, row.call_id)
    return Told(
        row.type,
        row.at,
        row.facts,
        row.call_id,
        call.direction,
        call.line,
        call.caller_number,
        call.callee_number,
        call.agent,
        call.answered_at is not None,
    )
