"""A PulseAudio of our own with two null sinks, for tests of what uses a sound card.

Whatever plays into `mic` is what the agent says (record `mic.monitor`); whatever is played to
the agent can be recorded from `ear.monitor`. Programs started with `PulseServer.env` see this
server as their default sound card, and a user's own is left alone. Import the fixture
`pulse_server` to use it elsewhere.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAMS = ("pulseaudio", "pactl", "pacat", "parec")
INSTALL = "apt install pulseaudio pulseaudio-utils libasound2-plugins libportaudio2"
_READY_S = 30.0
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class PulseServer:
    """A running server: the environment in which programs use it."""

    env: dict[str, str]

    def control(self, *arguments: str) -> str:
        """What pactl answers."""
        command = ["pactl", *arguments]
        asked = subprocess.run(command, env=self.env, capture_output=True, timeout=20, check=True)
        return asked.stdout.decode()

    def plug_in(self) -> None:
        """The headset is there: a sink that is its ear, and one whose monitor is its microphone."""
        for sink in ("ear", "mic"):
            self.control("load-module", "module-null-sink", f"sink_name={sink}", "rate=48000")

    def pull_out(self) -> None:
        """The headset is gone."""
        self.control("unload-module", "module-null-sink")


@pytest.fixture(scope="session")
def pulse_server() -> Iterator[PulseServer]:
    """A PulseAudio for the tests' session; skips, saying why, where a piece is not installed."""
    if lacking := missing_pieces():
        pytest.skip(f"not installed: {', '.join(lacking)} ({INSTALL})")
    with running_pulse() as server:
        yield server


def missing_pieces() -> list[str]:
    """What of PulseAudio, its ALSA plugin and PortAudio this machine lacks."""
    lacking = [program for program in PROGRAMS if shutil.which(program) is None]
    if not find_library("portaudio"):
        lacking.append("libportaudio2")
    if not any(Path("/usr/lib").glob("*/alsa-lib/libasound_module_pcm_pulse.so")):
        lacking.append("libasound2-plugins")
    return lacking


@contextmanager
def running_pulse() -> Iterator[PulseServer]:
    """Start PulseAudio in a private folder, wait until it answers, end it by its id."""
    # A short path: a Unix socket's name holds 107 bytes.
    with tempfile.TemporaryDirectory(prefix="sound-", ignore_cleanup_errors=True) as home:
        os.chmod(home, 0o700)
        server = PulseServer(_environment(home))
        with _started(server, Path(home, "log")) as process:
            try:
                _wait_until_ready(server, process, Path(home, "log"))
                yield server
            finally:
                process.terminate()
                _ended(process)


def _environment(home: str) -> dict[str, str]:
    others = {key: value for key, value in os.environ.items() if not key.startswith("PULSE_")}
    return others | {
        "HOME": home,
        "XDG_RUNTIME_DIR": home,
        "XDG_CONFIG_HOME": home,
        "PULSE_SERVER": f"unix:{home}/pulse/native",
        "PULSE_SINK": "ear",
        "PULSE_SOURCE": "mic.monitor",
    }


def _started(server: PulseServer, log: Path) -> subprocess.Popen[bytes]:
    modules = (
        "module-native-protocol-unix",
        "module-null-sink sink_name=ear rate=48000",
        "module-null-sink sink_name=mic rate=48000",
    )
    with log.open("wb") as output:
        return subprocess.Popen(
            [
                "pulseaudio",
                "--daemonize=no",
                "--exit-idle-time=-1",
                "--disallow-exit=1",
                "--use-pid-file=0",
                "-n",
                *(f"--load={module}" for module in modules),
            ],
            env=server.env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )


def _wait_until_ready(server: PulseServer, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_S
    while process.poll() is None and time.monotonic() < deadline:
        if _has_both_sinks(server):
            return
        time.sleep(_POLL_S)
    raise RuntimeError(f"PulseAudio did not come up: {log.read_text(errors='replace')[-2000:]}")


def _has_both_sinks(server: PulseServer) -> bool:
    asked = subprocess.run(
        ["pactl", "list", "short", "sinks"],
        env=server.env,
        capture_output=True,
        timeout=_READY_S,
        check=False,
    )
    return b"\tear\t" in asked.stdout and b"\tmic\t" in asked.stdout


def _ended(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
