from __future__ import annotations

from datetime import UTC

import pytest

from callcenter.casework.paper.sheet import Figure, Sheet, text
from callcenter.casework.quality.report import sheet
from tests.casework.conftest import NOON, after
from tests.casework.quality.judged import DAY, Judged


def lines(found: Sheet, title: str) -> dict[str, list[str]]:
    table = next(one for one in found.tables if one.title == title)
    return {str(row[0]): [text(cell) for cell in row[1:]] for row in table.rows}


@pytest.mark.both_databases
def test_r6_r7_the_report_by_agent_by_item_with_appeals_and_coaching(judged: Judged) -> None:
    for n, agent in enumerate(("8001", "8001", "8002")):
        judged.call(f"c{n}", 100.0 * n, agent)
    card = judged.card()
    good = judged.submitted("c0", card)
    bad = judged.submitted("c1", card, "observed", respect=0)
    judged.submitted("c2", card, "observed", choices=0, promises=0, calm_voice=0)
    judged.act(good, "appeal", "8001", reason="……")
    judged.act(good, "review", "高翔", upheld=False, verdict="approved", reason="……")
    judged.act(bad, "accept", "8001")
    judged.open("c2", judged.card())
    with judged.store.session() as session:
        found = sheet(session, NOON, after(DAY), after(20 * DAY), UTC)
        empty = sheet(session, after(DAY), after(2 * DAY), after(DAY), UTC)
    assert [text(value) for _, value in found.facts] == [
        "2025-03-04 至 2025-03-05", "3", "54.3", "33.3 %",
    ]  # fmt: skip
    assert lines(found, "按座席") == {
        "8001": ["2", "47.0", "50.0 %", "1", "1", "0.0 %"],
        "8002": ["1", "69.0", "0.0 %", "0", "0", "—"],
        "合计": ["3", "54.3", "33.3 %", "1", "1", "0.0 %"],
    }
    assert lines(found, "按结论")["待整改"] == ["2", "66.7 %"]
    items = next(one for one in found.tables if one.title == "按评分项")
    lost = {str(row[1]): [text(cell) for cell in row[2:]] for row in items.rows}
    assert lost["给客户提供选择"] == ["3", "66.7 %", "1"]
    assert (lost["开场问候"], lost["无服务忌语"]) == (["3", "100.0 %", "0"], ["3", "50.0 %", "3"])
    share = next(one for one in found.tables if one.title == "座席与评分项")
    both = {(str(row[0]), str(row[1])): text(row[3]) for row in share.rows}
    assert both["8002", "不轻下承诺"] == "0.0 %"
    assert lines(found, "辅导与整改") == {"8001": ["1", "0", "0", "0", "0", "1"]}
    assert text(empty.facts[2][1]) == "—"
    cell = found.tables[0].rows[0][1]
    assert isinstance(cell, Figure)
    assert cell.counts == (
        "evaluations?agent=8001&since=2025-03-04T12:00:00Z&until=2025-03-05T12:00:00Z"
    )
