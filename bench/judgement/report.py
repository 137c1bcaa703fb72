"""The tables and the JSON of what was found. Pure but for the console it is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.judgement.judges import Verdict
from bench.judgement.lines import LABELS, Line
from bench.judgement.metrics import Confusion, Share, percentile, worst_kinds


@dataclass(frozen=True, slots=True)
class Heard:
    """A line as it was put to the judges, and what each of them said."""

    line: Line
    text: str
    said: Verdict
    baseline: Verdict

    @property
    def right(self) -> bool:
        """Whether the judge was."""
        return self.said.label == self.line.label


@dataclass(frozen=True, slots=True)
class Round:
    """All lines at one rate of noise."""

    noise: float
    heard: Sequence[Heard]

    @property
    def name(self) -> str:
        """As the tables call it."""
        return f"{self.noise:.0%} noise" if self.noise else "clean"

    def confusion(self, baseline: bool = False) -> Confusion:
        """Of the judge, or of the keyword list."""
        return Confusion(
            (h.line.label, (h.baseline if baseline else h.said).label) for h in self.heard
        )

    def part(self, hard: bool) -> Round:
        """The hard lines alone, or the others."""
        return Round(self.noise, [h for h in self.heard if h.line.hard == hard])


def show(console: Console, judge: str, rounds: Sequence[Round], worst: int) -> None:
    """Every table."""
    for table in (_summary(judge, rounds), *(_labels(judge, of) for of in rounds)):
        console.print(table)
    console.print(_kinds(rounds, worst))
    console.print(_times(judge, rounds))


def show_errors(console: Console, rounds: Iterable[Round]) -> None:
    """Every line that went wrong: as heard, and as written where that differs."""
    for of in rounds:
        console.print(f"\n{of.name}: wrong")
        for h in (h for h in of.heard if not h.right):
            written = "" if h.text == h.line.text else f" ({h.line.text})"
            told = f"{h.line.label} told {h.said.label}"
            console.print(f"{h.line.id} {told} [{h.line.kind}] {h.text}{written}", markup=False)


def as_dict(judge: str, rounds: Sequence[Round]) -> dict[str, Any]:
    """All figures, for a file."""
    return {
        "judge": judge,
        "rounds": [
            {
                "noise": of.noise,
                "lines": len(of.heard),
                judge: _figures(of.confusion()),
                "keywords": _figures(of.confusion(baseline=True)),
                "kinds": {kind: [wrong, n] for kind, wrong, n in worst_kinds(_by_kind([of]))},
            }
            for of in rounds
        ],
        "ms": {name: {"p50": p50, "p95": p95} for name, p50, p95 in _speeds(judge, rounds)},
    }


def _figures(found: Confusion) -> dict[str, Any]:
    return {
        "macro_f1": found.macro_f1(),
        "false_alarms_a_thousand": found.false_alarms(),
        "labels": {
            label: {
                name: [share.value, share.low, share.high]
                for name, share in zip(
                    ("precision", "recall", "f1"), _of(found, label), strict=True
                )
            }
            for label in LABELS
        },
        "confusion": {so: {told: found.count(so, told) for told in LABELS} for so in LABELS},
    }


def _of(found: Confusion, label: str) -> tuple[Share, Share, Share]:
    return found.precision(label), found.recall(label), found.f1(label)


def _summary(judge: str, rounds: Sequence[Round]) -> Table:
    table = Table(title=f"{judge} and the plain keyword list, {len(rounds[0].heard)} lines")
    heads = ("macro-F1", "keywords", "plain lines", "hard lines", "false alarms ‰", "keywords")
    for head in ("", *heads):
        table.add_column(head, justify="right" if head else "left")
    for of in rounds:
        ours, plain = of.confusion(), of.confusion(baseline=True)
        table.add_row(
            of.name,
            f"{ours.macro_f1():.3f}",
            f"{plain.macro_f1():.3f}",
            *(f"{of.part(hard).confusion().macro_f1():.3f}" for hard in (False, True)),
            f"{ours.false_alarms():.1f}",
            f"{plain.false_alarms():.1f}",
        )
    return table


def _labels(judge: str, of: Round) -> Table:
    table = Table(title=f"{of.name}: {judge}, 95 % intervals; what it is ↓, told as →")
    for head in ("", "precision", "recall", "F1", "keywords F1", *LABELS):
        table.add_column(head, justify="right" if head else "left")
    ours, plain = of.confusion(), of.confusion(baseline=True)
    for label in LABELS:
        table.add_row(
            label,
            *(_with_interval(share) for share in _of(ours, label)),
            f"{plain.f1(label).value:.3f}",
            *(str(ours.count(label, told)) for told in LABELS),
        )
    return table


def _with_interval(share: Share) -> str:
    return f"{share.value:.3f} ({share.low:.2f}–{share.high:.2f})"


def _kinds(rounds: Sequence[Round], worst: int) -> Table:
    table = Table(title="worst kinds: lines that went wrong, all rounds together")
    for head in ("kind", "wrong", "of", "share"):
        table.add_column(head, justify="left" if head == "kind" else "right")
    for kind, wrong, n in worst_kinds(_by_kind(rounds))[:worst]:
        table.add_row(kind, str(wrong), str(n), f"{wrong / n:.0%}")
    return table


def _by_kind(rounds: Iterable[Round]) -> list[tuple[str, bool]]:
    return [(f"{h.line.label} {h.line.kind}", h.right) for of in rounds for h in of.heard]


def _times(judge: str, rounds: Sequence[Round]) -> Table:
    speeds = _speeds(judge, rounds)
    table = Table(title="ms a segment, question to answer over a pipe")
    for head in ("", "p50", "p95"):
        table.add_column(head, justify="right" if head else "left")
    for name, p50, p95 in speeds:
        table.add_row(name, f"{p50:.3f}", f"{p95:.3f}")
    (_, ours, _), (_, plain, _) = speeds
    table.add_row("ratio", f"{ours / plain:.2f}", "")
    return table


def _speeds(judge: str, rounds: Sequence[Round]) -> list[tuple[str, float, float]]:
    ours = [h.said.ms for of in rounds for h in of.heard]
    plain = [h.baseline.ms for of in rounds for h in of.heard]
    return [
        (name, median(ms), percentile(ms, 0.95))
        for name, ms in ((judge, ours), ("keywords", plain))
    ]
