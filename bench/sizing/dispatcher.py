"""A simulation of calls behind a dispatcher: nodes that are full or dead, agents, patience. Pure.

Event by event, as deploy/kamailio does it: each call goes to the next node in turn; one that is
full says 503 and the next is asked; one that is silent is asked for nothing more until it answers
OPTIONS again, and so is one that says 503 to OPTIONS, asked every `ping_s`. What arrives when, and
how long each call lasts, is given: the same again with the same trace.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

Arrival = tuple[float, float, float]
"""When somebody calls, how long they talk once they are answered, how long they would wait; s."""


@dataclass(frozen=True, slots=True)
class House:
    """What is simulated; times in seconds."""

    nodes: Sequence[int]
    """How many calls each takes."""
    agents: int | None = None
    """Who answer; None: everybody is answered at once."""
    silent_s: float = 1.0
    """So long a node that says nothing is waited for."""
    ping_s: float = 1.0
    """Between two questions whether a node takes calls; 0: nobody asks."""
    ask_s: float = 0.002
    """For a node to say that it is full, or to ring."""
    dies: tuple[float, int] | None = None
    """When which node is killed."""
    back: float | None = None
    """When it is there again."""


@dataclass(slots=True)
class Outcome:
    """What became of the calls that came in the time that counts."""

    offered: int = 0
    blocked: int = 0
    """No node took them."""
    lost: int = 0
    """Their node died."""
    waited: int = 0
    gave_up: int = 0
    in_time: int = 0
    """Answered within the time that was asked for."""
    wait_s: float = 0.0
    """Of all, together."""
    taken: list[int] = field(default_factory=list)
    """Calls that each node took."""
    asked: int = 0
    """INVITEs that the dispatcher sent."""
    late: int = 0
    """Rang later than half a second after they were dialled."""
    slowest_s: float = 0.0
    standing_most: int = 0

    def share(self, count: float) -> float:
        """Of all that were offered."""
        return count / max(1, self.offered)


def poisson(
    dice: random.Random, rate: float, until: float, talk_s: float, patience_s: float
) -> Iterator[Arrival]:
    """Calls at random, `rate` a second, whose length and patience are exponential."""
    at = dice.expovariate(rate)
    while at < until:
        talks = dice.expovariate(1 / talk_s)
        yield at, talks, dice.expovariate(1 / patience_s) if patience_s else float("inf")
        at += dice.expovariate(rate)


@dataclass(slots=True)
class _Call:
    arrived: float
    talks: float
    patience: float
    node: int
    began: float
    counts: bool
    talking: bool = False
    over: bool = False


class Simulation:
    """Feed it arrivals in order; `run` gives what became of them.

    Calls that come before `warm_s` are simulated and not counted.
    """

    def __init__(self, house: House, warm_s: float = 0.0, within_s: float = 20.0) -> None:
        self.house = house
        self.out = Outcome(taken=[0] * len(house.nodes))
        self._warm, self._within = warm_s, within_s
        self._room = list(house.nodes)
        self._alive = [True] * len(house.nodes)
        self._aside = [False] * len(house.nodes)
        """What the dispatcher asks for no call."""
        self._calls: list[set[int]] = [set() for _ in house.nodes]
        self._known: dict[int, _Call] = {}
        self._turn = 0
        self._standing = 0
        self._free = house.agents
        self._queue: deque[int] = deque()
        self._events: list[tuple[float, int, str, int]] = []
        self._number = 0

    def stand(self, calls: int, dice: random.Random, talk_s: float) -> None:
        """Begin with so many calls in progress, shared out evenly (a steady state)."""
        for one in range(calls):
            node = one % len(self._room)
            if self._room[node]:
                self._take(_Call(0.0, dice.expovariate(1 / talk_s), 0.0, node, 0.0, False), 0.0)

    def run(self, arrivals: Iterable[Arrival]) -> Outcome:
        """Through all arrivals; what stands afterwards is left standing."""
        house = self.house
        if house.dies:
            self._at(house.dies[0], "dies", house.dies[1])
            if house.back is not None:
                self._at(house.back, "back", house.dies[1])
        if house.ping_s:
            self._at(house.ping_s, "ping", 0)
        for at, talks, patience in arrivals:
            while self._events and self._events[0][0] <= at:
                self._happen()
            self._arrive(at, talks, patience)
        return self.out

    # -- what happens ---------------------------------------------------------------------------

    def _at(self, when: float, what: str, which: int) -> None:
        self._number += 1
        heapq.heappush(self._events, (when, self._number, what, which))

    def _happen(self) -> None:
        now, _, what, which = heapq.heappop(self._events)
        if what == "end":
            self._end(which, now)
        elif what == "gives up":
            self._give_up(which, now)
        elif what == "dies":
            self._die(which, now)
        elif what == "back":
            self._alive[which] = True
            self._room[which] = self.house.nodes[which]
        elif what == "silent":
            self._aside[which] = not self._alive[which]
        else:
            self._ping(now)

    def _ping(self, now: float) -> None:
        """Who answers is asked for calls if there is room; of the silent it is known later."""
        for node, alive in enumerate(self._alive):
            if alive:
                self._aside[node] = not self._room[node]
            elif not self._aside[node]:
                self._at(now + self.house.silent_s, "silent", node)
        self._at(now + self.house.ping_s, "ping", 0)

    def _arrive(self, at: float, talks: float, patience: float) -> None:
        counts = at >= self._warm
        self.out.offered += counts
        now, nodes = at, len(self._room)
        first, self._turn = self._turn, (self._turn + 1) % nodes
        for one in range(nodes):
            node = (first + one) % nodes
            if self._aside[node]:
                continue
            self.out.asked += counts
            if not self._alive[node]:
                now += self.house.silent_s
                self._aside[node] = True
                continue
            now += self.house.ask_s
            if self._room[node]:
                self._take(_Call(at, talks, patience, node, now, counts), now)
                return
        self.out.blocked += counts

    def _take(self, call: _Call, now: float) -> None:
        self._number += 1
        number = self._number
        self._known[number] = call
        self._calls[call.node].add(number)
        self._room[call.node] -= 1
        self._standing += 1
        self.out.standing_most = max(self.out.standing_most, self._standing)
        if call.counts:
            self.out.taken[call.node] += 1
            delay = now - call.arrived
            self.out.late += delay > 0.5
            self.out.slowest_s = max(self.out.slowest_s, delay)
        if self._free is None or self._free > 0:
            self._answer(number, call, now)
            return
        self.out.waited += call.counts
        self._queue.append(number)
        if call.patience != float("inf"):
            self._at(call.arrived + call.patience, "gives up", number)

    def _answer(self, number: int, call: _Call, now: float) -> None:
        if self._free is not None:
            self._free -= 1
        call.talking = True
        if call.counts:
            waited = now - call.began
            self.out.wait_s += waited
            self.out.in_time += waited <= self._within
        self._at(now + call.talks, "end", number)

    def _end(self, number: int, now: float) -> None:
        call = self._known.get(number)
        if call is None:
            return
        self._forget(number, call)
        self._serve(now)

    def _serve(self, now: float) -> None:
        """An agent is free for who has waited longest."""
        if self._free is None:
            return
        self._free += 1
        while self._queue and self._free > 0:
            number = self._queue.popleft()
            waiting = self._known.get(number)
            if waiting is not None:
                self._answer(number, waiting, now)

    def _give_up(self, number: int, now: float) -> None:
        call = self._known.get(number)
        if call is None or call.talking:
            return
        if call.counts:
            self.out.gave_up += 1
            self.out.wait_s += now - call.began
        self._forget(number, call)

    def _forget(self, number: int, call: _Call) -> None:
        del self._known[number]
        self._calls[call.node].discard(number)
        self._room[call.node] += self._alive[call.node]
        self._standing -= 1

    def _die(self, node: int, now: float) -> None:
        self._alive[node], self._room[node] = False, 0
        for number in list(self._calls[node]):
            call = self._known[number]
            self.out.lost += 1
            self._forget(number, call)
            if call.talking:
                self._serve(now)
