"""What a person says of the items of a form: points within bounds, reasons, what does not apply.

Pure; core.errors.Refused says what is expected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from callcenter.casework.quality import scoring
from callcenter.casework.quality.scoring import Answer
from callcenter.core.errors import Refused
from callcenter.core.scorecards import Form, Item


def item_of(form: Form, key: str) -> Item:
    """Raises Refused."""
    item = form.item(key)
    if item is None:
        raise Refused(f"no item {key!r} on this form")
    return item


def filled(
    form: Form, answers: Mapping[str, Answer], given: Sequence[Mapping[str, Any]], by: str
) -> dict[str, Answer]:
    """The answers with these in them: {item, points, not_applicable, reason}. Raises Refused.

    Neither points nor `not_applicable` gives an automatic item back to the machine.
    """
    made = dict(answers)
    for one in given:
        item = item_of(form, str(one["item"]))
        made[item.key] = _judged(item, made.get(item.key, {}), one, by)
    return made


def excused(
    form: Form, answers: Mapping[str, Answer], key: str, start_ms: int, why: Mapping[str, str]
) -> dict[str, Answer]:
    """The answers with a place not counted, such as a silence that was meant (D14).

    Raises Refused.
    """
    item = item_of(form, key)
    try:
        made = scoring.excuse(item, answers.get(key, {}), start_ms, why)
    except ValueError as error:
        raise Refused(str(error)) from None
    return {**answers, key: made}


def _judged(item: Item, old: Answer, given: Mapping[str, Any], by: str) -> dict[str, Any]:
    points, apart = given.get("points"), bool(given.get("not_applicable"))
    reason = str(given.get("reason") or "").strip()
    if points is None and not apart:
        return _given_back(item, old)
    if points is not None and not apart:
        _check_points(item, points)
    if old.get("measured") is not None and not reason:
        raise Refused(f"{item.title}: it was measured; what is judged otherwise needs a reason")
    kept = None if apart else float(points or 0)
    return {**old, "points": kept, "not_applicable": apart, "reason": reason, "by": by}


def _given_back(item: Item, old: Answer) -> dict[str, Any]:
    if not item.measure:
        raise Refused(f"{item.title}: expected points, or that it does not apply")
    return scoring.resettled(item, {**old, "not_applicable": False, "by": ""})


def _check_points(item: Item, points: float) -> None:
    if not 0 <= points <= item.points:
        raise Refused(f"{item.title}: {points:g} points; expected 0 to {item.points:g}")
    if item.yes_no and points not in (0, item.points):
        raise Refused(f"{item.title}: {points:g} points; expected 0 or {item.points:g}")
