"""Passwords, sessions, links and tokens, over a real store."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from callcenter.casework.staff import accounts
from callcenter.casework.staff.doors import INVITED, LOCKED, SHIFT, TRIES, Doors, tokens
from callcenter.core.errors import NotLetIn, Refused
from callcenter.core.events import RecordStepped
from callcenter.core.people import ROLES
from callcenter.store import trail
from callcenter.store.access_tables import ApiToken, Credential, Invitation, LoginSession
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from callcenter.store.trail import Entry
from tests import passwords
from tests.fakes import FakeSeal

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
CHEN, GOOD = "陈静", "一个够长的好密码123"


class House:
    """A store with an open account, and its doors under a clock that the test winds."""

    def __init__(self, file: Path) -> None:
        self.at = NOON
        self.store = Store(file)
        self.books = SqlBooks(self.store)
        self.doors = Doors(self.store, lambda: self.at, FakeSeal())

    def account(self, person: str = CHEN) -> None:
        with self.store.session() as session:
            facts = accounts.first(session, person, ("supervisor",), NOON)
        for fact in facts:
            self.books.write(fact)

    def known(self) -> str:
        self.account()
        return self.doors.accept(self.doors.invite(CHEN), CHEN, GOOD)


@pytest.fixture
def house(tmp_path: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    passwords.cheap(monkeypatch)
    made = House(shutil.copy(migrated, tmp_path / "calls.db"))
    yield made
    made.store.close()


def test_n2_a_link_sets_the_password_once_and_logs_in(house: House) -> None:
    house.account()
    secret = house.doors.invite(CHEN)
    visitor = house.doors.of_cookie(house.doors.accept(secret, CHEN, GOOD))
    assert visitor is not None
    assert (visitor.name, visitor.roles) == (CHEN, frozenset({"supervisor"}))
    with pytest.raises(NotLetIn, match="used already"):
        house.doors.accept(secret, CHEN, "another good one")
    assert house.doors.of_cookie(house.doors.enter(CHEN, GOOD)) == visitor


def test_a_newer_link_ends_the_older_and_each_ends_by_itself(house: House) -> None:
    house.account()
    older, newer = house.doors.invite(CHEN), house.doors.invite(CHEN)
    with pytest.raises(NotLetIn):
        house.doors.link(older)
    house.at += INVITED
    with pytest.raises(NotLetIn):
        house.doors.link(newer)


def test_the_first_link_is_for_whoever_comes_and_for_nobody_later(house: House) -> None:
    assert house.doors.is_new()
    secret = house.doors.invite("")
    assert house.doors.link(secret).person == ""
    with pytest.raises(NotLetIn, match="somebody else"):
        house.doors.accept(secret, CHEN, GOOD)
    house.account()
    house.doors.accept(secret, CHEN, GOOD)
    assert not house.doors.is_new()
    with pytest.raises(Refused, match="somebody is in"):
        house.doors.invite("")


def test_nothing_that_opens_a_door_is_kept_in_plain(house: House) -> None:
    cookie = house.known()
    token = house.doors.make_token("crm", ["agent"], 1, CHEN)
    invited = house.doors.invite(CHEN)
    with house.store.session() as session:
        rows = [
            row
            for table in (Credential, LoginSession, Invitation, ApiToken)
            for row in session.execute(select(table.__table__)).all()
        ]
    kept = repr(rows)
    assert rows
    assert "$argon2id$" in kept
    assert not any(secret in kept for secret in (cookie, token, invited, GOOD))


def test_a_guess_costs_what_the_standard_asks_for(tmp_path: Path, migrated: Path) -> None:
    made = House(shutil.copy(migrated, tmp_path / "calls.db"))
    assert "$argon2id$v=19$m=65536,t=3,p=4$" in made.doors._nobody
    made.store.close()


def test_five_wrong_passwords_lock_the_person_out_for_a_while(house: House) -> None:
    house.known()
    for _ in range(TRIES):
        with pytest.raises(NotLetIn, match="name or the password"):
            house.doors.enter(CHEN, "something wrong")
    with pytest.raises(NotLetIn, match="too many"):
        house.doors.enter(CHEN, GOOD)
    house.at += LOCKED
    assert house.doors.enter(CHEN, GOOD)


def test_a_right_password_forgives_the_wrong_ones_before_it(house: House) -> None:
    house.known()
    for _ in range(2):
        for _ in range(TRIES - 1):
            with pytest.raises(NotLetIn):
                house.doors.enter(CHEN, "something wrong")
        assert house.doors.enter(CHEN, GOOD)


def test_who_is_unknown_hears_the_same_as_who_is_wrong(house: House) -> None:
    house.known()
    told = set()
    for name in (CHEN, "谁也不是"):
        with pytest.raises(NotLetIn) as refusal:
            house.doors.enter(name, "something wrong")
        told.add(str(refusal.value))
    assert len(told) == 1


def test_a_session_lasts_a_shift_and_ends_by_leaving(house: House) -> None:
    cookie = house.known()
    other = house.doors.enter(CHEN, GOOD)
    house.doors.leave(cookie)
    assert house.doors.of_cookie(cookie) is None
    house.at += SHIFT - timedelta(seconds=1)
    assert house.doors.of_cookie(other)
    house.at += timedelta(seconds=1)
    assert house.doors.of_cookie(other) is None


def test_an_archived_account_is_out_at_once(house: House) -> None:
    cookie = house.known()
    house.account("高翔")
    with house.store.session() as session:
        number = session.scalars(select(accounts.Account.number)).first()
    assert number
    house.books.write(
        RecordStepped("", NOON, "account", number, "archive", "高翔", "archived", 3, {})
    )
    assert house.doors.of_cookie(cookie) is None
    with pytest.raises(NotLetIn, match="no open account"):
        house.doors.enter(CHEN, GOOD)
    with pytest.raises(Refused, match="no open account"):
        house.doors.invite(CHEN)


def test_a_changed_password_ends_every_other_session(house: House) -> None:
    cookie = house.known()
    with pytest.raises(NotLetIn):
        house.doors.change(CHEN, "something wrong", "another good one")
    newer = house.doors.change(CHEN, GOOD, "another good one")
    assert house.doors.of_cookie(cookie) is None
    assert house.doors.of_cookie(newer)
    with pytest.raises(NotLetIn):
        house.doors.enter(CHEN, GOOD)


@pytest.mark.parametrize("password", ["short", "x" * 201, CHEN * 5 + " "])
def test_a_password_is_long_and_not_the_name(house: House, password: str) -> None:
    person = CHEN * 5
    house.account(person)
    with pytest.raises(Refused):
        house.doors.accept(house.doors.invite(person), person, password)


def test_a_token_lets_a_program_in_until_it_ends(house: House) -> None:
    kept = house.doors.make_token("crm", ["agent", "qa"], 2, CHEN, for_others=True)
    visitor = house.doors.of_token(kept)
    assert visitor is not None
    assert visitor.name == "crm"
    assert visitor.may_sign("anybody")
    assert house.doors.of_token(kept + "x") is None
    with house.store.session() as session:
        assert [token.name for token in tokens(session)] == ["crm"]
    house.at += timedelta(days=2)
    assert house.doors.of_token(kept) is None
    house.doors.take_token("crm")
    with pytest.raises(Refused, match="no token"):
        house.doors.take_token("crm")


@pytest.mark.parametrize(
    ("name", "roles", "days"),
    [
        ("", ["agent"], 1), ("system", ["agent"], 1), ("crm", [], 1), ("crm", ["king"], 1),
        ("crm", ["agent"], 0), ("crm", ["agent"], 99999), ("crm", ["admin"], 400),
        (CHEN, ["agent"], 1),
    ],
)  # fmt: skip
def test_a_token_that_means_nothing_is_refused(
    house: House, name: str, roles: list[str], days: int
) -> None:
    house.account()
    assert set(roles) - {"king"} <= set(ROLES)
    with pytest.raises(Refused):
        house.doors.make_token(name, roles, days, CHEN)


def test_who_let_whom_in_stands_in_the_trail_and_no_secret_does(house: House) -> None:
    house.account()
    link = house.doors.invite(CHEN, "王芳")
    house.doors.accept(link, CHEN, GOOD)
    token = house.doors.make_token("crm", ["agent"], 30, "王芳", for_others=True)
    house.doors.take_token("crm", "陈总")
    with house.store.session() as session:
        found = session.scalars(select(Entry).filter_by(kind="login").order_by(Entry.id)).all()
        assert trail.verify(session).broken_at == 0
    told = [(one.action, one.number, one.person) for one in found]
    assert told[-4:] == [
        ("invite", CHEN, "王芳"),
        ("set_password", CHEN, CHEN),
        ("make_token", "crm", "王芳"),
        ("take_token", "crm", "陈总"),
    ]
    assert "for others" in found[-2].changes
    assert not any(secret in one.changes for one in found for secret in (link, token, GOOD))
