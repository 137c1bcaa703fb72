from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from callcenter.casework import documents, steps
from callcenter.casework.steps import Actor
from callcenter.core.errors import NotNow, Refused
from callcenter.core.people import AGENT, MANAGER, SUPERVISOR, People
from callcenter.store.books import SqlBooks
from callcenter.store.document_tables import Document
from callcenter.store.sql import Store
from tests.casework.conftest import after

pytestmark = pytest.mark.both_databases

STAFF = People({"王芳": {AGENT}, "李经理": {MANAGER}, "赵主管": {SUPERVISOR}})


class Library:
    def __init__(self, store: Store) -> None:
        self.store, self.books = store, SqlBooks(store)

    def write(self, by: str = "王芳", **given: Any) -> str:
        fields = {"title": "退款流程", "body": "三个工作日到账", "category": "business", **given}
        with self.store.session() as session:
            fact = documents.write(session, fields, Actor(by, after(0), STAFF))
        self.books.write(fact)
        return fact.number

    def act(self, number: str, action: str, by: str = "王芳", **given: Any) -> Document:
        with self.store.session() as session:
            fact = documents.act(session, number, action, given, Actor(by, after(9), STAFF))
        self.books.write(fact)
        with self.store.session() as session:
            return steps.get(session, Document, number)

    def release(self, number: str) -> Document:
        self.act(number, "submit")
        self.act(number, "review", "李经理")
        return self.act(number, "publish", "赵主管")

    def found(self, text: str = "", category: str = "") -> list[str]:
        with self.store.session() as session:
            return [row.published_title for row in documents.search(session, text, category)]


@pytest.fixture
def library(store: Store) -> Library:
    return Library(store)


def test_n1_a_document_goes_by_the_manager_and_the_lead_into_the_knowledge_base(
    library: Library,
) -> None:
    number = library.write()
    assert library.found() == []
    library.act(number, "submit")
    with pytest.raises(Refused, match="赵主管 may not do this; it is done by: manager"):
        library.act(number, "review", "赵主管")
    library.act(number, "review", "李经理")
    row = library.act(number, "publish", "赵主管")
    assert (row.state, row.edition, row.reviewed_by, row.published_by) == (
        "published", 1, "李经理", "赵主管",
    )  # fmt: skip
    assert library.found("退款 到账") == ["退款流程"]
    assert library.found("退款 五天") == []
    assert library.found("%") == []


def test_n1_the_old_edition_stays_until_the_new_one_is_released(library: Library) -> None:
    number = library.write()
    library.release(number)
    library.act(number, "revise", body="一个工作日到账")
    assert library.found("三个工作日") == ["退款流程"]
    library.act(number, "submit")
    assert library.act(number, "send_back", "李经理", remark="写明周末").remark == "写明周末"
    row = library.release(number)
    assert (row.edition, row.published_body, row.remark) == (2, "一个工作日到账", "")
    library.act(number, "retire", "赵主管", remark="业务下线")
    assert library.found() == []
    with pytest.raises(NotNow, match="possible: nothing"):
        library.act(number, "revise", body="x")


def test_nobody_releases_what_they_wrote(library: Library) -> None:
    number = library.write("李经理")
    library.act(number, "submit", "李经理")
    library.act(number, "review", "李经理")
    with pytest.raises(Refused, match="nobody releases what they wrote themselves"):
        library.act(number, "publish", "李经理")
    with pytest.raises(Refused, match="a document is one of"):
        library.write(category="joke")


def test_s4_answers_to_common_objections_are_found_by_their_words(library: Library) -> None:
    given = {"title": "嫌价格贵", "body": "先认同，再比较三年的总花费", "category": "objection"}
    library.release(library.write(**given))
    library.release(library.write())
    assert library.found(category="objection") == ["嫌价格贵"]
    assert library.found("贵") == ["嫌价格贵"]


def test_what_ends_is_brought_to_mind_before_and_after_and_comes_last(library: Library) -> None:
    ends = {"旧": "2026-10-01", "快": "2026-12-01", "远": "2027-12-01", "无": ""}
    for title, day in ends.items():
        library.release(library.write(title=title, valid_until=day))
    today = date(2026, 11, 22)
    with library.store.session() as session:
        assert documents.ends(session, today) == (1, 1)
        assert [row.title for row in documents.ending(session, today)] == ["旧", "快"]
        found = documents.search(session, today=today)
        assert found[-1].title == "旧"
        assert documents.over_among(session, [row.number for row in found], today) == {
            found[-1].number
        }
        assert documents.over_among(session, [], today) == set()
    shown = [documents.stands(day, today) for day in ends.values()]
    assert shown == ["over", "soon", "", ""]
    assert documents.stands("2026-11-22", today) == "soon", "it holds on its last day"


def test_the_last_day_is_published_with_the_text_and_moved_by_a_lead(library: Library) -> None:
    number = library.write(valid_until="2026-12-31")
    assert library.release(number).published_until == "2026-12-31"
    revised = library.act(number, "revise", body="两个工作日", valid_until="")
    assert (revised.valid_until, revised.published_until) == ("", "2026-12-31")
    assert library.release(number).published_until == ""
    with pytest.raises(Refused, match="王芳 may not do this"):
        library.act(number, "extend", valid_until="2027-01-01")
    moved = library.act(number, "extend", "赵主管", valid_until="2027-01-01")
    assert (moved.valid_until, moved.published_until) == ("2027-01-01", "2027-01-01")
    with pytest.raises(Refused, match="is no day"):
        library.act(number, "extend", "赵主管", valid_until="soon")
