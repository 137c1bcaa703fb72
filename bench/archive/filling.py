"""Fills a store with months of a call centre, straight into its tables: plausible, not real.

For benches: what the ledger's rules would have made of the calls is written beside them, without
the audit trail. The texts come from the lines that the bundled model was taught with.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from callcenter.asr import train
from callcenter.store.assist_tables import PromiseRow
from callcenter.store.base import Base
from callcenter.store.complaint_tables import Complaint
from callcenter.store.customer_tables import Customer, CustomerNumber
from callcenter.store.document_tables import Document
from callcenter.store.follow_up_tables import FollowUp
from callcenter.store.order_tables import OrderPromise, WorkOrder
from callcenter.store.sql import Store
from callcenter.store.tables import (
    Call,
    Decision,
    HitRow,
    PromptRow,
    QualityRow,
    RecordingRow,
    SegmentRow,
    Verdict,
)

CORPUS = Path(train.__file__).parent / "corpus"
END = datetime(2026, 12, 1, tzinfo=UTC)
"""The moment after the last call."""
DAYS = 90
BATCH = 2000
AGENTS = tuple(str(6001 + n) for n in range(40))
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静强磊军洋勇艳杰娟涛明超霞平刚桂兰晓雯志远"
PLACES = ("静安路", "人民路", "解放街", "滨江道", "学院路", "工业园", "文化巷", "新华里")
TRADES = ("汽车维修", "钢材批发", "家电零售", "彩票销售", "餐饮", "物流运输", "教育培训")
TYPES = ("enquiry", "enquiry", "enquiry", "suggestion", "complaint", "repair")
TITLES = ("刹车异响", "退款没有到账", "送货晚点", "发票抬头写错", "空调不制冷", "套餐资费疑问")
STATES = ("closed", "closed", "closed", "archived", "in_progress", "awaiting_reply")
HARASSED, JUDGED, COMPLAINED, PROMISED = 25, 20, 50, 8
"""One call in so many."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of what."""

    calls: int = 100_000
    turns: int = 10
    """Segments of a call."""
    customers: int = 50_000
    documents: int = 300

    @property
    def steps(self) -> int:
        """What `progress` counts up to."""
        return self.calls + self.customers + self.documents


Progress = Callable[[int], object]
Rows = dict[str, list[dict[str, Any]]]
"""Of each table, by its name."""


def fill(store: Store, size: Size, progress: Progress = lambda done: None) -> None:
    """Fill a migrated, empty store; `progress` is told how many were done since it was told."""
    chance, lines = random.Random(6), Lines()  # noqa: S311
    for make, number in (
        (_customer, size.customers),
        (_document, size.documents),
        (_call(size), size.calls),
    ):
        for first in range(0, number, BATCH):
            rows: Rows = {}
            last = min(first + BATCH, number)
            for one in range(first, last):
                for table, row in make(one, chance, lines):
                    rows.setdefault(table.__tablename__, []).append(row)
            _write(store, rows)
            progress(last - first)


def phone(number: int) -> str:
    """The mobile number of a customer."""
    return f"138{(number * 7919) % 10**8:08}"


class Lines:
    """What people say, without end: lines of the corpus, some with a second one behind."""

    def __init__(self) -> None:
        files = sorted(CORPUS.glob("calls_*.txt"))
        read = (line for file in files for line in file.read_text("utf-8").splitlines())
        self._lines = [line for line in read if line and line[0] != "#"]

    def one(self, chance: random.Random) -> str:
        """A turn of 4 to 40 characters."""
        line = chance.choice(self._lines)
        if chance.random() < 0.3:
            line += "，" + chance.choice(self._lines)
        return line[:40]


def _write(store: Store, rows: Rows) -> None:
    with store.session(write=True) as session:
        for table in Base.metadata.sorted_tables:
            if found := rows.get(table.name):
                session.connection().execute(insert(table), found)


Row = tuple[type[Base], dict[str, Any]]


def _kept(number: str, state: str, at: datetime, by: str) -> dict[str, Any]:
    opened = {"number": number, "state": state, "version": 1, "opened_at": at, "opened_by": by}
    return opened | {"changed_at": at, "changed_by": by}


def _name(chance: random.Random) -> str:
    return chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))


def _numbered(mobile: str) -> dict[str, str]:
    return {"number": mobile, "e164": f"+86{mobile}", "kind": "mobile", "extension": ""}


def _customer(one: int, chance: random.Random, lines: Lines) -> Iterator[Row]:
    at = END - timedelta(days=DAYS + 1, minutes=one)
    number, name, mobile = f"KH-20260901-{one + 1:05}", _name(chance), phone(one)
    yield (
        Customer,
        _kept(number, "active", at, "system")
        | {
            "name": name,
            "name_key": name,
            "contact": name,
            "numbers": [_numbered(mobile)],
            "address": f"{chance.choice(PLACES)}{chance.randrange(1, 400)}号",
            "business_scope": chance.choice(TRADES),
            "remarks": lines.one(chance) if one % 3 == 0 else "",
            "member": one % 10 == 0,
            "customer_class": ("key", "ordinary", "ordinary", "potential")[one % 4],
            "agent": chance.choice(AGENTS),
            "contact_due_at": at + timedelta(days=7),
            "contacted_at": at + timedelta(days=3) if one % 5 else None,
            "last_purchase_at": END - timedelta(days=chance.randrange(400)),
        },
    )
    its = {"customer_number": number, "number": mobile, "kind": "mobile", "since": at}
    yield CustomerNumber, its


def _document(one: int, chance: random.Random, lines: Lines) -> Iterator[Row]:
    at = END - timedelta(days=DAYS, hours=one)
    title = f"{chance.choice(TITLES)}处理办法"
    body = "。".join(lines.one(chance) for _ in range(40))
    yield (
        Document,
        _kept(f"KB-20260901-{one + 1:04}", "published", at, "李静")
        | {
            "title": title,
            "category": "business",
            "body": body,
            "edition": 1,
            "published_title": title,
            "published_body": body,
            "published_at": at,
            "published_by": "王经理",
        },
    )


def _call(size: Size) -> Callable[[int, random.Random, Lines], Iterator[Row]]:
    gap = timedelta(days=DAYS) / max(1, size.calls)

    def made(one: int, chance: random.Random, lines: Lines) -> Iterator[Row]:
        at = END - timedelta(days=DAYS) + gap * one
        call = Made(one, f"{at:%Y%m%dT%H%M%S}-{one:012x}", at, chance, lines)
        call.number = phone(chance.randrange(max(1, size.customers) * 2))
        yield from _spoken(call, size.turns)
        yield from _work_order(call)
        if one % HARASSED == 0:
            yield from _harassed(call)
        if one % COMPLAINED == 0:
            yield from _complaint(call)
        if one % PROMISED == 0:
            yield from _promised(call)

    return made


@dataclass(slots=True)
class Made:
    """A call that is being made up."""

    one: int
    call_id: str
    at: datetime
    chance: random.Random
    lines: Lines
    number: str = ""
    agent: str = ""

    @property
    def order(self) -> str:
        """Its work order."""
        return f"WO-{self.at:%Y%m%d}-{self.one:06}"

    @property
    def bad(self) -> bool:
        """Whether it was harassment."""
        return self.one % HARASSED == 0


def _spoken(call: Made, turns: int) -> Iterator[Row]:
    call.agent = call.chance.choice(AGENTS)
    answered = call.at + timedelta(seconds=call.chance.choice((3, 6, 9, 14, 25)))
    said = list(_segments(call, turns))
    length = said[-1]["end_ms"] if said else 1000
    yield (
        Call,
        {
            "call_id": call.call_id,
            "line": "main",
            "caller_number": call.number,
            "callee_number": "4008200001",
            "agent": call.agent,
            "rang_at": call.at,
            "answered_at": answered,
            "ended_at": answered + timedelta(milliseconds=length),
            "ended_by": "caller",
            "call_result": "answered",
            "disposition": "harassment" if call.bad else "ordinary",
            "work_order_number": call.order,
            "work_order_linked_by": "system",
        },
    )
    for row in said:
        yield SegmentRow, row
    path = f"{call.at:%Y/%m/%d}/{call.call_id}.wav"
    its = {"call_id": call.call_id, "path": path, "seconds": length / 1000, "channels": 2}
    yield RecordingRow, its | {"sha256": f"{call.one:064x}"}
    heard = {"call_id": call.call_id, "at": call.at, "party": "caller", "agent": ""}
    good = {"packets": 1000, "lost": 0, "late": 0, "jitter_ms": 1.2, "round_trip_ms": 20.0}
    yield QualityRow, heard | good | {"mos": 4.3}
    if call.one % JUDGED == 0:
        verdict = "harassment" if call.bad else "ordinary"
        judged = {"call_id": call.call_id, "at": call.at, "verdict": verdict}
        yield Verdict, judged | {"reason": "听过录音", "reviewer": "李主管"}


def _segments(call: Made, turns: int) -> Iterator[dict[str, Any]]:
    at = 600
    for turn in range(turns):
        text = call.lines.one(call.chance)
        words = [text[i : i + 2] for i in range(0, len(text), 2)]
        end = at + 380 * len(words)
        yield {
            "call_id": call.call_id,
            "party": "agent" if turn % 2 else "caller",
            "start_ms": at,
            "end_ms": end,
            "text": text,
            "words": [
                {
                    "word": word,
                    "start_ms": at + 380 * i,
                    "end_ms": at + 380 * (i + 1),
                    "confidence": 0.9,
                }
                for i, word in enumerate(words)
            ],
            "live": True,
        }
        at = end + 700


def _work_order(call: Made) -> Iterator[Row]:
    chance = call.chance
    state = chance.choice(STATES)
    done = call.at + timedelta(hours=5) if state in ("closed", "archived") else None
    yield (
        WorkOrder,
        _kept(call.order, state, call.at, "system")
        | {
            "type": chance.choice(TYPES),
            "title": chance.choice(TITLES) if call.one % 3 == 0 else "",
            "content": call.lines.one(chance) if call.one % 3 == 0 else "",
            "solution": call.lines.one(chance) if done and call.one % 3 == 0 else "",
            "caller_number": call.number,
            "phone": call.number if call.one % 3 == 0 else "",
            "owner": call.agent,
            "due_at": None if done else call.at + timedelta(hours=8),
            "closed_at": done,
        },
    )


def _harassed(call: Made) -> Iterator[Row]:
    of_call = {"call_id": call.call_id}
    where = {"party": "caller", "start_ms": 600, "end_ms": 1500}
    yield HitRow, of_call | where | {"rule": "insult-1", "category": "insult", "text": "难听的话"}
    at = call.at + timedelta(seconds=40)
    decided = {"at": at, "reason": "insult", "prompt": "line_fault", "evidence": "难听的话"}
    yield Decision, of_call | decided | {"kind": "proposed", "actor": "system"}
    yield Decision, of_call | decided | {"kind": "confirmed", "actor": call.agent}
    played = {"name": "line_fault", "started_at": at, "file_ms": 6800, "sent_ms": 6800}
    yield PromptRow, of_call | played


def _complaint(call: Made) -> Iterator[Row]:
    yield (
        Complaint,
        _kept(f"TS-{call.at:%Y%m%d}-{call.one:06}", "received", call.at, call.agent)
        | {
            "work_order_number": call.order,
            "call_id": call.call_id,
            "complainant": _name(call.chance),
            "phone": call.number,
            "category": call.chance.choice(("product", "service", "delivery")),
            "content": call.lines.one(call.chance),
            "wanted": call.lines.one(call.chance),
            "feedback_due_at": call.at + timedelta(days=1),
        },
    )


def _promised(call: Made) -> Iterator[Row]:
    due = call.at + timedelta(hours=3)
    kept = call.one % (2 * PROMISED) == 0
    made = {"due_at": due, "made_by": call.agent, "kept": kept}
    order = {"number": call.order, "what": "reply", "made_at": call.at, "ended_at": due}
    yield OrderPromise, made | order
    yield (
        PromiseRow,
        {
            "promise_id": f"{call.call_id}-1",
            "call_id": call.call_id,
            "at": call.at,
            "agent": call.agent,
            "what": "reply",
            "text": "三小时内给您回电",
            "start_ms": 600,
            "end_ms": 1500,
            "heard_due_at": due,
            "due_at": due,
            "status": "accepted" if kept else "offered",
        },
    )
    yield (
        FollowUp,
        _kept(f"HF-{call.at:%Y%m%d}-{call.one:06}", "planned", call.at, "system")
        | {
            "reason": "order",
            "plan": "",
            "about": call.order,
            "customer": "",
            "phone": call.number,
            "content": "",
            "due_at": call.at + timedelta(days=3),
            "agent": call.agent,
        },
    )
