"""Which calls to review (抽检): so many of each agent, flagged ones first, the rest by lot (R6).

The lot is drawn by a seed: the same seed draws the same calls, whoever asks. Reads the session.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework.quality.evaluations import DROPPED
from callcenter.store import calls
from callcenter.store.quality_tables import Evaluation
from callcenter.store.tables import Call

SHORTEST = timedelta(seconds=10)
"""There is nothing to judge in a shorter call."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """A call to review; `evaluation` is the newest of it, with its state; "" for none."""

    call_id: str
    agent: str
    rang_at: datetime
    seconds: int
    flagged: bool
    evaluation: str = ""
    state: str = ""


def sample(
    session: Session,
    since: datetime,
    until: datetime,
    per_agent: int,
    seed: str,
    agent: str = "",
) -> list[Sampled]:
    """Of the calls that rang from `since` until, but without, `until`, and are over: `per_agent` of
    each agent. Those that were judged already count, then come flagged ones, then the lot."""
    done = _evaluated(session, since, until)
    found: dict[str, list[Sampled]] = defaultdict(list)
    for one in _answered(session, since, until, agent, done):
        found[one.agent].append(one)
    return [one for _, of in sorted(found.items()) for one in drawn(of, per_agent, seed)]


def drawn(of: Iterable[Sampled], most: int, seed: str) -> list[Sampled]:
    """The calls of one agent to review, in the order in which they rang."""

    def rank(one: Sampled) -> tuple[bool, bool, bytes]:
        lot = hashlib.sha256(f"{seed}\0{one.call_id}".encode()).digest()
        return not one.evaluation, not one.flagged, lot

    chosen = sorted(of, key=rank)[:most]
    return sorted(chosen, key=lambda one: (one.rang_at, one.call_id))


def _answered(
    session: Session,
    since: datetime,
    until: datetime,
    agent: str,
    done: dict[str, tuple[str, str]],
) -> Iterable[Sampled]:
    asked = select(
        Call.call_id, Call.agent, Call.rang_at, Call.answered_at, Call.ended_at, calls.flag()
    ).where(
        Call.rang_at >= since,
        Call.rang_at < until,
        Call.agent != "",
        Call.answered_at.is_not(None),
        Call.ended_at.is_not(None),
    )
    if agent:
        asked = asked.where(Call.agent == agent)
    for call_id, number, rang_at, answered_at, ended_at, flagged in session.execute(asked):
        if answered_at is None or ended_at is None or ended_at - answered_at < SHORTEST:
            continue
        seconds = round((ended_at - answered_at).total_seconds())
        judged = done.get(call_id, ("", ""))
        yield Sampled(call_id, number, rang_at, seconds, bool(flagged), *judged)


def _evaluated(session: Session, since: datetime, until: datetime) -> dict[str, tuple[str, str]]:
    asked = (
        select(Evaluation.call_id, Evaluation.number, Evaluation.state)
        .where(Evaluation.rang_at >= since, Evaluation.rang_at < until, Evaluation.state != DROPPED)
        .order_by(Evaluation.opened_at, Evaluation.number)
    )
    rows: Sequence[tuple[str, str, str]] = [(a, b, c) for a, b, c in session.execute(asked)]
    return {call_id: (number, state) for call_id, number, state in rows}
