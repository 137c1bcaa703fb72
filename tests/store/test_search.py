"""What was said and what records say is found, over both databases, whatever is asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update

from callcenter.core.events import RecordStepped, SegmentHeard
from callcenter.core.records import Party, Segment, Word
from callcenter.store import search
from callcenter.store.books import SqlBooks
from callcenter.store.search import Found
from callcenter.store.search_tables import SearchEntry
from callcenter.store.sql import Store
from callcenter.store.tables import SegmentRow
from tests.counting import questions
from tests.store.conftest import NOON, after, ring

SAID = ("我要退款，WiFi坏了", "款已经退了", "你这是骚扰电话", "请问您贵姓")
CUSTOMER = {
    "name": "长风物流",
    "numbers": [{"number": "13800000001", "kind": "mobile"}],
    "address": "滨江道8号",
    "customer_class": "ordinary",
}


def heard(text: str, start_ms: int = 1000) -> Segment:
    words = tuple(
        Word(char, start_ms + 100 * at, start_ms + 100 * (at + 1)) for at, char in enumerate(text)
    )
    return Segment(Party.CALLER, start_ms, start_ms + 100 * len(text), text, words)


@pytest.fixture
def kept(store: Store) -> Store:
    books = SqlBooks(store)
    ring(books, "c1")
    for at, said in enumerate(SAID):
        books.write(SegmentHeard("c1", after(at), heard(said, 1000 * (at + 1))))
    return store


def step(
    store: Store, kind: str, number: str, version: int = 0, state: str = "draft", **changes: object
) -> None:
    what = (kind, number, "step", "王芳", state, version)
    SqlBooks(store).write(RecordStepped("", after(version), *what, dict(changes)))


def find(store: Store, question: str, *kinds: str, limit: int = 20) -> list[Found]:
    with store.session() as session:
        return search.find(session, question, kinds, limit)


def said(store: Store, question: str) -> list[str]:
    return [one.excerpt.text for one in find(store, question, "segment")]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("退款", [0]),
        ("骚扰", [2]),
        ("退", [1, 0]),
        ("要退款wifi", [0]),
        ("ＷＩＦＩ", [0]),
        ("坏 退款", [0]),
        ("款退", []),
        ("退了款", []),
        ("人工", []),
        ("！？", []),
        ("", []),
        ("退款 ！", []),
    ],
)
def test_words_of_any_length_are_found_without_boundaries(
    kept: Store, question: str, found: list[int]
) -> None:
    assert said(kept, question) == [SAID[at] for at in found]


def test_a_hit_names_the_call_the_party_and_the_moment(kept: Store) -> None:
    (hit,) = find(kept, "退款")
    assert (hit.kind, hit.call_id, hit.party, hit.rang_at) == ("segment", "c1", "caller", NOON)
    assert hit.start_ms == 1200
    assert hit.excerpt.marks == ((2, 4),)


@given(question=st.text(max_size=80))
@example('"退款" OR *')
@example("退款 NEAR(退 款, 5)")
@example("segments_grams : 退*")
@example("'; DROP TABLE segments; --")
@example("-退款 ^退 {a b}: c")
@example("%_\\")
@example("\0退\0")
@example(" ".join("".join(map(chr, range(at, at + 90))) for at in range(0x4E00, 0x5E00, 90)))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_asked_for_is_an_error(kept: Store, question: str) -> None:
    assert all(hit.excerpt.text for hit in find(kept, question))


def test_lists_are_bounded_and_the_newest_come_first(kept: Store) -> None:
    books = SqlBooks(kept)
    for at in range(search.MOST + 5):
        books.write(SegmentHeard("c1", after(at), heard("明天上午", 100_000 + 1000 * at)))
    found = find(kept, "明天", limit=10_000)
    assert len(found) == search.MOST + 1
    assert found[0].start_ms > found[-1].start_ms
    assert len(find(kept, "明天", limit=0)) == 1


def test_records_are_found_as_they_are_now(store: Store) -> None:
    step(store, "work_order", "WO-1", type="enquiry", title="刹车异响", phone="13800000001")
    assert [(one.kind, one.number, one.title) for one in find(store, "刹车")] == [
        ("work_order", "WO-1", "刹车异响")
    ]
    step(store, "work_order", "WO-1", 1, title="方向盘抖动", solution="换新轮胎")
    assert find(store, "刹车") == []
    assert (
        len(find(store, "新轮胎")) == len(find(store, "抖动 轮胎")) == len(find(store, "wo1")) == 1
    )
    step(store, "work_order", "WO-1", 2, priority="urgent")
    assert len(find(store, "轮胎")) == 1


def test_customers_are_found_by_number_and_it_is_masked(store: Store) -> None:
    step(store, "customer", "KH-1", state="active", **CUSTOMER)
    (hit,) = find(store, "000000")
    assert (hit.kind, hit.number, hit.title) == ("customer", "KH-1", "长风物流")
    assert "138****0001" in hit.excerpt.text
    step(store, "customer", "KH-1", 1, state="merged", merged_into="KH-2")
    assert find(store, "长风") == []


def test_documents_are_found_once_they_are_published(store: Store) -> None:
    step(store, "document", "KB-1", title="退款流程", category="business", body="三天到账")
    assert find(store, "退款") == []
    shown = {"published_title": "退款流程", "published_body": "三天到账", "edition": 1}
    step(store, "document", "KB-1", 1, state="published", **shown)
    assert [one.number for one in find(store, "到账", "document")] == ["KB-1"]
    step(store, "document", "KB-1", 2, state="retired")
    assert find(store, "到账") == []


def test_kinds_can_be_chosen(kept: Store) -> None:
    step(kept, "work_order", "WO-1", type="enquiry", title="要退款")
    assert [one.kind for one in find(kept, "退款")] == ["segment", "work_order"]
    assert [one.kind for one in find(kept, "退款", "work_order", "customer")] == ["work_order"]
    assert find(kept, "退款", "nonsense") == []


def test_the_index_follows_whoever_writes(kept: Store) -> None:
    step(kept, "work_order", "WO-1", type="enquiry", title="要退款")
    with kept.session(write=True) as session:
        mine = SegmentRow.text == SAID[0]
        session.execute(update(SegmentRow).where(mine).values(text="我要发票"))
        session.execute(delete(SegmentRow).where(SegmentRow.text == SAID[2]))
        session.execute(text("DELETE FROM work_orders"))
    assert said(kept, "退款") == said(kept, "骚扰") == []
    assert said(kept, "发票") == ["我要发票"]
    with kept.session() as session:
        assert session.scalars(select(SearchEntry)).all() == []


def test_what_was_kept_before_is_searched_after_the_upgrade(kept: Store) -> None:
    step(kept, "work_order", "WO-1", type="enquiry", title="要退款")
    kept.downgrade("0014")
    kept.upgrade()
    assert [one.kind for one in find(kept, "退款")] == ["segment", "work_order"]


def test_a_search_takes_a_question_a_kind(kept: Store) -> None:
    step(kept, "work_order", "WO-1", type="enquiry", title="要退款")
    with questions() as asked:
        assert len(find(kept, "退款")) == 2
    assert len(asked) == len(search.FINDERS)


def test_who_rings_may_send_a_nul(store: Store) -> None:
    books = SqlBooks(store)
    ring(books, "c1", number="138\x0000000001")
    books.write(SegmentHeard("c1", NOON, replace(heard("退\x00款"), words=())))
    assert len(said(store, "退款")) == 1
