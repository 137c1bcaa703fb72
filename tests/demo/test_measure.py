"""The demo's measures."""

from __future__ import annotations

import numpy as np
import pytest

from callcenter.demo.measure import character_error_rate, prompt_heard_ms
from callcenter.scripts.book import Book
from callcenter.sip.sound import g711

PROMPT = Book().prompt("line_fault").pcm


@pytest.mark.parametrize(
    ("spoken", "heard", "rate"),
    [
        ("您好，再见。", "您好再见", 0.0),
        ("您好再见", "您好在见", 0.25),
        ("您好", "您好啊", 0.5),
        ("您好", "", 1.0),
        ("", "", 0.0),
        ("", "喂", 1.0),
    ],
)
def test_character_error_rate(spoken: str, heard: str, rate: float):
    assert character_error_rate(spoken, heard) == rate


def heard(prompt: bytes) -> bytes:
    """After 1.3 s of something else, through G.711, with silence after it."""
    noise = np.random.default_rng(1).normal(0, 500, 10_400).astype(np.int16).tobytes()
    return g711.decode(g711.encode(noise + prompt + bytes(8000), "PCMU"), "PCMU")


def test_a_whole_prompt_is_heard_whole():
    assert prompt_heard_ms(heard(PROMPT), PROMPT) == len(PROMPT) // 16


@pytest.mark.parametrize("shift", [-1, 1])
def test_a_jitter_buffer_may_add_a_frame_or_leave_one_out(shift: int):
    """In a pause: the rest stands 20 ms beside its place."""
    peaks = np.abs(np.frombuffer(PROMPT, "<i2"))[: len(PROMPT) // 320 * 160].reshape(-1, 160)
    quiet = 320 * max(np.flatnonzero(peaks.max(axis=1)[:-50] < 150))
    end = quiet + 320 if shift < 0 else quiet
    shifted = PROMPT[:quiet] + bytes(320) * (shift > 0) + PROMPT[end:]
    assert prompt_heard_ms(heard(shifted), PROMPT) == len(PROMPT) // 16


@pytest.mark.parametrize("frames", [5, 40, 95])
def test_a_prompt_that_waits_in_the_middle_is_heard_whole(frames: int):
    third, two = (len(PROMPT) * n // 3 // 320 * 320 for n in (1, 2))
    pause = bytes(320 * frames)
    waited = PROMPT[:third] + pause + PROMPT[third:two] + pause + PROMPT[two:]
    assert prompt_heard_ms(heard(waited), PROMPT) == len(PROMPT) // 16


def test_what_is_lost_in_the_middle_is_not_heard():
    third, two = (len(PROMPT) * n // 3 // 320 * 320 for n in (1, 2))
    lost = PROMPT[:third] + bytes(two - third) + PROMPT[two:]
    assert prompt_heard_ms(heard(lost), PROMPT) < len(PROMPT) // 16 - 500


def test_a_prompt_cut_short_is_heard_short():
    half = len(PROMPT) // 2 // 320 * 320
    measured = prompt_heard_ms(heard(PROMPT[:half]), PROMPT)
    assert measured < len(PROMPT) // 16 - 1000


def test_silence_holds_no_prompt():
    assert prompt_heard_ms(bytes(16000), PROMPT) < len(PROMPT) // 16 // 2
