"""The agent's headset as a Leg, over PortAudio. The only file that touches sounddevice.

sounddevice loads PortAudio when it is imported, so that happens inside functions: a machine
without sound runs everything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from callcenter.audio.ring import Ring
from callcenter.core.errors import MissingPiece
from callcenter.core.records import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_RATE, Frame

PREFILL_MS = 60
LIMIT_MS = 240


@dataclass(frozen=True, slots=True)
class Device:
    """A sound device as PortAudio lists it, with how many channels it takes in and gives out."""

    index: int
    name: str
    inputs: int
    outputs: int

    def does(self, direction: str) -> bool:
        """Whether it can be the `input` (a microphone) or the `output` (an ear)."""
        return (self.inputs if direction == "input" else self.outputs) > 0


class _Stream(Protocol):
    def start(self) -> None: ...

    def close(self) -> None: ...


class HeadsetLeg:
    """The agent's side of a call."""

    def __init__(self) -> None:
        self.microphone = Ring(PREFILL_MS, LIMIT_MS)
        self.earpiece = Ring(PREFILL_MS, LIMIT_MS)
        self._streams: tuple[_Stream, ...] = ()

    def attach(self, stream: _Stream) -> None:
        """Own this device stream: `close` closes it."""
        self._streams += (stream,)

    def receive(self, start: int) -> Frame:
        """20 ms from the microphone; silence marked lost where none came."""
        pcm = self.microphone.pull(FRAME_BYTES)
        return Frame(start, lost=True) if pcm is None else Frame(start, pcm)

    def send(self, frame: Frame) -> bool:
        """20 ms for the agent's ear."""
        self.earpiece.push(frame.pcm)
        return True

    def close(self) -> None:
        """Let go of the device; may be called twice."""
        streams, self._streams = self._streams, ()
        for stream in streams:
            stream.close()

    def from_device(self, indata: Any, frames: int, time: Any, status: Any) -> None:
        """PortAudio's thread brings what the microphone heard."""
        self.microphone.push(bytes(indata))

    def to_device(self, outdata: Any, frames: int, time: Any, status: Any) -> None:
        """PortAudio's thread wants what the ear shall hear; silence where there is nothing."""
        outdata[:] = self.earpiece.pull(len(outdata)) or bytes(len(outdata))


def open_headset(device: str | None = None) -> HeadsetLeg:
    """Open the named device (part of its name will do), or the default one, both ways.

    Blocks while the device opens. Raises MissingPiece where PortAudio or the device is not
    there, or where the device does not do 8 kHz mono 16-bit.
    """
    portaudio = _portaudio()
    leg = HeadsetLeg()
    try:
        leg.attach(_open(portaudio, "input", device, leg.from_device))
        leg.attach(_open(portaudio, "output", device, leg.to_device))
    except BaseException:
        leg.close()
        raise
    return leg


def list_devices() -> tuple[Device, ...]:
    """The sound devices of this machine. Raises MissingPiece where PortAudio is not there."""
    return _listed(_portaudio())


def find_device(name: str, direction: str, devices: Sequence[Device]) -> Device:
    """The device called `name`, else the first with it in its name; case does not matter.

    `direction` is `input` or `output`. Raises MissingPiece naming the devices that there are.
    """
    fit = [device for device in devices if device.does(direction)]
    wanted = name.casefold()
    for device in fit:
        if device.name.casefold() == wanted:
            return device
    for device in fit:
        if wanted in device.name.casefold():
            return device
    there = ", ".join(repr(device.name) for device in fit) or "none"
    raise MissingPiece(f"sound device {name!r}: no such {direction}; there is: {there}")


def _portaudio() -> Any:
    try:
        import sounddevice
    except OSError as error:
        raise MissingPiece(
            f"the headset needs PortAudio ({error}): apt install libportaudio2"
        ) from error
    return sounddevice


def _listed(portaudio: Any) -> tuple[Device, ...]:
    return tuple(
        Device(index, one["name"], one["max_input_channels"], one["max_output_channels"])
        for index, one in enumerate(portaudio.query_devices())
    )


def _chosen(portaudio: Any, direction: str, name: str | None) -> Device:
    devices = _listed(portaudio)
    if name is not None:
        return find_device(name, direction, devices)
    try:
        index: int = portaudio.query_devices(kind=direction)["index"]
    except (portaudio.PortAudioError, ValueError) as error:
        there = ", ".join(repr(device.name) for device in devices) or "none"
        raise MissingPiece(f"sound device: no default {direction}; name one of: {there}") from error
    return devices[index]


def _open(portaudio: Any, direction: str, name: str | None, callback: Any) -> _Stream:
    device = _chosen(portaudio, direction, name)
    kind = portaudio.RawInputStream if direction == "input" else portaudio.RawOutputStream
    try:
        stream: _Stream = kind(
            samplerate=SAMPLE_RATE,
            blocksize=FRAME_SAMPLES,
            device=device.index,
            channels=1,
            dtype="int16",
            callback=callback,
        )
        stream.start()
    except portaudio.PortAudioError as error:
        raise MissingPiece(
            f"sound device {device.name!r}: expected an {direction} at {SAMPLE_RATE} Hz, mono, "
            f"16-bit, that is free: {error}"
        ) from error
    return stream
