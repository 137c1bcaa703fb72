"""Evaluations (质检记录): a call judged by a scorecard, seen by its agent, appealed, reviewed (R6).

Reads through the session given; what people decide comes out as facts for the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.quality import answers, gathering, own, scorecards, scoring
from callcenter.casework.quality.scorecards import QUALITY
from callcenter.casework.quality.speech import quoted
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.events import RecordStepped
from callcenter.core.hours import Hours
from callcenter.core.people import AGENT
from callcenter.core.scorecards import Form, form_of
from callcenter.core.steps import NOT_YET, Move, Moves, anywhere
from callcenter.store import calls
from callcenter.store.quality_tables import Evaluation
from callcenter.store.tables import Call

KIND, PREFIX = "evaluation", "QA"
OPEN, SUBMITTED, APPEALED, FINAL, DROPPED = "open", "submitted", "appealed", "final", "dropped"
JUDGED = (SUBMITTED, APPEALED, FINAL)
"""States in which it counts."""
MOST_COMMENTS = 100
_AGENTS = frozenset({AGENT})

MOVES: Moves = {
    (NOT_YET, "open"): Move(OPEN, ("call_id", "scorecard"), QUALITY),
    (OPEN, "fill"): Move(OPEN, ("answers",), QUALITY),
    (OPEN, "excuse"): Move(OPEN, ("item", "start_ms", "reason"), QUALITY),
    (OPEN, "measure"): Move(OPEN, by=QUALITY),
    (OPEN, "submit"): Move(SUBMITTED, ("verdict",), QUALITY),
    (OPEN, "drop"): Move(DROPPED, ("reason",), QUALITY),
    (SUBMITTED, "see"): Move(SUBMITTED, by=_AGENTS),
    (SUBMITTED, "accept"): Move(FINAL, by=_AGENTS),
    (SUBMITTED, "appeal"): Move(APPEALED, ("reason",), _AGENTS),
    (SUBMITTED, "close"): Move(FINAL, by=QUALITY),
    (APPEALED, "fill"): Move(APPEALED, ("answers",), QUALITY),
    (APPEALED, "excuse"): Move(APPEALED, ("item", "start_ms", "reason"), QUALITY),
    (APPEALED, "review"): Move(FINAL, ("upheld", "verdict", "reason"), QUALITY),
    **anywhere((OPEN, *JUDGED), "comment", ("text", "start_ms"), QUALITY),
}
"""The second review (复核) is somebody else's than the first; agents answer for their own calls."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What a step is worked out from."""

    session: Session
    row: Evaluation
    form: Form
    given: Mapping[str, Any]
    actor: Actor
    hours: Hours

    @property
    def person(self) -> str:
        return self.actor.person.strip()


def open_(session: Session, fields: Mapping[str, Any], actor: Actor) -> RecordStepped:
    """Begin to judge a call; what can be measured is filled in.

    Raises NoSuchCall, NoSuchRecord, and Refused for one's own call, a call that nobody answered or
    that is not over, a scorecard that is not in use, or a call that it has judged already.
    """
    call = _judgeable(session, str(fields.get("call_id", "")))
    own.check_not_own(session, call.agent, actor.person)
    card, form = scorecards.in_use(session, str(fields.get("scorecard", "")))
    done = select(Evaluation.number).where(
        Evaluation.call_id == call.call_id,
        Evaluation.scorecard == card.number,
        Evaluation.state != DROPPED,
    )
    if number := session.scalar(done.limit(1)):
        raise Refused(f"{number} judges this call by this scorecard already")
    kept = {
        "call_id": call.call_id,
        "agent": call.agent,
        "rang_at": call.rang_at,
        "scorecard": card.number,
        "edition": card.edition,
        "form": card.form,
        "answers": _measured(session, form, call.call_id, {}),
    }
    return steps.opening(session, KIND, MOVES, PREFIX, "open", kept, actor)


def act(
    session: Session,
    number: str,
    action: str,
    fields: Mapping[str, Any],
    actor: Actor,
    seen: int | None = None,
    hours: Hours | None = None,
) -> RecordStepped:
    """A step in an evaluation. Raises NoSuchRecord, NotNow, Refused."""
    row = steps.get(session, Evaluation, number)
    step = _Step(session, row, form_of(row.form), fields, actor, hours or Hours())
    return steps.step(row, MOVES, action, fields, actor, seen, lambda: _STEPS[action](step))


def now(row: Evaluation) -> scoring.Score:
    """The score by the answers as they stand."""
    return scoring.score(form_of(row.form), row.answers)


def _judgeable(session: Session, call_id: str) -> Call:
    call = calls.get_call(session, call_id, loaded=False)
    if call.answered_at is None or call.ended_at is None or not call.agent:
        raise Refused(f"call {call_id} is not over, or no agent answered it")
    return call


def _measured(
    session: Session, form: Form, call_id: str, before: Mapping[str, Any]
) -> dict[str, Any]:
    heard = gathering.heard(session, call_id)
    return {
        item.key: scoring.machine_answer(item, heard, before.get(item.key))
        for item in form.items
        if item.measure
    }


def _fill(step: _Step) -> dict[str, Any]:
    _check_judge(step)
    made = answers.filled(step.form, step.row.answers, step.given["answers"], step.person)
    return {"answers": made}


def _excuse(step: _Step) -> dict[str, Any]:
    _check_judge(step)
    why = {"by": step.person, "at": step.actor.at.isoformat(), "reason": step.given["reason"]}
    what = (step.given["item"], step.given["start_ms"], why)
    return {"answers": answers.excused(step.form, step.row.answers, *what)}


def _measure(step: _Step) -> dict[str, Any]:
    """Measured anew, where more of the call was transcribed since."""
    row = step.row
    return {"answers": {**row.answers, **_measured(step.session, step.form, row.call_id,
                                                   row.answers)}}  # fmt: skip


def _submit(step: _Step) -> dict[str, Any]:
    own.check_not_own(step.session, step.row.agent, step.person)
    until = step.hours.day_end(step.actor.at, step.form.appeal_days)
    submitted = {"evaluator": step.person, "submitted_at": step.actor.at, "appeal_until": until}
    return {**_scored(step), **submitted}


def _see(step: _Step) -> dict[str, Any]:
    own.check_own(step.session, step.row.agent, step.person)
    return {"seen_at": step.row.seen_at or step.actor.at}


def _appeal(step: _Step) -> dict[str, Any]:
    row, at, item = step.row, step.actor.at, step.given.get("item") or ""
    own.check_own(step.session, row.agent, step.person)
    if row.appeal_until is not None and at > row.appeal_until:
        raise Refused(f"{row.number} could be appealed until {row.appeal_until:%Y-%m-%d %H:%M} UTC")
    if item:
        answers.item_of(step.form, item)
    until = step.hours.day_end(at, step.form.review_days)
    told = {"appeal": step.given["reason"], "appeal_item": item, "appealed_at": at}
    return {**told, "seen_at": row.seen_at or at, "review_until": until}


def _close(step: _Step) -> dict[str, Any]:
    """The agent said nothing in time."""
    until = step.row.appeal_until
    if until is not None and step.actor.at <= until:
        raise Refused(f"{step.row.number} may be appealed until {until:%Y-%m-%d %H:%M} UTC")
    return {}


def _review(step: _Step) -> dict[str, Any]:
    _check_judge(step)
    before = {"first_score": step.row.score, "first_verdict": step.row.verdict}
    told = {"reviewer": step.person, "upheld": step.given["upheld"], "review": step.given["reason"]}
    return {**_scored(step), **before, **told}


def _comment(step: _Step) -> dict[str, Any]:
    row, given = step.row, step.given
    if len(row.comments) >= MOST_COMMENTS:
        raise Refused(f"{row.number} has {MOST_COMMENTS} comments already")
    start, party = given["start_ms"], given.get("party") or ""
    end = max(start, given.get("end_ms") or start)
    segments = gathering.heard(step.session, row.call_id).segments
    made = {
        "id": len(row.comments) + 1,
        "at": step.actor.at.isoformat(),
        "by": step.person,
        "start_ms": start,
        "end_ms": end,
        "party": party,
        "quote": quoted(segments, start, end, party),
        "text": given["text"],
    }
    return {"comments": [*row.comments, made]}


def _scored(step: _Step) -> dict[str, Any]:
    score = scoring.score(step.form, step.row.answers)
    if step.given["verdict"] not in scoring.VERDICTS:
        raise Refused(f"a verdict is one of: {', '.join(scoring.VERDICTS)}")
    if score.waiting:
        raise Refused(f"not judged yet: {'、'.join(score.waiting)}")
    if score.value is None:
        raise Refused("no item of the form applies; drop the evaluation instead")
    verdict = {"verdict": step.given["verdict"], "failed": list(score.failed)}
    return {**verdict, "score": score.value, "passed": score.passed}


def _check_judge(step: _Step) -> None:
    """Nobody judges their own calls, nor hears an appeal against themselves."""
    own.check_not_own(step.session, step.row.agent, step.person)
    if step.row.state == APPEALED and step.person in (step.row.evaluator, step.row.opened_by):
        raise Refused("an appeal is heard by somebody else than who judged first")


_STEPS: Mapping[str, Callable[[_Step], dict[str, Any]]] = {
    "fill": _fill,
    "excuse": _excuse,
    "measure": _measure,
    "submit": _submit,
    "drop": lambda step: {"remark": step.given["reason"]},
    "see": _see,
    "accept": _see,
    "appeal": _appeal,
    "close": _close,
    "review": _review,
    "comment": _comment,
}
