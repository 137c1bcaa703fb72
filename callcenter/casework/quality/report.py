"""服务质量报告 (R6, R7): evaluations of a time by agent and item, appeals, coaching.

Each figure names where what it counts is listed. Reads through the session given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from statistics import fmean
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from callcenter.casework.paper.sheet import Cell, Figure, Share, Sheet, Table
from callcenter.casework.quality import coaching
from callcenter.casework.quality.evaluations import JUDGED
from callcenter.casework.quality.scoring import APPROVED, OBSERVED, REJECTED
from callcenter.store.quality_tables import Coaching, Evaluation, EvaluationItem

BY_AGENT = ("座席", "质检", "平均分", "合格率", "一票否决", "申诉", "申诉成立率")
BY_ITEM = ("评分大项", "评分项", "评次", "得分率", "扣分次数")
BY_BOTH = ("座席", "评分项", "评次", "得分率")
COACHED = ("座席", "辅导", "违规", "已确认", "已整改", "复查通过", "超期未完成")
NAMES = {APPROVED: "通过", OBSERVED: "待整改", REJECTED: "驳回"}
NOTE = "合格率 = 达到合格线 ÷ 质检；申诉成立率 = 申诉成立 ÷ 已复核的申诉；按提交时间统计。"
ITEM_NOTE = "得分率 = 得分 ÷ 满分，不适用的不计；扣分次数是没有得满分的质检数。"


@dataclass(frozen=True, slots=True)
class Line:
    """What the report needs of an evaluation."""

    agent: str
    state: str
    score: float
    passed: bool
    verdict: str
    failed: bool
    appealed: bool
    upheld: bool | None


@dataclass(frozen=True, slots=True)
class _Span:
    """The time of a report, and the list of what it counts."""

    since: datetime
    until: datetime

    def listed(self, **wanted: str) -> str:
        """The API path of these evaluations."""
        when = {"since": self.since, "until": self.until}
        utc = {name: f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for name, at in when.items()}
        return "evaluations?" + urlencode(wanted | utc, safe=":")


def sheet(
    session: Session, since: datetime, until: datetime, at: datetime, zone: tzinfo | None = None
) -> Sheet:
    """What was submitted from `since` until, but without, `until`; `at` is now."""
    last = until - timedelta(seconds=1)
    days = f"{since.astimezone(zone):%Y-%m-%d} 至 {last.astimezone(zone):%Y-%m-%d}"
    span = _Span(since, until)
    lines = _lines(session, span)
    facts: tuple[tuple[str, Cell], ...] = (
        ("期间", days),
        ("质检", Figure(len(lines), span.listed())),
        ("平均分", _mean(lines)),
        ("合格率", Share(sum(one.passed for one in lines), len(lines))),
    )
    tables = (
        _by_agent(lines, span),
        _by_verdict(lines, span),
        _by_item(session, span),
        _by_both(session, span),
        _coached(session, span, at),
    )
    return Sheet("服务质量报告", facts, tables, ("质检员", "客服主管"))


def _lines(session: Session, span: _Span) -> list[Line]:
    asked = select(
        Evaluation.agent,
        Evaluation.state,
        Evaluation.score,
        Evaluation.passed,
        Evaluation.verdict,
        Evaluation.failed,
        Evaluation.appealed_at.is_not(None),
        Evaluation.upheld,
    ).where(*_within(span))
    return [
        Line(agent, state, score or 0.0, bool(passed), verdict, bool(failed), appealed, upheld)
        for agent, state, score, passed, verdict, failed, appealed, upheld in session.execute(asked)
    ]


def _within(span: _Span) -> Sequence[ColumnElement[bool]]:
    return (
        Evaluation.state.in_(JUDGED),
        Evaluation.submitted_at >= span.since,
        Evaluation.submitted_at < span.until,
    )


def _by_agent(lines: Sequence[Line], span: _Span) -> Table:
    groups: dict[str, list[Line]] = defaultdict(list)
    for one in lines:
        groups[one.agent].append(one)
    rows = [_row(agent, of, span.listed(agent=agent)) for agent, of in sorted(groups.items())]
    return Table("按座席", BY_AGENT, [*rows, _row("合计", lines, span.listed())], NOTE)


def _row(name: str, lines: Sequence[Line], listed: str) -> tuple[Cell, ...]:
    appealed = [one for one in lines if one.appealed]
    heard = [one for one in appealed if one.upheld is not None]
    return (
        name,
        Figure(len(lines), listed),
        _mean(lines),
        Share(sum(one.passed for one in lines), len(lines)),
        sum(one.failed for one in lines),
        Figure(len(appealed), f"{listed}&appealed=true"),
        Share(sum(bool(one.upheld) for one in heard), len(heard)),
    )


def _by_verdict(lines: Sequence[Line], span: _Span) -> Table:
    counts = {verdict: sum(one.verdict == verdict for one in lines) for verdict in NAMES}
    rows: list[tuple[Cell, ...]] = [
        (NAMES[verdict], Figure(count, span.listed(verdict=verdict)), Share(count, len(lines)))
        for verdict, count in counts.items()
    ]
    return Table("按结论", ("结论", "质检", "占比"), rows)


def _by_item(session: Session, span: _Span) -> Table:
    """What is lost most comes first."""
    item = EvaluationItem
    share = func.sum(item.points) / func.sum(item.most)
    asked = (
        select(item.item, item.section, item.title, func.count(), share,
               func.count().filter(item.points < item.most))
        .join(Evaluation, Evaluation.number == item.number)
        .where(*_within(span))
        .group_by(item.item, item.section, item.title)
        .order_by(share, item.title)
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (section, title, count, Share(part, 1), Figure(lost, span.listed(lost=key)))
        for key, section, title, count, part, lost in session.execute(asked)
    ]
    return Table("按评分项", BY_ITEM, rows, ITEM_NOTE)


def _by_both(session: Session, span: _Span) -> Table:
    item = EvaluationItem
    share = func.sum(item.points) / func.sum(item.most)
    asked = (
        select(Evaluation.agent, item.item, item.title, func.count(), share)
        .join(Evaluation, Evaluation.number == item.number)
        .where(*_within(span))
        .group_by(Evaluation.agent, item.item, item.title)
        .order_by(Evaluation.agent, share, item.title)
    )
    rows: list[tuple[Cell, ...]] = [
        (agent, title, count, Figure(Share(part, 1), span.listed(agent=agent, lost=key)))
        for agent, key, title, count, part in session.execute(asked)
    ]
    return Table("座席与评分项", BY_BOTH, rows, "数字所列的是扣了分的质检。")


def _coached(session: Session, span: _Span, at: datetime) -> Table:
    """What was opened in this time (R7)."""
    row = Coaching
    asked = (
        select(
            row.agent,
            func.count(),
            func.count().filter(row.sort == coaching.VIOLATION),
            func.count().filter(row.acknowledged_at.is_not(None)),
            func.count().filter(row.corrected_at.is_not(None)),
            func.count().filter(row.state == coaching.CLOSED),
            func.count().filter(row.due_at < at, row.state.in_(coaching.WAITING)),
        )
        .where(
            row.opened_at >= span.since,
            row.opened_at < span.until,
            row.state != coaching.WITHDRAWN,
        )
        .group_by(row.agent)
        .order_by(row.agent)
    )
    rows: list[tuple[Cell, ...]] = [
        (agent, Figure(count, "coaching?" + urlencode({"agent": agent})), *rest)
        for agent, count, *rest in session.execute(asked)
    ]
    return Table("辅导与整改", COACHED, rows, "期间内提出的；超期是到期还没有复查通过的。")


def _mean(lines: Sequence[Line]) -> float | None:
    return round(fmean(one.score for one in lines), 1) if lines else None
