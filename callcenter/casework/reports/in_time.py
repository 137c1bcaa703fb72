"""What was promised to customers and done by its time, by the person who had to: the counts that
every report shares (VOCABULARY §3b). Reads through the session given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from callcenter.casework.paper.sheet import Share
from callcenter.store.complaint_tables import Complaint
from callcenter.store.follow_up_tables import FollowUp
from callcenter.store.order_tables import OrderPromise

Counts = Mapping[str, Share]
"""By person: what was done in time, of what was due."""


def promises(session: Session, since: datetime, until: datetime) -> Counts:
    """承诺回复: kept in time, of those due; by who made them."""
    made = OrderPromise.made_by
    return _asked(session, OrderPromise.due_at, since, until, made, OrderPromise.kept.is_(True))


def mails(session: Session, since: datetime, until: datetime) -> Counts:
    """邮件一个工作日内答复 (K2): answered in time, of those due; by who took them in."""
    kept, mail = OrderPromise.kept.is_(True), OrderPromise.what == "mail"
    return _asked(session, OrderPromise.due_at, since, until, OrderPromise.made_by, kept, mail)


def follow_ups(session: Session, since: datetime, until: datetime) -> Counts:
    """回访: done in time, of those due and not cancelled; by who was to call."""
    done = FollowUp.done_at <= FollowUp.due_at
    standing = FollowUp.state != "cancelled"
    return _asked(session, FollowUp.due_at, since, until, FollowUp.agent, done, standing)


def members(session: Session, since: datetime, until: datetime) -> Counts:
    """会员回访: done, of those due and not cancelled; by who was to call."""
    which = (FollowUp.state != "cancelled", FollowUp.reason == "member")
    done = FollowUp.done_at.is_not(None)
    return _asked(session, FollowUp.due_at, since, until, FollowUp.agent, done, *which)


def complaints(session: Session, since: datetime, until: datetime) -> Counts:
    """投诉告知: judged by the time for which word was promised; by who registered them."""
    due = Complaint.feedback_due_at
    told = Complaint.judged_at <= due
    return _asked(session, due, since, until, Complaint.opened_by, told)


def total(counts: Counts, people: Collection[str] | None = None) -> Share:
    """Of everybody, or of a person with these names."""
    shares = [share for who, share in counts.items() if people is None or who in people]
    return Share(sum(share.part for share in shares), sum(share.of for share in shares))


def _asked(
    session: Session,
    due: InstrumentedAttribute[Any],
    since: datetime,
    until: datetime,
    person: InstrumentedAttribute[str],
    done: ColumnElement[bool],
    *which: ColumnElement[bool],
) -> Counts:
    counted = select(person, func.count().filter(done), func.count())
    within = counted.where(due >= since, due < until, *which).group_by(person)
    return {who: Share(part, of) for who, part, of in session.execute(within)}
