"""Runs linphone as a caller: typed at as a person would, it plays a WAV and keeps what it hears."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from callcenter.audio.wav import read_wav, wav_header
from tests.calls.baresip import free_port

needs_linphone = pytest.mark.skipif(
    shutil.which("linphonec") is None, reason="linphone is not installed (apt install linphone-cli)"
)
PATIENCE = 30.0
CONFIG = """
[sip]
sip_port={port}
sip_tcp_port=0
sip_tls_port=0
guess_hostname=0
contact=sip:{number}@127.0.0.1
[rtp]
audio_rtp_port={sound}
[sound]
echocancellation=0
"""


class Linphone:
    """A running linphonec; `typed` is a command of its own, `told` waits for its words."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._said = ""

    def typed(self, words: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(words.encode() + b"\n")

    async def told(self, *one_of: str) -> str:
        """The first of these that it says from here on."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while True:
                for words in one_of:
                    _, found, after = self._said.partition(words)
                    if found:
                        self._said = after
                        return words
                more = await self._process.stdout.read(1024)
                assert more, f"linphone has left; it said: {self._said}"
                self._said += more.decode("utf-8", "replace")

    async def calls(self, uri: str) -> None:
        """Rings, as soon as it has found its network."""
        refused = "Error from linphone_core_invite"
        while True:
            self.typed(f"call {uri}")
            if await self.told(refused, "ringing") != refused:
                return

    def heard(self) -> bytes:
        """What it decoded of the other side, 8 kHz mono 16-bit; whole once it has left."""
        return read_wav(self._folder / "heard.wav").channels[0]


@asynccontextmanager
async def linphone(folder: Path, pcm: bytes, number: str) -> AsyncIterator[Linphone]:
    """linphone, saying `pcm` (8 kHz mono 16-bit) in its calls while inside."""
    words = {"port": free_port(), "sound": free_port(), "number": number}
    (folder / "config").write_text(CONFIG.format(**words), "utf-8")
    (folder / "says.wav").write_bytes(wav_header(1, len(pcm), 8000) + pcm)
    for place in (".local/share/linphone", ".config/linphone"):
        (folder / place).mkdir(parents=True)
    with (folder / "log").open("w") as log:
        process = await asyncio.create_subprocess_exec(
            *["linphonec", "-c", str(folder / "config")],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            env={**os.environ, "HOME": str(folder), "LANG": "C", "XDG_CONFIG_HOME": ""},
        )
    here = Linphone(process, folder)
    here.typed("soundcard use files")
    here.typed(f"play {folder}/says.wav")
    here.typed(f"record {folder}/heard.wav")
    try:
        yield here
        here.typed("quit")
        async with asyncio.timeout(PATIENCE):
            await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
