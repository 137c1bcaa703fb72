"""Lends the sound of an agent's seat to a call of another node: that node rings us for it, by a
name that nobody guesses, and hears and is heard as by a telephone; sees ports only."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from callcenter.core.ports import Leg, LineCall
from callcenter.core.records import FRAME_SAMPLES

log = logging.getLogger(__name__)
PREFIX = "seat."
"""What the name begins with that another node rings."""
PROMISED_SECONDS = 10.0
"""So long it is waited for."""
MOST_PROMISED = 1000


@dataclass(slots=True)
class Lent:
    """A seat whose sound is in a call elsewhere."""

    seat: Leg
    call: LineCall
    far: Leg
    start: int = 0

    def tick(self) -> None:
        """20 ms, both ways."""
        self.far.send(self.seat.receive(self.start))
        self.seat.send(self.far.receive(self.start))
        self.start += FRAME_SAMPLES

    def close(self) -> None:
        """Let go of both; may be called twice."""
        self.call.hang_up()
        self.seat.close()
        self.far.close()


class Lending:
    """The seats of this node that are lent, or promised."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` tells seconds."""
        self._clock = clock
        self._promised: dict[str, tuple[str, float]] = {}
        self._lent: dict[str, Lent] = {}

    def promise(self, key: str, agent: str) -> str:
        """The user whom the other node is to ring for this agent's sound."""
        self._promised = {k: (a, at) for k, (a, at) in self._promised.items() if at > self._clock()}
        if len(self._promised) < MOST_PROMISED:
            self._promised[key] = (agent, self._clock() + PROMISED_SECONDS)
        return PREFIX + key

    def claim(self, user: str) -> str:
        """Whose sound is promised to who rings this user, once; "" where nobody's."""
        if not user.startswith(PREFIX):
            return ""
        agent, until = self._promised.pop(user.removeprefix(PREFIX), ("", 0.0))
        return agent if until > self._clock() else ""

    def begin(self, agent: str, seat: Leg, call: LineCall) -> None:
        """Pick up, and let both hear each other. Raises CallcenterError."""
        call.on_hang_up = partial(self.end, agent)
        self._lent[agent] = Lent(seat, call, call.answer())

    def has(self, agent: str) -> bool:
        """Whether this agent's sound is in a call elsewhere."""
        return agent in self._lent

    def end(self, agent: str) -> None:
        """The call elsewhere is over for this agent, or they have gone."""
        lent = self._lent.pop(agent, None)
        if lent is not None:
            lent.close()

    def close(self) -> None:
        """This node ends."""
        for agent in tuple(self._lent):
            self.end(agent)

    def tick(self) -> None:
        """20 ms of every seat that is lent."""
        for agent, lent in tuple(self._lent.items()):
            try:
                lent.tick()
            except Exception:
                log.exception("agent %s: the sound for another node failed", agent)
