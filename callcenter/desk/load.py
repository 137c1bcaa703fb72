"""Whether this machine keeps up with the calls it has, from how late their ticks come. Pure."""

from __future__ import annotations

from callcenter.desk.metronome import HELD, TICK

IN_A_ROW = 10
"""Ticks that all came too late: one that did is a moment in which the machine did something else,
and is made up for; a row of them does not end while further calls are taken."""

FEW = 20
"""Calls that any machine carries: while there are no more, it is something else that holds it up,
and further ones make nothing worse."""


class Load:
    """`behind` from when the calls lose sound until they are on time again."""

    def __init__(self) -> None:
        self.behind = False
        self._row = 0

    def tick(self, late: float, calls: int) -> bool:
        """A tick of so many calls came so many seconds after its time; True where we fall behind
        with it."""
        self._row = self._row + 1 if late > HELD and calls > FEW else 0
        falls = self._row >= IN_A_ROW and not self.behind
        self.behind = falls or (self.behind and late > TICK)
        return falls
