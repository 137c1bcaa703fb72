from __future__ import annotations

import pytest

from callcenter.core.errors import Refused
from callcenter.core.office import Directory
from callcenter.store import directory
from callcenter.store.directory import SqlDirectory, add_block, remove_block
from callcenter.store.sql import Store
from tests.store.conftest import NOON, after


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = NOON


def block(store: Store, number: str, seconds: float | None = None) -> None:
    expires_at = None if seconds is None else after(seconds)
    with store.session(write=True) as session:
        add_block(session, number, by="李主管", reason="骚扰", at=NOON, expires_at=expires_at)


def test_a_number_is_blocked_until_its_block_expires(store: Store) -> None:
    clock = Clock()
    known: Directory = SqlDirectory(store, lambda: clock.now)
    block(store, "13800000001", 60)
    assert known.history("13800000001").blocked
    assert not known.history("13800000002").blocked
    clock.now = after(59.9)
    assert known.history("13800000001").blocked
    clock.now = after(60)
    assert not known.history("13800000001").blocked


@pytest.mark.parametrize("written", ["+86 138-0000-0001", "008613800000001", "138 0000 0001"])
def test_a_block_holds_however_the_number_is_written(store: Store, written: str) -> None:
    known = SqlDirectory(store, lambda: NOON)
    block(store, "13800000001")
    assert known.history(written).blocked
    with store.session(write=True) as session:
        assert remove_block(session, "13800000001")
    block(store, written)
    assert known.history("13800000001").blocked


@pytest.mark.parametrize("number", ["", "anonymous", " Anonymous "])
def test_a_withheld_number_is_never_blocked(store: Store, number: str) -> None:
    assert not SqlDirectory(store, lambda: NOON).history(number).blocked
    with pytest.raises(Refused, match="withheld"):
        block(store, number)


@pytest.mark.parametrize(("by", "reason"), [("", "骚扰"), ("李主管", " ")])
def test_a_block_needs_a_person_and_a_reason(store: Store, by: str, reason: str) -> None:
    with store.session() as session, pytest.raises(Refused, match="name of who decided it"):
        add_block(session, "13800000001", by=by, reason=reason, at=NOON)


def test_a_newer_block_replaces_the_older(store: Store) -> None:
    block(store, "13800000001", 60)
    block(store, "13800000001")
    block(store, "13800000002", 60)
    with store.session() as session:
        in_force = directory.blocks(session, after(61))
    assert [(b.number, b.blocked_by, b.reason) for b in in_force] == [
        ("13800000001", "李主管", "骚扰")
    ]


def test_a_lifted_block_is_gone(store: Store) -> None:
    block(store, "13800000001")
    with store.session(write=True) as session:
        assert remove_block(session, "+8613800000001")
        assert not remove_block(session, "+8613800000001")
    assert not SqlDirectory(store, lambda: NOON).history("13800000001").blocked
