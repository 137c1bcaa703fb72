"""回访总结报告 (F7, F2, F15, R11): follow-ups of a time, how many were done, in time, satisfied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework.follow_ups.record import CANCELLED, DONE, MESSAGED
from callcenter.casework.paper.sheet import Cell, Share, Sheet, Table
from callcenter.store.follow_up_tables import FollowUp

NAMES = {
    "order": "工单", "complaint": "投诉", "member": "会员", "lapsed": "流失客户", "other": "其他",
}  # fmt: skip
COLUMNS = ("分类", "应回访", "已回访", "回访率", "及时率", "短信回访", "满意", "不满意", "满意度")
NOTE = (
    "应回访 = 期间内到期且未取消；回访率 = 已回访（含短信）÷ 应回访；"
    "及时率 = 到期前完成 ÷ 应回访；满意度 = 满意 ÷ 电话回访。"
)


def sheet(session: Session, since: datetime, until: datetime) -> Sheet:
    """The follow-ups due from `since` until, but without, `until`, as a paper to sign."""
    query = select(FollowUp).where(
        FollowUp.due_at >= since, FollowUp.due_at < until, FollowUp.state != CANCELLED
    )
    found = session.scalars(query).all()
    days = (
        f"{since.astimezone():%Y-%m-%d} 至 {(until - timedelta(seconds=1)).astimezone():%Y-%m-%d}"
    )
    tables = (
        _table("按原因", found, lambda row: NAMES.get(row.reason, row.reason)),
        _table("按座席", found, lambda row: row.agent or "未分配"),
        _unsatisfied(found),
    )
    facts: tuple[tuple[str, Cell], ...] = (("期间", days), ("应回访", len(found)))
    return Sheet("回访总结报告", facts, tables, ("客服主管",))


def _table(title: str, found: Sequence[FollowUp], group: Callable[[FollowUp], str]) -> Table:
    groups: dict[str, list[FollowUp]] = defaultdict(list)
    for row in found:
        groups[group(row)].append(row)
    ranked = sorted(groups.items(), key=lambda one: (-len(one[1]), one[0]))
    rows = [_row(name, rows) for name, rows in ranked]
    return Table(title, COLUMNS, [*rows, _row("合计", found)], NOTE)


def _row(name: str, rows: Sequence[FollowUp]) -> tuple[Cell, ...]:
    spoken = [row for row in rows if row.state == DONE]
    messaged = [row for row in rows if row.state == MESSAGED]
    finished = [*spoken, *messaged]
    in_time = [row for row in finished if row.done_at is not None and row.done_at <= row.due_at]
    pleased = [row for row in spoken if row.satisfied]
    return (
        name,
        len(rows),
        len(spoken),
        Share(len(finished), len(rows)),
        Share(len(in_time), len(rows)),
        len(messaged),
        len(pleased),
        len(spoken) - len(pleased),
        Share(len(pleased), len(spoken)),
    )


def _unsatisfied(found: Sequence[FollowUp]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (row.number, NAMES.get(row.reason, row.reason), row.about, row.agent, row.result)
        for row in found
        if row.satisfied is False
    ]
    return Table("不满意的客户", ("编号", "原因", "关联", "座席", "客户意见"), rows)
