"""How big a centre must be: formulas against tables, the simulation against the formulas."""

from __future__ import annotations

import json
import random
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest

from bench import capacity
from bench.sizing.centre import Assumed, Figures, calls_for, centre, figures_of
from bench.sizing.dispatcher import House, Outcome, Simulation, poisson
from bench.sizing.erlang import erlang_b, erlang_c, impatient, lines_for, patient
from bench.sizing.picture import drawn
from bench.sizing.small_case import Case, arrivals_of, compared, simulated

FOREVER = float("inf")


@pytest.mark.parametrize(
    ("lines", "load", "blocked"),
    [
        # The common tables of Erlang B (such as ITU-T E.520's): load that a share is blocked of.
        (1, 0.0101, 0.01),
        (10, 4.461, 0.01),
        (20, 12.03, 0.01),
        (100, 84.06, 0.01),
        (100, 75.24, 0.001),
        (30, 24.80, 0.05),
    ],
)
def test_erlang_b_is_as_in_the_tables(lines: int, load: float, blocked: float) -> None:
    assert erlang_b(lines, load) == pytest.approx(blocked, rel=0.005)
    assert lines_for(load * 0.999, blocked) == lines


def test_erlang_c_is_as_in_the_books() -> None:
    """100 calls of 180 s in half an hour, 14 agents: 17.4 % wait, 88.8 % within 20 s, 7.8 s."""
    found = patient(14, 10, 180, 20)
    assert erlang_c(14, 10) == pytest.approx(0.174, abs=0.001)
    assert (found.in_time, found.mean_s) == (
        pytest.approx(0.888, abs=0.001),
        pytest.approx(7.84, abs=0.01),
    )
    assert erlang_c(10, 10) == 1.0
    with pytest.raises(ValueError, match="cannot handle"):
        patient(10, 10, 180, 20)


def test_erlang_a_is_as_in_garnett_mandelbaum_and_reiman() -> None:
    """50 agents, 48 calls a minute of a minute, patience 2 minutes: 3.1 % give up, 3.7 s, 93 %
    busy; without abandonment 20.8 s, and one of ten waits for 58.1 s."""
    found = impatient(50, 48, 60, 120, 20)
    assert found.gives_up == pytest.approx(0.031, abs=0.0005)
    assert found.mean_s == pytest.approx(3.7, abs=0.05)
    assert found.occupancy == pytest.approx(0.93, abs=0.005)
    without = patient(50, 48, 60, 58.1)
    assert (without.mean_s, without.in_time) == (
        pytest.approx(20.8, abs=0.05),
        pytest.approx(0.9, abs=0.001),
    )


def test_erlang_a_with_endless_patience_is_erlang_c() -> None:
    endless, known = impatient(14, 10, 180, 1e8, 20), patient(14, 10, 180, 20)
    assert endless.waits == pytest.approx(known.waits, rel=1e-4)
    assert endless.in_time == pytest.approx(known.in_time, rel=1e-4)


def test_erlang_a_bears_too_many_calls_and_many_agents() -> None:
    assert impatient(100, 120, 300, 120, 20).gives_up == pytest.approx(0.171, abs=0.001)
    large = impatient(100_000, 99_000, 300, 120, 20)
    assert large.in_time > 0.99
    assert impatient(100_000, 50_000, 300, 120, 20).waits == 0.0


def simulate(house: House, rate: float, seconds: float, talk: float, patience: float) -> Outcome:
    dice = random.Random(7)
    return Simulation(house, warm_s=10 * talk).run(poisson(dice, rate, seconds, talk, patience))


def test_the_plain_simulation_is_erlang_b() -> None:
    """It does not matter how lines are cut into nodes: a full one hands the call on."""
    out = simulate(House([4, 4, 2], ping_s=0, ask_s=0), 2.0, 15_000, 4.0, 0)
    assert out.share(out.blocked) == pytest.approx(erlang_b(10, 8), rel=0.05)


def test_the_plain_simulation_is_erlang_a() -> None:
    out = simulate(House([1000], agents=10, ping_s=0, ask_s=0), 0.15, 300_000, 60.0, 120.0)
    known = impatient(10, 9, 60, 120, 20)
    assert out.share(out.waited) == pytest.approx(known.waits, rel=0.05)
    assert out.share(out.gave_up) == pytest.approx(known.gives_up, rel=0.1)
    assert out.share(out.wait_s) == pytest.approx(known.mean_s, rel=0.1)
    assert out.share(out.in_time) == pytest.approx(known.in_time, rel=0.02)


def one_by_one(*times: float, talks: float = FOREVER) -> list[tuple[float, float, float]]:
    return [(at, talks, FOREVER) for at in times]


def test_calls_go_round_and_a_full_node_hands_on() -> None:
    simulation = Simulation(House([1, 2, 2], ping_s=0))
    out = simulation.run(one_by_one(0, 1, 2, 3, 4, 5))
    assert (out.taken, out.blocked, out.standing_most) == ([1, 2, 2], 1, 5)
    # The fourth and the fifth found one node full, the last one all three.
    assert out.asked == 1 + 1 + 1 + 2 + 2 + 3


def test_a_dead_node_is_waited_for_once() -> None:
    house = House([9, 9], ping_s=0, silent_s=1.0, ask_s=0.0, dies=(1.5, 0))
    out = Simulation(house).run(one_by_one(0, 1, 2, 3, 4, 5))
    assert (out.lost, out.late, out.slowest_s) == (1, 1, 1.0)
    assert out.taken == [1, 5]


def test_who_asks_each_second_notices_a_dead_node_and_its_return() -> None:
    house = House([9, 9], ping_s=1.0, silent_s=0.4, dies=(1.5, 0), back=5.5)
    out = Simulation(house).run(one_by_one(0, 1, 2.5, 3, 4, 6.1, 6.2))
    assert (out.lost, out.late) == (1, 0)
    assert out.taken == [2, 5]


def test_agents_of_a_dead_node_take_those_who_wait_at_others() -> None:
    house = House([1, 5], agents=1, ping_s=0, dies=(10.0, 0))
    out = Simulation(house, within_s=20.0).run([*one_by_one(0, 1), (20.0, 1.0, FOREVER)])
    assert (out.lost, out.waited, out.in_time) == (1, 2, 2)


def test_who_gives_up_is_counted_and_never_answered() -> None:
    house = House([5], agents=1, ping_s=0)
    calls = [(0.0, 50.0, FOREVER), (1.0, 5.0, 10.0), (2.0, 5.0, FOREVER), (90.0, 1.0, FOREVER)]
    out = Simulation(house).run(calls)
    assert (out.gave_up, out.waited, out.in_time) == (1, 2, 2)


def test_the_same_trace_gives_the_same_outcome_and_a_crowd_is_done_in_bounded_time() -> None:
    first, nodes = capacity.crowd(2000, 100, 60.0)
    again, _ = capacity.crowd(2000, 100, 60.0)
    assert first == again
    assert (nodes, first.blocked) == (21, 0)
    assert first.lost == pytest.approx(95, abs=8)


def test_more_seats_need_more_and_are_used_better() -> None:
    found = [centre(seats, Assumed(), Figures()) for seats in (10, 100, 1000)]
    for small, large in pairwise(found):
        assert large.lines > small.lines
        assert large.nodes > small.nodes
        assert large.waiting.mean_s < small.waiting.mean_s
        assert large.recordings_tb > small.recordings_tb
    assert [one.nodes for one in found] == [1, 2, 6]
    assert [one.machines for one in found] == [1, 2, 3]
    for one in found:
        assert one.waiting.in_time >= 0.8
        assert one.waiting.gives_up <= 0.0301
        assert one.waiting.occupancy <= 0.881


def test_without_recognition_it_takes_a_tenth_of_the_cores() -> None:
    heard, unheard = (centre(100, Assumed(recognised=r), Figures()) for r in (1.0, 0.0))
    assert unheard.cores_recognition == 0
    assert heard.cores_recognition > 5 * heard.cores_telephone
    assert calls_for(100, Assumed(in_time=0.95)) <= calls_for(100, Assumed())


def test_figures_come_from_the_benches() -> None:
    telephone = {
        "held": [
            {"side": "pyvoip", "calls": 50, "cpu": 73.0, "failed": 0},
            {"side": "ours", "calls": 50, "cpu": 20.0, "failed": 0},
            {"side": "ours", "calls": 200, "cpu": 84.0, "failed": 0},
            {"side": "ours", "calls": 400, "cpu": 97.0, "failed": 123},
        ],
        "set_up": [
            {"cpu_ms": 13.5, "refused": 0, "failed": 0},
            {"cpu_ms": 11.2, "refused": 113, "failed": 0},
        ],
    }
    turns = {"kind": "they take turns", "cpu_ms": {"ears": 31.4, "as shipped": 73.2}}
    recognition = {"costs": [turns], "memory_mb": 17.1}
    assert figures_of(telephone, recognition) == Figures(4.2, 13.5, 31.4, 34.2)
    assert figures_of(None, None) == Figures()


def test_the_small_case_is_compared_call_by_call() -> None:
    case = Case(each=2, load=4.0, seconds=20.0)
    arrivals = arrivals_of(case)
    assert arrivals == arrivals_of(case)
    rows = {row.what: row for row in compared(case, [], 0, simulated(case, arrivals))}
    assert rows["calls"].simulated == len(arrivals)
    assert rows["found no room, %"].formula == pytest.approx(100 * erlang_b(6, 4.0))
    assert rows["at once at most"].simulated == 6


def test_the_picture_is_one() -> None:
    svg = drawn("a < b", "seats", (10, 100, 1000), {"lines": (0.5, 20, 3000), "nodes": (1, 1, 5)})
    root = ET.fromstring(svg)
    assert len(root.findall("{http://www.w3.org/2000/svg}polyline")) == 2
    assert "a &lt; b" in svg


def test_the_command_prints_and_writes_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, svg = tmp_path / "c.json", tmp_path / "c.svg"
    size = ["--seats", "10", "50", "--calls", "500", "--seconds", "20", "--hours", "0.1"]
    capacity.main([*size, "--days", "30", "--json", str(out), "--picture", str(svg)])
    told = json.loads(out.read_text("utf-8"))
    assert [one["seats"] for one in told["centres"]] == [10, 50]
    assert told["assumed"]["days"] == 30
    assert told["real"] == {}
    assert svg.read_text("utf-8").startswith("<svg")
    assert "recordings, TB" in capsys.readouterr().out
