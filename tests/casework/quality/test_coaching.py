from __future__ import annotations

import pytest

from callcenter.core.errors import NoSuchRecord, NotNow, Refused
from tests.casework.conftest import after
from tests.casework.quality.judged import DAY, HOUR, Judged


def test_r7_a_violation_is_shown_put_right_and_looked_at_again(judged: Judged) -> None:
    number = judged.coach(agent="8001", sort="violation", text="未核对身份就报地址")
    row = judged.coached(number)
    assert (row.state, row.due_at, row.opened_by) == ("open", after(HOUR + 7 * DAY), "郑岚")
    with pytest.raises(NotNow, match="correct is not possible; possible: acknowledge, withdraw"):
        judged.step(number, "correct", "8001", text="……")
    judged.step(number, "acknowledge", "8001", text="明白")
    judged.step(number, "correct", "8001", text="已重学规定")
    with pytest.raises(Refused, match="send_back needs: text"):
        judged.step(number, "send_back", "郑岚")
    judged.step(number, "send_back", "郑岚", at=2 * DAY, text="抽听两通仍未核对")
    row = judged.coached(number)
    assert (row.state, row.rounds, row.due_at) == ("acknowledged", 1, after(9 * DAY))
    judged.step(number, "correct", "8001", text="再练")
    with pytest.raises(Refused, match="nobody judges their own calls"):
        judged.step(number, "confirm", "8001", text="好了")
    judged.step(number, "confirm", "郑岚", at=3 * DAY, text="抽听三通合格")
    row = judged.coached(number)
    assert (row.state, row.finding, row.checked_by) == ("closed", "抽听三通合格", "郑岚")


def test_r7_only_the_agent_acknowledges(judged: Judged) -> None:
    judged.people(周涛="8001", 林晓雯="8002")
    number = judged.coach(agent="8001", text="语速放慢")
    with pytest.raises(Refused, match="this is answered by agent 8001 alone"):
        judged.step(number, "acknowledge", "林晓雯")
    with pytest.raises(Refused, match="nobody judges their own calls"):
        judged.coach("周涛", agent="8001", text="很好")
    judged.step(number, "acknowledge", "周涛")


def test_r7_from_a_comment(judged: Judged) -> None:
    judged.call("c1")
    evaluation = judged.open("c1", judged.card())
    judged.act(evaluation, "comment", text="换成“我马上查”", start_ms=24_500)
    row = judged.coached(judged.coach(evaluation=evaluation, comment=1))
    assert (row.agent, row.call_id, row.start_ms) == ("8001", "c1", 24_500)
    assert row.text == "换成“我马上查”"
    with pytest.raises(Refused, match="has no comment 2"):
        judged.coach(evaluation=evaluation, comment=2)
    with pytest.raises(Refused, match="is about agent 8001"):
        judged.coach(evaluation=evaluation, agent="8002", text="……")
    with pytest.raises(Refused, match="expected its number"):
        judged.coach(agent="8002", text="……", comment=1)
    with pytest.raises(Refused, match="open needs: agent"):
        judged.coach(text="……")
    with pytest.raises(NoSuchRecord):
        judged.coach(evaluation="QA-1")


def test_r7_what_is_not_passed_is_gone_through(judged: Judged) -> None:
    for n in range(4):
        judged.call(f"c{n}", at=100.0 * n)
    card = judged.card()
    for n, verdict in enumerate(("approved", "observed", "rejected", "observed")):
        number = judged.submitted(f"c{n}", card, verdict, choices=0)
        if n == 3:
            judged.coach(evaluation=number, text="已面谈")
        judged.act(number, "accept", "8001")
        judged.act(number, "comment", text="……", start_ms=0)
    rows = [judged.coached(number) for number in judged.list_coaching()]
    told = [(row.call_id, row.sort, row.opened_by) for row in rows]
    assert sorted(told) == [
        ("c1", "advice", "system"), ("c2", "violation", "system"), ("c3", "advice", "郑岚"),
    ]  # fmt: skip
    said = next(row.text for row in rows if row.call_id == "c1")
    assert said.endswith("84 分：静默恰当、无服务忌语、给客户提供选择")


def test_r7_the_list_is_by_due_date(judged: Judged) -> None:
    late = judged.coach(agent="8001", text="一", due_at=after(2 * DAY))
    soon = judged.coach(agent="8001", text="二", due_at=after(DAY))
    judged.coach(agent="8002", text="三")
    assert judged.list_coaching(agent="8001") == [soon, late]
    judged.step(soon, "postpone", "郑岚", due_at=after(3 * DAY), text="休假")
    assert judged.list_coaching(agent="8001") == [late, soon]
    assert judged.list_coaching(after(2.5 * DAY)) == [late]
    judged.step(late, "withdraw", "郑岚", text="误记")
    assert judged.list_coaching(after(2.5 * DAY)) == []
