"""Codes of an authenticator beside the password, over a real store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select

from callcenter.casework.staff import accounts, second_factor
from callcenter.casework.staff.doors import LOCKED, TRIES, Doors
from callcenter.core.errors import CodeNeeded, NotLetIn, Refused
from callcenter.store.access_tables import LoginSession, SecondFactor
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from tests import passwords
from tests.fakes import FakeSeal

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
CHEN, GOOD = "陈静", "一个够长的好密码123"
STEP = timedelta(seconds=second_factor.STEP_SECONDS)


class House:
    """A person who is known, with doors under a clock that the test winds."""

    def __init__(self, url: str) -> None:
        self.at = NOON
        self.store = Store(url)
        self.seal = FakeSeal()
        self.doors = Doors(self.store, lambda: self.at, self.seal)
        with self.store.session() as session:
            facts = accounts.first(session, CHEN, ("supervisor",), NOON)
        SqlBooks(self.store).write(*facts)
        self.doors.accept(self.doors.invite(CHEN), CHEN, GOOD)

    @property
    def codes(self) -> second_factor.Codes:
        return second_factor.Codes(self.seal, lambda: self.at)

    def code(self, secret: str, steps: int = 0) -> str:
        return pyotp.TOTP(secret).at(self.at + steps * STEP)

    def secured(self) -> tuple[str, list[str]]:
        """With a second factor on: its secret and the recovery codes."""
        secret = self.doors.begin_factor(CHEN, GOOD)
        codes = self.doors.confirm_factor(CHEN, self.code(secret))
        self.at += 2 * STEP
        return secret, codes


@pytest.fixture
def house(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    passwords.cheap(monkeypatch)
    made = House(database)
    yield made
    made.store.close()


@pytest.mark.both_databases
def test_a_login_asks_for_the_code_once_the_first_one_has_come_back(house: House) -> None:
    secret = house.doors.begin_factor(CHEN, GOOD)
    assert house.doors.enter(CHEN, GOOD), "nothing is asked before the authenticator has it"
    with pytest.raises(Refused, match="code"):
        house.doors.confirm_factor(CHEN, "000000")
    codes = house.doors.confirm_factor(CHEN, house.code(secret))
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    with pytest.raises(CodeNeeded, match="authenticator shows"):
        house.doors.enter(CHEN, GOOD)
    with pytest.raises(CodeNeeded, match="used already"):
        house.doors.enter(CHEN, GOOD, house.code(secret))
    house.at += STEP
    code = house.code(secret)
    assert house.doors.enter(CHEN, GOOD, f" {code[:3]} {code[3:]} ")
    with pytest.raises(CodeNeeded):
        house.doors.enter(CHEN, GOOD, code)
    with pytest.raises(Refused, match="on already"):
        house.doors.begin_factor(CHEN, GOOD)
    house.doors.enter(CHEN, GOOD, codes[0].upper().replace("-", " "))
    with pytest.raises(CodeNeeded):
        house.doors.enter(CHEN, GOOD, codes[0])
    assert house.doors.factor(CHEN).codes_left == len(codes) - 1


@pytest.mark.parametrize(("steps", "fits"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_clocks_may_differ_by_half_a_minute(house: House, steps: int, fits: bool) -> None:
    secret, _ = house.secured()
    house.at += 4 * STEP
    with house.store.session(write=True) as session:
        fitted = house.codes.fits(session, CHEN, house.code(secret, steps))
    assert fitted is fits


@pytest.mark.parametrize("code", ["", "x", "१२३४५६", "1" * 40, "\x00", "😀"])
def test_what_is_no_code_fits_nothing(house: House, code: str) -> None:
    house.secured()
    with house.store.session(write=True) as session:
        assert not house.codes.fits(session, CHEN, code)


def test_wrong_codes_lock_the_person_out_as_wrong_passwords_do(house: House) -> None:
    secret, codes = house.secured()
    for _ in range(TRIES):
        with pytest.raises(CodeNeeded):
            house.doors.enter(CHEN, GOOD, "wrong")
    for code in (house.code(secret), codes[0]):
        with pytest.raises(NotLetIn, match="too many"):
            house.doors.enter(CHEN, GOOD, code)
    house.at += LOCKED
    assert house.doors.enter(CHEN, GOOD, codes[0])


def test_a_right_password_without_its_code_forgives_nothing(house: House) -> None:
    house.secured()
    for _ in range(TRIES - 1):
        with pytest.raises(CodeNeeded):
            house.doors.enter(CHEN, GOOD, "wrong")
        with pytest.raises(CodeNeeded):
            house.doors.enter(CHEN, GOOD)
    with pytest.raises(CodeNeeded):
        house.doors.enter(CHEN, GOOD, "wrong")
    with pytest.raises(NotLetIn, match="too many"):
        house.doors.enter(CHEN, GOOD)


def test_a_wrong_password_says_nothing_of_the_second_factor(house: House) -> None:
    secret, _ = house.secured()
    with pytest.raises(NotLetIn, match="name or the password") as refusal:
        house.doors.enter(CHEN, "something wrong", house.code(secret))
    assert not isinstance(refusal.value, CodeNeeded)


def test_it_is_switched_off_with_password_and_code_or_by_a_new_link(house: House) -> None:
    _, codes = house.secured()
    with pytest.raises(CodeNeeded):
        house.doors.drop_factor(CHEN, GOOD, "")
    with pytest.raises(NotLetIn):
        house.doors.drop_factor(CHEN, "something wrong", codes[0])
    house.doors.drop_factor(CHEN, GOOD, codes[0])
    assert house.doors.enter(CHEN, GOOD)
    house.secured()
    house.doors.accept(house.doors.invite(CHEN), CHEN, GOOD)
    assert not house.doors.factor(CHEN).on


def test_a_secret_that_nobody_confirmed_in_time_is_no_use(house: House) -> None:
    secret = house.doors.begin_factor(CHEN, GOOD)
    house.at += second_factor.UNCONFIRMED + STEP
    with pytest.raises(Refused, match="anew"):
        house.doors.confirm_factor(CHEN, house.code(secret))
    with pytest.raises(NotLetIn):
        house.doors.begin_factor(CHEN, "something wrong")


def test_recovery_codes_are_kept_as_hashes(house: House) -> None:
    _, codes = house.secured()
    with house.store.session() as session:
        kept = repr(session.execute(select(SecondFactor.__table__)).all())
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)


def test_a_person_sees_their_sessions_and_ends_the_others(house: House) -> None:
    here = house.doors.enter(CHEN, GOOD, browser="Firefox/128" + "x" * 500)
    there = house.doors.enter(CHEN, GOOD, browser="Chrome")
    found = house.doors.sessions(CHEN, here)
    assert [one.here for one in found if one.browser.startswith("Firefox")] == [True]
    assert len(found) == 3
    house.doors.leave_others(CHEN, here)
    assert [one.here for one in house.doors.sessions(CHEN, here)] == [True]
    assert house.doors.of_cookie(there) is None
    with house.store.session() as session:
        assert max(len(one.browser) for one in session.scalars(select(LoginSession))) == 200


def test_a_name_that_nobody_has_is_locked_out_like_any_other(house: House) -> None:
    for name in (CHEN, "谁也不是"):
        for _ in range(TRIES):
            with pytest.raises(NotLetIn, match="name or the password"):
                house.doors.enter(name, "something wrong")
        with pytest.raises(NotLetIn, match="too many"):
            house.doors.enter(name, "something wrong")


def test_a_name_that_nobody_has_costs_as_much_as_any_other(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []
    right = house.doors._is_right

    def counted(found: object, password: str) -> bool:
        compared.append(password)
        return right(found, password)  # type: ignore[arg-type]

    monkeypatch.setattr(house.doors, "_is_right", counted)
    for name in (CHEN, "谁也不是"):
        with pytest.raises(NotLetIn):
            house.doors.enter(name, "something wrong")
    assert len(compared) == 2


def test_what_an_authenticator_reads(house: House) -> None:
    address = second_factor.address("陈 静", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "佳和")
    assert address.startswith("otpauth://totp/")
    assert "secret=JBSWY3DPEHPK3PXP" in address
    rows = second_factor.squares(address)
    assert {len(row) for row in rows} == {len(rows)}
    assert set("".join(rows)) == {"0", "1"}
    assert rows[0].startswith("11111110")


def kept_secret(house: House) -> str:
    with house.store.session() as session:
        return session.get_one(SecondFactor, CHEN).secret


@pytest.mark.both_databases
def test_the_store_holds_no_secret_that_could_be_read(house: House) -> None:
    secret, _ = house.secured()
    assert kept_secret(house).startswith(second_factor.SEALED)
    assert secret not in kept_secret(house)


def test_what_was_kept_in_plain_is_sealed_at_the_next_start(house: House) -> None:
    secret, _ = house.secured()
    with house.store.session(write=True) as session:
        session.get_one(SecondFactor, CHEN).secret = secret
    assert house.doors.enter(CHEN, GOOD, house.code(secret)), "it counts as it stands"
    assert house.doors.seal_factors() == []
    assert secret not in kept_secret(house)
    house.at += 2 * STEP
    assert house.doors.enter(CHEN, GOOD, house.code(secret))


@pytest.mark.parametrize(("newest", "anew"), [(True, 0), (False, 1)])
def test_what_an_older_key_sealed_is_sealed_anew(house: House, newest: bool, anew: int) -> None:
    secret, _ = house.secured()
    house.seal.newest, before = newest, house.seal.sealed
    house.doors.seal_factors()
    assert house.seal.sealed == before + anew
    assert house.doors.enter(CHEN, GOOD, house.code(secret))


def test_without_its_key_no_code_fits_but_recovery_codes_do(house: House) -> None:
    secret, codes = house.secured()
    house.seal.lost = True
    assert house.doors.seal_factors() == [CHEN]
    with pytest.raises(CodeNeeded):
        house.doors.enter(CHEN, GOOD, house.code(secret))
    assert house.doors.enter(CHEN, GOOD, codes[0])
