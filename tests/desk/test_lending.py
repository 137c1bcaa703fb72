"""The sound of a seat for a call of another node: promised, rung for once, let go of."""

from __future__ import annotations

from callcenter.core.records import FRAME_SAMPLES, Frame
from callcenter.desk.agents import NoSound
from callcenter.desk.lending import PREFIX, PROMISED_SECONDS, Lending


class Sound(NoSound):
    """Counts its frames."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.closed = 0

    def send(self, frame: Frame) -> bool:
        self.sent.append(frame.start)
        return True

    def close(self) -> None:
        self.closed += 1


class Call:
    """The part of a LineCall that is used."""

    def __init__(self) -> None:
        self.leg = Sound()
        self.hung_up = 0

    def answer(self) -> Sound:
        return self.leg

    def hang_up(self) -> None:
        self.hung_up += 1


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_promise_is_for_who_knows_its_name_once_and_soon() -> None:
    clock = Clock()
    lending = Lending(clock)
    user = lending.promise("key", "1001")
    assert user == f"{PREFIX}key"
    for stranger in ("", "key", PREFIX, f"{PREFIX}other", "95000"):
        assert lending.claim(stranger) == ""
    assert lending.claim(user) == "1001"
    assert lending.claim(user) == ""
    lending.promise("late", "1001")
    clock.now += PROMISED_SECONDS
    assert lending.claim(f"{PREFIX}late") == ""


def test_both_hear_each_other_until_one_goes() -> None:
    lending, seat, call = Lending(), Sound(), Call()
    lending.begin("1001", seat, call)
    assert lending.has("1001")
    lending.tick()
    lending.tick()
    assert seat.sent == call.leg.sent == [0, FRAME_SAMPLES]
    call.on_hang_up()
    call.on_hang_up()
    assert (call.hung_up, seat.closed, lending.has("1001")) == (1, 1, False)
    lending.tick()
    assert len(seat.sent) == 2


def test_a_sound_that_fails_harms_no_other() -> None:
    lending, calls = Lending(), [Call(), Call()]

    def broken(start: int) -> Frame:
        raise RuntimeError("broken")

    bad, good = Sound(), Sound()
    bad.receive = broken
    for agent, seat, call in (("1", bad, calls[0]), ("2", good, calls[1])):
        lending.begin(agent, seat, call)
    lending.tick()
    assert good.sent == [0]
    lending.close()
    assert [call.hung_up for call in calls] == [1, 1]
