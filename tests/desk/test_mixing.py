"""Sums of sound, and that who only listens has no way to be heard."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.records import FRAME_SAMPLES, SILENCE, Frame
from callcenter.desk import mixing
from callcenter.desk.mixing import Barging, Conference, Listening, Whispering, mix
from tests.fakes import FakeLeg

samples = st.integers(-32768, 32767)
sound = st.lists(samples, min_size=FRAME_SAMPLES, max_size=FRAME_SAMPLES)


def frame(value: int, start: int = 0, lost: bool = False) -> Frame:
    return Frame(start, array("h", [value] * FRAME_SAMPLES).tobytes(), lost)


def level(mixed: Frame) -> int:
    (value,) = set(array("h", mixed.pcm))
    return value


@given(st.lists(sound, min_size=2, max_size=4))
def test_a_mix_is_the_clipped_sum(parts: list[list[int]]):
    mixed = mix(*(Frame(320, array("h", part).tobytes()) for part in parts))
    wanted = [max(-32768, min(32767, sum(each))) for each in zip(*parts, strict=True)]
    assert list(array("h", mixed.pcm)) == wanted
    assert mixed.start == 320


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ((30000, 30000), 32767),
        ((-30000, -30000), -32768),
        ((30000, 30000, -30000), 30000),
        ((1, 2), 3),
    ],
)
def test_loud_sums_are_clipped_only_at_the_end(values: tuple[int, ...], wanted: int):
    assert level(mix(*map(frame, values))) == wanted


def test_one_frame_alone_is_not_touched():
    alone = Frame(160, SILENCE, True, b"wide")
    assert mix(alone) is alone


def test_a_sum_is_lost_only_where_all_of_it_is():
    assert mix(frame(0, lost=True), frame(0, lost=True)).lost
    assert not mix(frame(0, lost=True), frame(1)).lost


def test_the_wide_form_lives_only_where_each_part_has_it():
    wide = array("h", [5] * 320).tobytes()
    both = mix(Frame(0, wide=wide), Frame(0, wide=wide))
    assert set(array("h", both.wide)) == {10}
    assert mix(Frame(0, wide=wide), Frame(0)).wide == b""


class Deaf(FakeLeg):
    """A leg that must not be asked what it says."""

    def receive(self, start: int) -> Frame:
        raise AssertionError("nobody may hear a supervisor who only listens")


def test_who_listens_is_never_asked_what_they_say():
    conference, leg = Conference(), Deaf()
    conference.listen("王芳", leg)
    assert conference.whispers(0) == []
    assert conference.barges(0) == {}
    conference.hear(frame(7), {})
    assert [level(heard) for heard in leg.heard] == [7]


def test_a_listening_one_holds_the_ear_of_its_leg_and_nothing_else():
    listening = Listening(Deaf())
    assert Listening.__slots__ == ("_hear",)
    assert not hasattr(listening, "__dict__")
    assert not hasattr(listening, "said")
    assert {name for name in vars(mixing) if "said" in dir(getattr(mixing, name))} == {
        "Barging",
        "Whispering",
        "_Speaking",
    }


def test_a_whisper_goes_to_the_agent_and_a_barge_to_both():
    conference = Conference()
    voice = frame(9).pcm
    conference.whisper("1001", FakeLeg(voice))
    conference.barge("1002", FakeLeg(voice * 2))
    assert [level(said) for said in conference.whispers(0)] == [9]
    assert {who: level(said) for who, said in conference.barges(0).items()} == {"1002": 9}


def test_who_barges_hears_the_others_and_not_themselves():
    conference = Conference()
    legs = {person: FakeLeg() for person in ("a", "b", "c")}
    conference.barge("a", legs["a"])
    conference.barge("b", legs["b"])
    conference.listen("c", legs["c"])
    conference.hear(frame(100), {"a": frame(1), "b": frame(10)})
    heard = {person: level(leg.heard[0]) for person, leg in legs.items()}
    assert heard == {"a": 110, "b": 101, "c": 111}


def test_a_supervisor_changes_how_with_the_same_sound_and_leaves():
    conference, leg = Conference(), FakeLeg()
    conference.barge("王芳", leg)
    conference.listen("王芳")
    assert conference.barges(0) == {}
    assert isinstance(conference._listening["王芳"], Listening)
    conference.whisper("王芳")
    assert len(conference.whispers(0)) == 1
    assert conference.people == ("王芳",)
    conference.leave("王芳")
    assert leg.closed
    assert not conference
    assert "王芳" not in conference


def test_the_three_ways_are_three_types():
    assert issubclass(Whispering, Listening)
    assert issubclass(Barging, Listening)
    assert not issubclass(Listening, Whispering | Barging)
