"""`python -m bench.capacity`: what a centre needs, from measured costs, and a check that it holds.

Prints, for centres of so many seats, lines, nodes, cores, disks and people; then 100,000 calls at
once through a simulation of the nodes behind Kamailio, of which one dies; and formulas beside the
simulation in the plain case. `--telephone` and `--recognition` take what bench.telephone and
bench.recognition wrote with --json; `--measure` measures the telephone here, a small case; `--real`
compares the simulation with three real nodes behind a real Kamailio. Docs: docs/capacity.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.sizing.centre import Assumed, Centre, Figures, centre, figures_of
from bench.sizing.dispatcher import House, Outcome, Simulation, poisson
from bench.sizing.erlang import erlang_b, impatient
from bench.sizing.picture import drawn

SEED = 20261123
SEATS = (10, 100, 1000, 100_000)
PLOTTED = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)
TALK_S = 240.0


@dataclass(frozen=True, slots=True)
class Beside:
    """A share, as simulated and by formula."""

    what: str
    simulated: float
    formula: float


def beside(hours: float) -> list[Beside]:
    """The plain cases that formulas know: nodes that are full, agents who are busy."""
    dice = random.Random(SEED)  # noqa: S311 (a simulation)
    lines = Simulation(House([10] * 3, ping_s=0, ask_s=0), warm_s=60)
    full = lines.run(poisson(dice, 25 / 4, hours * 3600, 4.0, 0))
    agents = Simulation(House([10_000], agents=50, ping_s=0, ask_s=0), warm_s=600)
    queue = agents.run(poisson(dice, 48 / 60, hours * 14_400, 60.0, 120.0))
    known = impatient(50, 48, 60, 120, 20)
    return [
        Beside("no room: 3 nodes of 10, 25 erlang", full.share(full.blocked), erlang_b(30, 25)),
        Beside("waits: 50 agents, 48 erlang", queue.share(queue.waited), known.waits),
        Beside("gives up (patience 120 s)", queue.share(queue.gave_up), known.gives_up),
        Beside("answered within 20 s", queue.share(queue.in_time), known.in_time),
    ]


def crowd(calls: int, each: int, seconds: float) -> tuple[Outcome, int]:
    """So many calls at once, one node dying in the middle; and how many nodes there were."""
    dice = random.Random(SEED)  # noqa: S311 (a simulation)
    nodes = max(2, round(calls * 1.05 / each))
    simulation = Simulation(House([each] * nodes, dies=(seconds / 2 + 0.1, 0)))
    simulation.stand(calls, dice, TALK_S)
    return simulation.run(poisson(dice, calls / TALK_S, seconds, TALK_S, 0)), nodes


async def measure() -> Figures:
    """The telephone's cost here: twenty calls for six seconds, and ten short ones a second."""
    from bench.telephone.__main__ import held, set_up

    one, other = await held("ours", 20, 6.0), await set_up(10.0, 6.0)
    return figures_of({"held": [asdict(one)], "set_up": [asdict(other)]}, None)


def needs_table(found: Sequence[Centre]) -> Table:
    """A column for each centre."""
    table = Table("seats", *(f"{one.seats:,}" for one in found))
    rows: dict[str, Any] = {
        "people employed": lambda c: f"{c.people:,}",
        "calls in the busy hour": lambda c: f"{c.calls_hour:,.0f}",
        "agents busy": lambda c: f"{c.waiting.occupancy:.0%}",
        "answered in time": lambda c: f"{c.waiting.in_time:.1%}",
        "give up": lambda c: f"{c.waiting.gives_up:.1%}",
        "calls at once": lambda c: f"{c.standing:,.0f}",
        "lines": lambda c: f"{c.lines:,}",
        "nodes (of so many calls)": lambda c: f"{c.nodes:,} ({c.calls_a_node})",
        "cores: telephone": lambda c: f"{c.cores_telephone:,.1f}",
        "cores: recognition": lambda c: f"{c.cores_recognition:,.1f}",
        "machines": lambda c: f"{c.machines:,}",
        "memory, GB": lambda c: f"{c.memory_gb:,.1f}",
        "network each way, Mbit/s": lambda c: f"{c.mbit / 2:,.1f}",
        "recordings, TB": lambda c: f"{c.recordings_tb:,.1f}",
        "database, GB": lambda c: f"{c.database_gb:,.0f}",
        "events a second (databases)": lambda c: f"{c.events_s:,.1f} ({c.databases})",
    }
    for name, tell in rows.items():
        table.add_row(name, *(tell(one) for one in found))
    return table


def picture(assumed: Assumed, figures: Figures) -> str:
    """Lines and cores over seats."""
    at = [centre(seats, assumed, figures) for seats in PLOTTED]
    curves = {
        "lines": [float(one.lines) for one in at],
        "cores, with recognition": [one.cores_telephone + one.cores_recognition for one in at],
        "nodes": [float(one.nodes) for one in at],
        f"machines of {assumed.cores} cores": [float(one.machines) for one in at],
    }
    return drawn("What a centre needs", "seats in the busy hour", PLOTTED, curves)


def show(console: Console, found: dict[str, Any]) -> None:
    """Every table."""
    console.print(needs_table(found["centres"]))
    table = Table("simulated, and by formula", "simulated", "formula")
    for one in found["beside"]:
        table.add_row(one.what, f"{one.simulated:.2%}", f"{one.formula:.2%}")
    console.print(table)
    out, nodes = found["crowd"]
    table = Table("a crowd behind the dispatcher", "")
    told = {
        "nodes, one of which dies": nodes,
        "calls at once at most": out.standing_most,
        "calls that came": out.offered,
        "of them found no room": out.blocked,
        "cut off with the node": out.lost,
        "answered later than 0.5 s": out.late,
    }
    for name, count in told.items():
        table.add_row(name, f"{count:,}")
    table.add_row("slowest to ring, s", f"{out.slowest_s:.2f}")
    console.print(table)
    for name, rows in found["real"].items():
        table = Table(name, "measured", "simulated", "formula")
        for row in rows:
            formula = "" if row.formula is None else f"{row.formula:.2f}"
            table.add_row(row.what, f"{row.measured:.2f}", f"{row.simulated:.2f}", formula)
        console.print(table)


def real_cases() -> dict[str, Any]:
    """Three nodes for real: with too little room, and one that is killed."""
    from bench.sizing.small_case import Case, compare

    cases = {
        "three real nodes of 6, 15 erlang": Case(),
        "the first of them killed, 6 erlang": Case(load=6.0, seconds=40.0, dies_at=20.0),
    }
    return {name: asyncio.run(compare(case)) for name, case in cases.items()}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.capacity", description=__doc__)
    parser.add_argument("--seats", type=int, nargs="*", default=list(SEATS), metavar="N")
    parser.add_argument("--calls", type=int, default=100_000, help="at once, in the simulation")
    parser.add_argument("--seconds", type=float, default=300.0, help="of that simulation")
    parser.add_argument("--hours", type=float, default=6.0, help="of the plain cases")
    parser.add_argument("--telephone", type=Path, metavar="FILE", help="bench.telephone's figures")
    parser.add_argument("--recognition", type=Path, metavar="FILE", help="bench.recognition's")
    parser.add_argument("--measure", action="store_true", help="measure the telephone here")
    parser.add_argument("--real", action="store_true", help="compare with real nodes; minutes")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="write the SVG there")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    for each in fields(Assumed):
        name, kind = f"--{each.name.replace('_', '-')}", type(each.default)
        parser.add_argument(name, type=kind, default=each.default, metavar="N")
    return parser


def main(words: Sequence[str] | None = None) -> None:
    """Prints the tables; with --json also writes the figures."""
    options = _parser().parse_args(words)
    assumed = Assumed(**{each.name: getattr(options, each.name) for each in fields(Assumed)})
    figures = figures_of(_read(options.telephone), _read(options.recognition))
    if options.measure:
        here = asyncio.run(measure())
        figures = replace(figures, telephone_ms=here.telephone_ms, set_up_ms=here.set_up_ms)
    centres = [centre(seats, assumed, figures) for seats in options.seats]
    each = centres[0].calls_a_node if centres else 100
    found: dict[str, Any] = {
        "centres": centres,
        "beside": beside(options.hours),
        "crowd": crowd(options.calls, each, options.seconds),
        "real": real_cases() if options.real else {},
    }
    show(Console(width=None if Console().is_terminal else 100), found)
    if options.picture:
        options.picture.write_text(picture(assumed, figures), "utf-8")
    if options.json:
        record = {"assumed": asdict(assumed), "figures": asdict(figures), **_plain(found)}
        options.json.write_text(json.dumps(record, indent=2) + "\n", "utf-8")


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    out, nodes = found["crowd"]
    return {
        "centres": [asdict(one) for one in found["centres"]],
        "beside": [asdict(one) for one in found["beside"]],
        "crowd": {"nodes": nodes, **asdict(out)},
        "real": {name: [asdict(row) for row in rows] for name, rows in found["real"].items()},
    }


def _read(file: Path | None) -> Any:
    return json.loads(file.read_text("utf-8")) if file else None


if __name__ == "__main__":
    main()
