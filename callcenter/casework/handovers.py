"""Handover between shifts (交接): what is open goes on, item by item, and both sign (J1-J11).

The sheet is drawn from what is open; temporary changes, orders from above and disputes are added.
No shift is handed over before every item is ticked by who takes it (J7). Reads the session given.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.complaints import record as complaints
from callcenter.casework.follow_ups import record as follow_ups
from callcenter.casework.orders import moves as order_moves
from callcenter.casework.paper.sheet import Cell, Sheet, Table
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.events import RecordStepped
from callcenter.core.steps import NOT_YET, Move, Moves, anywhere, possible
from callcenter.store.complaint_tables import Complaint
from callcenter.store.follow_up_tables import FollowUp
from callcenter.store.handover_tables import Handover
from callcenter.store.order_tables import WorkOrder
from callcenter.store.spans import within

KIND, PREFIX = "handover", "HO"
DRAFT, GIVEN, TAKEN = "draft", "given", "taken"
EARLY = timedelta(minutes=15)
"""提前15分钟到岗 (J5)."""
ORDER, COMPLAINT, FOLLOW_UP = "order", "complaint", "follow_up"
TEMPORARY, FROM_ABOVE, DISPUTE, SPECIAL = "temporary", "from_above", "dispute", "special"
DRAWN = (ORDER, COMPLAINT, FOLLOW_UP)
ADDED = (TEMPORARY, FROM_ABOVE, DISPUTE, SPECIAL)
NAMES = {
    ORDER: "未完成工单", COMPLAINT: "投诉", FOLLOW_UP: "回访", TEMPORARY: "临时业务",
    FROM_ABOVE: "领导交办", DISPUTE: "售后纠纷", SPECIAL: "特殊客户",
}  # fmt: skip
MOST_ITEMS = 500
MOST_UNSIGNED = 50
SIGN_WITHIN = timedelta(minutes=30)
"""So long after it was given a sheet is signed where nobody said when the next shift begins."""
GIVERS, TAKERS = ("give",), ("arrive", "tick", "take")
"""Steps that only the one, or only the other, takes."""

MOVES: Moves = {
    (NOT_YET, "draw"): Move(DRAFT, ("shift",)),
    (DRAFT, "draw_again"): Move(DRAFT),
    (DRAFT, "give"): Move(GIVEN, ("taker",)),
    (GIVEN, "arrive"): Move(GIVEN),
    (GIVEN, "tick"): Move(GIVEN, ("item",)),
    (GIVEN, "send_back"): Move(DRAFT, ("text",)),
    (GIVEN, "take"): Move(TAKEN),
    **anywhere((DRAFT, GIVEN), "add", ("sort", "text")),
    **anywhere((DRAFT, GIVEN), "log", ("text",)),
}


def draw(
    session: Session, shift: str, actor: Actor, starts_at: datetime | None = None
) -> RecordStepped:
    """A sheet with everything that is open of the actor's (J1). Raises Refused."""
    person = actor.person.strip()
    fields: dict[str, Any] = {"shift": shift.strip(), "giver": person, "starts_at": starts_at}
    fields["items"] = open_items(session, actor.called)
    return steps.opening(session, KIND, MOVES, PREFIX, "draw", fields, actor)


def open_items(session: Session, names: Collection[str]) -> list[dict[str, Any]]:
    """What the person with these names has in hand, as items of a sheet; what is urgent is told by
    voice (J8)."""
    orders = select(WorkOrder).where(
        WorkOrder.owner.in_(names), WorkOrder.state.in_(order_moves.OPEN)
    )
    mine = select(Complaint).where(
        Complaint.changed_by.in_(names), Complaint.state.in_(complaints.OPEN)
    )
    due = select(FollowUp).where(FollowUp.agent.in_(names), FollowUp.state.in_(follow_ups.OPEN))
    return [
        *(
            _item(
                ORDER, row.title or row.content or row.type, row.number, row.due_at, bool(row.alarm)
            )
            for row in session.scalars(orders.order_by(WorkOrder.number).limit(MOST_ITEMS))
        ),
        *(
            _item(COMPLAINT, row.content, row.number, row.feedback_due_at, row.severity == "major")
            for row in session.scalars(mine.order_by(Complaint.number).limit(MOST_ITEMS))
        ),
        *(
            _item(FOLLOW_UP, row.content or row.customer, row.number, row.due_at)
            for row in session.scalars(due.order_by(FollowUp.due_at).limit(MOST_ITEMS))
        ),
    ]


def unticked(row: Handover) -> list[str]:
    """What still has to be confirmed before the shift may be taken over (J7)."""
    return [item["text"] for item in row.items if not item["ticked_by"]]


def was_early(row: Handover) -> bool | None:
    """Whether the taker was there 15 minutes before their shift (J5); None: not known."""
    if row.starts_at is None or row.arrived_at is None:
        return None
    return row.arrived_at <= row.starts_at - EARLY


def late_since(row: Handover, now: datetime) -> datetime | None:
    """Since when it should have been signed by both (J7) and is not; None where all is well."""
    if row.state == TAKEN:
        return None
    due = row.starts_at or (row.given_at and row.given_at + SIGN_WITHIN)
    return due if due and due < now else None


def yours(row: Handover, signs: Callable[[str], bool]) -> tuple[str, ...]:
    """The steps that are possible now to who may sign with the names that `signs` says."""
    others = (*(() if signs(row.giver) else GIVERS), *(() if signs(row.taker) else TAKERS))
    return tuple(action for action in possible(MOVES, row.state) if action not in others)


def listing(
    session: Session,
    *,
    person: str = "",
    limit: int = 100,
    opened: tuple[datetime | None, datetime | None] = (None, None),
) -> Sequence[Handover]:
    """The handover book (交接班本, J9), newest first; of one person where named, and of those drawn
    from the first time on, until, but without, the second."""
    query = select(Handover).order_by(Handover.opened_at.desc(), Handover.number.desc())
    if person:
        query = query.where((Handover.giver == person) | (Handover.taker == person))
    return session.scalars(query.where(*within(Handover.opened_at, *opened)).limit(limit)).all()


def unsigned(session: Session) -> Sequence[Handover]:
    """Those that nobody has taken yet, the oldest first."""
    waiting = select(Handover).where(Handover.state != TAKEN).order_by(Handover.opened_at)
    return session.scalars(waiting.limit(MOST_UNSIGNED)).all()


def paper(row: Handover) -> Sheet:
    """交接表 as a paper to sign (J4, J6)."""
    facts: tuple[tuple[str, Cell], ...] = (
        ("编号", row.number),
        ("班次", row.shift),
        ("交班人", row.giver),
        ("接班人", row.taker or "—"),
        ("接班人到岗", row.arrived_at),
        ("交班签字时间", row.given_at),
        ("接班签字时间", row.taken_at),
    )
    columns = ("序", "类别", "编号", "事项", "期限", "口头交接", "确认")
    rows: list[tuple[Cell, ...]] = [
        (
            at,
            NAMES[item["sort"]],
            item["number"] or "—",
            item["text"],
            datetime.fromisoformat(item["due_at"]) if item["due_at"] else None,
            "是" if item["by_voice"] else "",
            item["ticked_by"] or "□",
        )
        for at, item in enumerate(row.items, 1)
    ]
    log = Table("工作日志", ("内容",), [(line,) for line in row.log.splitlines()])
    tables = (Table("交接事项", columns, rows), *((log,) if row.log else ()))
    return Sheet(f"客服交接表 {row.shift}", facts, tables, ("交班人", "接班人"))


def _changes(
    session: Session, row: Handover, action: str, given: Mapping[str, Any], actor: Actor
) -> dict[str, Any]:
    person = actor.person.strip()
    match action:
        case "draw_again":
            added = [item for item in row.items if item["sort"] in ADDED]
            whose = actor.called if actor.is_called(row.giver) else {row.giver}
            return {"items": [*open_items(session, whose), *added]}
        case "add":
            return {"items": [*row.items, _added(row, given)]}
        case "log" | "send_back":
            kept = [*row.log.splitlines(), f"{person}：{given['text'].strip()}"]
            return {"log": "\n".join(kept), **({"given_at": None} if action == "send_back" else {})}
        case "give":
            return {"taker": _given(row, given, actor), "given_at": actor.at}
        case "tick":
            return {"items": _ticked(row, given, actor)}
        case "arrive":
            _check_taker(row, actor)
            return {"arrived_at": actor.at}
        case _:
            return _taken(row, actor)


act = steps.acting(Handover, MOVES, _changes)
"""A step in a handover. Raises NoSuchRecord, NotNow, ChangedMeanwhile, Refused."""


def _item(
    sort: str, text: str, number: str = "", due_at: datetime | None = None, by_voice: bool = False
) -> dict[str, Any]:
    due = due_at.isoformat() if due_at else ""
    made = {"sort": sort, "number": number, "text": text[:200], "due_at": due}
    return {**made, "by_voice": by_voice, "ticked_by": "", "ticked_at": ""}


def _added(row: Handover, given: Mapping[str, Any]) -> dict[str, Any]:
    sort = given["sort"]
    if sort not in ADDED:
        raise Refused(f"what is added is one of: {', '.join(ADDED)}")
    if len(row.items) >= MOST_ITEMS:
        raise Refused(f"a handover has at most {MOST_ITEMS} items")
    voice = bool(given.get("by_voice")) or sort in (FROM_ABOVE, SPECIAL)
    return _item(sort, given["text"].strip(), given.get("number", ""), given.get("due_at"), voice)


def _given(row: Handover, given: Mapping[str, Any], actor: Actor) -> str:
    if not actor.is_called(row.giver):
        raise Refused(f"this shift is {row.giver}'s to give")
    taker = str(given["taker"]).strip()
    if actor.is_called(taker):
        raise Refused("a shift is handed over to somebody else")
    return taker


def _ticked(row: Handover, given: Mapping[str, Any], actor: Actor) -> list[Any]:
    """The taker confirms an item; what is important, also that it was told by voice."""
    person, at = actor.person.strip(), given["item"]
    _check_taker(row, actor)
    if not 0 <= at < len(row.items):
        raise Refused(f"there are {len(row.items)} items, from 0; got {at}")
    item = row.items[at]
    if item["by_voice"] and not given.get("told_by_voice"):
        raise Refused("this is important: it is told by voice, too; expected told_by_voice = true")
    done = {"ticked_by": person, "ticked_at": actor.at.isoformat()}
    return [{**one, **done} if one is item else one for one in row.items]


def _taken(row: Handover, actor: Actor) -> dict[str, Any]:
    _check_taker(row, actor)
    left = unticked(row)
    if left:
        raise Refused(f"各项确认无误后方可交班: {len(left)} items are not confirmed yet")
    return {"taken_at": actor.at}


def _check_taker(row: Handover, actor: Actor) -> None:
    if not actor.is_called(row.taker):
        raise Refused(f"this shift is {row.taker}'s to take")
