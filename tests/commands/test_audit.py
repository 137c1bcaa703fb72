"""`callcenter audit verify` on a service's store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from callcenter.core.events import RecordStepped
from callcenter.store.books import SqlBooks
from tests.casework.conftest import after
from tests.casework.harassed import Harassed
from tests.conftest import RunCallcenter


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Harassed]:
    """A store with two steps in its trail."""
    made = Harassed(tmp_path)
    opening = {"person": "王芳", "roles": ["agent"], "reason": "入职"}
    what = ("account", "AC-1", "request", "李静", "requested")
    books = SqlBooks(made.store)
    books.write(RecordStepped("", after(0), *what, 0, opening))
    books.write(RecordStepped("", after(1), *what, 1, {"reason": "补充"}))
    yield made
    made.store.close()


def test_a_chain_that_holds_and_one_that_was_changed(
    run_callcenter: RunCallcenter, kept: Harassed
) -> None:
    words = ("audit", "verify", "--config", str(kept.config))
    done = run_callcenter(*words)
    assert (done.returncode, done.stderr) == (0, "")
    told = done.stdout.splitlines()
    assert told[0] == "2 entries, none changed"
    head = told[1].removeprefix("head: ")
    assert run_callcenter(*words, "--noted", head).returncode == 0
    with kept.store.session(write=True) as session:
        session.execute(text("DROP TRIGGER trail_stays"))
        session.execute(text("DELETE FROM trail WHERE version = 2"))
    assert run_callcenter(*words).returncode == 0
    cut = run_callcenter(*words, "--noted", head)
    assert cut.returncode == 1
    assert "its end was cut off" in cut.stderr
    with kept.store.session(write=True) as session:
        session.execute(text("UPDATE trail SET changes = '{}'"))
    broken = run_callcenter(*words)
    assert broken.returncode == 1
    assert broken.stderr.startswith("callcenter: the audit trail is broken at entry 1: ")


def test_anchors_show_what_was_cut_off(run_callcenter: RunCallcenter, kept: Harassed) -> None:
    words = ("--config", str(kept.config))
    anchored = run_callcenter("audit", "anchor", *words)
    assert "entry 2 head " in anchored.stdout
    held = run_callcenter("audit", "verify", *words)
    assert held.stdout.splitlines()[-1].startswith("1 anchors: ")
    with kept.store.session(write=True) as session:
        session.execute(text("DROP TRIGGER trail_stays"))
        session.execute(text("DELETE FROM trail WHERE version = 2"))
    cut = run_callcenter("audit", "verify", *words)
    assert cut.returncode == 1
    assert "entry 2" in cut.stderr
