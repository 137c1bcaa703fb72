"""Runs baresip as a caller: a softphone that plays a WAV and keeps what it hears in another."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from callcenter.audio.wav import read_wav, wav_header

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
module g722.so
module srtp.so
module aufile.so
module aubridge.so
module sndfile.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
snd_path {folder}
"""

CONTROL = """
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{port}
"""


async def command(port: int, name: str, params: str = "") -> None:
    """What a person would type at the phone: hold, resume, transfer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    words = json.dumps({"command": name, "params": params}).encode()
    writer.write(b"%d:%s," % (len(words), words))
    await writer.drain()
    await reader.readuntil(b",")
    writer.close()
    await writer.wait_closed()


def free_port() -> int:
    """A UDP port that was free a moment ago: baresip cannot choose one itself."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def dials(
    folder: Path,
    uri: str,
    pcm: bytes,
    number: str,
    control: int = 0,
    *,
    rate: int = 8000,
    account: str = "",
) -> AsyncIterator[None]:
    """baresip, ringing `uri` as `number` and saying `pcm` (mono 16-bit, `rate` Hz) while inside.

    `account` is added to its account line, such as `;mediaenc=srtp`; `command` reaches it at the
    port `control`, where one is given.
    """
    (folder / "accounts").write_text(f"<sip:{number}@127.0.0.1>;regint=0{account}\n", "utf-8")
    async with _runs(folder, free_port(), pcm, rate, control, "-e", f"/dial {uri}"):
        yield


@asynccontextmanager
async def picks_up(folder: Path, port: int, pcm: bytes) -> AsyncIterator[None]:
    """baresip as a telephone at `port`, which answers at once and says `pcm`, while inside."""
    account = "<sip:1001@127.0.0.1>;regint=0;answermode=auto\n"
    (folder / "accounts").write_text(account, "utf-8")
    async with _runs(folder, port, pcm, 8000, 0):
        yield


@asynccontextmanager
async def _runs(
    folder: Path, port: int, pcm: bytes, rate: int, control: int, *more: str
) -> AsyncIterator[None]:
    says = folder / "says.wav"
    says.write_bytes(wav_header(1, len(pcm), rate) + pcm)
    words = {"port": port, "says": says, "modules": MODULES, "folder": folder}
    config = CONFIG.format(**words) + (CONTROL.format(port=control) if control else "")
    (folder / "config").write_text(config, "utf-8")
    (folder / "contacts").write_text("", "utf-8")
    with (folder / "log").open("w") as log:
        process = await asyncio.create_subprocess_exec(
            *["baresip", "-f", str(folder), "-t", "60", *more],
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


def heard_rate(folder: Path) -> int:
    """The rate at which baresip decoded it, Hz."""
    (file,) = folder.glob("*dec.wav")
    with wave.open(str(file)) as theirs:
        return int(theirs.getframerate())
