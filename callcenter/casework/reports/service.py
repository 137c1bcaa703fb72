"""日报、周报、月报: how calls were answered, by whom, when, about what; what was promised and kept.

Handbook items R1-R3, R8, R10, R12, K1, K2. Each figure names its formula (VOCABULARY §3b) and,
where it counts calls, where to list them. Reads through the session given.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from urllib.parse import quote

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from callcenter.casework.paper.sheet import Cell, Figure, Share, Sheet, Table
from callcenter.core.records import BANNED
from callcenter.store.complaint_tables import Complaint
from callcenter.store.follow_up_tables import FollowUp
from callcenter.store.order_tables import OrderPromise, WorkOrder
from callcenter.store.tables import Call, HitRow

PERIODS = ("day", "week", "month")
NAMES = {"day": "客服日报", "week": "客服周报", "month": "客服月报"}
THREE_RINGS = timedelta(seconds=15)
"""三声: a Chinese ring is one second on, four off."""
TARGET = timedelta(seconds=20)
"""Of the service level: 20 秒内人工接通率."""
REPEATED = timedelta(hours=24)
"""Who calls again within it was not helped at once."""
COMMON = 15
"""The most frequent kinds that are listed."""


@dataclass(frozen=True, slots=True)
class Line:
    """What the report needs of an inbound call."""

    source: str
    agent: str
    rang_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    blocked: bool
    harassment: bool

    @property
    def waited(self) -> timedelta | None:
        """Until an agent picked up; None where none did."""
        return self.answered_at - self.rang_at if self.answered_at and self.agent else None

    @property
    def talked(self) -> timedelta | None:
        """From answer to end."""
        if self.answered_at is None or self.ended_at is None or not self.agent:
            return None
        return self.ended_at - self.answered_at


def span(period: str, at: datetime, zone: tzinfo | None = None) -> tuple[datetime, datetime]:
    """The day, the week from Monday, or the month that holds this moment, on the wall."""
    wall = at.astimezone(zone)
    first = wall.date()
    if period == "week":
        first -= timedelta(days=first.weekday())
    elif period == "month":
        first = first.replace(day=1)
    after = {
        "day": first + timedelta(days=1),
        "week": first + timedelta(days=7),
        "month": (first + timedelta(days=32)).replace(day=1),
    }[period]
    return _midnight(first, zone), _midnight(after, zone)


def sheet(session: Session, period: str, at: datetime, zone: tzinfo | None = None) -> Sheet:
    """The report of the period that holds `at`, beside the period before it."""
    since, until = span(period, at, zone)
    before, _ = span(period, since - timedelta(hours=1), zone)
    now, then = _lines(session, since, until), _lines(session, before, since)
    days = f"{since.astimezone(zone):%Y-%m-%d}"
    if period != "day":
        days += f" 至 {(until - timedelta(hours=1)).astimezone(zone):%Y-%m-%d}"
    tables = (
        _overview(now, then, since, until),
        _by_agent(now, since, until),
        _by_time(now, period, zone),
        _kept(session, since, until),
        _common(session, since, until),
        _important(session, since, until),
    )
    return Sheet(NAMES[period], (("期间", days),), tables, ("制表", "主管"))


def _midnight(day: date, zone: tzinfo | None) -> datetime:
    naive = datetime.combine(day, time(0))
    return naive.astimezone() if zone is None else naive.replace(tzinfo=zone)


def _lines(session: Session, since: datetime, until: datetime) -> list[Line]:
    asked = select(
        Call.source, Call.agent, Call.rang_at, Call.answered_at, Call.ended_at,
        Call.call_result == "blocked", Call.disposition == "harassment",
    )  # fmt: skip
    within = asked.where(
        Call.direction == "inbound", Call.rang_at >= since, Call.rang_at < until
    ).order_by(Call.rang_at)
    return [Line(*row) for row in session.execute(within)]


def _overview(now: Sequence[Line], then: Sequence[Line], since: datetime, until: datetime) -> Table:
    listed = _listed(since, until)
    figures, before = _figures(now), {name: value for name, value, _ in _figures(then)}
    rows: list[tuple[Cell, ...]] = [
        (name, Figure(value, listed) if name == "来电" else value, before[name], how)
        for name, value, how in figures
    ]
    return Table("接听", ("指标", "本期", "上期", "口径"), rows)


def _figures(lines: Sequence[Line]) -> list[tuple[str, int | Share | timedelta | None, str]]:
    offered = [one for one in lines if not one.blocked]
    waited = [one.waited for one in offered if one.waited is not None]
    talked = [one.talked for one in offered if one.talked is not None]
    quick, soon = sum(w <= THREE_RINGS for w in waited), sum(w <= TARGET for w in waited)
    return [
        ("来电", len(lines), "呼入，含拦截"),
        ("拦截", len(lines) - len(offered), "黑名单"),
        ("接起", len(waited), "座席接听"),
        ("接起率", Share(len(waited), len(offered)), "接起 ÷ 未拦截来电"),
        ("三声内接起率", Share(quick, len(waited)), "15 秒内接起 ÷ 接起"),
        ("服务水平（按来电）", Share(soon, len(offered)), "20 秒内接起 ÷ 未拦截来电"),
        ("服务水平（按接起）", Share(soon, len(waited)), "20 秒内接起 ÷ 接起"),
        ("平均应答速度", _mean(waited), "振铃到接起，仅接起"),
        ("平均通话时长", _mean(talked), "接起到结束，仅接起"),
        ("首次解决率", _solved_at_once(offered), "24 小时内未再来电 ÷ 接起（有号码，非骚扰）"),
        ("骚扰来电", sum(one.harassment for one in lines), "通话小结为骚扰"),
    ]


def _solved_at_once(lines: Sequence[Line]) -> Share:
    """Nobody who is still within the 24 hours of the last call is counted as coming back."""
    calls: dict[str, list[Line]] = defaultdict(list)
    for one in lines:
        if one.source and not one.harassment:
            calls[one.source].append(one)
    taken = again = 0
    for of_source in calls.values():
        for at, one in enumerate(of_source):
            if one.waited is not None:
                taken += 1
                following = of_source[at + 1 : at + 2]
                again += any(two.rang_at - one.rang_at <= REPEATED for two in following)
    return Share(taken - again, taken)


def _by_agent(lines: Iterable[Line], since: datetime, until: datetime) -> Table:
    groups: dict[str, list[Line]] = defaultdict(list)
    for one in lines:
        if one.waited is not None:
            groups[one.agent].append(one)
    rows: list[tuple[Cell, ...]] = []
    for agent, taken in sorted(groups.items()):
        waits = [one.waited for one in taken if one.waited is not None]
        talks = [one.talked for one in taken if one.talked is not None]
        quick = Share(sum(wait <= THREE_RINGS for wait in waits), len(waits))
        where = f"{_listed(since, until)}&agent={quote(agent)}"
        harassed = sum(one.harassment for one in taken)
        rows.append((agent, Figure(len(taken), where), quick, _mean(waits), _mean(talks), harassed))
    columns = ("座席", "接起", "三声内接起率", "平均应答速度", "平均通话时长", "骚扰来电")
    return Table("座席", columns, rows, "骚扰来电只用于安排休息，不用于考核。")


def _by_time(lines: Iterable[Line], period: str, zone: tzinfo | None) -> Table:
    def when(one: Line) -> str:
        wall = one.rang_at.astimezone(zone)
        return f"{wall:%H}:00" if period == "day" else f"{wall:%m-%d}"

    return _counted("时段" if period == "day" else "日期", lines, when)


def _counted(title: str, lines: Iterable[Line], group: Callable[[Line], str]) -> Table:
    groups: dict[str, list[Line]] = defaultdict(list)
    for one in lines:
        groups[group(one)].append(one)
    rows: list[tuple[Cell, ...]] = [
        (
            name,
            len(within),
            sum(one.waited is not None for one in within),
            sum(one.harassment for one in within),
        )
        for name, within in sorted(groups.items())
    ]
    return Table(f"按{title}", (title, "来电", "接起", "骚扰"), rows)


def _kept(session: Session, since: datetime, until: datetime) -> Table:
    """What was promised to customers in this time, and whether it was kept."""
    promises = session.execute(
        select(func.count(), func.count().filter(OrderPromise.kept.is_(True))).where(
            OrderPromise.due_at >= since, OrderPromise.due_at < until
        )
    ).one()
    due = select(func.count(), func.count().filter(FollowUp.done_at <= FollowUp.due_at)).where(
        FollowUp.due_at >= since, FollowUp.due_at < until, FollowUp.state != "cancelled"
    )
    told = select(
        func.count(), func.count().filter(Complaint.judged_at <= Complaint.feedback_due_at)
    ).where(Complaint.feedback_due_at >= since, Complaint.feedback_due_at < until)
    rows: list[tuple[Cell, ...]] = [
        ("承诺回复", *_in_time(tuple(promises))),
        ("回访", *_in_time(tuple(session.execute(due).one()))),
        ("投诉告知", *_in_time(tuple(session.execute(told).one()))),
    ]
    return Table("承诺与时限", ("事项", "到期", "按时", "及时率"), rows, "及时率 = 按时 ÷ 到期")


def _in_time(counts: tuple[int, ...]) -> tuple[Cell, ...]:
    due, kept = counts
    return due, kept, Share(kept, due)


def _common(session: Session, since: datetime, until: datetime) -> Table:
    """客户常见问题 (R10): what people called about, and what was heard most."""
    kinds = session.execute(
        select(WorkOrder.type, func.count())
        .where(WorkOrder.opened_at >= since, WorkOrder.opened_at < until)
        .group_by(WorkOrder.type)
    )
    heard = session.execute(
        select(HitRow.category, func.count(HitRow.call_id.distinct()))
        .join(Call, Call.call_id == HitRow.call_id)
        .where(Call.rang_at >= since, Call.rang_at < until, HitRow.category != BANNED)
        .group_by(HitRow.category)
    )
    counts = Counter({("工单", kind): count for kind, count in kinds})
    counts.update({("听到", category): count for category, count in heard})
    rows: list[tuple[Cell, ...]] = [
        (sort, name, count) for (sort, name), count in counts.most_common(COMMON)
    ]
    return Table("常见问题", ("来自", "类别", "次数"), rows, "听到：命中该类别的通话数")


def _important(session: Session, since: datetime, until: datetime) -> Table:
    """重要信息 (R8): what was reported at once."""
    orders = session.scalars(
        select(WorkOrder).where(
            WorkOrder.alarm != "", WorkOrder.opened_at >= since, WorkOrder.opened_at < until
        )
    )
    major = session.scalars(
        select(Complaint).where(
            Complaint.severity == "major",
            Complaint.opened_at >= since,
            Complaint.opened_at < until,
        )
    )
    rows: list[tuple[Cell, ...]] = [
        *((row.number, row.title or row.content, row.owner, row.state) for row in orders),
        *((row.number, row.content, row.department, row.state) for row in major),
    ]
    return Table("重要信息", ("编号", "事项", "负责", "状态"), rows)


def _listed(since: datetime, until: datetime) -> str:
    first, last = (f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for at in (since, until))
    return f"calls?since={first}&until={last}"


def _mean(spans: Sequence[timedelta]) -> timedelta | None:
    return sum(spans, timedelta()) / len(spans) if spans else None
