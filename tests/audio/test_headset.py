from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from ctypes.util import find_library
from os import environ
from pathlib import Path

import pytest

from callcenter.audio.headset import PREFILL_MS, Device, HeadsetLeg, find_device
from callcenter.core.errors import MissingPiece
from callcenter.core.records import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, SILENCE, Frame

from .pulse import PulseServer, pulse_server, running_pulse

__all__ = ["pulse_server"]  # a fixture

CHILD = Path(__file__).with_name("headset_child.py")
PREFILL = PREFILL_MS // FRAME_MS
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
from callcenter.audio.headset import list_devices, open_headset
from callcenter.core.errors import MissingPiece
for needs_it in (list_devices, open_headset):
    try:
        needs_it()
    except MissingPiece as missing:
        print(missing)
"""


class Stream:
    """A device stream that knows how often it was closed."""

    def __init__(self) -> None:
        self.closed = 0

    def start(self) -> None: ...

    def close(self) -> None:
        self.closed += 1


def said(number: int) -> bytes:
    return bytes([number]) * FRAME_BYTES


def ran(*arguments: str | Path, env: Mapping[str, str] | None = None) -> str:
    """What a Python child prints; it must end well."""
    child = subprocess.run(
        [sys.executable, *arguments],
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (child.returncode, child.stderr) == (0, "")
    return child.stdout


def test_the_microphone_is_silence_marked_lost_until_sound_is_there() -> None:
    leg = HeadsetLeg()
    assert leg.receive(0) == Frame(0, SILENCE, lost=True)
    for number in range(PREFILL):
        leg.from_device(memoryview(said(number + 1)), FRAME_SAMPLES, None, None)
    assert leg.receive(160) == Frame(160, said(1))
    assert leg.receive(320) == Frame(320, said(2))


def test_the_ear_is_given_exactly_what_it_asks_for() -> None:
    leg = HeadsetLeg()
    ear = bytearray(b"\xff" * FRAME_BYTES)
    leg.to_device(memoryview(ear), FRAME_SAMPLES, None, None)
    assert ear == SILENCE
    for number in range(PREFILL):
        leg.send(Frame(number * FRAME_SAMPLES, said(number + 1)))
    leg.to_device(memoryview(ear), FRAME_SAMPLES, None, None)
    assert ear == said(1)


def test_closing_lets_go_of_every_stream_once() -> None:
    leg, streams = HeadsetLeg(), (Stream(), Stream())
    for stream in streams:
        leg.attach(stream)
    leg.close()
    leg.close()
    assert [stream.closed for stream in streams] == [1, 1]


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


def test_without_portaudio_the_command_that_brings_it_is_named() -> None:
    needs = "the headset needs PortAudio (PortAudio library not found): apt install libportaudio2\n"
    assert ran("-c", WITHOUT_PORTAUDIO) == needs * 2


@pytest.mark.external
@pytest.mark.skipif(not find_library("portaudio"), reason="not installed: libportaudio2")
def test_a_machine_without_any_device_says_so(tmp_path: Path) -> None:
    config = tmp_path / "asound.conf"
    config.write_text("pcm.nothing { type nothing }\n")
    answer = ran(CHILD, "none", env={**environ, "ALSA_CONFIG_PATH": str(config)})
    assert answer == "sound device: no default input; name one of: none\n"


@pytest.mark.external
@pytest.mark.parametrize("check", ["hear", "hear-default", "speak"])
def test_a_headset_carries_sound(pulse_server: PulseServer, check: str) -> None:
    assert ran(CHILD, check, env=pulse_server.env) == ""


@pytest.mark.external
def test_a_headset_that_is_not_there(pulse_server: PulseServer) -> None:
    assert ran(CHILD, "refuse", env=pulse_server.env) == (
        "sound device \"Nobody's headset\": no such input; there is: 'pulse', 'default'\n"
    )


@pytest.mark.external
def test_a_headset_that_went_away(pulse_server: PulseServer) -> None:
    with running_pulse() as server:
        child = subprocess.Popen(
            [sys.executable, CHILD, "gone"],
            env=server.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "listed\n"
    with child:
        answer, _ = child.communicate("the server has ended\n", timeout=60)
    assert answer.startswith(
        "sound device 'pulse': expected an input at 8000 Hz, mono, 16-bit, that is free: Error"
    )
    assert child.returncode == 0
