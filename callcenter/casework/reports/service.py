"""日报、周报、月报: how calls were answered, by whom, when, about what; what was promised and kept.

Handbook items R1-R3, R8, R10, R12, K1, K2. Each figure names its formula (VOCABULARY §3b) and
where to list what it counts: a share what it is a share of, or what was not in time. Reads through
the session given.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from callcenter.casework.paper.sheet import Cell, Figure, Sheet, Table, spanned
from callcenter.casework.reports import in_time
from callcenter.casework.reports.answering import (
    Line,
    answered,
    inbound,
    listed,
    mean,
    solved_at_once,
)
from callcenter.casework.reports.answering import span as span
from callcenter.casework.reports.periods import Period
from callcenter.core.records import BANNED
from callcenter.store.complaint_tables import Complaint
from callcenter.store.order_tables import WorkOrder
from callcenter.store.tables import Call, HitRow

PERIODS = ("day", "week", "month")
NAMES = {"day": "客服日报", "week": "客服周报", "month": "客服月报", "custom": "客服报告"}
COMMON = 15
"""The most frequent kinds that are listed."""


def sheet(session: Session, period: Period) -> Sheet:
    """The report of this time, beside that of the time before it."""
    since, until, before = period.since, period.until, period.before.since
    now, then = inbound(session, since, until), inbound(session, before, since)
    tables = (
        _overview(now, then, (before, since, until)),
        _by_agent(now, since, until),
        _by_time(now, period),
        _kept(session, since, until),
        _common(session, since, until),
        _important(session, since, until),
    )
    return Sheet(NAMES[period.name], (("期间", period.text),), tables, ("制表", "主管"))


def _overview(now: Sequence[Line], then: Sequence[Line], spans: Sequence[datetime]) -> Table:
    """`spans`: when the period before begins, when this one does, when it ends."""
    before, since, until = spans
    earlier = {name: figure for name, figure, _ in _figures(then, before, since)}
    rows: list[tuple[Cell, ...]] = [
        (name, figure, earlier[name], how) for name, figure, how in _figures(now, since, until)
    ]
    return Table("接听", ("指标", "本期", "上期", "口径"), rows)


def _figures(
    lines: Sequence[Line], since: datetime, until: datetime
) -> list[tuple[str, Figure, str]]:
    counted = answered(lines)
    harassed = sum(one.harassment for one in lines)
    within = partial(listed, since, until, direction="inbound")
    offered, taken = within(blocked="false"), within(blocked="false", taken="true")
    return [
        ("来电", Figure(len(lines), within()), "呼入，含拦截"),
        ("拦截", Figure(len(lines) - counted.offered, within(blocked="true")), "黑名单"),
        ("接起", Figure(counted.answered, taken), "座席接听"),
        ("接起率", Figure(counted.answer_rate, offered), "接起 ÷ 未拦截来电"),
        ("三声内接起率", Figure(counted.three_rings, taken), "15 秒内接起 ÷ 接起"),
        (
            "服务水平（按来电）",
            Figure(counted.level_of_offered, offered),
            "20 秒内接起 ÷ 未拦截来电",
        ),
        ("服务水平（按接起）", Figure(counted.level_of_answered, taken), "20 秒内接起 ÷ 接起"),
        ("平均应答速度", Figure(counted.speed, taken), "振铃到接起，仅接起"),
        ("平均通话时长", Figure(mean(counted.talked), taken), "接起到结束，仅接起"),
        (
            "首次解决率",
            Figure(solved_at_once(lines)[""], taken),
            "24 小时内未再来电 ÷ 接起（有号码，非骚扰）",
        ),
        ("骚扰来电", Figure(harassed, within(disposition="harassment")), "通话小结为骚扰"),
    ]


def _by_agent(lines: Iterable[Line], since: datetime, until: datetime) -> Table:
    groups: dict[str, list[Line]] = defaultdict(list)
    for one in lines:
        if one.waited is not None:
            groups[one.agent].append(one)
    rows = [_agent(agent, taken, since, until) for agent, taken in sorted(groups.items())]
    columns = ("座席", "接起", "三声内接起率", "平均应答速度", "平均通话时长", "骚扰来电")
    return Table("座席", columns, rows, "骚扰来电只用于安排休息，不用于考核。")


def _agent(agent: str, taken: Sequence[Line], since: datetime, until: datetime) -> tuple[Cell, ...]:
    counted = answered(taken)
    within = partial(listed, since, until, agent=agent, direction="inbound", taken="true")
    return (
        agent,
        Figure(len(taken), within()),
        Figure(counted.three_rings, within()),
        Figure(counted.speed, within()),
        Figure(mean(counted.talked), within()),
        Figure(sum(one.harassment for one in taken), within(disposition="harassment")),
    )


def _by_time(lines: Iterable[Line], period: Period) -> Table:
    """By the hour of a day, by the day of a longer time."""
    of_day, zone = period.first == period.last, period.zone
    groups: dict[datetime, list[Line]] = defaultdict(list)
    for one in lines:
        wall = one.rang_at.astimezone(zone)
        start = wall.replace(minute=0, second=0, microsecond=0)
        groups[start if of_day else span("day", wall, zone)[0]].append(one)
    rows = [_in_slot(start, within, of_day) for start, within in sorted(groups.items())]
    title = "时段" if of_day else "日期"
    return Table(f"按{title}", (title, "来电", "接起", "骚扰"), rows, series=True)


def _in_slot(start: datetime, lines: Sequence[Line], of_day: bool) -> tuple[Cell, ...]:
    end = start + timedelta(hours=1) if of_day else start + timedelta(days=1)
    within = partial(listed, start, end, direction="inbound")
    taken = sum(one.waited is not None for one in lines)
    harassed = sum(one.harassment for one in lines)
    return (
        f"{start:%H}:00" if of_day else f"{start:%m-%d}",
        Figure(len(lines), within()),
        Figure(taken, within(taken="true")),
        Figure(harassed, within(disposition="harassment")),
    )


def _kept(session: Session, since: datetime, until: datetime) -> Table:
    """What was promised to customers in this time, and whether it was kept; a share leads to what
    was not."""
    promised = spanned("work-orders/promises", "due", since, until)
    counted = (
        ("承诺回复", in_time.promises, promised, "kept"),
        ("邮件一个工作日内答复", in_time.mails, f"{promised}&what=mail", "kept"),
        ("回访", in_time.follow_ups, spanned("follow-ups", "due", since, until), "in_time"),
        (
            "投诉告知",
            in_time.complaints,
            spanned("complaints", "feedback", since, until),
            "in_time",
        ),
    )
    rows: list[tuple[Cell, ...]] = []
    for name, count, where, flag in counted:
        share = in_time.total(count(session, since, until))
        kept = Figure(share.part, f"{where}&{flag}=true")
        rows.append((name, Figure(share.of, where), kept, Figure(share, f"{where}&{flag}=false")))
    return Table("承诺与时限", ("事项", "到期", "按时", "及时率"), rows, "及时率 = 按时 ÷ 到期")


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
    orders = f"{spanned('work-orders', 'opened', since, until)}&type="
    counts = Counter({("工单", kind, orders + kind): count for kind, count in kinds})
    counts.update(
        {("听到", name, listed(since, until, category=name)): count for name, count in heard}
    )
    rows: list[tuple[Cell, ...]] = [
        (sort, name, Figure(count, where))
        for (sort, name, where), count in counts.most_common(COMMON)
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
        *(
            (_one("work-orders", row.number), row.title or row.content, row.owner, row.state)
            for row in orders
        ),
        *(
            (_one("complaints", row.number), row.content, row.department, row.state)
            for row in major
        ),
    ]
    return Table("重要信息", ("编号", "事项", "负责", "状态"), rows)


def _one(what: str, number: str) -> Figure:
    return Figure(number, f"{what}/{number}")
