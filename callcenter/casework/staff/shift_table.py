"""Shifts out of a table that somebody uploads (排班表), checked line by line. Reads the session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from callcenter.casework.paper.table_rows import Problem, rows
from callcenter.casework.staff import shifts
from callcenter.casework.staff.shifts import Rules
from callcenter.core.errors import Refused

HEADINGS: Mapping[str, str] = {
    **dict.fromkeys(("工号", "座席", "agent"), "agent"),
    **dict.fromkeys(("日期", "day"), "day"),
    **dict.fromkeys(("开始", "上班", "start"), "start"),
    **dict.fromkeys(("结束", "下班", "end"), "end"),
    **dict.fromkeys(("班次", "类别", "kind"), "kind"),
    **dict.fromkeys(("备注", "note"), "note"),
}
KINDS: Mapping[str, str] = {
    "": shifts.DUTY,
    "值班": shifts.DUTY,
    "加班": shifts.OVERTIME,
    "用餐": shifts.MEAL,
    "培训": shifts.TRAINING,
    "请假": shifts.LEAVE,
}
NEEDED = {"agent": "工号", "day": "日期", "start": "开始", "end": "结束"}


@dataclass(slots=True)
class Checked:
    """What a table is worth: the shifts that can be planned, and what is wrong with other lines."""

    rows: int = 0
    drafts: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def check(session: Session, content: bytes, rules: Rules) -> Checked:
    """Go through the table and write nothing. Raises Refused for what is no table of shifts."""
    checked, drafts = Checked(), list[tuple[int, dict[str, Any]]]()
    for one in _read(content, rules):
        if isinstance(one, Problem):
            checked.rows += one.row
            checked.problems.append(one)
        else:
            checked.rows += 1
            drafts.append(one)
    taken = shifts.taken(session, [draft for _, draft in drafts])
    for line, draft in drafts:
        try:
            taken.add(draft, f"line {line}")
        except Refused as refused:
            checked.problems.append(Problem(line, str(refused)))
        else:
            checked.drafts.append(draft)
    checked.problems.sort(key=lambda problem: problem.line)
    return checked


def _read(content: bytes, rules: Rules) -> Iterator[tuple[int, dict[str, Any]] | Problem]:
    names: Sequence[str] | None = None
    count = 0
    for row in rows(content):
        if isinstance(row, Problem):
            yield row
        elif names is None:
            names = _names(row[1])
        elif (count := count + 1) > shifts.MOST:
            yield Problem(row[0], f"more than {shifts.MOST} shifts; the rest is not read", False)
            return
        else:
            yield _draft(row[0], dict(zip(names, row[1], strict=False)), rules)
    if names is None:
        raise Refused("this table is empty; expected headings and shifts")


def _names(headings: Sequence[str]) -> Sequence[str]:
    names = [HEADINGS.get(heading.strip().lower(), "") for heading in headings]
    missing = [heading for name, heading in NEEDED.items() if name not in names]
    if missing:
        raise Refused(
            f"this is no table of shifts; these columns are missing: {', '.join(missing)}"
        )
    return names


def _draft(
    line: int, cells: Mapping[str, str], rules: Rules
) -> tuple[int, dict[str, Any]] | Problem:
    kind = cells.get("kind", "")
    fields = {name: cells.get(name, "") for name in (*NEEDED, "note")}
    # Excel writes a day with its midnight.
    fields |= {"kind": KINDS.get(kind, kind), "day": fields["day"].removesuffix(" 00:00")}
    try:
        return line, shifts.filled(fields, rules)
    except Refused as refused:
        return Problem(line, str(refused))
