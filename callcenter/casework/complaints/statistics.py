"""顾客投诉分类统计表 (C14, C19, C20, R9): complaints of a time by class, department and channel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework.paper.sheet import Cell, Share, Sheet, Table
from callcenter.store.complaint_tables import Complaint

NAMES = {
    "quality": "质量", "delivery": "配送", "attitude": "服务态度", "price": "价格",
    "refund": "退换货", "repeated": "重复来电未解决", "other": "其他",
    "phone": "电话", "mail": "邮件", "visit": "来访", "online": "在线",
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
    tables = (
        _table("按投诉类别", found, lambda row: NAMES.get(row.category, row.category), until),
        _table("按责任部门", found, lambda row: row.department or "未定", until),
        _table("按渠道", found, lambda row: NAMES.get(row.channel, row.channel), until),
        _improvements(found),
    )
    return Sheet(
        "顾客投诉分类统计表", (("期间", days), ("件数", len(found))), tables, ("客服主管",)
    )


def _table(
    title: str, found: Iterable[Complaint], group: Callable[[Complaint], str], at: datetime
) -> Table:
    groups: dict[str, list[Complaint]] = defaultdict(list)
    for row in found:
        groups[group(row)].append(row)
    ranked = sorted(groups.items(), key=lambda one: (-len(one[1]), one[0]))
    rows = [_row(name, rows, at) for name, rows in ranked]
    everything = [row for rows in groups.values() for row in rows]
    return Table(title, COLUMNS, [*rows, _row("合计", everything, at)], NOTE)


def _row(name: str, rows: Sequence[Complaint], at: datetime) -> tuple[Cell, ...]:
    judged = [row for row in rows if row.founded is not None]
    founded = [row for row in judged if row.founded]
    asked = [row for row in rows if row.satisfied is not None]
    spans = [row.closed_at - row.opened_at for row in rows if row.closed_at is not None]
    due = [row for row in rows if row.feedback_due_at is not None and row.feedback_due_at <= at]
    return (
        name,
        len(rows),
        len(founded),
        Share(len(founded), len(judged)),
        len(spans),
        Share(sum(bool(row.satisfied) for row in asked), len(asked)),
        Share(sum(_in_time(row) for row in due), len(due)),
        sum(spans, timedelta()) / len(spans) if spans else None,
        sum(row.rounds for row in rows),
        sum(row.loss_fen for row in rows) / 100,
    )


def _in_time(row: Complaint) -> bool:
    told = row.judged_at
    return told is not None and row.feedback_due_at is not None and told <= row.feedback_due_at


def _improvements(found: Iterable[Complaint]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (row.number, one["measure"], one["owner"], one["due_at"][:10], one["result"] or "未检查")
        for row in found
        for one in row.improvements
    ]
    return Table("改进对策", ("投诉", "对策", "负责人", "期限", "效果"), rows)
