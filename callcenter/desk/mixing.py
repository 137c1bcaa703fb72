"""Sums of sound, and what a supervisor in a call hears and says (监听、耳语、强插). Pure.

Who only listens is held as a `Listening`: that type knows the leg's ear and nothing else, so there
is no way from it to anybody. A `Whispering` one is heard by the agent, a `Barging` one by both.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from callcenter.core.ports import Leg
from callcenter.core.records import Frame

LOUDEST, LOWEST = 32767, -32768


def mix(*frames: Frame) -> Frame:
    """The sum of these frames, clipped to 16 bits; at least one, all of the same start.

    One frame alone stays what it is. The 16 kHz form is kept where each frame has it, and a sum is
    lost sound only where every part of it is.
    """
    if len(frames) == 1:
        return frames[0]
    wide = [frame.wide for frame in frames]
    return Frame(
        frames[0].start,
        _sum(frame.pcm for frame in frames),
        all(frame.lost for frame in frames),
        _sum(wide) if all(wide) else b"",
    )


def _sum(parts: Iterable[bytes]) -> bytes:
    columns = zip(*(array("h", part) for part in parts), strict=True)
    return array("h", (max(LOWEST, min(LOUDEST, sum(each))) for each in columns)).tobytes()


class Listening:
    """Hears the call. Nothing here leads from the supervisor to anybody."""

    __slots__ = ("_hear",)

    def __init__(self, leg: Leg) -> None:
        self._hear = leg.send

    def hear(self, frame: Frame) -> None:
        """The next 20 ms of the call."""
        self._hear(frame)


class _Speaking(Listening):
    __slots__ = ("_said",)

    def __init__(self, leg: Leg) -> None:
        super().__init__(leg)
        self._said = leg.receive

    def said(self, start: int) -> Frame:
        """The next 20 ms that the supervisor says."""
        return self._said(start)


class Whispering(_Speaking):
    """Hears the call, and the agent alone hears them (耳语)."""

    __slots__ = ()


class Barging(_Speaking):
    """Hears the call, and both hear them (强插)."""

    __slots__ = ()


class Conference:
    """The supervisors in one call, by name, each in one of three ways."""

    def __init__(self) -> None:
        self._legs: dict[str, Leg] = {}
        self._listening: dict[str, Listening] = {}
        self._whispering: dict[str, Whispering] = {}
        self._barging: dict[str, Barging] = {}

    def __bool__(self) -> bool:
        return bool(self._legs)

    def __contains__(self, person: str) -> bool:
        return person in self._legs

    @property
    def people(self) -> tuple[str, ...]:
        """Who is in it."""
        return tuple(self._legs)

    def listen(self, person: str, leg: Leg | None = None) -> None:
        """They hear the call; `leg` is needed of who is not in it yet."""
        leg = self._seat(person, leg)
        self._listening[person] = Listening(leg)

    def whisper(self, person: str, leg: Leg | None = None) -> None:
        """They hear the call, and the agent hears them."""
        leg = self._seat(person, leg)
        self._whispering[person] = Whispering(leg)

    def barge(self, person: str, leg: Leg | None = None) -> None:
        """They hear the call, and both hear them."""
        leg = self._seat(person, leg)
        self._barging[person] = Barging(leg)

    def leave(self, person: str) -> None:
        """They hear the call no longer; their sound is let go."""
        self._unseat(person)
        self._legs.pop(person).close()

    def whispers(self, start: int) -> list[Frame]:
        """What the agent alone is to hear."""
        if not self._legs:
            return []
        return [each.said(start) for each in self._whispering.values()]

    def barges(self, start: int) -> dict[str, Frame]:
        """What both are to hear, by who says it."""
        if not self._legs:
            return {}
        return {person: each.said(start) for person, each in self._barging.items()}

    def hear(self, call: Frame, barged: dict[str, Frame]) -> None:
        """The call without its supervisors goes to each of them, with what the others barge in."""
        for ears in (self._listening, self._whispering, self._barging):
            for person, each in ears.items():
                others = [said for other, said in barged.items() if other != person]
                each.hear(mix(call, *others))

    def _seat(self, person: str, leg: Leg | None) -> Leg:
        self._unseat(person)
        return self._legs.setdefault(person, leg) if leg else self._legs[person]

    def _unseat(self, person: str) -> None:
        for ears in (self._listening, self._whispering, self._barging):
            ears.pop(person, None)
