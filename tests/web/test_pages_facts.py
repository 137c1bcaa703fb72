from __future__ import annotations

from datetime import timedelta

from callcenter.core.records import Agent
from callcenter.store.tables import Call, Decision, HitRow
from callcenter.web.pages.calls import facts
from tests.web.fakes import START


def call(**columns: object) -> Call:
    return Call(call_id="a", rang_at=START, hits=[], decisions=[], **columns)


def test_people_are_named() -> None:
    people = facts.names([Agent("6018", "林晓雯")])
    assert facts.person(people, "6018") == "林晓雯 6018"
    assert facts.person(people, "system") == "系统"
    assert facts.person(people, "陈静") == "陈静"
    assert facts.person(people, "") == "—"


def test_offsets_count_from_answer() -> None:
    assert facts.offset_ms(call(), START) is None
    answered = call(answered_at=START, ended_at=START + timedelta(seconds=2))
    assert facts.offset_ms(answered, START - timedelta(seconds=1)) == 0
    assert facts.talk_ms(answered) == 2000
    assert facts.talk_ms(call(answered_at=START)) is None


def test_the_evidence_is_what_the_proposal_rests_on_and_is_cut() -> None:
    flagged = call()
    assert facts.evidence(flagged) == ""
    flagged.hits = [HitRow(text="第一处", category="sexual"), HitRow(text="二", category="sexual")]
    assert facts.evidence(flagged) == "第一处"
    flagged.decisions = [Decision(evidence="长" * 80)]
    assert facts.evidence(flagged) == "长" * 59 + "…"
    assert facts.categories(flagged) == ["sexual"]
