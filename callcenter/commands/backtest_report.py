"""Shows a back-test: tables where a person watches, plain lines in a pipe. Numbers are masked."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from callcenter.casework.reports.shares import Share
from callcenter.casework.reviews.backtest import Listing, Outcome, RuleCount, Side
from callcenter.casework.reviews.queue import VERDICTS

IN_FORCE = "in force"
MARKS = {"added": "+", "gone": "-", "other": "~", "": ""}


@dataclass(frozen=True, slots=True)
class Section:
    """A table; in a pipe, a line for each of its rows."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: int = 0
    """Rows that are counted and not listed."""


def show(outcome: Outcome, draft_file: str) -> None:
    """Print it to standard output."""
    console = Console(highlight=False)
    print(summary(outcome, draft_file))
    for section in sections(outcome, draft_file):
        if console.is_terminal:
            console.print(_table(section))
        else:
            _lines(section)


def summary(outcome: Outcome, draft_file: str) -> str:
    """What was tried, in a line."""
    tried = f"the rules in force and {draft_file}" if draft_file else "the rules in force"
    changed = f"; {outcome.changed.calls} calls changed" if draft_file else ""
    return (
        f"{outcome.calls} calls, {outcome.segments} segments, {outcome.judged} judged by people; "
        f"tried {tried}{changed}"
    )


def sections(outcome: Outcome, draft_file: str) -> Iterator[Section]:
    """Everything there is to show, the figures first."""
    sides = [(IN_FORCE, outcome.in_force)]
    if outcome.draft is not None:
        sides.append((draft_file, outcome.draft))
    for name, side in sides:
        yield _labels(name, side)
        yield _confusion(name, side)
    yield _rules(outcome.in_force, outcome.draft)
    if outcome.draft is not None:
        yield _calls("changed", outcome.changed)
        yield _calls("same label, other rules", outcome.touched)
    yield _calls(f"wrong, {sides[-1][0]}", outcome.wrong)


def _labels(name: str, side: Side) -> Section:
    rows = []
    for label in VERDICTS:
        counted = side.label(label)
        figures = (side.told[label], counted.misses, counted.false_alarms)
        shares = (percent(counted.precision), percent(counted.recall))
        rows.append((label, *map(str, figures), *shares))
    columns = ("label", "told", "misses", "false alarms", "precision", "recall")
    return Section(name, columns, tuple(rows))


def _confusion(name: str, side: Side) -> Section:
    rows = tuple(
        (verdict, *(str(side.confusion[verdict, told]) for told in VERDICTS))
        for verdict in VERDICTS
    )
    return Section(f"{name}, told", ("verdict", *VERDICTS), rows)


def percent(share: Share) -> str:
    """83.3 % (55.2 to 95.3; 10 of 12); a dash of nothing."""
    if share.value is None:
        return "-"
    low, high = 100 * share.low, 100 * share.high
    return f"{100 * share.value:.1f} % ({low:.1f} to {high:.1f}; {share.good} of {share.of})"


def _rules(in_force: Side, draft: Side | None) -> Section:
    """Rules that were hit, or whose hits changed; with a draft both numbers of each."""
    names = dict.fromkeys([*in_force.rules, *(draft.rules if draft else ())])
    rows = []
    for name in names:
        counts = [side.rules.get(name) for side in (in_force, draft) if side is not None]
        if any(one is not None and one.hits for one in counts):
            rows.append((name, *_counted(counts)))
    return Section("rules", ("rule", "hits", "calls", "right", "wrong"), tuple(rows))


def _counted(counts: Sequence[RuleCount | None]) -> list[str]:
    """Each figure, before and after where that differs: "3", "3 -> 5", "- -> 2"."""
    figures = (
        ["-" if one is None else str(getattr(one, key)) for one in counts]
        for key in ("hits", "calls", "right", "wrong")
    )
    return [" -> ".join(dict.fromkeys(each)) for each in figures]


def _calls(title: str, listing: Listing) -> Section:
    rows = tuple(
        (
            one.call_id,
            f"{one.rang_at.astimezone():%Y-%m-%d %H:%M}",
            one.caller_number,
            one.verdict or "-",
            " -> ".join(dict.fromkeys((one.before, one.after))),
            " ".join(f"{MARKS[each.change]}{each.rule}" for each in one.rules) or "-",
        )
        for one in listing.listed
    )
    columns = ("call", "rang", "number", "verdict", "label", "rules")
    return Section(title, columns, rows, listing.calls - len(listing.listed))


def printable(value: str) -> str:
    """A pack's author may write anything into a name; here it stays in its line."""
    return "".join(char if char.isprintable() else "?" for char in value)


def _table(section: Section) -> Table:
    table = Table(title=escape(section.title), title_justify="left", title_style="bold")
    for number, column in enumerate(section.columns):
        table.add_column(column, overflow="fold", justify="left" if number == 0 else "right")
    for row in section.rows:
        table.add_row(*(escape(printable(value)) for value in row))
    if section.more:
        table.caption = f"and {section.more} more"
    return table


def _lines(section: Section) -> None:
    for row in section.rows:
        pairs = zip(section.columns, row, strict=True)
        said = ", ".join(f"{column} {printable(value)}" for column, value in pairs)
        sys.stdout.write(f"{section.title}: {said}\n")
    if section.more:
        sys.stdout.write(f"{section.title}: and {section.more} more\n")
