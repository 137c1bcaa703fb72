"""What is asked of a full store, how often, and how long each answer took."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import quantiles

import httpx

from bench.archive.filling import AGENTS, END, Size, phone
from callcenter.bus.local import LocalBus
from callcenter.core.events import Event
from callcenter.core.records import Agent, LiveCall
from callcenter.desk.ledger import Ledger
from callcenter.store.books import SqlBooks
from callcenter.store.directory import SqlDirectory
from callcenter.store.sql import Store
from callcenter.web.app import create_app

HOST = "bench.test"
ANSWER_MS, SEARCH_MS, POP_MS, REPORT_MS = 100.0, 80.0, 5.0, 3000.0
"""The figures of issue 6: at p95."""
MONTH = "period=month&at=2026-11-15T00:00:00Z"
WORDS = (
    "退款", "骚扰", "发票", "投诉", "师傅", "我们", "您好", "的", "不", "明天", "手机号",
    "要退款", "转人工", "怎么办", "没有到账", "我要投诉你们", "后天上午", "不存在的话语",
    "退款 明天", '"退款*', "NEAR(退 款)",
)  # fmt: skip
"""Common and rare, of one character to six, and what would be the syntax of a search engine."""


@dataclass(slots=True)
class Asked:
    """One kind of question: what it may take at p95 (ms), and what each answer took."""

    what: str
    limit_ms: float
    took: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    """Of it on a processor: what it takes where nobody else works."""

    def figures(self) -> dict[str, float]:
        """Percentiles."""
        return {
            "p50_ms": _percentile(self.took, 50),
            "p95_ms": _percentile(self.took, 95),
            "cpu_p95_ms": _percentile(self.cpu, 95),
            "limit_ms": self.limit_ms,
        }

    @contextmanager
    def timed(self) -> Iterator[None]:
        """One answer."""
        begun, used = time.perf_counter(), time.process_time()
        yield
        self.cpu.append((time.process_time() - used) * 1000)
        self.took.append((time.perf_counter() - begun) * 1000)


class Office:
    """core.ports.Desk as far as kept calls are asked for: nobody calls, steps are written."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def record(self, event: Event) -> None:
        """Through the ledger."""
        await self._ledger.write(event)

    def agents(self) -> Sequence[Agent]:
        """All of them."""
        return tuple(Agent(number, number) for number in AGENTS)

    def live(self) -> Sequence[LiveCall]:
        """None."""
        return ()


def client_over(store: Store, books: SqlBooks, folder: Path) -> tuple[httpx.AsyncClient, Ledger]:
    """The app, asked in process, and its ledger, to be closed."""
    bus = LocalBus()
    ledger = Ledger(books, bus.publish)
    app = create_app(
        desk=Office(ledger),  # type: ignore[arg-type]
        store=store,
        bus=bus,
        recordings=folder,
        allowed_hosts=[HOST],
        now=lambda: END,
    )
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}", timeout=600), ledger


def paths(size: Size, ids: Sequence[str], chance: random.Random) -> list[tuple[str, float, Paths]]:
    """Lists and pages, each with its limit and what makes the path of one question."""

    def some_call() -> str:
        return chance.choice(ids)

    def some_number() -> str:
        return phone(chance.randrange(size.customers))

    def plain(path: str) -> Paths:
        return lambda: path

    return [
        ("calls, newest", ANSWER_MS, plain("/api/v1/calls")),
        ("calls, 200", ANSWER_MS, plain("/api/v1/calls?limit=200")),
        ("calls, some page", ANSWER_MS, lambda: f"/api/v1/calls?before={some_call()}"),
        ("calls of a number", ANSWER_MS, lambda: f"/api/v1/calls?caller_number={some_number()}"),
        ("calls of an agent", ANSWER_MS, lambda: f"/api/v1/calls?agent={chance.choice(AGENTS)}"),
        ("calls, flagged", ANSWER_MS, plain("/api/v1/calls?flagged=true")),
        (
            "calls of an hour",
            ANSWER_MS,
            plain("/api/v1/calls?since=2026-11-10T02:00:00Z&until=2026-11-10T03:00:00Z"),
        ),
        ("one call", ANSWER_MS, lambda: f"/api/v1/calls/{some_call()}"),
        ("page: a call", ANSWER_MS, lambda: f"/calls/{some_call()}"),
        ("page: calls", ANSWER_MS, plain("/calls")),
        ("page: review", ANSWER_MS, plain("/review")),
        ("work orders, newest", ANSWER_MS, plain("/api/v1/work-orders")),
        (
            "work orders, due",
            ANSWER_MS,
            plain("/api/v1/work-orders?due_before=2026-11-20T00:00:00Z"),
        ),
        ("work orders, text", ANSWER_MS, plain("/api/v1/work-orders?text=退款没有")),
        ("work orders, board", ANSWER_MS, plain("/api/v1/work-orders/board")),
        ("customers, newest", ANSWER_MS, plain("/api/v1/customers")),
        ("customers, text", ANSWER_MS, plain("/api/v1/customers?text=静安路 汽车")),
        ("customers, phone", ANSWER_MS, lambda: f"/api/v1/customers?phone={some_number()}"),
        ("complaints", ANSWER_MS, plain("/api/v1/complaints")),
        ("follow-ups", ANSWER_MS, plain("/api/v1/follow-ups")),
        ("promises", ANSWER_MS, plain("/api/v1/promises")),
        ("knowledge base", ANSWER_MS, plain("/api/v1/documents?text=退款")),
        ("search, what was said", SEARCH_MS, lambda: f"/api/v1/search?kinds=segment&q={word()}"),
        ("search, everything", ANSWER_MS, lambda: f"/api/v1/search?q={word()}"),
        ("report of a month", REPORT_MS, plain(f"/api/v1/reports/service?{MONTH}")),
    ]


Paths = Callable[[], str]


def word() -> str:
    """The next word to look for."""
    WORDS_LEFT.append(WORDS_LEFT.pop(0))
    return WORDS_LEFT[-1]


WORDS_LEFT = list(WORDS)


async def ask(what: Asked, times: int, question: Callable[[], Awaitable[object]]) -> Asked:
    """Ask so many times; the first time warms up and does not count."""
    await question()
    for _ in range(times):
        with what.timed():
            await question()
    return what


def screen_pops(store: Store, size: Size, times: int, chance: random.Random) -> Asked:
    """Who is calling: what the desk asks before it rings."""

    def now() -> datetime:
        return END

    directory, asked = SqlDirectory(store, now), Asked("screen pop", POP_MS)
    for number in range(times + 1):
        of = phone(chance.randrange(size.customers * 2))
        if number == 0:
            directory.history(of)
        else:
            with asked.timed():
                directory.history(of)
    return asked


def _percentile(took: Sequence[float], percent: int) -> float:
    if len(took) < 2:
        return took[0]
    return quantiles(took, n=100, method="inclusive")[percent - 1]
