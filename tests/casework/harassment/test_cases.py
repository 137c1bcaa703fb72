from __future__ import annotations

import re
from datetime import timedelta

import pytest

from callcenter.casework.harassment import cases as harassment_cases
from callcenter.casework.harassment import letters
from callcenter.casework.harassment.cases import CLOSED, OPEN, POLICE, TABLE, Step, possible
from callcenter.core.errors import NoSuchCall, NoSuchCase, NotNow, Refused
from callcenter.core.events import CallRang, CaseActionTaken, CaseOpened, VerdictGiven
from callcenter.store.case_tables import HarassmentCase
from tests.casework.harassed import NIGHT, NUMBER, Harassed

LATER = NIGHT + timedelta(days=1)


def opened(
    harassed: Harassed, *calls: str, by: str = "陈静", source_type: str = "unknown"
) -> CaseOpened:
    with harassed.store.session() as session:
        fact = harassment_cases.open_case(
            session, calls, by=by, at=LATER, source_type=source_type, zone=NIGHT.tzinfo
        )
    harassed.write(fact)
    return fact


def act(harassed: Harassed, number: str, step: Step, minutes: float = 1) -> CaseActionTaken:
    with harassed.store.session() as session:
        at = LATER + timedelta(minutes=minutes)
        fact = harassment_cases.act(session, number, step, by="陈静", at=at)
    harassed.write(fact)
    return fact


def read(harassed: Harassed, number: str) -> HarassmentCase:
    with harassed.store.session() as session:
        return harassment_cases.get(session, number)


def test_h19_a_named_person_opens_a_case_on_a_source(harassed: Harassed) -> None:
    harassed.call("c1")
    harassed.call("c2", 60, "+86 138-0000-6127")
    fact = opened(harassed, "c2", "c1", "c1", source_type="payphone")
    assert (fact.call_id, fact.calls) == ("c1", ("c1", "c2"))
    case = read(harassed, "HC-20261123-0001")
    assert (case.caller_number, case.source_type, case.state) == (NUMBER, "payphone", OPEN)
    assert (case.opened_by, case.opened_at) == ("陈静", LATER)
    assert [call.call_id for call in case.calls] == ["c1", "c2"]
    assert [(a.action, a.person, a.state) for a in case.actions] == [("opened", "陈静", OPEN)]


def test_cases_are_counted_by_the_day(harassed: Harassed) -> None:
    harassed.call("c1")
    harassed.call("c2", number="01088880001")
    assert opened(harassed, "c1").case_number == "HC-20261123-0001"
    assert opened(harassed, "c2").case_number == "HC-20261123-0002"
    with harassed.store.session() as session:
        listed = harassment_cases.list_cases(session)
    assert [case.number for case in listed] == ["HC-20261123-0002", "HC-20261123-0001"]


@pytest.mark.parametrize(
    ("calls", "by", "source_type", "told"),
    [
        (("c1", "other"), "陈静", "unknown", "one source; these calls came from: 010"),
        (("running",), "陈静", "unknown", "running is not over"),
        (("c1",), "  ", "unknown", "expected their name"),
        (("c1",), "system", "unknown", "expected their name"),
        (("c1",), "陈静", "moon", "'moon'; expected one of: unknown, home, payphone, office"),
        ((), "陈静", "unknown", "expected 1 to 200 calls, got 0"),
    ],
)
def test_what_is_no_case_is_refused(
    harassed: Harassed, calls: tuple[str, ...], by: str, source_type: str, told: str
) -> None:
    harassed.call("c1")
    harassed.call("other", number="01088880001")
    harassed.write(CallRang("running", NIGHT, NUMBER, "95000", "main"))
    with pytest.raises(Refused, match=told):
        opened(harassed, *calls, by=by, source_type=source_type)


def test_an_unknown_call_opens_no_case(harassed: Harassed) -> None:
    with pytest.raises(NoSuchCall, match="c9"):
        opened(harassed, "c9")


def test_a_source_has_one_open_case(harassed: Harassed) -> None:
    harassed.calls(["c1", "c2"])
    number = opened(harassed, "c1").case_number
    with pytest.raises(Refused, match=f"case {number} is open on this source"):
        opened(harassed, "c2")
    act(harassed, number, Step("close", "对方已道歉"))
    assert opened(harassed, "c2").case_number != number


def test_a_call_without_a_number_is_in_one_open_case(harassed: Harassed) -> None:
    harassed.calls(["c1", "c2"], number="anonymous")
    assert opened(harassed, "c1", "c2").caller_number == ""
    with pytest.raises(Refused, match="is open on this source"):
        opened(harassed, "c2")


def test_two_people_at_the_same_moment_open_one_case(harassed: Harassed) -> None:
    harassed.calls(["c1", "c2"])
    with harassed.store.session() as session:
        first, second = (
            harassment_cases.open_case(session, ["c1"], by=by, at=LATER) for by in ("陈静", "王芳")
        )
    harassed.write(first, first)
    with pytest.raises(Refused, match="at this moment"):
        harassed.write(second)
    assert len(read(harassed, first.case_number).actions) == 1


def test_h22_warned_then_reported_then_closed(harassed: Harassed) -> None:
    harassed.call("c1")
    number = opened(harassed, "c1").case_number
    for minute, (action, state) in enumerate(
        (
            ("warning_letter", "warned"),
            ("note", "warned"),
            ("report_carrier", "reported_carrier"),
            ("report_police", "reported_police"),
            ("close", "closed"),
            ("reopen", "open"),
        ),
        1,
    ):
        fact = act(harassed, number, Step(action, f"第 {minute} 步"), minute)
        assert fact.call_id == "c1"
        assert read(harassed, number).state == state
    done = read(harassed, number).actions[1:]
    assert [(a.text, a.person) for a in done] == [(f"第 {n} 步", "陈静") for n in range(1, 7)]


def test_the_table_knows_every_state_and_ends_only_by_a_person() -> None:
    assert {state for state, _ in TABLE} == set(harassment_cases.STATES)
    assert set(TABLE.values()) == set(harassment_cases.STATES)
    assert set(possible(CLOSED)) == {"note", "reopen"}
    assert "warning_letter" not in possible(POLICE)


@pytest.mark.parametrize(
    ("step", "error", "told"),
    [
        (Step("reopen", "再来"), NotNow, "is open: cannot reopen; possible now: .*close"),
        (Step("boo", "x"), NotNow, "cannot boo"),
        (Step("warning_letter", " "), Refused, "needs a text"),
        (Step("note", "长" * 8001), Refused, "has 8001 characters; expected 8000 at most"),
        (Step("add_calls", ""), Refused, "calls go with add_calls"),
        (Step("note", "x", ("c1",)), Refused, "calls go with add_calls"),
        (Step("add_calls", "", ("other",)), Refused, r"came from 010.*is about 138\*\*\*\*6127"),
        (Step("source_type", "", (), "moon"), Refused, "'moon'"),
        (Step("note", "x", (), "home"), Refused, "a source type goes with source_type"),
    ],
)
def test_a_step_that_breaks_a_rule_is_refused(
    harassed: Harassed, step: Step, error: type[Exception], told: str
) -> None:
    harassed.call("c1")
    harassed.call("other", number="01088880001")
    number = opened(harassed, "c1").case_number
    with pytest.raises(error, match=told):
        act(harassed, number, step)
    assert len(read(harassed, number).actions) == 1


def test_a_case_that_is_not_there(harassed: Harassed) -> None:
    with pytest.raises(NoSuchCase, match="HC-1"):
        act(harassed, "HC-1", Step("note", "x"))
    with pytest.raises(NoSuchCase, match="HC-1"):
        harassed.write(
            CaseActionTaken("c1", LATER, "HC-1", "note", "陈静", "x", OPEN, OPEN),
        )


def test_a_step_on_a_case_that_moved_meanwhile_is_refused(harassed: Harassed) -> None:
    harassed.call("c1")
    number = opened(harassed, "c1").case_number
    with harassed.store.session() as session:
        close, warn = (
            harassment_cases.act(session, number, Step(name, "x"), by="王芳", at=LATER)
            for name in ("close", "warning_letter")
        )
    harassed.write(close, close)
    with pytest.raises(NotNow, match="is closed since a moment ago"):
        harassed.write(warn)
    assert [a.action for a in read(harassed, number).actions] == ["opened", "close"]


def test_later_calls_join_and_the_source_type_is_corrected(harassed: Harassed) -> None:
    harassed.calls(["c1", "c2"])
    number = opened(harassed, "c1").case_number
    act(harassed, number, Step("add_calls", "", ("c2",)), 1)
    act(harassed, number, Step("source_type", "", (), "office"), 2)
    case = read(harassed, number)
    assert [call.call_id for call in case.calls] == ["c1", "c2"]
    assert (case.source_type, case.actions[1].calls) == ("office", ["c2"])


def test_calls_of_the_source_that_are_in_no_case_are_offered(harassed: Harassed) -> None:
    harassed.calls(["c1", "c2", "c3"])
    harassed.calls(["w1", "w2"], number="anonymous")
    harassed.call("other", number="01088880001")
    shown, hidden = opened(harassed, "c1"), opened(harassed, "w1")
    for fact, expected in ((shown, ["c3", "c2"]), (hidden, ["w2"])):
        with harassed.store.session() as session:
            case = harassment_cases.get(session, fact.case_number)
            offered = harassment_cases.others(session, case)
        assert [call.call_id for call in offered] == expected


def test_h22_the_warning_letter_tells_what_happened_and_when(harassed: Harassed) -> None:
    harassed.calls(["c1", "c2"])
    case = read(harassed, opened(harassed, "c1", "c2").case_number)
    text = letters.draft(case, "warning_letter", LATER)
    assert "138 0000 6127" in text
    assert "1. 2026-11-22 13:15:00，通话 0 分 30 秒" in text
    assert "2. 2026-11-22 14:15:00" in text
    assert "《中华人民共和国治安管理处罚法》" in text
    assert "2026 年 11 月 23 日" in text
    assert "其中 0 通有录音" in text
    assert not re.search("第.{1,6}条", text)  # numbers of articles change
    assert "{" not in text


def test_h22_a_report_says_that_the_source_was_warned(harassed: Harassed) -> None:
    harassed.call("c1")
    number = opened(harassed, "c1").case_number
    assert "已于" not in letters.draft(read(harassed, number), "report_police", LATER)
    act(harassed, number, Step("warning_letter", "函"))
    for kind in ("report_carrier", "report_police"):
        assert "已于 2026-11-23 书面告知" in letters.draft(read(harassed, number), kind, LATER)


def test_a_long_case_has_a_letter_of_bounded_length(harassed: Harassed) -> None:
    harassed.calls([f"c{n:03}" for n in range(70)])
    case = read(harassed, opened(harassed, *(f"c{n:03}" for n in range(70))).case_number)
    for kind in letters.KINDS:
        text = letters.draft(case, kind, LATER)
        assert "  60. " in text
        assert "  61. " not in text
        assert "70" in text
        assert len(text) < harassment_cases.LONGEST_TEXT


def test_nobody_is_warned_without_a_number(harassed: Harassed) -> None:
    harassed.call("c1", number="anonymous")
    number = opened(harassed, "c1").case_number
    with pytest.raises(Refused, match="withheld"):
        act(harassed, number, Step("warning_letter", "函"))
    with pytest.raises(Refused, match="withheld"):
        letters.draft(read(harassed, number), "warning_letter", LATER)
    with pytest.raises(Refused, match="no letter 'boo'"):
        letters.draft(read(harassed, number), "boo", LATER)
    assert "隐藏" in letters.draft(read(harassed, number), "report_carrier", LATER)


def test_h17_sources_that_repeat_themselves_come_first(harassed: Harassed) -> None:
    harassed.calls(["a1", "a2", "a3"])
    for n, call_id in enumerate(["b1", "b2", "b3", "b4"]):
        harassed.call(call_id, 30 + 60 * n, "01088880001")
    harassed.calls(["w1", "w2", "w3"], number="anonymous")
    harassed.call("old", -60 * 24 * 40)
    harassed.call("mild", 5, disposition="ordinary")
    number = opened(harassed, "a1").case_number
    with harassed.store.session() as session:
        found = harassment_cases.repeated(session, NIGHT - timedelta(days=30))
        more = harassment_cases.repeated(session, NIGHT - timedelta(days=30), 4)
    assert [(one.number, len(one.calls), one.case_number) for one in found] == [
        ("01088880001", 4, ""),
        (NUMBER, 3, number),
    ]
    assert [call.call_id for call in found[1].calls] == ["a3", "a2", "a1"]
    assert [one.number for one in more] == ["01088880001"]


def test_h17_the_newest_verdict_says_what_counts(harassed: Harassed) -> None:
    harassed.calls(["c1", "c2"])
    harassed.call("c3", 5, disposition="ordinary")
    harassed.write(
        VerdictGiven("c3", LATER, "harassment", "骂人", "陈静"),
        VerdictGiven("c1", LATER, "harassment", "骂人", "陈静"),
        VerdictGiven("c1", LATER + timedelta(minutes=1), "complaint", "是投诉", "陈静"),
    )
    with harassed.store.session() as session:
        (one,) = harassment_cases.repeated(session, NIGHT, 2)
    assert {call.call_id for call in one.calls} == {"c2", "c3"}
