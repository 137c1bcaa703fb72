"""What a drill's far end counts of a prompt: it must see what is missing, changed or too late."""

from __future__ import annotations

import pytest

from bench.drills.listeners import Heard
from callcenter.core.records import FRAME_BYTES, SILENCE
from callcenter.scripts.book import Book
from callcenter.sip.sound import g711
from callcenter.sip.sound.rtp import RtpPacket

PROMPT = Book().prompt("line_fault")
FIRST = 65_500
"""The numbers wrap in the middle of the prompt."""


def heard(codec: str = "PCMU") -> Heard:
    """Silence, the prompt, silence, and the BYE after it."""
    pcm = PROMPT.pcm
    said = [pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm), FRAME_BYTES)]
    frames = [*[SILENCE] * 50, *(one.ljust(FRAME_BYTES, b"\0") for one in said), *[SILENCE] * 15]
    kind = {"PCMU": 0, "PCMA": 8}[codec]
    packets = [
        (n * 0.02, RtpPacket(kind, (FIRST + n) % 65_536, n * 160, 1, g711.encode(frame, codec)))
        for n, frame in enumerate(frames)
    ]
    return Heard(packets, over_at=len(frames) * 0.02)


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_a_whole_prompt(codec: str) -> None:
    whole = heard(codec)
    ms, last = whole.of_prompt(PROMPT)
    assert ms == PROMPT.file_ms
    assert whole.over_at - last == pytest.approx(0.32)
    assert (whole.lost, whole.after_over) == (0, 0)


def test_a_packet_that_is_lost() -> None:
    one = heard()
    del one.packets[200]
    assert one.lost == 1
    assert one.of_prompt(PROMPT)[0] < PROMPT.file_ms


def test_a_sample_that_is_changed() -> None:
    one = heard()
    at, packet = one.packets[200]
    payload = bytes([packet.payload[0] ^ 1]) + packet.payload[1:]
    one.packets[200] = (at, packet._replace(payload=payload))
    assert one.lost == 0
    assert one.of_prompt(PROMPT)[0] < PROMPT.file_ms


def test_a_bye_that_came_too_early() -> None:
    one = heard()
    one.over_at = one.packets[-3][0]
    assert one.after_over == 2
