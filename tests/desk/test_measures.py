"""What the sound says beside its words."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.records import FRAME_SAMPLES, SILENCE, Frame, Noticed, Party
from callcenter.desk.measures import Measures, decibels, energies

LOUD, SOFT, HISS = 8000, 800, 30
SECOND = 50


def sound(level: int) -> bytes:
    """20 ms at this level."""
    return array("h", [level, -level] * (FRAME_SAMPLES // 2)).tobytes()


def speech(seconds: float, level: int = SOFT) -> list[bytes]:
    """Syllables: 300 ms of voice, 100 ms without."""
    frames = round(seconds * SECOND)
    return [sound(level if n % 20 < 15 else HISS) for n in range(frames)]


def quiet(seconds: float) -> list[bytes]:
    return [sound(HISS)] * round(seconds * SECOND)


class Call:
    """Frame after frame of both parties."""

    def __init__(self) -> None:
        self.measures = Measures()
        self.frames = 0

    def hear(self, caller: Iterable[bytes], agent: Iterable[bytes] = ()) -> list[Noticed]:
        told: list[Noticed] = []
        by_agent = iter(agent)
        for pcm in caller:
            start = self.frames * FRAME_SAMPLES
            self.frames += 1
            other = Frame(start, next(by_agent, sound(HISS)))
            told += self.measures.hear([Frame(start, pcm)], [other])
        return told


def of(kind: str, told: list[Noticed]) -> list[Noticed]:
    return [notice for notice in told if notice.kind == kind]


def test_each_second_of_the_callers_silence_is_told():
    told = of("silence", Call().hear(quiet(3.5)))
    assert [(n.start_ms, n.end_ms, n.amount) for n in told] == [
        (0, 1000, 1),
        (0, 2000, 2),
        (0, 3000, 3),
    ]


def test_silence_begins_anew_after_a_word():
    call = Call()
    call.hear(quiet(2))
    assert not of("silence", call.hear(speech(2)))
    first, *_ = of("silence", call.hear(quiet(3)))
    assert 3900 <= first.start_ms <= 4000
    assert first.amount == 1


def test_a_click_is_no_word():
    call = Call()
    call.hear(quiet(2))
    told = of("silence", call.hear([sound(LOUD)] * 2 + quiet(2)))
    assert [n.start_ms for n in told] == [0, 0]


def test_steady_noise_is_no_speech_however_loud():
    told = Call().hear([sound(SOFT)] * SECOND * 3)
    assert not of("level", told)
    assert len(of("silence", told)) == 3
    call = Call()
    call.hear(quiet(1))
    call.hear([sound(LOUD)] * SECOND * 6)
    assert len(of("silence", call.hear([sound(LOUD)] * SECOND * 3))) == 3


def test_lost_sound_and_digital_silence_are_quiet_and_no_noise_floor():
    measures = Measures()
    lost = [measures.hear([Frame(n * FRAME_SAMPLES, lost=True)], [Frame(0)]) for n in range(60)]
    assert sum(map(len, lost)) == 1
    call = Call()
    call.hear([SILENCE] * SECOND)
    assert of("level", call.hear(speech(3)))


def test_d1_the_level_of_each_second_of_speech():
    call = Call()
    call.hear(quiet(1))
    told = of("level", call.hear(speech(4), quiet(4)))
    assert [n.party for n in told] == [Party.CALLER] * 3
    assert {n.amount for n in told} == {decibels(SOFT**2, 32768**2)}
    assert all(1000 <= n.end_ms - n.start_ms <= 1400 for n in told)


def test_d1_a_raised_voice_is_above_its_own_beginning():
    call = Call()
    call.hear(quiet(1))
    assert not of("rise", call.hear(speech(13.4)))
    assert {n.amount for n in of("rise", call.hear(speech(3)))} == {0.0}
    raised = of("rise", call.hear(speech(6, LOUD)))
    assert raised[-1].amount == 20.0
    assert of("rise", call.hear(speech(6, SOFT // 2)))[-1].amount == -6.0


def test_d5_the_agents_voice_is_measured_by_itself():
    call = Call()
    call.hear(quiet(1))
    told = of("level", call.hear(quiet(3), speech(3, LOUD)))
    assert {n.party for n in told} == {Party.AGENT}


def test_a_level_does_not_run_over_a_long_pause():
    call = Call()
    call.hear(quiet(1))
    assert not of("level", call.hear(speech(1)))
    call.hear(quiet(3))
    assert not of("level", call.hear(speech(1))), "the first second of speech is let go"


def test_d4_overlap_is_counted_over_thirty_seconds():
    call = Call()
    call.hear(quiet(1))
    told = of("overlap", call.hear(speech(4), speech(4)))
    assert [round(n.amount) for n in told] == [1, 2, 3]
    assert told[0].start_ms < 1200
    call.hear(quiet(31))
    assert not of("overlap", call.hear(speech(0.8), speech(0.8))), "what was before is forgotten"


def test_one_after_the_other_is_no_overlap():
    call = Call()
    call.hear(quiet(1))
    assert not of("overlap", call.hear([*speech(3), *quiet(3)], [*quiet(3), *speech(3)]))


@pytest.mark.parametrize(("level", "energy"), [(0, 0), (1, 1), (-32768, 32768**2)])
def test_the_energy_of_a_frame(level: int, energy: float):
    frame = Frame(0, array("h", [level] * FRAME_SAMPLES).tobytes())
    assert energies([frame, frame._replace(lost=True)]) == [energy, 0]
    assert energies([]) == []


@pytest.mark.parametrize("stretch", [2, 7, 25, 1000])
def test_it_does_not_matter_in_which_stretches_the_sound_comes(stretch: int):
    caller = [*quiet(1), *speech(12), *quiet(2), *speech(3, LOUD)]
    agent = [*quiet(2), *speech(16)]
    both = [(Frame(n * FRAME_SAMPLES, a), Frame(n * FRAME_SAMPLES, b))
            for n, (a, b) in enumerate(zip(caller, agent, strict=True))]  # fmt: skip
    measures, told = Measures(), []
    for at in range(0, len(both), stretch):
        told += measures.hear(*map(list, zip(*both[at : at + stretch], strict=True)))
    assert told == Call().hear(caller, agent)
    assert {notice.kind for notice in told} == {"silence", "overlap", "level", "rise"}


PCM = st.sampled_from([SILENCE, *(sound(level) for level in (1, HISS, 300, SOFT, LOUD, 32767))])


@given(st.lists(st.tuples(PCM, PCM, st.integers(1, 60), st.booleans()), max_size=30))
def test_whatever_is_heard_the_notices_are_bounded(
    stretches: list[tuple[bytes, bytes, int, bool]],
):
    measures, told, at = Measures(), [], 0
    for caller, agent, frames, lost in stretches:
        for _ in range(frames):
            told += measures.hear([Frame(at, caller, lost)], [Frame(at, agent)])
            at += FRAME_SAMPLES
    end_ms = at * 1000 // 8000
    for kind, party in {(n.kind, n.party) for n in told}:
        ends = [n.end_ms for n in told if (n.kind, n.party) == (kind, party)]
        assert all(b - a >= 1000 for a, b in pairwise(ends))
    for notice in told:
        assert 0 <= notice.start_ms < notice.end_ms <= end_ms
        if notice.kind in ("silence", "overlap"):
            assert 1 <= notice.amount <= (notice.end_ms - notice.start_ms) / 1000 + 0.02
        if notice.kind == "overlap":
            assert notice.amount <= 30
        if notice.kind == "level":
            assert -50 < notice.amount <= 0
