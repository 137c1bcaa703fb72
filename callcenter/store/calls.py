"""Questions about the calls that were kept. Reads the database through the session it is given."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    column,
    exists,
    false,
    func,
    or_,
    select,
    values,
)
from sqlalchemy.orm import Session, aliased, joinedload, raiseload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from callcenter.core.errors import NoSuchCall
from callcenter.core.events import CallEnded
from callcenter.core.numbers import plain
from callcenter.store.base import UtcDateTime
from callcenter.store.review_tables import Review
from callcenter.store.sources import nuisance, overruled
from callcenter.store.spans import within
from callcenter.store.tables import Call, Decision, GapRow, HitRow, SegmentRow, Transcript

BLOCKED, INTERRUPTED = "blocked", "interrupted"
MOST = 200
"""The longest list that one question answers."""
FLAGGED_DISPOSITIONS = ("harassment", "silent", "blocked")
OBSERVED = "observed"
"""The state of a review that was put aside."""
TAKEN_BACK = ("withdrawn", "dismissed")
"""Decisions after which a proposal flags nothing."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Which calls a figure counts; what is empty or None asks for nothing."""

    direction: str = ""
    disposition: str = ""
    category: str = ""
    """Of a hit in it."""
    blocked: bool | None = None
    taken: bool | None = None
    """By an agent."""
    nuisance: bool | None = None
    """Harassment by what people decided, or caught by the blocklist."""
    withheld: bool | None = None
    source: str = ""
    overruled: bool | None = None
    """Ended as harassment, and judged otherwise."""
    spans: Sequence[tuple[datetime, datetime]] | None = None
    """It rang in one of them: from the first moment until, but without, the second."""
    among: Sequence[str] | None = None
    """It is one of these."""


EVERY = Counted()


def list_calls(
    session: Session,
    *,
    limit: int = 50,
    before: str | None = None,
    caller_number: str | None = None,
    agent: str | None = None,
    rang: tuple[datetime | None, datetime | None] = (None, None),
    flagged: bool | None = None,
    reviewed: bool | None = None,
    observed: bool | None = None,
    ended: bool | None = None,
    counted: Counted = EVERY,
) -> Sequence[Call]:
    """Calls, newest first, at most `limit` (1 to MOST); `rang` from the first time on, until, but
    without, the second.

    `before` is the call_id that the last list ended with; the others keep only what they name,
    None keeps both. Hits, decisions, prompts, verdicts, recording and work order are loaded;
    reading the transcript of a listed call is an error (it is `get_call`'s). Raises NoSuchCall for
    an unknown `before`.
    """
    narrowed = {"flagged": flagged, "reviewed": reviewed, "observed": observed, "ended": ended}
    query = _narrowed(select(Call), **narrowed)
    query = query.where(*_asked(caller_number, agent, *rang), *_of(counted))
    if before is not None:
        query = query.where(_older_than(get_call(session, before, loaded=False)))
    query = query.order_by(Call.rang_at.desc(), Call.call_id.desc())
    limited = query.limit(max(1, min(limit, MOST))).options(*_LISTED)
    return session.scalars(limited).all()


def count_calls(
    session: Session,
    *,
    caller_number: str | None = None,
    agent: str | None = None,
    rang: tuple[datetime | None, datetime | None] = (None, None),
    flagged: bool | None = None,
    counted: Counted = EVERY,
) -> int:
    """How many calls `list_calls` would list without an end."""
    query = select(func.count()).select_from(Call)
    if flagged is not None:
        query = query.where(flag() if flagged else ~flag())
    asked = query.where(*_asked(caller_number, agent, *rang), *_of(counted))
    return session.scalar(asked) or 0


def _asked(
    caller_number: str | None, agent: str | None, since: datetime | None, until: datetime | None
) -> list[ColumnElement[bool]]:
    wanted = []
    if caller_number is not None:
        wanted.append(Call.caller_number == caller_number)
    if agent is not None:
        wanted.append(Call.agent == agent)
    return [*wanted, *within(Call.rang_at, since, until)]


def _of(counted: Counted) -> list[ColumnElement[bool]]:
    same = {
        Call.direction: counted.direction,
        Call.disposition: counted.disposition,
        Call.source: plain(counted.source),
    }
    is_so: list[tuple[bool | None, ColumnElement[bool]]] = [
        (counted.blocked, Call.call_result == BLOCKED),
        (counted.taken, and_(Call.answered_at.is_not(None), Call.agent != "")),
        (counted.nuisance, nuisance()),
        (counted.withheld, Call.source == ""),
        (counted.overruled, overruled()),
    ]
    wanted = [column == value for column, value in same.items() if value]
    wanted += [holds if so else ~holds for so, holds in is_so if so is not None]
    if counted.category:
        wanted.append(Call.hits.any(HitRow.category == counted.category))
    if counted.spans is not None:
        wanted.append(_rang_in(counted.spans))
    if counted.among is not None:
        wanted.append(Call.call_id.in_(counted.among))
    return wanted


def _rang_in(spans: Sequence[tuple[datetime, datetime]]) -> ColumnElement[bool]:
    """As a table to join: each span is a look into the index of `rang_at`, however many."""
    if not spans:
        return false()
    edges = values(column("since", UtcDateTime()), column("until", UtcDateTime()), name="spans")
    given, rang = edges.data(spans).cte(), aliased(Call)
    inside = (rang.rang_at >= given.c.since) & (rang.rang_at < given.c.until)
    return Call.call_id.in_(select(rang.call_id).join(given, inside))


def flagged_unreviewed(
    session: Session, *, limit: int = 50, before: str | None = None
) -> Sequence[Call]:
    """Calls that are over, flagged, without a verdict, and not put aside; newest first."""
    return list_calls(
        session,
        limit=limit,
        before=before,
        flagged=True,
        reviewed=False,
        observed=False,
        ended=True,
    )


def of_ids(session: Session, call_ids: Sequence[str]) -> Sequence[Call]:
    """These calls, in no order, loaded as `list_calls` does."""
    wanted = select(Call).where(Call.call_id.in_(call_ids[:MOST])).options(*_LISTED)
    return session.scalars(wanted).all()


def get_call(session: Session, call_id: str, *, loaded: bool = True) -> Call:
    """The call, read afresh with everything that hangs on it. Raises NoSuchCall.

    Unless `loaded`, what hangs on it is read when asked for, while the session is open.
    """
    if loaded:
        whole = select(Call).where(Call.call_id == call_id).options(*_WHOLE)
        call = session.scalar(whole.execution_options(populate_existing=True))
    else:
        call = session.get(Call, call_id)
    if call is None:
        raise NoSuchCall(f"no call {call_id}")
    return call


def untranscribed(session: Session, nodes: Collection[str] | None = None) -> Sequence[Call]:
    """Calls, of these nodes or of all, whose closed recording still waits to be transcribed, oldest
    first, with their gaps."""
    waiting = select(Call).where(
        Call.transcribed.is_(False), Call.ended_at.is_not(None), Call.recording.has()
    )
    if nodes is not None:
        waiting = waiting.where(Call.node.in_(nodes))
    whole = waiting.order_by(Call.rang_at, Call.call_id).options(*_WHOLE)
    return session.scalars(whole).all()


def interrupted(session: Session, nodes: Collection[str] | None = None) -> Sequence[Call]:
    """Calls without an end, oldest first: while none is live at these nodes (all where None), those
    that a crash cut."""
    cut = select(Call).where(Call.ended_at.is_(None)).order_by(Call.rang_at, Call.call_id)
    return session.scalars(cut if nodes is None else cut.where(Call.node.in_(nodes))).all()


def endings(session: Session, nodes: Collection[str] | None = None) -> list[CallEnded]:
    """The end of each interrupted call of these nodes, at its last sign of life, for the books.

    `transcribed` is False where it was answered and nothing was heard, or a gap was left.
    """
    return [
        CallEnded(
            call.call_id,
            _last_sign(session, call),
            ended_by="system",
            call_result=INTERRUPTED,
            disposition="",
            transcribed=call.answered_at is None or _was_heard(session, call),
        )
        for call in interrupted(session, nodes)
    ]


def flag() -> ColumnElement[bool]:
    """What flags a call: a pattern was hit, a person confirmed its end, the desk proposed that and
    nobody took it back, or it closed as harassment, silent or blocked."""
    return or_(
        Call.hits.any(),
        _decided("confirmed"),
        and_(_decided("proposed"), ~_decided(*TAKEN_BACK)),
        Call.disposition.in_(FLAGGED_DISPOSITIONS),
    )


def is_flagged(call: Call) -> bool:
    """The same of a loaded call."""
    kinds = {decision.kind for decision in call.decisions}
    decided = "confirmed" in kinds or ("proposed" in kinds and not kinds.intersection(TAKEN_BACK))
    return decided or bool(call.hits) or call.disposition in FLAGGED_DISPOSITIONS


def _observed() -> ColumnElement[bool]:
    """A reviewer put it aside to be watched (观察)."""
    return exists().where(Review.number == Call.call_id, Review.state == OBSERVED)


def _decided(*kinds: str) -> ColumnElement[bool]:
    return Call.decisions.any(Decision.kind.in_(kinds))


def _narrowed(query: Select[Call], **wishes: bool | None) -> Select[Call]:
    facts: dict[str, ColumnElement[bool]] = {
        "flagged": flag(),
        "reviewed": Call.verdicts.any(),
        "observed": _observed(),
        "ended": Call.ended_at.is_not(None),
    }
    for name, wish in wishes.items():
        if wish is not None:
            query = query.where(facts[name] if wish else ~facts[name])
    return query


def _older_than(last: Call) -> ColumnElement[bool]:
    same_moment = and_(Call.rang_at == last.rang_at, Call.call_id < last.call_id)
    return or_(Call.rang_at < last.rang_at, same_moment)


def _last_sign(session: Session, call: Call) -> datetime:
    said_ms = session.scalar(
        select(func.max(SegmentRow.end_ms)).where(SegmentRow.call_id == call.call_id)
    )
    signs = [call.rang_at, *(decision.at for decision in call.decisions)]
    signs += [prompt.started_at for prompt in call.prompts]
    if call.answered_at is not None:
        signs.append(call.answered_at + timedelta(milliseconds=said_ms or 0))
    return max(signs)


def _was_heard(session: Session, call: Call) -> bool:
    left = select(GapRow.id).where(GapRow.call_id == call.call_id, GapRow.filled.is_(False))
    said = select(SegmentRow.id).where(SegmentRow.call_id == call.call_id)
    return session.scalar(left.limit(1)) is None and session.scalar(said.limit(1)) is not None


_LISTED: tuple[ORMOption, ...] = (
    selectinload(Call.hits),
    selectinload(Call.decisions),
    selectinload(Call.prompts),
    selectinload(Call.verdicts),
    joinedload(Call.recording),
    joinedload(Call.work_order),
    raiseload(Call.segments),
    raiseload(Call.gaps),
    raiseload(Call.redactions),
    raiseload(Call.transcripts),
    raiseload(Call.handling),
    raiseload(Call.quality),
)
_WHOLE: tuple[ORMOption, ...] = (
    *_LISTED[:6],
    selectinload(Call.segments),
    selectinload(Call.gaps),
    selectinload(Call.redactions),
    selectinload(Call.handling),
    selectinload(Call.quality),
    selectinload(Call.transcripts).selectinload(Transcript.segments),
    selectinload(Call.transcripts).selectinload(Transcript.hits),
)
