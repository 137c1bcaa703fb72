"""交接班报告 (J1, J5 to J9): the shifts of a time, how each was handed over. Reads the session."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework import handovers
from callcenter.casework.paper.sheet import Cell, Figure, Share, Sheet, Table
from callcenter.casework.reports.periods import Period
from callcenter.store.handover_tables import Handover

NAMES = {
    "day": "交接班日报", "week": "交接班周报", "month": "交接班月报", "custom": "交接班报告",
}  # fmt: skip
STATES = {handovers.DRAFT: "未交", handovers.GIVEN: "待接", handovers.TAKEN: "已接"}
NOTE = "按时到岗 = 接班前 15 分钟到岗 ÷ 有到岗记录"


def sheet(session: Session, period: Period) -> Sheet:
    """The handovers that were drawn in this time."""
    within = (Handover.opened_at >= period.since, Handover.opened_at < period.until)
    query = select(Handover).where(*within).order_by(Handover.opened_at, Handover.number)
    found = session.scalars(query).all()
    early = [one for one in map(handovers.was_early, found) if one is not None]
    signed = sum(row.state == handovers.TAKEN for row in found)
    facts: tuple[tuple[str, Cell], ...] = (
        ("期间", period.text),
        ("交接班", len(found)),
        ("双方已签字", Share(signed, len(found))),
        ("按时到岗", Share(sum(early), len(early))),
    )
    columns = ("编号", "班次", "交班人", "接班人", "状态", "事项", "未确认", "需口头", "交接时间")
    table = Table("交接班", columns, [_row(row) for row in found], NOTE)
    return Sheet(NAMES[period.name], facts, (table,), ("制表", "主管"))


def _row(row: Handover) -> tuple[Cell, ...]:
    return (
        Figure(row.number, f"handovers/{row.number}"),
        row.shift,
        row.giver,
        row.taker or "—",
        STATES[row.state],
        len(row.items),
        len(handovers.unticked(row)),
        sum(bool(item["by_voice"]) for item in row.items),
        row.taken_at,
    )
