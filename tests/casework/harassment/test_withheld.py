from __future__ import annotations

from datetime import timedelta

import pytest

from callcenter.casework.harassment import cases as harassment_cases
from callcenter.casework.harassment import withheld
from callcenter.casework.harassment.bill import BillRow
from callcenter.casework.harassment.withheld import Withheld
from callcenter.core.errors import NoSuchCall, Refused
from callcenter.core.events import NumberRecovered, VerdictGiven
from callcenter.store import calls
from callcenter.store.case_tables import BillLine
from tests.casework.harassed import NIGHT, NUMBER, Harassed

LATER = NIGHT + timedelta(days=10)
BILL = "ab" * 32


def row(line: int, start_s: float, seconds: int = 30, number: str = NUMBER) -> BillRow:
    """A line of the bill, so many seconds after the first call was answered."""
    at = NIGHT + timedelta(seconds=4 + start_s)
    return BillRow(line, number, "4008200001", at, seconds)


def join(harassed: Harassed, *rows: BillRow, tolerance_s: float = 90) -> list[tuple[str, int]]:
    with harassed.store.session() as session:
        facts = withheld.offered(
            session, rows, bill_sha256=BILL, by="陈静", at=LATER, tolerance_s=tolerance_s
        )
    harassed.write(*facts)
    return [(fact.call_id, fact.bill_line) for fact in facts]


def worst(harassed: Harassed) -> list[Withheld]:
    with harassed.store.session() as session:
        return withheld.worst(session)


def accept(harassed: Harassed, call_id: str, line: BillLine, by: str = "陈静") -> NumberRecovered:
    with harassed.store.session() as session:
        fact = withheld.accept(session, call_id, line.id, by=by, at=LATER)
    harassed.write(fact)
    return fact


def test_h20_the_worst_calls_without_a_number_are_listed_with_their_times(
    harassed: Harassed,
) -> None:
    harassed.call("w1", number="anonymous")
    harassed.call("w2", 60, "", seconds=95)
    harassed.call("shown", 5)
    harassed.call("mild", 6, "anonymous", disposition="ordinary")
    harassed.call("judged", 7, "anonymous", disposition="suspected")
    harassed.call("excused", 8, "anonymous")
    harassed.write(
        VerdictGiven("judged", LATER, "harassment", "骂人", "陈静"),
        VerdictGiven("excused", LATER, "complaint", "着急", "陈静"),
    )
    found = worst(harassed)
    assert [(one.call.call_id, one.seconds, one.severity) for one in found] == [
        ("w2", 95, 4),
        ("judged", 30, 4),
        ("w1", 30, 4),
    ]
    assert [one.call.rang_at for one in found][-1] == NIGHT
    assert all((one.lines, one.number, one.ambiguous) == ((), None, False) for one in found)


@pytest.mark.parametrize(
    ("start_s", "seconds", "fits"),
    [
        (0, 30, True),
        (-4, 30, True),
        (90, 30, True),
        (-94, 30, True),
        (91, 30, False),
        (-95, 30, False),
        (0, 35, True),
        (0, 36, False),
        (0, 24, False),
    ],
)
def test_h21_start_and_length_must_agree(
    harassed: Harassed, start_s: float, seconds: int, fits: bool
) -> None:
    harassed.call("w1", number="anonymous")
    assert join(harassed, row(2, start_s, seconds)) == ([("w1", 2)] if fits else [])


def test_h21_a_long_call_may_differ_by_a_tenth(harassed: Harassed) -> None:
    harassed.call("w1", number="anonymous", seconds=300)
    assert join(harassed, row(2, 0, 330), row(3, 0, 270), row(4, 0, 331)) == [("w1", 2), ("w1", 3)]


def test_h21_the_tolerance_can_be_chosen(harassed: Harassed) -> None:
    harassed.call("w1", number="anonymous")
    assert join(harassed, row(2, 20), tolerance_s=10) == []
    assert join(harassed, row(2, 20), tolerance_s=20) == [("w1", 2)]


def test_h21_nothing_is_kept_of_other_peoples_calls(harassed: Harassed) -> None:
    harassed.call("w1", number="anonymous")
    harassed.call("shown", 600)
    join(harassed, row(2, 0), row(3, 36000), row(4, 999999), row(5, 0, number="400-820-0001"))
    with harassed.store.session() as session:
        assert [line.bill_line for line in session.query(BillLine)] == [2]


def test_h21_a_bill_read_twice_is_one(harassed: Harassed) -> None:
    harassed.call("w1", number="anonymous")
    for _ in range(2):
        join(harassed, row(2, 0))
    (one,) = worst(harassed)
    assert [line.bill_line for line in one.lines] == [2]
    assert not one.ambiguous


def test_h21_two_numbers_that_fit_are_ambiguous_and_none_is_chosen(harassed: Harassed) -> None:
    harassed.call("w1", number="anonymous")
    join(harassed, row(2, 0), row(3, 10, number="01088880001"))
    (one,) = worst(harassed)
    assert one.ambiguous
    assert one.number is None
    assert [line.caller_number for line in one.lines] == [NUMBER, "01088880001"]


def test_h21_a_line_that_fits_two_calls_is_ambiguous(harassed: Harassed) -> None:
    harassed.call("w1", number="anonymous")
    harassed.call("w2", 1, "anonymous")
    harassed.call("w3", 60, "anonymous")
    join(harassed, row(2, 30), row(3, 3600))
    assert {one.call.call_id: one.ambiguous for one in worst(harassed)} == {
        "w1": True,
        "w2": True,
        "w3": False,
    }


def test_h21_a_named_person_accepts_and_the_calls_own_number_stays(harassed: Harassed) -> None:
    harassed.call("w1", number="anonymous")
    join(harassed, row(7, 3))
    (one,) = worst(harassed)
    accept(harassed, "w1", one.lines[0])
    (one,) = worst(harassed)
    assert one.number is not None
    assert (one.number.caller_number, one.number.person, one.number.at) == (NUMBER, "陈静", LATER)
    assert (one.number.bill_sha256, one.number.bill_line) == (BILL, 7)
    with harassed.store.session() as session:
        assert calls.get_call(session, "w1").caller_number == "anonymous"


def test_h21_the_newest_acceptance_counts_and_the_older_ones_stay(harassed: Harassed) -> None:
    harassed.call("w1", number="anonymous")
    join(harassed, row(2, 0), row(3, 10, number="01088880001"))
    (one,) = worst(harassed)
    accept(harassed, "w1", one.lines[0])
    accept(harassed, "w1", one.lines[1], by="王芳")
    (one,) = worst(harassed)
    assert one.number is not None
    assert one.number.caller_number == "01088880001"


def test_what_was_not_offered_is_not_accepted(harassed: Harassed) -> None:
    harassed.call("w1", number="anonymous")
    harassed.call("w2", 600, "anonymous")
    harassed.call("shown", 5)
    join(harassed, row(2, 0))
    line = next(one.lines[0] for one in worst(harassed) if one.lines)
    for call_id, line_id, by, error, told in (
        ("w2", line.id, "陈静", Refused, "not offered for call w2"),
        ("w1", 999, "陈静", Refused, "bill line 999 was not offered"),
        ("shown", line.id, "陈静", Refused, "showed its number"),
        ("w1", line.id, "system", Refused, "expected their name"),
        ("w9", line.id, "陈静", NoSuchCall, "w9"),
    ):
        with harassed.store.session() as session, pytest.raises(error, match=told):
            withheld.accept(session, call_id, line_id, by=by, at=LATER)


def test_h21_a_case_without_a_number_is_joined_to_it(harassed: Harassed) -> None:
    harassed.calls(["w1", "w2"], number="anonymous")
    with harassed.store.session() as session:
        fact = harassment_cases.open_case(session, ["w1", "w2"], by="陈静", at=LATER)
    harassed.write(fact)
    join(harassed, row(2, 0))
    one = next(one for one in worst(harassed) if one.lines)
    assert one.case_number == fact.case_number
    accept(harassed, "w1", one.lines[0], by="王芳")
    with harassed.store.session() as session:
        case = harassment_cases.get(session, fact.case_number)
    assert case.caller_number == NUMBER
    assert [(a.action, a.person, a.calls) for a in case.actions][1:] == [
        ("number_recovered", "王芳", ["w1"])
    ]


def test_h21_a_recovered_number_counts_with_those_that_were_shown(harassed: Harassed) -> None:
    harassed.call("w1", number="anonymous")
    harassed.call("s1", 100)
    harassed.call("s2", 200)
    join(harassed, row(2, 0))
    (one,) = worst(harassed)
    accept(harassed, "w1", one.lines[0])
    with harassed.store.session() as session:
        (source,) = harassment_cases.repeated(session, NIGHT, 3)
    assert (source.number, [call.call_id for call in source.calls]) == (NUMBER, ["s2", "s1", "w1"])
