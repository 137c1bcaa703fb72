"""From what was measured and judged to points, and from points to the score of a call. Pure.

An answer is what an evaluation keeps for an item, as plain data; see store/quality_tables.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from callcenter.casework.quality.measures import COUNTED, Heard, measured
from callcenter.core.scorecards import Form, Item

APPROVED, OBSERVED, REJECTED = "approved", "observed", "rejected"
VERDICTS = (APPROVED, OBSERVED, REJECTED)
"""通过、待整改、驳回."""
Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Score:
    """How a call comes off; `value` is 0 to 100, None while nothing that counts is answered."""

    value: float | None
    points: float
    most: float
    """The most that the answered items could have brought; weights count in both."""
    waiting: tuple[str, ...]
    """The titles of items that nobody has answered."""
    failed: tuple[str, ...]
    """The titles of critical items without a point (一票否决)."""
    passed: bool
    suggested: str
    """The verdict that follows from it; a person gives it."""


def points_of(item: Item, value: float | None) -> float | None:
    """What a measured value brings; None where it could not be told."""
    if value is None:
        return None
    low = item.least - value if item.least is not None else 0.0
    high = value - item.most if item.most is not None else 0.0
    excess = max(low, high)
    if excess <= 0:
        return item.points
    if item.yes_no or not item.minus:
        return 0.0
    return max(0.0, round(item.points - item.minus * excess, 1))


def score(form: Form, answers: Mapping[str, Answer]) -> Score:
    """The score by these answers; items that do not apply count neither way."""
    points = most = 0.0
    waiting, failed = [], []
    for item in form.items:
        answer = answers.get(item.key, {})
        if answer.get("not_applicable"):
            continue
        given = answer.get("points")
        if given is None:
            waiting.append(item.title)
            continue
        points += item.weight * given
        most += item.weight * item.points
        if item.critical and given <= 0:
            failed.append(item.title)
    value = (0.0 if failed else round(100 * points / most, 1)) if most else None
    passed = value is not None and value >= form.pass_mark and not failed
    verdict = REJECTED if failed else APPROVED if passed else OBSERVED
    sums = (round(points, 1), round(most, 1))
    return Score(value, *sums, tuple(waiting), tuple(failed), passed, verdict)


def machine_answer(item: Item, heard: Heard, before: Answer | None = None) -> dict[str, Any]:
    """What an automatic item is pre-filled with; excuses and a person's own points stay."""
    old = before or {}
    places = old.get("places", ())
    excused = {one["start_ms"]: one["excused"] for one in places if "excused" in one}
    found = measured(item, heard)
    now = [_place(asdict(place), excused) for place in found.places]
    return resettled(item, {**old, "value": found.value, "places": now})


def excuse(item: Item, answer: Answer, start_ms: int, why: Mapping[str, str]) -> dict[str, Any]:
    """The answer with the place that begins there not counted; `why` is {by, at, reason}.

    Raises ValueError where the item counts no places, or none there.
    """
    places = list(answer.get("places", ()))
    at = next((n for n, place in enumerate(places) if place["start_ms"] == start_ms), None)
    if item.measure not in COUNTED or at is None:
        raise ValueError(f"{item.title}: nothing is counted at {start_ms} ms")
    places[at] = {**places[at], "excused": dict(why)}
    return resettled(item, {**answer, "places": places})


def resettled(item: Item, answer: Answer) -> dict[str, Any]:
    """The answer with the machine's points worked out anew; a person's own stay."""
    value = answer["value"]
    if item.measure in COUNTED and value is not None:
        value = float(sum("excused" not in place for place in answer["places"]))
    by_machine = points_of(item, value)
    kept = {**answer, "value": value, "measured": by_machine}
    return kept if kept.get("by") else {**kept, "points": by_machine, "by": "", "reason": ""}


def _place(place: dict[str, Any], excused: Mapping[int, Any]) -> dict[str, Any]:
    why = excused.get(place["start_ms"])
    return {**place, "excused": why} if why else place
