from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.casework.customers import lists as customer_lists
from callcenter.casework.customers.fields import Thresholds, name_key
from callcenter.casework.customers.lists import Asked
from callcenter.core.errors import NoSuchCall, NoSuchRecord, NotNow, Refused
from callcenter.core.events import RecordStepped
from callcenter.core.numbers import mask
from callcenter.core.records import CustomerFile
from callcenter.store import sources, trail
from callcenter.store.customers import is_known
from callcenter.store.sql import Store
from tests.casework.conftest import NOON, after
from tests.casework.filing import MOBILE, OFFICE, RULES, Filing

WEEK = timedelta(days=7)


@pytest.fixture
def filing(store: Store) -> Filing:
    return Filing(store)


def numbers(filing: Filing, number: str) -> list[str]:
    return [one["number"] for one in filing.file(number).numbers]


def found(filing: Filing, **asked: object) -> list[str]:
    with filing.store.session() as session:
        rows = customer_lists.find(session, Asked(**asked))  # type: ignore[arg-type]
        return [row.name for row in rows]


def test_u4_a_file_holds_name_contact_numbers_address_business_and_more(filing: Filing) -> None:
    number = filing.open(
        " 华宏  钢管\t有限公司 ",
        "+86 138-0000-0001",
        "010 8888 0001 转 801",
        "13800000001",
        contact="李建国",
        address="北京市朝阳区 1 号",
        business_scope="钢管、型材\r\n批发",
        email="li@example.com",
        remarks="周三上午可联系",
        member=True,
    )
    assert number == "CU-20250304-0001"
    row = filing.file(number)
    assert (row.name, row.contact, row.member) == ("华宏 钢管 有限公司", "李建国", True)
    assert row.business_scope == "钢管、型材\n批发"
    assert row.numbers == [
        {"number": MOBILE, "e164": "+8613800000001", "kind": "mobile", "extension": ""},
        {"number": OFFICE, "e164": "+861088880001", "kind": "landline", "extension": "801"},
    ]
    filing.act(number, "update", address="天津市", member=False)
    assert (filing.file(number).address, filing.file(number).email) == ("天津市", "li@example.com")
    assert found(filing, text="钢管") == found(filing, phone="8613800000001") == [row.name]
    assert found(filing, text="无此人") == []


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"name": "  "}, "name is empty"),
        ({"name": "甲", "numbers": ["不知道"]}, "this is no telephone number"),
        ({"name": "甲", "numbers": ["anonymous"]}, "a withheld number belongs in no file"),
        ({"name": "甲", "email": "li@"}, "email is no e-mail address"),
        ({"name": "甲" * 201}, "name has 201 characters; expected 200 at most"),
        ({"name": "甲", "numbers": [f"1380000{n:04d}" for n in range(21)]}, "numbers: more than"),
        ({"name": "甲", "purchases": -1}, "purchases is -1"),
        ({"name": "甲", "agent": "王芳"}, "a customer has no agent"),
    ],
)
def test_u4_what_is_wrong_is_told(filing: Filing, given: dict, why: str) -> None:
    with pytest.raises(Refused, match=why):
        filing.open(given.pop("name"), *given.pop("numbers", ()), **given)


@given(st.text(max_size=30))
def test_names_are_compared_by_letters_and_digits(name: str) -> None:
    assert name_key(f" {name}（ ") == name_key(name)
    assert name_key(name_key(name)) == name_key(name)


def test_u5_the_class_by_rule_and_by_hand(filing: Filing) -> None:
    number = filing.open("华宏", potential_fen=100)
    assert filing.file(number).customer_class == "potential"
    filing.act(number, "record_purchase", amount_fen=900_000)
    row = filing.file(number)
    assert (row.customer_class, row.purchases, row.last_purchase_at) == ("ordinary", 1, after(1))
    filing.act(number, "record_purchase", amount_fen=9_100_000, at=2)
    assert filing.file(number).customer_class == "key"
    filing.act(number, "classify", customer_class="potential", reason="已停业", by="李主管")
    row = filing.file(number)
    assert (row.customer_class, row.class_by, row.reason) == ("potential", "李主管", "已停业")
    filing.act(number, "record_purchase", amount_fen=1)
    assert filing.file(number).customer_class == "potential", "the hand's class stands"
    filing.act(number, "unclassify")
    assert (filing.file(number).customer_class, filing.file(number).class_by) == ("key", "")
    with pytest.raises(Refused, match="classed by rule already"):
        filing.act(number, "unclassify")
    with pytest.raises(Refused, match="expected key, ordinary, potential"):
        filing.act(number, "classify", customer_class="vip", reason="x")
    with filing.store.session() as session:
        said = {entry.action: entry.person for entry in trail.of(session, "customer", number)}
    assert said["classify"] == "李主管"
    assert found(filing, customer_class="key") == ["华宏"]


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ((0, 0, 0), "potential"),
        ((1, 0, 0), "ordinary"),
        ((0, 1, 0), "ordinary"),
        ((12, 0, 0), "key"),
        ((1, 10_000_000, 0), "key"),
        ((0, 0, 50_000_000), "key"),
    ],
)
def test_u5_what_makes_a_key_customer(amounts: tuple[int, int, int], expected: str) -> None:
    assert Thresholds().classify(*amounts) == expected
    assert Thresholds(0, 0, 0).classify(*amounts) != "key"


def test_u3_first_contact_within_a_week_of_allotment(filing: Filing) -> None:
    number, other = filing.open("华宏"), filing.open("立新")
    filing.act(number, "allot", by="李主管", agent="王芳")
    filing.act(other, "allot", by="李主管", agent="王芳")
    due = filing.file(number).contact_due_at
    assert due is not None
    assert WEEK <= due - NOON < WEEK + timedelta(days=1)
    filing.act(other, "record_contact", note="已告知新负责人")
    assert found(filing, overdue_at=due) == []
    late = due + timedelta(seconds=1)
    assert found(filing, overdue_at=late) == ["华宏"]
    filing.call("c1", 100)
    with pytest.raises(NoSuchCall):
        filing.act(number, "record_contact", note="x", call_id="nowhere")
    filing.act(number, "record_contact", note="需求不变", call_id="c1", at=200)
    row = filing.file(number)
    assert (row.contacted_at, row.contact_note, row.contact_call) == (after(200), "需求不变", "c1")
    assert found(filing, overdue_at=late) == []
    with pytest.raises(Refused, match="allotted to 王芳 already"):
        filing.act(number, "allot", by="李主管", agent="王芳")
    filing.act(number, "allot", by="李主管", agent="周涛", at=300)
    assert filing.file(number).contacted_at is None, "the next one speaks with them, too"


def test_u6_a_call_brings_another_number(filing: Filing) -> None:
    number = filing.open("华宏", MOBILE, OFFICE)
    filing.call("c1", 10)
    filing.act(number, "correct_number", phone="0139 0000 0002", replaces=MOBILE, call_id="c1")
    assert numbers(filing, number) == ["13900000002", OFFICE]
    with pytest.raises(Refused, match="not in this file"):
        filing.act(number, "correct_number", phone="13900000003", replaces=MOBILE)
    with pytest.raises(Refused, match="correct_number takes no address"):
        filing.act(number, "correct_number", phone="13900000003", address="x")
    filing.act(number, "correct_number", phone="13900000003")
    assert numbers(filing, number) == ["13900000003", "13900000002", OFFICE]
    shown = mask("13900000002")
    filing.act(number, "correct_number", phone="13966660002")
    with pytest.raises(Refused, match="or there are two such"):
        filing.act(number, "correct_number", phone="13900000004", replaces=shown)
    filing.act(number, "correct_number", phone="13966660002", replaces=mask("13900000003"))
    assert numbers(filing, number) == ["13966660002", "13900000002", OFFICE]
    with filing.store.session() as session:
        assert is_known(session, "13900000002")
        assert not is_known(session, "13900000009")


def test_u9_a_third_party_is_told_with_consent_on_file_only(filing: Filing) -> None:
    number = filing.open("华宏", MOBILE)
    wanted = {"reference": "同意书 7 号", "to": "顺达物流", "purpose": "送货", "what": "地址、电话"}
    with pytest.raises(Refused, match="consent 同意书 7 号 to tell 顺达物流 is not on file"):
        filing.act(number, "disclose", by="李主管", **wanted)
    consent = {name: wanted[name] for name in ("reference", "to", "purpose")}
    filing.act(number, "record_consent", until=after(1000), **consent)
    with pytest.raises(Refused, match="in this file already"):
        filing.act(number, "record_consent", **consent)
    for wrong in ({"to": "别家物流"}, {"reference": "8 号"}):
        with pytest.raises(Refused, match="is not on file"):
            filing.act(number, "disclose", **{**wanted, **wrong})
    filing.act(number, "disclose", by="李主管", **wanted)
    assert filing.file(number).disclosures[0]["by"] == "李主管"
    with pytest.raises(Refused, match="or it has ended"):
        filing.act(number, "disclose", at=1001, **wanted)
    filing.act(number, "withdraw_consent", reference="同意书 7 号", at=5)
    with pytest.raises(Refused, match="or it has ended"):
        filing.act(number, "disclose", at=6, **wanted)
    with pytest.raises(Refused, match="disclose needs: what"):
        filing.act(number, "disclose", **{**wanted, "what": " "})
    with filing.store.session() as session:
        entries = trail.of(session, "customer", number)
    assert [e.action for e in entries] == ["open", "record_consent", "disclose", "withdraw_consent"]


def test_u1_what_is_new_changed_and_without_a_file(filing: Filing) -> None:
    old = filing.open("旧客户", MOBILE, at=-100_000)
    filing.act(old, "update", at=10, remarks="搬家")
    filing.open("新客户", at=20)
    assert found(filing, new_since=NOON) == ["新客户"]
    assert found(filing, changed_since=NOON) == ["新客户", "旧客户"]
    filing.call("known", 30, MOBILE)
    filing.call("stranger", 40, "13700000003")
    filing.call("stranger-2", 50, "13700000003")
    filing.call("withheld", 60, "anonymous")
    filing.call("unanswered", 70, "13700000004", agent="")
    with filing.store.session() as session:
        (one,) = customer_lists.unfiled(session, NOON, after(3600))
    assert (one.number, one.calls, one.last_call_id) == ("13700000003", 2, "stranger-2")
    assert one.last_call_at == after(50)


def test_d21_d22_u10_the_history_is_that_of_all_their_numbers(filing: Filing) -> None:
    number = filing.open("华宏", MOBILE, OFFICE)
    for at, caller in enumerate((MOBILE, OFFICE, "+8613800000001")):
        filing.call(f"c{at}", at * 100, caller)
    filing.call("other", 50, "13700000003")
    with filing.store.session() as session:
        told = customer_lists.history(session, filing.file(number), after(500))
        assert [call.call_id for call in told.calls] == ["c2", "c1", "c0"]
        assert (told.calls_24h, told.repeats) == (3, True)


def test_a_ringing_caller_is_recognised_by_number(filing: Filing) -> None:
    number = filing.open("华宏", MOBILE, OFFICE, member=True)
    filing.open("同一个总机", OFFICE, at=5)
    with filing.store.session() as session:
        for written in (MOBILE, "+86 138 0000 0001", "013800000001", "8613800000001"):
            history = sources.history(session, written, after(10))
            assert history.customer == CustomerFile(number, "华宏", "potential", True)
            assert history.known_customer
        assert sources.history(session, OFFICE, after(10)).customer.name == "华宏"
        assert sources.history(session, "anonymous", after(10)).customer is None
        assert sources.history(session, "13700000003", after(10)).customer is None


def test_u7_u8_who_is_anonymised_is_nobody_and_nothing_dangles(filing: Filing) -> None:
    number = filing.open("华宏", MOBILE, contact="李建国", remarks="秘密", amount_fen=5)
    filing.call("c1", 10)
    opening = RecordStepped(
        "", after(20), "complaint", "CP-1", "register", "王芳", "received", 0,
        {"complainant": "李建国", "customer_number": number, "category": "other", "content": "x",
         "wanted": "y"},
    )  # fmt: skip
    filing.books.write(opening)
    with pytest.raises(Refused, match="CP-1 of this customer is open"):
        filing.act(number, "anonymise", by="李主管", reason="本人要求")
    closing = RecordStepped(
        "", after(30), "complaint", "CP-1", "close", "王芳", "closed", 1, {"summary": "完"}
    )
    filing.books.write(closing)
    filing.act(number, "anonymise", by="李主管", reason="本人要求")
    row = filing.file(number)
    assert (row.state, row.name, row.contact, row.remarks) == ("anonymised", "", "", "")
    assert (row.numbers, row.amount_fen, row.customer_class) == ([], 0, "potential")
    with filing.store.session() as session:
        assert sources.history(session, MOBILE, after(60)).customer is None
    with pytest.raises(NotNow, match="is anonymised: update is not possible; possible: nothing"):
        filing.act(number, "update", name="又来了")


def test_what_is_not_there_and_what_takes_nothing(filing: Filing) -> None:
    with pytest.raises(NoSuchRecord, match="no customer CU-1"):
        filing.act("CU-1", "update", name="x")
    number = filing.open("华宏")
    with pytest.raises(Refused, match="update needs some of"):
        filing.act(number, "update")
    assert RULES.thresholds == Thresholds()
