"""Runs rules over labelled calls and counts what they got right, and what a draft changes. Pure.

It is given the rules as something that judges a call; it neither reads packs nor the store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from callcenter.casework.reports.shares import Share, wilson
from callcenter.casework.reviews.labels import LabelledCall
from callcenter.casework.reviews.queue import VERDICTS
from callcenter.core.numbers import mask
from callcenter.core.records import Hit
from callcenter.core.trials import Judged, RuleInForce, Rules

MOST_LISTED = 1000
"""Calls of one sort that are listed one by one."""

Tell = Callable[[int], None]
"""Told how many calls are done."""


@dataclass
class RuleCount:
    """How often one rule was hit, and in calls of which verdict."""

    rule: RuleInForce
    hits: int = 0
    calls: int = 0
    right: int = 0
    """Judged calls among them whose verdict is what the rule's category counts as."""
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class LabelCount:
    """One label against the verdicts."""

    misses: int
    """Judged as this, and told to be something else."""
    false_alarms: int
    """Told to be this, and judged as something else."""
    precision: Share
    recall: Share


class Side:
    """What one set of rules told of the calls."""

    def __init__(self, rules: Iterable[RuleInForce]) -> None:
        self.rules = {rule.name: RuleCount(rule) for rule in rules}
        self.told: Counter[str] = Counter()
        """Calls by label, those without a verdict counted."""
        self.confusion: Counter[tuple[str, str]] = Counter()
        """Judged calls by verdict and label."""

    def add(self, verdict: str, judged: Judged) -> None:
        """Count one call; `verdict` is "" where nobody judged it."""
        self.told[judged.label] += 1
        if verdict:
            self.confusion[verdict, judged.label] += 1
        for name, hits in Counter(hit.rule for hit in judged.hits).items():
            counted = self.rules[name]
            counted.hits += hits
            counted.calls += 1
            if verdict and counted.rule.group in VERDICTS:
                right = verdict == counted.rule.group
                counted.right += right
                counted.wrong += not right

    def label(self, label: str) -> LabelCount:
        """One label against the verdicts."""
        right = self.confusion[label, label]
        judged = sum(self.confusion[label, told] for told in VERDICTS)
        told = sum(self.confusion[verdict, label] for verdict in VERDICTS)
        return LabelCount(judged - right, told - right, wilson(right, told), wilson(right, judged))


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that finds something else in a call: `change` is added, gone or other."""

    rule: str
    change: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A call that is worth a look, its number masked.

    `rules` are those that differ where a draft changes its label, else those that were hit.
    """

    call_id: str
    rang_at: datetime
    caller_number: str
    verdict: str
    before: str
    after: str
    rules: tuple[RuleChange, ...]


@dataclass
class Listing:
    """Calls of one sort: all are counted, the newest are listed."""

    calls: int = 0
    listed: list[Listed] = field(default_factory=list)

    def add(
        self, call: LabelledCall, before: Judged, after: Judged, rules: Iterable[RuleChange]
    ) -> None:
        """Count one more; calls come newest first."""
        self.calls += 1
        if len(self.listed) < MOST_LISTED:
            number = mask(call.caller_number)
            known = (call.call_id, call.rang_at, number, call.verdict)
            self.listed.append(Listed(*known, before.label, after.label, tuple(rules)))


@dataclass
class Outcome:
    """All that a back-test found; `draft` and what changed only where a draft was given."""

    in_force: Side
    draft: Side | None = None
    calls: int = 0
    segments: int = 0
    judged: int = 0
    changed: Listing = field(default_factory=Listing)
    """Calls to which the draft gives another label."""
    touched: Listing = field(default_factory=Listing)
    """Calls in which other rules are hit, and the label stays: the desk would act otherwise."""
    wrong: Listing = field(default_factory=Listing)
    """Judged calls to which the rules that were tried (the draft, if given) gave another label."""


def back_test(
    calls: Iterable[LabelledCall],
    in_force: Rules,
    draft: Rules | None = None,
    tell: Tell = lambda done: None,
) -> Outcome:
    """Judge every call by the rules in force and by the draft, and count."""
    outcome = Outcome(Side(in_force.listed()), Side(draft.listed()) if draft else None)
    for call in calls:
        before = in_force.judge(call.heard)
        after = draft.judge(call.heard) if draft else before
        _count(outcome, call, before, after)
        tell(outcome.calls)
    return outcome


def _count(outcome: Outcome, call: LabelledCall, before: Judged, after: Judged) -> None:
    outcome.calls += 1
    outcome.segments += len(call.heard.segments)
    outcome.judged += bool(call.verdict)
    outcome.in_force.add(call.verdict, before)
    if outcome.draft:
        outcome.draft.add(call.verdict, after)
        _compare(outcome, call, before, after)
    if call.verdict not in ("", after.label):
        names = dict.fromkeys(hit.rule for hit in after.hits)
        outcome.wrong.add(call, before, after, (RuleChange(name, "") for name in names))


def _compare(outcome: Outcome, call: LabelledCall, before: Judged, after: Judged) -> None:
    differ = changes(before.hits, after.hits)
    if before.label != after.label:
        outcome.changed.add(call, before, after, differ)
    elif any(one.change != "other" for one in differ):
        outcome.touched.add(call, before, after, differ)


def changes(before: Iterable[Hit], after: Iterable[Hit]) -> list[RuleChange]:
    """The rules whose hits weigh otherwise afterwards, by name."""
    old, new = _by_rule(before), _by_rule(after)
    differ = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    return [
        RuleChange(name, "added" if name not in old else "gone" if name not in new else "other")
        for name in differ
    ]


def _by_rule(hits: Iterable[Hit]) -> dict[str, Counter[tuple[object, ...]]]:
    found: dict[str, Counter[tuple[object, ...]]] = {}
    for hit in hits:
        weighs = (hit.start_ms, hit.end_ms, hit.party, hit.category, hit.severity, hit.score)
        found.setdefault(hit.rule, Counter())[weighs] += 1
    return found


def as_dict(outcome: Outcome) -> dict[str, Any]:
    """The outcome as plain JSON types; shares of nothing are null."""
    return {
        "calls": outcome.calls,
        "segments": outcome.segments,
        "judged": outcome.judged,
        "in_force": _side(outcome.in_force),
        "draft": _side(outcome.draft) if outcome.draft else None,
        **_listing("changed", outcome.changed),
        **_listing("touched", outcome.touched),
        **_listing("wrong", outcome.wrong),
    }


def _listing(name: str, listing: Listing) -> dict[str, Any]:
    return {
        f"{name}_calls": listing.calls,
        name: [_listed_dict(one) for one in listing.listed],
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "labels": {label: _label_dict(side, label) for label in VERDICTS},
        "confusion": {
            verdict: {told: side.confusion[verdict, told] for told in VERDICTS}
            for verdict in VERDICTS
        },
        "rules": [
            {
                "rule": name,
                "category": one.rule.category,
                "hits": one.hits,
                "calls": one.calls,
                "right": one.right,
                "wrong": one.wrong,
            }
            for name, one in side.rules.items()
        ],
    }


def _label_dict(side: Side, label: str) -> dict[str, Any]:
    counted = side.label(label)
    return {
        "told": side.told[label],
        "misses": counted.misses,
        "false_alarms": counted.false_alarms,
        "precision": counted.precision.as_dict(),
        "recall": counted.recall.as_dict(),
    }


def _listed_dict(one: Listed) -> dict[str, Any]:
    return {
        "call_id": one.call_id,
        "rang_at": one.rang_at.isoformat(),
        "caller_number": one.caller_number,
        "verdict": one.verdict,
        "before": one.before,
        "after": one.after,
        "rules": [{"rule": each.rule, "change": each.change} for each in one.rules],
    }
