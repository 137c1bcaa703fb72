"""Calls that were heard, and people who judge them, over the real books."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from callcenter.casework import steps
from callcenter.casework.quality import coaching, evaluations, scorecards
from callcenter.casework.staff import accounts
from callcenter.casework.steps import Actor
from callcenter.core import events as ev
from callcenter.core.records import BANNED, Hit, Party, Segment, Word
from callcenter.scripts.scorecards import read_scorecards
from callcenter.store.books import SqlBooks
from callcenter.store.quality_tables import Coaching, Evaluation, Scorecard
from callcenter.store.sql import Store
from tests.casework.conftest import after

FORM = read_scorecards()["standard"]
BY_HAND = tuple(item for item in FORM.items if not item.measure)
HOUR = 3600.0
DAY = 24 * HOUR


def say(party: Party, start_ms: int, text: str) -> Segment:
    """Each character a word of 250 ms."""
    words = tuple(
        Word(char, start_ms + 250 * n, start_ms + 250 * (n + 1)) for n, char in enumerate(text)
    )
    return Segment(party, start_ms, start_ms + 250 * len(text), text, words)


SAID = (
    say(Party.AGENT, 500, "您好佳和客服请问有什么可以帮您"),
    say(Party.CALLER, 5000, "我的冰箱修了三次还是不制冷怎么办"),
    say(Party.AGENT, 15_000, "您是说冰箱修了三次还是不制冷对吗"),
    say(Party.CALLER, 20_000, "对啊我要退货你们到底管不管"),
    say(Party.AGENT, 24_000, "这个我不知道我帮您问主管再见"),
)


class Judged:
    """Quality over the real books."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.books = SqlBooks(store, [coaching.consequence(UTC)])

    def call(self, call_id: str, at: float = 0, agent: str = "8001", flagged: bool = False) -> None:
        """A call of a minute, answered after six seconds."""
        write = self.books.write
        write(ev.CallRang(call_id, after(at), "13800000001", "4008000000", "front"))
        write(ev.CallAnswered(call_id, after(at + 6), agent))
        for segment in SAID:
            write(ev.SegmentHeard(call_id, after(at + 7), segment))
        banned = Hit("flat_no", BANNED, Party.AGENT, 24_500, 25_500, "不知道")
        write(ev.HitFound(call_id, after(at + 8), banned))
        if flagged:
            hit = Hit("refund", "complaint", Party.CALLER, 20_000, 21_000, "退货")
            write(ev.HitFound(call_id, after(at + 9), hit))
        write(ev.CallEnded(call_id, after(at + 66), "caller", "answered", "ordinary"))

    def actor(self, by: str, at: float = HOUR) -> Actor:
        with self.store.session() as session:
            return Actor(by, after(at), accounts.people(session), UTC)

    def people(self, **roles: str) -> None:
        """Accounts: the name, and the role; an agent's role is their number."""
        for n, (person, role) in enumerate(roles.items()):
            agent = role if role.isdigit() else ""
            fields = {"person": person, "agent": agent, "roles": ["agent" if agent else role]}
            what = ("account", f"AC-{n}", "open", "人事", "open", 0, fields)
            self.books.write(ev.RecordStepped("", after(0), *what))

    def card(self) -> str:
        """The standard scorecard, in use."""
        with self.store.session() as session:
            fact = scorecards.draft(session, FORM.as_dict(), self.actor("郑岚"))
        self.books.write(fact)
        self.use(fact.number, "use", "李主管")
        return fact.number

    def use(self, number: str, action: str, by: str = "郑岚", **given: Any) -> None:
        with self.store.session() as session:
            self.books.write(scorecards.act(session, number, action, given, self.actor(by)))

    def open(self, call_id: str, card: str, by: str = "郑岚", at: float = HOUR) -> str:
        fields = {"call_id": call_id, "scorecard": card}
        with self.store.session() as session:
            fact = evaluations.open_(session, fields, self.actor(by, at))
        self.books.write(fact)
        return fact.number

    def act(
        self, number: str, action: str, by: str = "郑岚", at: float = 2 * HOUR, **given: Any
    ) -> None:
        with self.store.session() as session:
            fact = evaluations.act(session, number, action, given, self.actor(by, at))
        self.books.write(fact)

    def fill(self, number: str, by: str = "郑岚", **points: float) -> None:
        """Every item that a person judges: all of its points, but for these."""
        full = {item.key: item.points for item in BY_HAND} | points
        given = [{"item": key, "points": value} for key, value in full.items()]
        self.act(number, "fill", by, answers=given)

    def submitted(self, call_id: str, card: str, verdict: str = "approved", **points: float) -> str:
        number = self.open(call_id, card)
        self.fill(number, **points)
        self.act(number, "submit", verdict=verdict)
        return number

    def row(self, number: str) -> Evaluation:
        with self.store.session() as session:
            return steps.get(session, Evaluation, number)

    def form(self, number: str) -> Scorecard:
        with self.store.session() as session:
            return steps.get(session, Scorecard, number)

    def coach(self, by: str = "郑岚", at: float = HOUR, **fields: Any) -> str:
        with self.store.session() as session:
            fact = coaching.open_(session, fields, self.actor(by, at))
        self.books.write(fact)
        return fact.number

    def step(self, number: str, action: str, by: str, at: float = HOUR, **given: Any) -> None:
        with self.store.session() as session:
            self.books.write(coaching.act(session, number, action, given, self.actor(by, at)))

    def coached(self, number: str) -> Coaching:
        with self.store.session() as session:
            return steps.get(session, Coaching, number)

    def list_coaching(self, at: datetime | None = None, **wanted: str) -> list[str]:
        with self.store.session() as session:
            return [row.number for row in coaching.listing(session, 200, at, **wanted)]
