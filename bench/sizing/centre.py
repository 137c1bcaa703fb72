"""What a centre of so many seats needs: lines, nodes, cores, disks, people. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.sizing.erlang import Waiting, impatient, lines_for, most


@dataclass(frozen=True, slots=True)
class Assumed:
    """The house, in its busy hour; everything can be said otherwise on the command line."""

    talk_s: float = 240.0
    wrap_up_s: float = 60.0
    """After a call, in which the agent takes none."""
    ring_s: float = 5.0
    """Until somebody picks up who is free."""
    patience_s: float = 120.0
    """The mean after which a waiting caller gives up."""
    in_time: float = 0.8
    within_s: float = 20.0
    """So great a share is to be answered within this time."""
    gives_up: float = 0.03
    """No greater share may give up waiting,"""
    occupancy: float = 0.88
    """and no agent be busy for a greater share of their time: people tire."""
    blocked: float = 0.001
    """The share of calls that may find every line taken."""
    busy_hour: float = 0.12
    """The share of a day's calls that comes in its busy hour."""
    shrinkage: float = 0.3
    """The share of paid time in which people are not at their seat: breaks, training, leave."""
    recognised: float = 1.0
    """The share of calls that are listened to."""
    days: int = 180
    """How long recordings are kept."""
    recording_bytes_s: float = 32_000.0
    """Two channels of 16 bits at 8 kHz; ×2 for G.722."""
    copies: int = 1
    alone: int = 50
    """A centre of fewer seats does with one node; else one may die in the busy hour."""
    cores: int = 16
    """Of a machine."""
    busy: float = 0.7
    """How busy a core may be in the busy hour."""
    wire_kbit: float = 87.2
    """A G.711 stream in packets of 20 ms with their heads, one way."""
    events_a_call: float = 20.0
    """That the ledger writes."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What things cost, as measured (docs/benchmarks.md): CPU ms of one core."""

    telephone_ms: float = 4.2
    """For each second of a call."""
    set_up_ms: float = 13.5
    """For each call."""
    recognition_ms: float = 31.4
    """For each second of a call in which two take turns."""
    memory_mb: float = 35.0
    """Of a call with its two recognisers."""
    store_bytes: float = 14_000.0
    """Of a call in the database."""
    store_events: float = 2_352.0
    """That one database writes in a second."""


@dataclass(frozen=True, slots=True)
class Centre:
    """What a centre needs."""

    seats: int
    people: int
    calls_hour: float
    waiting: Waiting
    standing: float
    """Calls at once in the busy hour, on average."""
    lines: int
    calls_a_node: int
    nodes: int
    """With those to spare."""
    cores_telephone: float
    cores_recognition: float
    machines: int
    memory_gb: float
    mbit: float
    recordings_tb: float
    database_gb: float
    events_s: float
    databases: int


def calls_for(seats: int, assumed: Assumed) -> float:
    """Calls an hour that so many agents answer as well as is wanted."""
    handle = assumed.talk_s + assumed.wrap_up_s

    def fits(load: float) -> bool:
        found = _waiting(seats, load, assumed)
        bearable = found.gives_up <= assumed.gives_up and found.occupancy <= assumed.occupancy
        return bearable and found.in_time >= assumed.in_time

    return most(fits, seats * 0.05, seats * 1.5) * 3600 / handle


def _waiting(seats: int, load: float, assumed: Assumed) -> Waiting:
    handle = assumed.talk_s + assumed.wrap_up_s
    return impatient(seats, load, handle, assumed.patience_s, assumed.within_s)


def centre(seats: int, assumed: Assumed, figures: Figures) -> Centre:
    """All of it, for a centre whose seats are all taken in the busy hour."""
    hour = calls_for(seats, assumed)
    rate = hour / 3600
    waiting = _waiting(seats, rate * (assumed.talk_s + assumed.wrap_up_s), assumed)
    answered = 1 - waiting.gives_up
    standing = rate * (waiting.mean_s + answered * (assumed.ring_s + assumed.talk_s))
    lines = lines_for(standing, assumed.blocked)
    each = calls_a_node(assumed, figures)
    nodes = math.ceil(lines / each)
    telephone = (standing * figures.telephone_ms + rate * figures.set_up_ms) / 1000 / assumed.busy
    talking = rate * answered * assumed.talk_s * assumed.recognised
    listening = talking * figures.recognition_ms / 1000 / assumed.busy
    spare = max(1, math.ceil(nodes * 0.02)) if seats >= assumed.alone else 0
    scale, cores = (nodes + spare) / nodes, telephone + listening
    day = hour / assumed.busy_hour
    kept = day * answered * assumed.talk_s * assumed.recording_bytes_s * assumed.days
    events = rate * assumed.events_a_call
    return Centre(
        seats=seats,
        people=math.ceil(seats / (1 - assumed.shrinkage)),
        calls_hour=hour,
        waiting=waiting,
        standing=standing,
        lines=lines,
        calls_a_node=each,
        nodes=nodes + spare,
        cores_telephone=telephone,
        cores_recognition=listening,
        machines=max(1 + bool(spare), math.ceil(cores * scale / assumed.cores)),
        memory_gb=lines * figures.memory_mb / 1000,
        mbit=lines * 2 * assumed.wire_kbit / 1000,
        recordings_tb=kept * assumed.copies / 1e12,
        database_gb=day * assumed.days * figures.store_bytes / 1e9,
        events_s=events,
        databases=max(1, math.ceil(events / (figures.store_events * assumed.busy))),
    )


def calls_a_node(assumed: Assumed, figures: Figures) -> int:
    """A node is one process, whose loop has one core: so many calls keep it as busy as it may be.

    Recognisers have threads, and cores, of their own.
    """
    each = figures.telephone_ms + figures.set_up_ms / assumed.talk_s
    return int(assumed.busy * 1000 / each)


Told = Mapping[str, Any] | None
"""What a bench wrote with --json."""


def figures_of(telephone: Told, recognition: Told) -> Figures:
    """From what bench.telephone and bench.recognition wrote with --json; the rest as it stands."""
    found: dict[str, float] = {}
    if telephone:
        ours = [h for h in telephone["held"] if h["side"] == "ours" and not h["failed"]]
        if ours:
            largest = max(ours, key=lambda held: held["calls"])
            found["telephone_ms"] = largest["cpu"] * 10 / largest["calls"]
        quiet = [s for s in telephone["set_up"] if not s["refused"] and not s["failed"]]
        if quiet:
            found["set_up_ms"] = max(each["cpu_ms"] for each in quiet)
    if recognition:
        turns = [c for c in recognition["costs"] if "turn" in c["kind"]]
        if turns:
            found["recognition_ms"] = float(turns[0]["cpu_ms"]["ears"])
        found["memory_mb"] = 2 * recognition["memory_mb"]
    return Figures(**found)
