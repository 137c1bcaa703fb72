"""顾客投诉分类统计表 (C14, C19, C20, R9): complaints of a time by class, department and channel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework.complaints.lists import NOBODY
from callcenter.casework.paper.sheet import Cell, Figure, Share, Sheet, Table, spanned
from callcenter.store.complaint_tables import Complaint

NAMES = {
    "quality": "质量", "delivery": "配送", "attitude": "服务态度", "price": "价格",
    "refund": "退换货", "repeated": "重复来电未解决", "other": "其他",
    "phone": "电话", "mail": "邮件", "visit": "来访", "online": "在线", "": "未定",
}  # fmt: skip
COLUMNS = (
    "分类", "件数", "成立", "成立率", "已结", "满意率", "按时判定率", "平均处理时长", "反复",
    "损失（元）",
)  # fmt: skip
NOTE = (
    "成立率 = 成立 ÷ 已判定；满意率 = 满意 ÷ 已回访；"
    "按时判定率 = 在告知客户的时限内判定 ÷ 已到时限；平均处理时长 = 登记到结案，仅已结。"
)


def sheet(session: Session, since: datetime, until: datetime) -> Sheet:
    """The complaints received from `since` until, but without, `until`, as a paper to sign."""
    query = select(Complaint).where(Complaint.opened_at >= since, Complaint.opened_at < until)
    found = session.scalars(query).all()
    days = (
        f"{since.astimezone():%Y-%m-%d} 至 {(until - timedelta(seconds=1)).astimezone():%Y-%m-%d}"
    )
    where = spanned("complaints", "opened", since, until)
    tables = (
        _table("按投诉类别", found, "category", where, until),
        _table("按责任部门", found, "department", where, until),
        _table("按渠道", found, "channel", where, until),
        _improvements(found),
    )
    facts: tuple[tuple[str, Cell], ...] = (("期间", days), ("件数", Figure(len(found), where)))
    return Sheet("顾客投诉分类统计表", facts, tables, ("客服主管",))


def _table(title: str, found: Sequence[Complaint], group: str, where: str, at: datetime) -> Table:
    groups: dict[str, list[Complaint]] = defaultdict(list)
    for row in found:
        groups[getattr(row, group)].append(row)
    ranked = sorted(groups.items(), key=lambda one: (-len(one[1]), one[0]))
    rows = [
        _row(NAMES.get(name, name), rows, f"{where}&{group}={quote(name or NOBODY)}", at)
        for name, rows in ranked
    ]
    return Table(title, COLUMNS, [*rows, _row("合计", found, where, at)], NOTE)


def _row(name: str, rows: Sequence[Complaint], where: str, at: datetime) -> tuple[Cell, ...]:
    judged = [row for row in rows if row.founded is not None]
    founded = [row for row in judged if row.founded]
    asked = [row for row in rows if row.satisfied is not None]
    spans = [row.closed_at - row.opened_at for row in rows if row.closed_at is not None]
    due = [row for row in rows if row.feedback_due_at is not None and row.feedback_due_at <= at]
    pleased, quick = sum(bool(row.satisfied) for row in asked), sum(_in_time(row) for row in due)
    due_by = f"{where}&feedback_until={at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return (
        name,
        Figure(len(rows), where),
        Figure(len(founded), f"{where}&founded=true"),
        Figure(Share(len(founded), len(judged)), f"{where}&judged=true"),
        Figure(len(spans), f"{where}&closed=true"),
        Figure(Share(pleased, len(asked)), f"{where}&asked=true"),
        Figure(Share(quick, len(due)), due_by),
        Figure(sum(spans, timedelta()) / len(spans) if spans else None, f"{where}&closed=true"),
        Figure(sum(row.rounds for row in rows), f"{where}&again=true"),
        Figure(sum(row.loss_fen for row in rows) / 100, where),
    )


def _in_time(row: Complaint) -> bool:
    told = row.judged_at
    return told is not None and row.feedback_due_at is not None and told <= row.feedback_due_at


def _improvements(found: Iterable[Complaint]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            Figure(row.number, f"complaints/{row.number}"),
            one["measure"],
            one["owner"],
            one["due_at"][:10],
            one["result"] or "未检查",
        )
        for row in found
        for one in row.improvements
    ]
    return Table("改进对策", ("投诉", "对策", "负责人", "期限", "效果"), rows)
