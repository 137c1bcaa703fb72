"""Erlang B, C and A: calls that find no line, that wait, that give up waiting. Pure.

Erlang B and C as A. K. Erlang gave them in 1917; Erlang A (Palm 1946) by the integrals of
Mandelbaum and Zeltyn, "The Palm/Erlang-A Queue" (2005). Load is in erlang, times in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

_STEPS = 2000
"""Of an integral by Simpson's rule; even."""
_DEEP = 45.0
"""Where the integrand has fallen by e to the minus this, it has no more weight."""


def erlang_b(lines: int, load: float) -> float:
    """The share of calls that find every line taken."""
    inverse = 1.0
    for line in range(1, lines + 1):
        inverse = 1.0 + inverse * line / load
        if inverse > 1e300:
            return 0.0
    return 1.0 / inverse


def erlang_c(agents: int, load: float) -> float:
    """The share of calls that wait, where nobody gives up; 1 where agents are too few."""
    if load >= agents:
        return 1.0
    blocked = erlang_b(agents, load)
    return agents * blocked / (agents - load * (1.0 - blocked))


@dataclass(frozen=True, slots=True)
class Waiting:
    """How callers fare in a queue. Shares are of all who call."""

    waits: float
    """The share that does not reach an agent at once."""
    gives_up: float
    mean_s: float
    """The mean wait of all, of those too who were answered at once or gave up."""
    in_time: float
    """The share that is answered within the time that was asked for."""
    occupancy: float
    """The share of their time that agents are busy."""


def patient(agents: int, load: float, handle_s: float, within_s: float) -> Waiting:
    """Erlang C: nobody gives up. Raises ValueError where the queue would grow for ever."""
    if load >= agents:
        raise ValueError(f"{agents} agents cannot handle {load:.1f} erlang")
    waits = erlang_c(agents, load)
    mean = waits * handle_s / (agents - load)
    late = waits * math.exp(-(agents - load) * within_s / handle_s)
    return Waiting(waits, 0.0, mean, 1.0 - late, load / agents)


def impatient(
    agents: int, load: float, handle_s: float, patience_s: float, within_s: float
) -> Waiting:
    """Erlang A: patience has an exponential distribution with this mean."""
    rate, leaving = load / handle_s, 1.0 / patience_s
    capacity = agents / handle_s

    def depth(wait: float) -> float:
        """The logarithm of how likely a wait is, but for a constant."""
        return rate / leaving * -math.expm1(-leaving * wait) - capacity * wait

    top = max(0.0, math.log(rate / capacity) / leaving) if rate > 0 else 0.0
    highest, end = depth(top), _end(depth, top, 1.0 / capacity)

    def total(weight: Callable[[float], float], until: float) -> float:
        return _simpson(lambda wait: weight(wait) * math.exp(depth(wait) - highest), until)

    # 1 / B(agents - 1), scaled as the integrals are.
    blocked = erlang_b(agents - 1, load)
    free = math.exp(-highest) / blocked if blocked > 0 else math.inf
    waiting = rate * total(lambda wait: 1.0, end)
    if math.isinf(free):
        return Waiting(0.0, 0.0, 0.0, 1.0, load / agents)
    whole = free + waiting
    gives_up = rate * total(lambda wait: -math.expm1(-leaving * wait), end) / whole
    soon = rate * total(lambda wait: math.exp(-leaving * wait), min(within_s, end)) / whole
    in_time = free / whole + soon
    busy = load * (1.0 - gives_up) / agents
    return Waiting(waiting / whole, gives_up, gives_up * patience_s, in_time, busy)


def _end(depth: Callable[[float], float], top: float, step: float) -> float:
    """Beyond it nothing has weight."""
    while depth(top + step) > depth(top) - _DEEP:
        step *= 2.0
    return top + step


def _simpson(value: Callable[[float], float], until: float) -> float:
    width = until / _STEPS
    inner = sum((2 + 2 * (at % 2)) * value(at * width) for at in range(1, _STEPS))
    return (value(0.0) + inner + value(until)) * width / 3.0


def lines_for(load: float, blocked: float) -> int:
    """The fewest lines at which no more than this share of calls is blocked."""
    lines, inverse = 0, 1.0
    while 1.0 / inverse > blocked:
        lines += 1
        inverse = 1.0 + inverse * lines / load
    return lines


def most(fits: Callable[[float], bool], low: float, high: float) -> float:
    """The greatest value that fits, to a thousandth; `low` does, and the greater the less."""
    while high - low > low / 1000.0:
        middle = (low + high) / 2.0
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low
