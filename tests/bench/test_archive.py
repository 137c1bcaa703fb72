"""A store is filled as told, its calls can be opened and searched, and the bench runs."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

from sqlalchemy import func, select

from bench.archive import filling
from bench.archive.__main__ import main
from bench.archive.filling import Size, fill
from callcenter.store import calls, search
from callcenter.store.customers import file_of
from callcenter.store.sql import Store
from callcenter.store.tables import Call, SegmentRow


def test_a_store_holds_what_was_asked_for(database: str) -> None:
    told: list[int] = []
    size = Size(calls=60, turns=4, customers=30, documents=2)
    with closing(Store(database)) as store:
        fill(store, size, told.append)
        assert sum(told) == size.steps
        with store.session() as session:
            assert session.scalar(select(func.count()).select_from(SegmentRow)) == 240
            newest = session.scalar(select(Call.call_id).order_by(Call.rang_at.desc()).limit(1))
            call = calls.get_call(session, str(newest))
            words = "".join(word["word"] for word in call.segments[0].words)
            assert words == call.segments[0].text
            assert search.find(session, call.segments[0].text[:3], ["segment"])
            found = file_of(session, filling.phone(3))
            assert found is not None
            assert found.number.endswith("-00004")


def test_the_bench_prints_and_keeps_its_figures(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    main(["--scale", "0.0004", "--times", "2", "--json", str(file)])
    figures = json.loads(file.read_text("utf-8"))
    assert figures["ledger_per_second"] > 0
    assert {"p50_ms", "p95_ms", "limit_ms"} <= set(figures["answers"]["search, what was said"])
