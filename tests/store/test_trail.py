from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from callcenter.core.errors import ChangedMeanwhile, NoSuchRecord, NumberTaken, StoreError
from callcenter.core.events import RecordStepped
from callcenter.store import trail
from callcenter.store.account_tables import Account
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from tests.store.conftest import NOON, after

OPENING = {"person": "王芳", "roles": ["agent"], "reason": "新来的"}


def stepped(version: int, action: str = "request", at: float = 0, **changes: Any) -> RecordStepped:
    return RecordStepped(
        "", after(at), "account", "AC-1", action, "李静", "requested", version, changes
    )


@pytest.fixture
def kept(books: SqlBooks, store: Store) -> Store:
    """An account with three steps."""
    books.write(stepped(0, **OPENING))
    books.write(stepped(1, "correct", 1, reason="补充"))
    books.write(stepped(2, "correct", 2, reason="再补充", decided_by="陈总"))
    return store


def account(store: Store) -> Account:
    with store.session() as session:
        row = session.get(Account, "AC-1")
        assert row is not None
        return row


def verified(store: Store) -> trail.Verified:
    with store.session() as session:
        return trail.verify(session)


def test_a_step_changes_the_record_and_stands_in_the_trail(kept: Store) -> None:
    row = account(kept)
    assert (row.version, row.reason, row.decided_by) == (3, "再补充", "陈总")
    assert (row.opened_at, row.changed_at, row.changed_by) == (NOON, after(2), "李静")
    with kept.session() as session:
        steps = trail.of(session, "account", "AC-1")
    assert [(step.version, step.action) for step in steps] == [
        (1, "request"),
        (2, "correct"),
        (3, "correct"),
    ]
    assert steps[1].changes == '{"reason": "补充"}'


def test_a_step_that_is_told_twice_is_one(kept: Store, books: SqlBooks) -> None:
    books.write(stepped(1, "correct", 1, reason="补充"))
    books.write(stepped(2, "correct", 2, reason="再补充", decided_by="陈总"))
    assert account(kept).version == 3
    assert verified(kept).entries == 3


def test_the_second_of_two_people_is_told(kept: Store, books: SqlBooks) -> None:
    with pytest.raises(ChangedMeanwhile, match=r"AC-1 was changed by 李静 at 12:00:02 UTC"):
        books.write(stepped(2, "correct", 9, reason="别人的"))
    with pytest.raises(NumberTaken, match="account AC-1 is there already"):
        books.write(stepped(0, at=9, **OPENING))
    assert account(kept).reason == "再补充"
    assert verified(kept).entries == 3


def test_a_record_that_is_not_there_is_told(books: SqlBooks) -> None:
    with pytest.raises(NoSuchRecord, match="no account AC-1"):
        books.write(stepped(4, "correct"))


def test_the_chain_holds(kept: Store) -> None:
    found = verified(kept)
    assert (found.entries, found.broken_at) == (3, 0)
    assert len(found.head) == 64


def _open_the_guard(session: Session) -> None:
    if session.connection().dialect.name == "postgresql":
        session.execute(text("SET LOCAL session_replication_role = replica"))
        return
    for guard in ("trail_stays", "trail_stands"):
        session.execute(text(f"DROP TRIGGER {guard}"))


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE trail SET person = '别人' WHERE id = 2",
        "UPDATE trail SET at = '2020-01-01 00:00:00.000000' WHERE id = 2",
        "UPDATE trail SET state = 'open' WHERE id = 2",
        "UPDATE trail SET changes = '{}' WHERE id = 2",
        "UPDATE trail SET digest = 'x' WHERE id = 2",
        "DELETE FROM trail WHERE id = 2",
        "UPDATE trail SET id = 9 WHERE id = 2",
    ],
)
def test_any_change_breaks_the_chain(kept: Store, harm: str) -> None:
    with kept.session(write=True) as session:
        _open_the_guard(session)
        session.execute(text(harm))
    found = verified(kept)
    assert found.broken_at in (2, 3)
    assert found.why


@pytest.mark.parametrize("id", [-1, 0, 4])
def test_an_entry_that_was_put_in_breaks_the_chain(kept: Store, id: int) -> None:
    rest = "at, person, kind, number, action, state, changes, salt, changes_sha256, digest"
    with kept.session(write=True) as session:
        session.execute(
            text(
                f"INSERT INTO trail (id, version, {rest}) SELECT {id}, 9, {rest} FROM trail "
                "WHERE id = 1"
            )
        )
    assert verified(kept).broken_at


@pytest.mark.parametrize(
    "harm", ["DELETE FROM trail WHERE id = 2", "UPDATE trail SET person = 'x' WHERE id = 2"]
)
def test_the_database_refuses_to_change_the_trail(kept: Store, harm: str) -> None:
    with pytest.raises(StoreError, match="never changed"), kept.session(write=True) as session:
        session.execute(text(harm))
    assert verified(kept).entries == 3


def test_words_may_be_erased_and_the_chain_holds(kept: Store) -> None:
    with kept.session(write=True) as session:
        session.execute(text("UPDATE trail SET changes = '', salt = '' WHERE id = 2"))
    assert (verified(kept).entries, verified(kept).broken_at) == (3, 0)


def test_changes_may_hold_moments_and_nothing_strange() -> None:
    at = datetime(2026, 1, 2, 3, tzinfo=UTC)
    assert trail.as_json({"b": [at, at.date()], "a": 1}) == (
        '{"a": 1, "b": ["2026-01-02T03:00:00+00:00", "2026-01-02"]}'
    )
    with pytest.raises(TypeError, match="bytes cannot be kept"):
        trail.as_json({"a": b""})
