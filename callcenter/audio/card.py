"""The sound card, in a process of its own that speaks through pipes. The only file that touches
sounddevice.

PortAudio looks for devices once, when it is loaded, and some broken ALSA set-ups make it end its
whole process: so none of it happens in the service. `python -m callcenter.audio.card DEVICE` says
`ready NAME` or `sorry WHY` on a line, then gives what the microphone hears and takes what the ear
shall hear, both 16 kHz mono 16-bit. It ends with its input, or when the card stops. With `--list`
it prints the devices as JSON. The microphone is never played back to the ear (sidetone).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from queue import Empty, Full, Queue
from threading import Thread
from typing import Any, BinaryIO, NoReturn

import numpy as np

from callcenter.audio.agent_sound import LIMIT_MS, PREFILL_MS
from callcenter.audio.rates import Resampler
from callcenter.audio.ring import Ring
from callcenter.core.errors import MissingPiece
from callcenter.core.records import FRAME_MS, WIDE_BYTES, WIDE_RATE

STOPPED_S = 3.0
"""A card that gives nothing for so long is gone; PulseAudio may take two seconds to begin."""
_WAITING = 25
"""Blocks (500 ms) that may wait for the pipe; further ones are dropped."""
_STREAMS: list[Any] = []
"""They live as long as the process: PortAudio's threads call back into them."""


@dataclass(frozen=True, slots=True)
class Device:
    """A sound device as PortAudio lists it, with how many channels it takes in and gives out."""

    index: int
    name: str
    inputs: int
    outputs: int
    rate: int = WIDE_RATE
    """The one it likes best, in Hz."""

    def channels(self, direction: str) -> int:
        """How many it has as the `input` (a microphone) or the `output` (an ear)."""
        return self.inputs if direction == "input" else self.outputs


@dataclass(frozen=True, slots=True)
class Shape:
    """How a device is opened: samples a second, and channels."""

    rate: int
    channels: int

    @property
    def block(self) -> int:
        """Samples in 20 ms."""
        return self.rate * FRAME_MS // 1000


def find_device(name: str, direction: str, devices: Sequence[Device]) -> Device:
    """The device called `name`, else the first with it in its name; case does not matter.

    `direction` is `input` or `output`. Raises MissingPiece naming the devices that there are.
    """
    fit = [device for device in devices if device.channels(direction)]
    wanted = name.casefold()
    for device in fit:
        if device.name.casefold() == wanted:
            return device
    for device in fit:
        if wanted in device.name.casefold():
            return device
    there = ", ".join(repr(device.name) for device in fit) or "none"
    raise MissingPiece(f"sound device {name!r}: no such {direction}; there is: {there}")


def shapes(device: Device, direction: str) -> list[Shape]:
    """How it may be opened, best first: at our rate, then at those that cards have."""
    rates = dict.fromkeys((WIDE_RATE, 48000, device.rate, 44100, 32000, 8000))
    most = device.channels(direction)
    return [Shape(rate, channels) for rate in rates for channels in (1, 2) if channels <= most]


class Card:
    """An open device, both ways; PortAudio's threads call `heard` and `wanted`."""

    def __init__(self, microphone: Shape, ear: Shape) -> None:
        self._blocks: Queue[bytes | None] = Queue(_WAITING)
        self._ear = Ring(PREFILL_MS, LIMIT_MS, ear.rate * ear.channels)
        self._channels = (microphone.channels, ear.channels)
        self._from_card = Resampler(microphone.rate, WIDE_RATE)
        self._to_card = Resampler(WIDE_RATE, ear.rate)

    def heard(self, indata: Any, frames: int, time: Any, status: Any) -> None:
        """The microphone heard this."""
        self._put(bytes(indata))

    def wanted(self, outdata: Any, frames: int, time: Any, status: Any) -> None:
        """The ear wants so much; silence where there is nothing."""
        outdata[:] = self._ear.pull(len(outdata)) or bytes(len(outdata))

    def stopped(self) -> None:
        """The device is gone."""
        self._put(None)

    def play(self, pcm: bytes) -> None:
        """16 kHz for the ear."""
        samples = np.frombuffer(self._to_card.feed(pcm), "<i2")
        self._ear.push(np.repeat(samples, self._channels[1]).tobytes())

    def next(self) -> bytes | None:
        """What the microphone heard, at 16 kHz; None when the card has stopped."""
        try:
            block = self._blocks.get(timeout=STOPPED_S)
        except Empty:
            return None
        if block is None:
            return None
        samples = np.frombuffer(block, "<i2").reshape(-1, self._channels[0])
        return self._from_card.feed(samples.mean(axis=1).astype("<i2").tobytes())

    def _put(self, block: bytes | None) -> None:
        try:
            self._blocks.put_nowait(block)
        except Full:
            return  # nobody reads: the service is busy or gone


def open_card(name: str = "") -> tuple[Card, str]:
    """The named device, or the default one, both ways, and its name. Raises MissingPiece."""
    portaudio = load()
    ear, microphone = (_chosen(portaudio, way, name) for way in ("output", "input"))
    shapes = _shape(portaudio, microphone, "input"), _shape(portaudio, ear, "output")
    card = Card(*shapes)
    _started(portaudio.RawOutputStream, portaudio, ear, shapes[1], card.wanted, card.stopped)
    _started(portaudio.RawInputStream, portaudio, microphone, shapes[0], card.heard, card.stopped)
    return card, microphone.name


def load() -> Any:
    """PortAudio. Raises MissingPiece where the library is not there."""
    try:
        import sounddevice
    except OSError as error:
        raise MissingPiece(
            f"the headset needs PortAudio ({error}): apt install libportaudio2"
        ) from error
    except Exception as error:  # its own, which are unknown before it is loaded
        raise MissingPiece(f"the sound system cannot be used: {error}") from error
    return sounddevice


def listed(portaudio: Any) -> tuple[Device, ...]:
    """The devices of this machine."""
    return tuple(
        Device(
            index,
            one["name"],
            one["max_input_channels"],
            one["max_output_channels"],
            round(one["default_samplerate"]),
        )
        for index, one in enumerate(portaudio.query_devices())
    )


def _chosen(portaudio: Any, direction: str, name: str) -> Device:
    devices = listed(portaudio)
    if name:
        return find_device(name, direction, devices)
    try:
        index: int = portaudio.query_devices(kind=direction)["index"]
    except (portaudio.PortAudioError, ValueError) as error:
        names = ", ".join(repr(device.name) for device in devices)
        there = f"name one of: {names}" if names else 'without one, agents have voice = "browser"'
        raise MissingPiece(f"sound device: no default {direction}; {there}") from error
    return devices[index]


def _shape(portaudio: Any, device: Device, direction: str) -> Shape:
    check = getattr(portaudio, f"check_{direction}_settings")
    why: Exception | None = None
    for shape in shapes(device, direction):
        try:
            check(device.index, shape.channels, "int16", None, shape.rate)
        except portaudio.PortAudioError as error:
            why = error
        else:
            return shape
    raise MissingPiece(_unfit(device, direction, why))


def _unfit(device: Device, direction: str, why: Exception | None) -> str:
    return f"sound device {device.name!r}: expected an {direction} of 16 bits that is free: {why}"


def _started(
    kind: Any,
    portaudio: Any,
    device: Device,
    shape: Shape,
    callback: Callable[..., None],
    stopped: Callable[[], None],
) -> None:
    try:
        stream = kind(
            samplerate=shape.rate,
            blocksize=shape.block,
            device=device.index,
            channels=shape.channels,
            dtype="int16",
            callback=callback,
            finished_callback=stopped,
        )
        stream.start()
    except portaudio.PortAudioError as error:
        direction = "output" if kind is portaudio.RawOutputStream else "input"
        raise MissingPiece(_unfit(device, direction, error)) from error
    _STREAMS.append(stream)


def main(arguments: Sequence[str]) -> None:
    """The process."""
    # What libraries print must not come among the sound.
    with os.fdopen(os.dup(1), "wb", buffering=0) as out:
        os.dup2(2, 1)
        try:
            if arguments == ["--list"]:
                devices = [asdict(device) for device in listed(load())]
                out.write(b"ready " + json.dumps(devices).encode() + b"\n")
                return
            card, name = open_card(*arguments)
        except MissingPiece as missing:
            out.write(f"sorry {missing}\n".encode())
            return
        out.write(f"ready {name}\n".encode())
        _carry(card, sys.stdin.buffer, out)


def _carry(card: Card, said: BinaryIO, out: BinaryIO) -> NoReturn:
    """Both ways until either end stops; ended at once: a device that is gone cannot be closed."""

    def take() -> None:
        while len(pcm := said.read(WIDE_BYTES)) == WIDE_BYTES:
            card.play(pcm)
        os._exit(0)

    Thread(target=take, daemon=True).start()
    try:
        while (pcm := card.next()) is not None:
            out.write(pcm)
    finally:
        os._exit(2)


if __name__ == "__main__":
    main(sys.argv[1:])
