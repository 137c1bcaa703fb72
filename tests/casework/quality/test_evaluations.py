from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from callcenter.casework.quality import evaluations
from callcenter.casework.quality.lists import Wanted, listing
from callcenter.core.cards import Card
from callcenter.core.errors import NoSuchCall, NotNow, Refused
from callcenter.core.events import CallHeld, CallResumed, CardOffered, SegmentHeard
from callcenter.core.records import Party
from callcenter.store import trail
from tests.casework.conftest import after
from tests.casework.quality.judged import DAY, HOUR, Judged, say


@pytest.fixture
def office(judged: Judged) -> Judged:
    names = {"陈总": "manager", "赵敏": "admin", "李主管": "supervisor", "郑岚": "qa", "高翔": "qa"}
    judged.people(**names, 周涛="8001", 林晓雯="8002")
    return judged


def points(row: Any, key: str) -> Any:
    return row.answers[key]["points"]


def test_r6_what_can_be_measured_is_filled_in(judged: Judged) -> None:
    judged.call("c1")
    row = judged.row(judged.open("c1", judged.card()))
    told = {key: answer["points"] for key, answer in row.answers.items()}
    assert told == {
        "three_rings": 5,
        "greeting": 5,
        "restated": 10,
        "no_interrupting": 10,
        "silence": 4,
        "talk_share": 5,
        "pace": 5,
        "no_taboos": 5,
        "closing": 5,
    }
    assert [one["start_ms"] for one in row.answers["silence"]["places"]] == [9000]
    assert row.answers["no_taboos"]["places"][0]["text"] == "不知道"
    now = evaluations.now(row)
    assert (now.points, now.most, len(now.waiting)) == (54, 60, 6)
    assert (row.agent, row.edition, row.state) == ("8001", 1, "open")


def test_r6_an_evaluation_is_submitted_seen_and_accepted(office: Judged) -> None:
    office.call("c1")
    number = office.open("c1", office.card())
    with pytest.raises(Refused, match="not judged yet: 核对客户身份、"):
        office.act(number, "submit", verdict="approved")
    office.fill(number, choices=6)
    with pytest.raises(Refused, match="a verdict is one of"):
        office.act(number, "submit", verdict="good")
    office.act(number, "submit", verdict="approved")
    row = office.row(number)
    assert (row.score, row.passed, row.verdict, row.evaluator) == (90, True, "approved", "郑岚")
    assert row.appeal_until is not None
    with pytest.raises(Refused, match="this is answered by agent 8001 alone"):
        office.act(number, "see", "林晓雯")
    with pytest.raises(Refused, match="郑岚 may not do this; it is done by: agent"):
        office.act(number, "accept", "郑岚")
    office.act(number, "see", "周涛", at=3 * HOUR)
    office.act(number, "accept", "周涛", at=4 * HOUR)
    row = office.row(number)
    assert (row.state, row.seen_at) == ("final", after(3 * HOUR))
    with office.store.session() as session:
        assert trail.verify(session).broken_at == 0
        assert [one.action for one in trail.of(session, "evaluation", number)][-3:] == [
            "submit", "see", "accept",
        ]  # fmt: skip


def test_r6_an_automatic_item_is_overridden_with_its_reason(judged: Judged) -> None:
    judged.call("c1")
    number = judged.open("c1", judged.card())
    with pytest.raises(Refused, match="无服务忌语: it was measured; what is judged otherwise"):
        judged.act(number, "fill", answers=[{"item": "no_taboos", "points": 10}])
    told = {"item": "no_taboos", "points": 10, "reason": "说完马上帮客户问"}
    judged.act(number, "fill", answers=[told])
    answer = judged.row(number).answers["no_taboos"]
    assert (answer["points"], answer["measured"], answer["by"]) == (10, 5, "郑岚")
    judged.act(number, "measure")
    assert points(judged.row(number), "no_taboos") == 10
    judged.act(number, "fill", answers=[{"item": "no_taboos"}])
    assert (points(judged.row(number), "no_taboos"), answer["reason"]) == (5, "说完马上帮客户问")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"item": "nothing", "points": 1}, "no item 'nothing'"),
        ({"item": "choices", "points": 11}, "给客户提供选择: 11 points; expected 0 to 10"),
        ({"item": "identity", "points": 3}, "核对客户身份: 3 points; expected 0 or 5"),
        ({"item": "choices"}, "expected points, or that it does not apply"),
        ({"item": "silence", "not_applicable": True}, "needs a reason"),
    ],
)
def test_r6_wrong_answers_are_refused(judged: Judged, answer: dict[str, Any], told: str) -> None:
    judged.call("c1")
    number = judged.open("c1", judged.card())
    with pytest.raises(Refused, match=told):
        judged.act(number, "fill", answers=[answer])


def test_d14_a_taught_silence_is_excused_by_name(judged: Judged) -> None:
    judged.call("c1")
    card = Card("wait_in_silence", "无言等待", (), (), "D14", 120)
    judged.books.write(CardOffered("c1", after(10), card, "气头上"))
    number = judged.open("c1", judged.card())
    (quiet,) = judged.row(number).answers["silence"]["places"]
    assert quiet["text"] == "无言等待"
    judged.act(number, "excuse", item="silence", start_ms=9000, reason="等客户说完")
    answer = judged.row(number).answers["silence"]
    assert (answer["points"], answer["value"]) == (5, 0)
    why = {"by": "郑岚", "at": after(2 * HOUR).isoformat(), "reason": "等客户说完"}
    assert answer["places"][0]["excused"] == why
    with pytest.raises(Refused, match="静默恰当: nothing is counted at 1 ms"):
        judged.act(number, "excuse", item="silence", start_ms=1, reason="……")
    with pytest.raises(Refused, match="说听适度: nothing is counted"):
        judged.act(number, "excuse", item="talk_share", start_ms=1, reason="……")


def test_holding_is_no_silence_and_more_words_are_measured_anew(judged: Judged) -> None:
    judged.call("c1")
    judged.books.write(CallHeld("c1", after(6 + 9), "8001"))
    judged.books.write(CallResumed("c1", after(6 + 14), "8001"))
    number = judged.open("c1", judged.card())
    assert judged.row(number).answers["silence"]["places"] == []
    judged.books.write(SegmentHeard("c1", after(99), say(Party.AGENT, 40_000, "好的")))
    judged.act(number, "measure")
    assert len(judged.row(number).answers["silence"]["places"]) == 1


def test_r6_comments_stand_at_a_time_and_quote(judged: Judged) -> None:
    judged.call("c1")
    number = judged.open("c1", judged.card())
    where = {"start_ms": 24_500, "end_ms": 25_500, "party": "agent"}
    judged.act(number, "comment", text="换成“我马上查”", **where)
    judged.act(number, "comment", "陈静", text="开场好", start_ms=600)
    first, second = judged.row(number).comments
    assert (first["id"], first["quote"], first["by"]) == (1, "我不知道", "郑岚")
    assert (second["id"], second["quote"][:2], second["party"]) == (2, "您好", "")
    with pytest.raises(Refused, match="comment needs: text"):
        judged.act(number, "comment", text=" ", start_ms=0)


def test_r6_an_appeal_is_heard_by_somebody_else(office: Judged) -> None:
    office.call("c1")
    number = office.submitted("c1", office.card(), "observed", respect=0)
    assert (office.row(number).score, office.row(number).failed) == (0, ["不争论、不恶言、不动怒"])
    with pytest.raises(Refused, match="no item 'x'"):
        office.act(number, "appeal", "周涛", reason="没有争", item="x")
    office.act(number, "appeal", "周涛", reason="没有争", item="respect")
    row = office.row(number)
    assert (row.state, row.appeal_item, row.review_until is not None) == (
        "appealed",
        "respect",
        True,
    )
    with pytest.raises(NotNow, match="is appealed: accept is not possible"):
        office.act(number, "accept", "周涛")
    told = {"upheld": True, "verdict": "approved", "reason": "语气平和"}
    with pytest.raises(Refused, match="heard by somebody else than who judged first"):
        office.act(number, "review", "郑岚", **told)
    with pytest.raises(Refused, match="heard by somebody else"):
        office.fill(number)
    with pytest.raises(Refused, match="review needs: upheld"):
        office.act(number, "review", "高翔", verdict="approved", reason="……")
    office.fill(number, "高翔")
    office.act(number, "review", "高翔", **told)
    row = office.row(number)
    assert (row.state, row.first_score, row.score, row.reviewer) == ("final", 0, 94, "高翔")
    assert (row.upheld, row.first_verdict, row.verdict) == (True, "observed", "approved")


def test_r6_an_appeal_has_its_days(office: Judged) -> None:
    for n in (1, 2):
        office.call(f"c{n}", at=100.0 * n)
    card = office.card()
    late, silent = office.submitted("c1", card), office.submitted("c2", card)
    with pytest.raises(Refused, match="may be appealed until"):
        office.act(silent, "close")
    with pytest.raises(Refused, match="could be appealed until 20"):
        office.act(late, "appeal", "周涛", at=5 * DAY, reason="……")
    office.act(silent, "close", at=5 * DAY)
    assert office.row(silent).state == "final"


def test_r6_which_calls_can_be_judged(office: Judged) -> None:
    office.call("c1")
    card = office.card()
    number = office.open("c1", card)
    with pytest.raises(Refused, match=f"{number} judges this call by this scorecard already"):
        office.open("c1", card, "高翔")
    office.act(number, "drop", reason="开错了")
    again = office.open("c1", card, "高翔")
    assert office.row(again).state == "open"
    with pytest.raises(NoSuchCall):
        office.open("none", card)
    office.call("c2", 200, "郑岚")
    with pytest.raises(Refused, match="nobody judges their own calls"):
        office.open("c2", card, "郑岚")
    with pytest.raises(Refused, match="周涛 may not do this"):
        office.open("c2", card, "周涛")


def test_r6_lists_need_one_question(office: Judged) -> None:
    card = office.card()
    for n in range(4):
        office.call(f"c{n}", at=100.0 * n)
        office.submitted(f"c{n}", card, choices=0 if n == 1 else 10)
    seen: list[str] = []
    with office.store.session() as session:
        bound = session.connection()
        event.listen(bound, "before_cursor_execute", lambda *told: seen.append(told[2]))
        found = listing(session, Wanted(agent="8001", lost="choices", since=after(0)))
        assert [row.call_id for row in found] == ["c1"]
        assert [row.score for row in found] == [84]
        assert len(seen) == 1
        assert listing(session, Wanted(appealed=True)) == []
        assert len(listing(session, Wanted(passed=True, until=after(DAY), submitted=True))) == 4
        assert len(listing(session, Wanted(appealed=False, verdict="approved"), 3)) == 3
