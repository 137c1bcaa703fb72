"""What was known of a caller at the moment of an old call. Reads through the session it is given.

Nothing that came later counts: neither later calls nor a verdict that was given afterwards.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from callcenter.core.numbers import is_withheld, plain
from callcenter.core.records import CallerHistory, Known
from callcenter.store.customer_tables import CustomerNumber
from callcenter.store.customers import CUSTOMER_DISPOSITIONS, DONE, newest_verdict
from callcenter.store.sources import DAY, came_in, count_attempts
from callcenter.store.tables import Call, Verdict, WorkOrder

JUDGED_WELL = ("complaint", "ordinary")


class Beforehand:
    """What was known of each of a few calls, asked in one go."""

    def __init__(self, session: Session, calls: Collection[tuple[str, datetime]]) -> None:
        """`calls`: each one's number, as it was shown, and when it rang (UTC)."""
        sources = {plain(number) for number, _ in calls} - {""}
        moments = [at for _, at in calls]
        self._rings: dict[str, list[datetime]] = defaultdict(list)
        self._verdicts: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
        self._customers: dict[str, datetime] = {}
        if sources:
            self._read_rings(session, sources, min(moments) - DAY, max(moments))
            self._read_verdicts(session, sources)
            self._read_customers(session, sources)

    def known(self, number: str, at: datetime) -> Known:
        """As the desk knew it when this call rang; the prompts played before are not counted."""
        local = at.astimezone().time()
        return Known(self._history(plain(number), at), local, is_withheld(number))

    def _history(self, source: str, at: datetime) -> CallerHistory:
        if not source:
            return CallerHistory()
        rings = self._rings[source]
        day = rings[bisect_right(rings, at - DAY) : bisect_left(rings, at)]
        given = self._verdicts[source]
        before = bisect_left(given, (at, ""))
        since = self._customers.get(source)
        return CallerHistory(
            calls_24h=len(day),
            attempts=count_attempts(day),
            last_verdict=given[before - 1][1] if before else "",
            known_customer=since is not None and since < at,
        )

    def _read_rings(
        self, session: Session, sources: Iterable[str], since: datetime, until: datetime
    ) -> None:
        rows = session.execute(
            select(Call.source, Call.rang_at)
            .where(Call.source.in_(sources), Call.rang_at > since, Call.rang_at <= until, came_in())
            .order_by(Call.rang_at)
        )
        for source, at in rows:
            self._rings[source].append(at)

    def _read_verdicts(self, session: Session, sources: Iterable[str]) -> None:
        rows = session.execute(
            select(Call.source, Verdict.at, Verdict.verdict)
            .join(Verdict, Verdict.call_id == Call.call_id)
            .where(Call.source.in_(sources))
            .order_by(Verdict.at, Verdict.id)
        )
        for source, at, verdict in rows:
            self._verdicts[source].append((at, verdict))

    def _read_customers(self, session: Session, sources: Iterable[str]) -> None:
        """Since when each source is a customer's; what makes it one is store.customers' (H4)."""
        spoken = (Call.source.in_(sources), Call.agent != "")
        judged = (
            select(Call.source, func.min(Verdict.at))
            .join(Verdict, Verdict.call_id == Call.call_id)
            .where(*spoken, newest_verdict().in_(JUDGED_WELL), Verdict.verdict.in_(JUDGED_WELL))
            .group_by(Call.source)
        )
        served = (
            select(Call.source, func.min(Call.ended_at))
            .join(WorkOrder, WorkOrder.number == Call.work_order_number)
            .where(*spoken, Call.disposition.in_(CUSTOMER_DISPOSITIONS))
            .where(newest_verdict().is_(None), WorkOrder.state.in_(DONE))
            .group_by(Call.source)
        )
        filed = (
            select(CustomerNumber.number, func.min(CustomerNumber.since))
            .where(CustomerNumber.number.in_(sources))
            .group_by(CustomerNumber.number)
        )
        rows = (row for ask in (judged, served, filed) for row in session.execute(ask))
        for source, since in rows:
            if since is not None:
                self._customers[source] = min(since, self._customers.get(source, since))
