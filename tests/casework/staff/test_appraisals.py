from __future__ import annotations

from typing import Any

import pytest

from callcenter.casework import steps
from callcenter.casework.staff import appraisals
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.people import AGENT, SUPERVISOR, People
from callcenter.store.appraisal_tables import Appraisal
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from tests.casework.conftest import after

STAFF = People({"王芳": {AGENT}, "李静": {AGENT}, "赵敏": {AGENT}, "赵主管": {SUPERVISOR}})


class Files:
    def __init__(self, store: Store) -> None:
        self.store, self.books = store, SqlBooks(store)

    def plan(self, sort: str, period: str, by: str = "赵主管", **given: Any) -> str:
        fields = {"agent": "王芳", "sort": sort, "period": period, **given}
        with self.store.session() as session:
            fact = appraisals.plan(session, fields, Actor(by, after(0), STAFF))
        self.books.write(fact)
        return fact.number

    def act(self, number: str, action: str, by: str = "赵主管", **given: Any) -> Appraisal:
        with self.store.session() as session:
            fact = appraisals.act(session, number, action, given, Actor(by, after(9), STAFF))
        self.books.write(fact)
        with self.store.session() as session:
            return steps.get(session, Appraisal, number)


@pytest.fixture
def files(store: Store) -> Files:
    return Files(store)


def test_k4_the_monthly_written_test(files: Files) -> None:
    number = files.plan("test", "2026-11", topic="新业务")
    row = files.act(number, "rate", source="test", score=92)
    assert (row.state, row.score) == ("rated", 92.0)
    with pytest.raises(Refused, match=f"{number} is this one already"):
        files.plan("test", "2026-11", topic="新业务")
    assert files.plan("test", "2026-11", topic="补考")


@pytest.mark.parametrize(
    ("sort", "period", "good"),
    [
        ("monthly", "2026-11", True),
        ("monthly", "2026-13", False),
        ("quarterly", "2026Q4", True),
        ("quarterly", "2026-11", False),
        ("yearly", "2026", True),
        ("weekly", "2026", False),
    ],
)
def test_k5_appraisals_by_month_quarter_and_year(
    files: Files, sort: str, period: str, good: bool
) -> None:
    if good:
        assert files.plan(sort, period).startswith("AP-")
    else:
        with pytest.raises(Refused):
            files.plan(sort, period)


def test_k6_customers_superiors_and_peers_weigh_alike(files: Files) -> None:
    number = files.plan("quarterly", "2026Q4")
    files.act(number, "rate", "李静", source="peer", score=60)
    files.act(number, "rate", "赵敏", source="peer", score=80)
    files.act(number, "rate", source="customer", score=100)
    files.act(number, "rate", source="superior", score=10)
    row = files.act(number, "rate", source="superior", score=90)
    assert (row.score, len(row.ratings)) == (86.7, 4)
    with pytest.raises(Refused, match="their own superior or peer"):
        files.act(number, "rate", "王芳", source="peer", score=100)
    with pytest.raises(Refused, match="0 to 100"):
        files.act(number, "rate", source="peer", score=101)
    with pytest.raises(Refused, match="may not do this"):
        files.act(number, "confirm", "王芳", summary="好")
    files.act(number, "confirm", summary="稳定")
    row = files.act(number, "appeal", "王芳", note="漏了一次表扬")
    assert (row.state, "申诉（王芳）：漏了一次表扬" in row.summary) == ("rated", True)


def test_k7_the_yearly_training_plan(files: Files) -> None:
    for topic in ("骚扰电话处理", "投诉处理"):
        files.plan("training", "2027", topic=topic)
    with files.store.session() as session:
        found = appraisals.listing(session, sort="training", period="2027")
        assert {row.topic for row in found} == {"骚扰电话处理", "投诉处理"}
        assert not appraisals.listing(session, agent="李静")
