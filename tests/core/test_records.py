"""Frames and prompts count time in samples and milliseconds alike."""

from callcenter.core.records import Frame, Prompt, samples_to_ms


def test_a_frame_knows_its_moment():
    assert Frame(160 * 51).start_ms == 1020


def test_a_prompt_knows_its_length():
    assert Prompt("p", "", bytes(2 * 8000 + 2 * 80)).file_ms == 1010


def test_milliseconds_are_rounded_to_the_nearest():
    assert [samples_to_ms(n) for n in (3, 4, 8, 12)] == [0, 1, 1, 2]
