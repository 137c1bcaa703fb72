from __future__ import annotations

from typing import Any

import pytest

from callcenter.casework import steps
from callcenter.casework.staff import accounts
from callcenter.casework.steps import Actor
from callcenter.core.errors import ChangedMeanwhile, NoSuchRecord, NotNow, Refused
from callcenter.core.people import LEADS, People
from callcenter.store.account_tables import Account
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from tests.casework.conftest import after

ANYBODY = People({})


class Office:
    """Where accounts are kept."""

    def __init__(self, store: Store) -> None:
        self.store, self.books = store, SqlBooks(store)

    def request(self, person: str, *roles: str, by: str = "人事", at: float = 0) -> str:
        fields: dict[str, Any] = {"person": person, "roles": list(roles), "reason": "入职"}
        with self.store.session() as session:
            fact = accounts.request(session, fields, Actor(by, after(at), ANYBODY))
        self.books.write(fact)
        return fact.number

    def act(
        self,
        number: str,
        action: str,
        by: str,
        at: float = 1,
        seen: int | None = None,
        **given: Any,
    ) -> None:
        with self.store.session() as session:
            actor = Actor(by, after(at), accounts.people(session))
            fact = accounts.act(session, number, action, given, actor, seen)
        self.books.write(fact)

    def opened(self, person: str, *roles: str) -> str:
        number = self.request(person, *roles)
        self.act(number, "approve", "总经理")
        self.act(number, "open", "总部主管")
        return number

    def people(self, *supervisors: str) -> People:
        with self.store.session() as session:
            return accounts.people(session, supervisors)

    def account(self, number: str) -> Account:
        with self.store.session() as session:
            return steps.get(session, Account, number)


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


def test_n2_an_account_is_requested_approved_opened_and_archived(office: Office) -> None:
    number = office.request("王芳", "agent", at=5)
    assert number == "AC-20250304-0001"
    office.act(number, "approve", "总经理", decision="同意")
    assert office.account(number).decided_by == "总经理"
    office.act(number, "open", "总部主管")
    assert office.account(number).state == "open"
    office.act(number, "archive", "总经理", reason="离职")
    row = office.account(number)
    assert (row.state, row.version, row.decision) == ("archived", 4, "同意")
    with pytest.raises(NotNow, match="is archived: open is not possible; possible: nothing"):
        office.act(number, "open", "总部主管")


def test_n2_a_refusal_needs_its_reason_and_nobody_approves_their_own(office: Office) -> None:
    number = office.request("王芳", "agent", by="李经理")
    with pytest.raises(Refused, match="nobody approves their own request"):
        office.act(number, "approve", "李经理")
    with pytest.raises(Refused, match="refuse needs: decision"):
        office.act(number, "refuse", "总经理")
    office.act(number, "refuse", "总经理", decision="名额已满")
    assert office.request("王芳", "agent")


def test_the_only_manager_decides_what_they_asked_for(office: Office) -> None:
    with office.store.session() as session:
        facts = accounts.first(session, "周洁", ("manager", "admin"), after(0))
    office.books.write(*facts)
    number = office.request("王芳", "agent", by="周洁")
    office.act(number, "approve", "周洁")
    office.act(number, "open", "周洁")
    another = office.request("总经理", "manager", by="周洁")
    office.act(another, "approve", "周洁")
    office.act(another, "open", "周洁")
    number = office.request("李静", "agent", by="周洁")
    with pytest.raises(Refused, match="nobody approves their own request"):
        office.act(number, "approve", "周洁")
    office.act(number, "approve", "总经理")


def test_a_person_has_one_account_and_roles_that_exist(office: Office) -> None:
    number = office.request("王芳", "agent")
    with pytest.raises(Refused, match=f"王芳 has account {number} already"):
        office.request(" 王芳 ", "qa")
    with pytest.raises(Refused, match="no role 'boss'"):
        office.request("李静", "boss")
    with pytest.raises(Refused, match="request needs: roles"):
        office.request("李静")
    with pytest.raises(NoSuchRecord, match="no account AC-1"):
        office.act("AC-1", "open", "总部主管")


def test_the_second_of_two_people_is_told(office: Office) -> None:
    number = office.request("王芳", "agent")
    office.act(number, "approve", "总经理", seen=1)
    with pytest.raises(ChangedMeanwhile, match="was changed by 总经理"):
        office.act(number, "refuse", "副总", seen=1, decision="不行")


def test_roles_bind_once_an_administrator_is_there(office: Office) -> None:
    office.opened("王芳", "agent")
    assert office.people().check("路人", LEADS) == "路人"
    only = office.opened("赵敏", "admin")
    assert office.people().check("路人", LEADS) == "路人"
    office.opened("陈总", "manager")
    bound = office.people()
    assert bound.check(" 陈总 ", LEADS) == "陈总"
    with pytest.raises(Refused, match="王芳 may not do this; it is done by: manager, supervisor"):
        bound.check("王芳", LEADS)
    with pytest.raises(Refused, match="路人 has no open account"):
        bound.check("路人")
    number = office.request("新人", "agent")
    with pytest.raises(Refused, match="赵敏 may not do this; it is done by: manager"):
        office.act(number, "approve", "赵敏")
    with pytest.raises(Refused, match="the last manager or administrator cannot be archived"):
        office.act(only, "archive", "陈总", reason="离职")


def test_without_accounts_the_configuration_names_the_leads(office: Office) -> None:
    some = office.people("李主管")
    assert some.check("李主管", LEADS) == "李主管"
    assert some.check("谁", ("agent",)) == "谁"
    with pytest.raises(Refused, match="谁 may not do this"):
        some.check("谁", LEADS)
    with pytest.raises(Refused, match="expected their name"):
        some.check("  ")
