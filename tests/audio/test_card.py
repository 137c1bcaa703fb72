from __future__ import annotations

import subprocess
import sys
from os import environ
from pathlib import Path

import pytest

from callcenter.audio.card import Card, Device, Shape, find_device, shapes
from callcenter.audio.card_process import list_devices
from callcenter.core.errors import MissingPiece
from callcenter.core.records import WIDE_BYTES

from .pulse import missing_pieces
from .tones import purity, tone

DEVICES = (
    Device(0, "USB Headset: Audio (hw:1,0)", 1, 2),
    Device(1, "HDMI", 0, 8),
    Device(2, "Webcam Mic", 2, 0),
    Device(3, "HDMI 2", 0, 8),
    Device(4, "usb headset", 1, 1),
)
WITHOUT_PORTAUDIO = """
import ctypes.util
ctypes.util.find_library = lambda name: None
from callcenter.audio import card
card.main(["USB"])
"""
WIDE, STUDIO = Shape(16000, 1), Shape(48000, 2)


@pytest.mark.parametrize(
    ("name", "direction", "index"),
    [
        ("USB HEADSET", "input", 4),
        ("headset: audio", "output", 0),
        ("hdmi", "output", 1),
        ("HDMI 2", "output", 3),
        ("hw:1", "input", 0),
        ("cam", "input", 2),
    ],
)
def test_a_device_is_found_by_its_name_or_part_of_it(name: str, direction: str, index: int) -> None:
    assert find_device(name, direction, DEVICES).index == index


@pytest.mark.parametrize(
    ("direction", "there"),
    [
        ("input", "'USB Headset: Audio (hw:1,0)', 'Webcam Mic', 'usb headset'"),
        ("output", "'USB Headset: Audio (hw:1,0)', 'HDMI', 'HDMI 2', 'usb headset'"),
    ],
)
def test_a_device_that_is_not_there_is_told_with_those_that_are(direction: str, there: str) -> None:
    with pytest.raises(MissingPiece) as missing:
        find_device("Jabra", direction, DEVICES)
    assert str(missing.value) == f"sound device 'Jabra': no such {direction}; there is: {there}"
    with pytest.raises(MissingPiece, match="there is: none"):
        find_device("Jabra", direction, ())


def test_a_card_is_opened_at_our_rate_or_at_one_that_cards_have() -> None:
    device = Device(0, "USB", 1, 2, 48000)
    assert [shape.rate for shape in shapes(device, "input")] == [16000, 48000, 44100, 32000, 8000]
    assert shapes(device, "output")[:3] == [WIDE, Shape(16000, 2), Shape(48000, 1)]
    assert Shape(44100, 1).block == 882


@pytest.mark.parametrize(("shape"), [WIDE, STUDIO, Shape(44100, 1), Shape(8000, 2)])
def test_a_microphone_at_any_rate_is_heard_at_ours(shape: Shape) -> None:
    card = Card(shape, WIDE)
    mono = tone(440, 1, shape.rate)
    sound = b"".join(mono[at : at + 2] * shape.channels for at in range(0, len(mono), 2))
    size = shape.block * shape.channels * 2
    heard = b""
    for at in range(0, len(sound) - size, size):
        card.heard(memoryview(sound[at : at + size]), shape.block, None, None)
        heard += card.next() or b""
    assert purity(heard, 440, 16000) > 0.95
    assert 0.9 < len(heard) / 32000 <= 1


@pytest.mark.parametrize("shape", [WIDE, STUDIO])
def test_an_ear_at_any_rate_hears_ours_and_is_given_exactly_what_it_wants(shape: Shape) -> None:
    card = Card(WIDE, shape)
    wanted, sound, played = shape.block * shape.channels * 2, tone(600, 1, 16000), b""
    for at in range(0, len(sound), WIDE_BYTES):
        card.play(sound[at : at + WIDE_BYTES])
        ear = bytearray(b"\xff" * wanted)
        card.wanted(memoryview(ear), shape.block, None, None)
        played += bytes(ear)
    left = b"".join(played[at : at + 2] for at in range(0, len(played), 2 * shape.channels))
    assert purity(left[len(left) // 4 :], 600, shape.rate) > 0.95
    assert not any(left[: shape.block])


def test_a_card_that_stops_is_gone_and_one_that_nobody_reads_drops() -> None:
    card = Card(WIDE, WIDE)
    card.stopped()
    assert card.next() is None
    for _ in range(100):
        card.heard(memoryview(bytes(WIDE_BYTES)), 320, None, None)
    assert card._blocks.qsize() == 25


def test_without_portaudio_the_command_that_brings_it_is_named() -> None:
    child = subprocess.run(
        [sys.executable, "-c", WITHOUT_PORTAUDIO], capture_output=True, text=True, check=False
    )
    assert child.stdout == (
        "sorry the headset needs PortAudio (PortAudio library not found): "
        "apt install libportaudio2\n"
    )


@pytest.mark.external
@pytest.mark.skipif(bool(missing_pieces()), reason="not installed: libportaudio2")
def test_portaudio_that_ends_its_process_ends_ours_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an empty ALSA configuration PortAudio calls abort()."""
    broken = tmp_path / "asound.conf"
    broken.write_text("")
    monkeypatch.setitem(environ, "ALSA_CONFIG_PATH", str(broken))
    with pytest.raises(MissingPiece, match="the sound system broke down"):
        list_devices()
