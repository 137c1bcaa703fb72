"""Runs baresip as a caller: a softphone that plays a WAV and keeps what it hears in another."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from callcenter.audio.wav import read_wav, write_wav

MODULES = "/usr/lib/baresip/modules"
needs_baresip = pytest.mark.skipif(
    shutil.which("baresip") is None, reason="baresip is not installed (apt install baresip)"
)

CONFIG = """
poll_method epoll
sip_listen 127.0.0.1:{port}
net_interface 127.0.0.1
rtp_timeout 0
audio_source aufile,{says}
audio_player aubridge,nowhere
audio_alert aubridge,nowhere
module_path {modules}
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
snd_path {folder}
"""


def free_port() -> int:
    """A UDP port that was free a moment ago: baresip cannot choose one itself."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def dials(folder: Path, uri: str, pcm: bytes, number: str) -> AsyncIterator[None]:
    """baresip, ringing `uri` as `number` and saying `pcm` (8 kHz mono 16-bit) while inside."""
    says = folder / "says.wav"
    write_wav(says, pcm)
    words = {"port": free_port(), "says": says, "modules": MODULES, "folder": folder}
    (folder / "config").write_text(CONFIG.format(**words), "utf-8")
    (folder / "accounts").write_text(f"<sip:{number}@127.0.0.1>;regint=0\n", "utf-8")
    (folder / "contacts").write_text("", "utf-8")
    with (folder / "log").open("w") as log:
        process = await asyncio.create_subprocess_exec(
            *["baresip", "-f", str(folder), "-t", "60", "-e", f"/dial {uri}"],
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=asyncio.subprocess.STDOUT,
        )
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def heard(folder: Path) -> bytes:
    """What baresip decoded of the other side, 8 kHz mono 16-bit."""
    (file,) = folder.glob("*dec.wav")
    return read_wav(file).channels[0]
