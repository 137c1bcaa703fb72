"""Edits of the rules stand in the audit trail."""

from __future__ import annotations

from pathlib import Path

from callcenter.casework import rule_books
from callcenter.scripts.book import PACKS, Book
from callcenter.store import trail
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from tests.casework.conftest import after


def test_what_comes_into_force_is_a_step_and_what_stays_is_none(
    store: Store, tmp_path: Path
) -> None:
    for pack in PACKS.glob("*.toml"):
        (tmp_path / pack.name).write_bytes(pack.read_bytes())
    book, books = Book(tmp_path), SqlBooks(store)

    def taken_up(at: float) -> int:
        found = rule_books.taken_up(store, book.files(), after(at))
        books.write(*found)
        return len(found)

    assert (taken_up(0), taken_up(1)) == (1, 0)
    pack = tmp_path / "complaint.toml"
    pack.write_text(pack.read_text("utf-8") + "\n# 改过\n", "utf-8")
    assert book.refresh()
    assert (taken_up(2), taken_up(3)) == (1, 0)
    with store.session() as session:
        steps = trail.of(session, rule_books.KIND, rule_books.NUMBER)
        assert trail.verify(session).broken_at == 0
    assert [(step.action, step.person) for step in steps] == [
        ("take_up", "system"),
        ("edit", "system"),
    ]
    assert steps[0].changes != steps[1].changes
    assert f"{tmp_path.name}/complaint.toml" in steps[1].changes
