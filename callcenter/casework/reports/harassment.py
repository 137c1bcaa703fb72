"""骚扰电话报告 (H6, H12, H17, H24): how often, when, from whom; what each rung achieved; how long
each agent had to bear it. Reads through the session given.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework.harassment.exposure import exposure
from callcenter.casework.paper.sheet import Cell, Figure, Share, Sheet, Table
from callcenter.casework.reports import ladder
from callcenter.casework.reports.answering import days, listed, span
from callcenter.casework.reports.ladder import LadderReport
from callcenter.core.numbers import mask
from callcenter.store.case_tables import HarassmentCase

NAMES = {"day": "骚扰电话日报", "week": "骚扰电话周报", "month": "骚扰电话月报"}
RUNGS = {
    "steer_back": "引导回主题", "line_fault": "提示音一（线路故障）",
    "analysis": "提示音二（来电分析）", "block": "拉黑后拦截",
}  # fmt: skip
WEEK = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
SOURCE_TYPES = {"home": "住宅", "payphone": "公用电话", "office": "单位电话", "unknown": "未知"}


def sheet(
    session: Session,
    group: Callable[[str], str],
    period: str,
    at: datetime,
    now: datetime,
    zone: tzinfo | None = None,
) -> Sheet:
    """The report of the period that holds `at`; `group` as Scripts.group."""
    since, until = span(period, at, zone)
    found = ladder.between(session, since, until, now, zone)
    where = partial(listed, since, until, direction="inbound", nuisance="true")
    tables = (
        Table("来电", ("指标", "次数"), _counts(found, where)),
        _rungs(found),
        _by_hour(found),
        Table("按星期", ("星期", "来电"), list(zip(WEEK, found.weekdays, strict=True))),
        _sources(found, where),
        _types(session, found),
        _exposed(session, group, since, until, zone),
    )
    facts: tuple[tuple[str, Cell], ...] = (("期间", days(since, until, zone)),)
    return Sheet(NAMES[period], facts, tables, ("制表", "主管"))


def _counts(found: LadderReport, where: Callable[..., str]) -> Sequence[tuple[Cell, ...]]:
    return [
        ("骚扰与拦截来电", Figure(found.calls, where())),
        ("其中拦截", Figure(found.blocked, where(disposition="blocked"))),
        ("其中隐藏号码", Figure(found.withheld_calls, where(withheld="true"))),
    ]


def _rungs(found: LadderReport) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            RUNGS[one.rung],
            *(one.used, one.gave_up, one.came_back, one.open, one.withheld),
            Share(one.gave_up, one.gave_up + one.came_back),
        )
        for one in found.rungs
    ]
    columns = ("措施", "使用", "未再来电", "再次来电", "未满 24 小时", "隐藏号码", "见效率")
    return Table(
        "各级措施的效果", columns, rows, "见效率 = 24 小时内未再来电 ÷（未再来电 + 再次来电）"
    )


def _by_hour(found: LadderReport) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (f"{hour:02d}:00", count) for hour, count in enumerate(found.hours) if count
    ]
    return Table("按时段", ("时段", "来电"), rows)


def _sources(found: LadderReport, where: Callable[..., str]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            mask(one.caller_number),
            Figure(one.calls, where(source=one.caller_number)),
            *(one.attempts, one.prompts_a, one.prompts_b, one.blocked_attempts, one.last_at),
        )
        for one in found.sources
    ]
    columns = ("来源", "来电", "次数（合并连拨）", "提示音一", "提示音二", "拦截", "最近一次")
    return Table("按来源", columns, rows)


def _types(session: Session, found: LadderReport) -> Table:
    """What people found out about the sources (H8), by their cases."""
    numbers = [one.caller_number for one in found.sources]
    query = select(HarassmentCase.caller_number, HarassmentCase.source_type).where(
        HarassmentCase.caller_number.in_(numbers)
    )
    known = dict(session.execute(query.order_by(HarassmentCase.opened_at)).all())
    counts = Counter(known.get(number, "unknown") for number in numbers)
    rows = [(SOURCE_TYPES.get(name, name), count) for name, count in counts.most_common()]
    return Table("按来源类型", ("来源类型", "来源数"), rows, "来源类型由立案人员认定")


def _exposed(
    session: Session,
    group: Callable[[str], str],
    since: datetime,
    until: datetime,
    zone: tzinfo | None,
) -> Table:
    calls: dict[str, int] = defaultdict(int)
    abuse: dict[str, timedelta] = defaultdict(timedelta)
    rest: dict[str, timedelta] = defaultdict(timedelta)
    last = (until - timedelta(seconds=1)).astimezone(zone).date()
    for one in exposure(session, group, since, zone):
        if one.day <= last:
            calls[one.agent] += one.calls
            abuse[one.agent] += timedelta(seconds=one.abuse_seconds)
            rest[one.agent] += timedelta(seconds=one.break_seconds)
    rows = [(agent, calls[agent], abuse[agent], rest[agent]) for agent in sorted(calls)]
    columns = ("座席", "受骚扰来电", "受骚扰时长", "已休息")
    return Table("座席承受", columns, rows, "只用于安排休息，不用于考核。")
