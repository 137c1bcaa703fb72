from __future__ import annotations

import pytest

from callcenter.casework.customers import lists as customer_lists
from callcenter.casework.customers import merging as customer_merging
from callcenter.core.errors import NotNow, Refused
from callcenter.core.events import RecordStepped
from callcenter.store import sources, trail
from callcenter.store.sql import Store
from tests.casework.conftest import after
from tests.casework.filing import MOBILE, OFFICE, Filing

OTHER = "13900000002"


@pytest.fixture
def filing(store: Store) -> Filing:
    return Filing(store)


def test_duplicates_are_suggested_by_number_and_by_name(filing: Filing) -> None:
    one = filing.open("华宏钢管", MOBILE)
    two = filing.open("华宏 ＧＧ", MOBILE, OTHER, at=1)
    three = filing.open("华宏gg", at=2)
    filing.open("别家", OFFICE, at=3)
    with filing.store.session() as session:
        found = customer_merging.suggestions(session)
        told = [(a.why, a.value, [row.number for row in a.customers]) for a in found]
        mine = customer_merging.like(session, filing.file(two))
    assert told == [("number", MOBILE, [one, two]), ("name", "华宏gg", [two, three])]
    assert [alike.why for alike in mine] == ["number", "name"]


def test_a_merge_loses_nothing(filing: Filing) -> None:
    stays = filing.open("华宏", MOBILE, remarks="老客户", amount_fen=100, purchases=1)
    gone = filing.open("华宏", OTHER, MOBILE, contact="李建国", remarks="要发票", member=True)
    filing.act(gone, "allot", by="李主管", agent="周涛")
    filing.act(gone, "classify", customer_class="key", reason="大单")
    filing.call("c1", 10, OTHER)
    (followed,) = filing.act(gone, "merge", by="李主管", merged_into=stays, reason="同一家", at=50)
    assert isinstance(followed, RecordStepped)
    assert (followed.action, followed.person, followed.number) == ("absorb", "李主管", stays)
    row = filing.file(stays)
    assert [one["number"] for one in row.numbers] == [MOBILE, OTHER]
    assert (row.contact, row.remarks, row.member) == ("李建国", "老客户\n要发票", True)
    assert (row.agent, row.customer_class, row.class_by) == ("周涛", "key", "王芳")
    assert (row.amount_fen, row.absorbed) == (100, [gone])
    assert (filing.file(gone).state, filing.file(gone).merged_into) == ("merged", stays)
    with filing.store.session() as session:
        told = customer_lists.history(session, row, after(100))
        assert [call.call_id for call in told.calls] == ["c1"]
        caller = sources.history(session, OTHER, after(100)).customer
        assert caller is not None
        assert caller.number == stays
        assert customer_merging.suggestions(session) == []
        assert trail.verify(session).broken_at == 0


def test_who_was_merged_twice_is_anonymised_in_every_file(filing: Filing) -> None:
    first, second, third = (filing.open("华宏", f"1380000000{n}") for n in range(3))
    filing.act(first, "merge", by="李主管", merged_into=second, reason="同", at=1)
    filing.act(second, "merge", by="李主管", merged_into=third, reason="同", at=2)
    assert filing.file(third).absorbed == [second, first]
    assert len(filing.file(third).numbers) == 3
    filing.act(third, "anonymise", by="李主管", reason="本人要求", at=3)
    for number in (first, second, third):
        row = filing.file(number)
        assert (row.state, row.name, row.numbers) == ("anonymised", "", [])


def test_a_merge_that_cannot_be_is_refused(filing: Filing) -> None:
    one, two, three = filing.open("甲"), filing.open("乙"), filing.open("丙")
    with pytest.raises(Refused, match="cannot be merged into itself"):
        filing.act(one, "merge", by="李主管", merged_into=one, reason="x")
    filing.act(one, "merge", by="李主管", merged_into=two, reason="x")
    with pytest.raises(Refused, match=f"customer {one} is merged; expected one that is active"):
        filing.act(three, "merge", by="李主管", merged_into=one, reason="x")
    with pytest.raises(NotNow, match="possible: anonymise"):
        filing.act(one, "update", name="甲")
    crossing = RecordStepped(
        "", after(9), "customer", three, "merge", "李主管", "merged", 1, {"merged_into": one}
    )
    with pytest.raises(NotNow, match="is merged meanwhile; look again"):
        filing.books.write(crossing)
    assert filing.file(three).state == "active", "what cannot be finished is not begun"
