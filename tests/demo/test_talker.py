"""The recorded people take turns."""

from __future__ import annotations

from array import array

from callcenter.core.records import FRAME_BYTES, SILENCE
from callcenter.demo.scenarios import Spoken, scenarios
from callcenter.demo.talker import Talker, TalkerLeg

LOUD = array("h", [5000, -5000] * 80).tobytes()
LINE = Spoken("一句", LOUD * 10)


def frames_until_it_speaks(talker: Talker, hears: bytes, most: int = 400) -> int:
    for count in range(most):
        if talker.say() != SILENCE:
            return count
        talker.hear(hears)
    return most


def finish(talker: Talker) -> None:
    while talker.say() != SILENCE:
        talker.hear(SILENCE)


def test_one_who_opens_speaks_unasked():
    assert frames_until_it_speaks(Talker([LINE], opens=True), SILENCE) == 30


def test_one_who_does_not_open_waits_for_the_other_to_finish():
    talker = Talker([LINE], opens=False)
    assert frames_until_it_speaks(talker, SILENCE) == 400
    for _ in range(20):
        talker.hear(LOUD)
    assert frames_until_it_speaks(talker, SILENCE) == 40


def test_one_who_is_not_answered_asks_again():
    talker = Talker([LINE, LINE], opens=True)
    frames_until_it_speaks(talker, SILENCE)
    finish(talker)
    assert talker.said == ["一句"]
    assert 160 <= frames_until_it_speaks(talker, SILENCE) <= 176


def test_done_after_the_last_line_is_answered():
    leg = TalkerLeg(Talker([LINE], opens=True))
    frames_until_it_speaks(leg.talker, SILENCE)
    finish(leg.talker)
    assert leg.talker.has_spoken
    assert not leg.talker.done
    for _ in range(20):
        leg.talker.hear(LOUD)
    for _ in range(40):
        leg.talker.hear(SILENCE)
    assert leg.talker.done
    assert len(leg.receive(0).pcm) == FRAME_BYTES


def test_the_five_scenarios_in_their_order():
    names = [s.name for s in scenarios()]
    assert names == ["enquiry", "complaint", "harassment", "silent", "blocked"]
