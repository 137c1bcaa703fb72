"""回访总结报告 (F7, F2, F15, R11): follow-ups of a time, how many were done, in time, satisfied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework.follow_ups.record import CANCELLED, DONE, MESSAGED, NOBODY
from callcenter.casework.paper.sheet import Cell, Figure, Share, Sheet, Table, spanned
from callcenter.store.follow_up_tables import FollowUp

NAMES = {
    "order": "工单", "complaint": "投诉", "member": "会员", "lapsed": "流失客户", "other": "其他",
    "": "未分配",
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
    where = spanned("follow-ups", "due", since, until)
    tables = (
        _table("按原因", found, "reason", where),
        _table("按座席", found, "agent", where),
        _unsatisfied(found),
    )
    facts: tuple[tuple[str, Cell], ...] = (("期间", days), ("应回访", Figure(len(found), where)))
    return Sheet("回访总结报告", facts, tables, ("客服主管",))


def _table(title: str, found: Sequence[FollowUp], group: str, where: str) -> Table:
    groups: dict[str, list[FollowUp]] = defaultdict(list)
    for row in found:
        groups[getattr(row, group)].append(row)
    ranked = sorted(groups.items(), key=lambda one: (-len(one[1]), one[0]))
    rows = [
        _row(NAMES.get(name, name), rows, f"{where}&{group}={quote(name or NOBODY)}")
        for name, rows in ranked
    ]
    return Table(title, COLUMNS, [*rows, _row("合计", found, where)], NOTE)


def _row(name: str, rows: Sequence[FollowUp], where: str) -> tuple[Cell, ...]:
    spoken = [row for row in rows if row.state == DONE]
    messaged = [row for row in rows if row.state == MESSAGED]
    finished = [*spoken, *messaged]
    in_time = [row for row in finished if row.done_at is not None and row.done_at <= row.due_at]
    pleased, told = [row for row in spoken if row.satisfied], f"{where}&state={DONE}"
    return (
        name,
        Figure(len(rows), where),
        Figure(len(spoken), told),
        Figure(Share(len(finished), len(rows)), where),
        Figure(Share(len(in_time), len(rows)), f"{where}&in_time=false"),
        Figure(len(messaged), f"{where}&state={MESSAGED}"),
        Figure(len(pleased), f"{told}&satisfied=true"),
        Figure(len(spoken) - len(pleased), f"{told}&satisfied=false"),
        Figure(Share(len(pleased), len(spoken)), told),
    )


def _unsatisfied(found: Sequence[FollowUp]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            Figure(row.number, f"follow-ups/{row.number}"),
            NAMES.get(row.reason, row.reason),
            row.about,
            row.agent,
            row.result,
        )
        for row in found
        if row.satisfied is False
    ]
    return Table("不满意的客户", ("编号", "原因", "关联", "座席", "客户意见"), rows)
