"""`python -m bench.recognition`: what hearing costs, how late a hit is, what a recogniser weighs.

Compared with the loop of a vosk-server fed the same sound with the same model, unpacked for both
(`callcenter.asr.unpacked`); `as shipped` is that loop with the model's files as they come. Each
measurement is a child process; the sides take turns, so that a busy moment of the machine hits all
of them, and the ratio is the median over the rounds. Four calls at a time, for a core has many.
About five minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.sides import CALLS, MESSAGE_MS
from callcenter.asr import bundled
from callcenter.asr.unpacked import unpacked

OURS = "ears"
SHIPPED = "as shipped"
LOAD = 0.8
RECOGNISERS, RECOGNISER_SECONDS = 8, 20
LATENCY_SECONDS = 22
WIDTH = 110
FEW = 4
"""Calls on an idle core."""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU ms for each second of one two-way call of a kind, by side; the ratios against `ears`."""

    kind: str
    cpu_ms: dict[str, float]
    ratios: dict[str, float]

    @property
    def calls_a_core(self) -> float:
        """How many such calls one core hears."""
        return 1000 / self.cpu_ms[OURS]


def costs(model: Path, rounds: int, seconds: float) -> list[Cost]:
    """Every side for every kind of call, round after round; the sides wait for each other."""
    with ExitStack() as stack:
        sides = {name: stack.enter_context(_side(side, of)) for name, side, of in _sides(model)}
        found = [
            (kind, {side: 1000 * _ask(child, kind, seconds) for side, child in sides.items()})
            for _ in range(rounds)
            for kind in CALLS
        ]
    return [_median_cost(kind, [cpu for of, cpu in found if of == kind]) for kind in CALLS]


def _sides(model: Path) -> Iterator[tuple[str, str, Path]]:
    """What is compared: a name, the side of `bench.sides`, and the model's folder."""
    arcs = unpacked(model)
    if arcs != model:
        yield SHIPPED, next(iter(MESSAGE_MS)), model
    for side in (*MESSAGE_MS, OURS):
        yield side, side, arcs


@contextmanager
def _side(side: str, model: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bench.sides", "costs", side, str(model)]
    child = subprocess.Popen(  # noqa: S603 - ourselves
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment()
    )
    with child:
        yield child


def _ask(child: subprocess.Popen[str], kind: str, seconds: float) -> float:
    if child.stdin is None or child.stdout is None:
        raise ValueError("the child has no pipes")
    child.stdin.write(json.dumps([kind, seconds]) + "\n")
    child.stdin.flush()
    return float(json.loads(child.stdout.readline()))


def _median_cost(kind: str, rounds: Sequence[dict[str, float]]) -> Cost:
    sides = tuple(rounds[0])
    return Cost(
        kind,
        {side: median(cpu[side] for cpu in rounds) for side in sides},
        {side: median(cpu[side] / cpu[OURS] for cpu in rounds) for side in sides if side != OURS},
    )


def _environment() -> dict[str, str]:
    """Each child chooses its own kernels."""
    return {key: value for key, value in os.environ.items() if "OPENBLAS" not in key}


def _child(*words: object) -> Any:
    """What a child measured."""
    command = [sys.executable, "-m", *map(str, words)]
    done = subprocess.run(command, capture_output=True, check=True, text=True, env=_environment())  # noqa: S603 - ourselves
    return json.loads(done.stdout)


def cost_table(found: list[Cost]) -> Table:
    """Rows by kind of call."""
    table = Table("two-way call", title="CPU ms for each second of call, and how often ears fit in")
    for side in found[0].cpu_ms:
        table.add_column(side, justify="right")
    for side in found[0].ratios:
        table.add_column(f"÷ {side}", justify="right")
    table.add_column("calls a core", justify="right")
    for cost in found:
        cpu = (f"{spent:.1f}" for spent in cost.cpu_ms.values())
        ratios = (f"{ratio:.2f}×" for ratio in cost.ratios.values())
        table.add_row(cost.kind, *cpu, *ratios, f"{cost.calls_a_core:.0f}")
    return table


def latency_table(found: dict[str, dict[str, float]]) -> Table:
    """Rows by load."""
    table = Table("load", title="ms from the end of a trigger phrase on the wire, one core")
    for column in (
        "calls",
        "hit p50",
        "hit p95",
        "word shown p50",
        "p95",
        "told",
        "gaps",
        "core used",
        "core given",
    ):
        table.add_column(column, justify="right")
    for load, row in found.items():
        keys = ("hit_p50_ms", "hit_p95_ms", "partial_p50_ms", "partial_p95_ms")
        times = (f"{row[key]:.0f}" for key in keys)
        told = f"{row['told']:.0f}/{row['phrases']:.0f}"
        rest = (f"{row['gaps']:.0f}", f"{row['core_used']:.0%}", f"{row['core_share']:.0%}")
        table.add_row(load, f"{row['calls']:.0f}", *times, told, *rest)
    return table


def _loaded(model: Path, idle: dict[str, float]) -> dict[str, float]:
    """With as many callers as make the load; a call in a crowd costs less than a call alone."""
    found = idle
    for _ in range(2):
        many = max(round(LOAD * found["calls"] / found["core_used"]), 1)
        found = _child("bench.latency", model, many, LATENCY_SECONDS)
    return found


def machine() -> dict[str, object]:
    """Where it was measured."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8", "replace").splitlines() if info.exists() else []
    name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "")
    return {
        "processor": name or platform.processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
    }


def main(words: Sequence[str] | None = None) -> None:
    """Measure, print, and write JSON where asked."""
    ask = argparse.ArgumentParser(prog="python -m bench.recognition")
    ask.add_argument("--model", type=Path, default=bundled(), help="a Vosk model folder")
    ask.add_argument("--rounds", type=int, default=3)
    ask.add_argument("--seconds", type=float, default=20, help="of call in each measurement")
    ask.add_argument("--json", type=Path, metavar="FILE", help="write the numbers to FILE")
    options = ask.parse_args(words)
    console = Console(width=WIDTH)
    before = machine()
    console.print(" ".join(f"{key} {value}" for key, value in before.items()), highlight=False)
    found = costs(options.model, options.rounds, options.seconds)
    console.print(cost_table(found))
    idle = _child("bench.latency", options.model, FEW, LATENCY_SECONDS)
    late = {"idle": idle, f"{LOAD:.0%}": _loaded(options.model, idle)}
    console.print(latency_table(late))
    held = float(_child("bench.sides", "memory", options.model, RECOGNISERS, RECOGNISER_SECONDS))
    console.print(f"memory: {held:.1f} MB a recogniser after {RECOGNISER_SECONDS} s of speech")
    if options.json:
        record = {
            "machine": before,
            "costs": [
                {"kind": c.kind, "cpu_ms": c.cpu_ms, "ratios": c.ratios, "calls": c.calls_a_core}
                for c in found
            ],
            "latency": late,
            "memory_mb": held,
        }
        options.json.write_text(json.dumps(record, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
