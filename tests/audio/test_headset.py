"""The headset against a real sound server with a virtual card."""

from __future__ import annotations

import asyncio
import subprocess
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from os import environ
from pathlib import Path
from threading import Thread

import pytest

from callcenter.audio import headset
from callcenter.audio.card_process import list_devices
from callcenter.audio.headset import Headset
from callcenter.commands.echo import echo
from callcenter.core.errors import MissingPiece, NotNow
from callcenter.core.ports import Leg
from callcenter.core.records import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, Frame, VoiceState

from .pulse import PulseServer, missing_pieces, pulse_server
from .tones import purity, tone

__all__ = ["pulse_server"]  # a fixture

pytestmark = pytest.mark.external
PATIENCE_S = 30.0
WINDOW = 20
RAW = ("--format=s16le", "--rate=8000", "--channels=1", "--raw", "--latency-msec=50")
SAID = tone(600, 1)


@pytest.fixture
def server(pulse_server: PulseServer, monkeypatch: pytest.MonkeyPatch) -> PulseServer:
    """The sound server, as the one that this process and its children use."""
    for key, value in pulse_server.env.items():
        monkeypatch.setitem(environ, key, value)
    return pulse_server


@contextmanager
def said_into_the_microphone(hz: float) -> Iterator[None]:
    """A tone on the virtual microphone, until the end of the block."""
    player = subprocess.Popen(
        ["pacat", "--playback", "--device=mic", *RAW], stdin=subprocess.PIPE, bufsize=0
    )
    with player:
        assert player.stdin is not None
        pipe, second = player.stdin, tone(hz, 1)

        def feed() -> None:
            try:
                while True:
                    pipe.write(second)
            except OSError:
                return

        feeder = Thread(target=feed)
        feeder.start()
        try:
            yield
        finally:
            player.kill()
            feeder.join()


@contextmanager
def heard_in_the_ear() -> Iterator[deque[bytes]]:
    """What is played to the agent, as the last 400 ms of it."""
    held: deque[bytes] = deque(maxlen=WINDOW)
    with subprocess.Popen(["parec", "--device=ear.monitor", *RAW], stdout=-1) as recorder:
        assert recorder.stdout is not None
        pipe = recorder.stdout
        reader = Thread(target=lambda: held.extend(iter(lambda: pipe.read(FRAME_BYTES), b"")))
        reader.start()
        try:
            yield held
        finally:
            recorder.kill()
            reader.join()


class Wearer:
    """A headset in a call: takes and gives frames at a call's pace."""

    def __init__(self, worn: Headset, leg: Leg, told: list[VoiceState]) -> None:
        self.worn = worn
        self.leg = leg
        self.told = told
        self.sent = True
        self.last: deque[Frame] = deque(maxlen=WINDOW)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Until something holds of the last 400 ms."""
        loop = asyncio.get_running_loop()
        start, began = 0, loop.time()
        async with asyncio.timeout(PATIENCE_S):
            while len(self.last) < WINDOW or not holds():
                self.last.append(self.leg.receive(start))
                at = start * 2 % len(SAID)
                self.sent = self.leg.send(Frame(start, SAID[at : at + FRAME_BYTES]))
                start += FRAME_SAMPLES
                due = began + start / FRAME_SAMPLES * FRAME_MS / 1000
                await asyncio.sleep(max(0.0, due - loop.time()))

    def hears(self, hz: float) -> bool:
        """Whether the microphone gives a whole tone, at 8 and at 16 kHz."""
        narrow = b"".join(frame.pcm for frame in self.last)
        wide = b"".join(frame.wide for frame in self.last)
        return purity(narrow, hz) > 0.95 and purity(wide, hz, 16000) > 0.95


@asynccontextmanager
async def worn(device: str = "pulse") -> AsyncIterator[Wearer]:
    told: list[VoiceState] = []
    device_of = Headset(device, told.append)
    leg = await device_of.open(lambda: None)
    try:
        yield Wearer(device_of, leg, told)
    finally:
        leg.close()
        leg.close()
        await device_of.close()
        assert device_of.state() == VoiceState("headset")


async def test_a_headset_carries_sound_both_ways_and_plays_no_sidetone(server: PulseServer) -> None:
    with said_into_the_microphone(440), heard_in_the_ear() as ear:
        async with worn("PULS") as wearer:
            await wearer.until(
                lambda: (
                    wearer.hears(440) and len(ear) == WINDOW and purity(b"".join(ear), 600) > 0.95
                )
            )
            state = wearer.worn.state()
    assert (state.state, state.detail) == ("connected", "pulse")
    assert -12 < state.microphone.rms < state.microphone.peak <= 0
    assert -12 < state.ear.rms < state.ear.peak <= 0


async def test_a_headset_that_is_pulled_out_and_comes_back(
    server: PulseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(headset, "TRY_AGAIN_S", 0.1)
    async with worn("") as wearer:
        await wearer.until(lambda: not wearer.last[-1].lost)
        server.pull_out()
        try:
            await wearer.until(lambda: all(frame.lost for frame in wearer.last))
            assert not wearer.sent
        finally:
            server.plug_in()
        with said_into_the_microphone(440):
            await wearer.until(lambda: wearer.hears(440) and wearer.sent)
        assert [state.state for state in wearer.told] == ["connected", "lost", "connected"]
        assert "is gone; it is waited for" in wearer.told[1].detail


async def test_a_trial_gives_the_ear_what_the_microphone_heard(server: PulseServer) -> None:
    tried = Headset("puls", lambda state: None)
    with said_into_the_microphone(440), heard_in_the_ear() as ear:
        trying = asyncio.create_task(tried.try_out())
        async with asyncio.timeout(PATIENCE_S):
            while len(ear) < WINDOW or purity(b"".join(ear), 440) < 0.95:
                await asyncio.sleep(0.05)
                measured = tried.state()
            with pytest.raises(NotNow, match="in use"):
                await tried.try_out()
            assert measured.state == "idle"
            assert measured.microphone.rms > -12
            state = await trying
    assert (state.state, state.detail) == ("idle", "pulse")
    assert state.microphone.rms > -20
    assert tried.state() == VoiceState("headset")


async def test_a_call_that_is_answered_ends_the_trial(server: PulseServer) -> None:
    tried = Headset("pulse", lambda state: None)
    trying = asyncio.create_task(tried.try_out())
    await asyncio.sleep(0)
    leg = await tried.open(lambda: None)
    with pytest.raises(NotNow, match="a call was answered"):
        await trying
    with pytest.raises(NotNow, match="in use"):
        await tried.try_out()
    leg.close()
    await tried.close()


async def test_a_headset_that_is_not_there(server: PulseServer) -> None:
    there = ", ".join(map(repr, list_devices()))
    with pytest.raises(MissingPiece) as missing:
        await Headset("Nobody's headset", lambda state: None).open(lambda: None)
    with pytest.raises(MissingPiece, match="Nobody's headset"):
        await Headset("Nobody's headset", lambda state: None).try_out()
    assert str(missing.value) == (
        f'sound device "Nobody\'s headset": no such output; there is: {there}'
    )


@pytest.mark.skipif(bool(missing_pieces()), reason="not installed: libportaudio2")
async def test_a_machine_without_any_device_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "asound.conf"
    config.write_text("pcm.nothing { type nothing }\n")
    monkeypatch.setitem(environ, "ALSA_CONFIG_PATH", str(config))
    with pytest.raises(MissingPiece) as missing:
        await Headset("", lambda state: None).open(lambda: None)
    assert str(missing.value) == (
        'sound device: no default output; without one, agents have voice = "browser"'
    )


async def test_the_echo_says_back_what_the_microphone_hears(
    server: PulseServer, capsys: pytest.CaptureFixture[str]
) -> None:
    with said_into_the_microphone(440), heard_in_the_ear() as ear:
        trying = asyncio.create_task(asyncio.to_thread(echo, None, 4.0))
        async with asyncio.timeout(PATIENCE_S):
            while len(ear) < WINDOW or purity(b"".join(ear), 440) < 0.95:
                await asyncio.sleep(0.05)
        assert await trying == 0
    shown = capsys.readouterr().out
    assert "default: speak; you hear yourself a second later" in shown
    assert "█" in shown
