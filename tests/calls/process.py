"""`callcenter serve` in a process of its own, as an operator starts it."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

CONFIG = """
[web]
port = 0
[[line]]
port = 0
auto_answer = "1001"
[[agent]]
number = "1001"
name = "小李"
voice = "{voice}"
device = "{device}"
[desk]
drain_seconds = 0
"""


@dataclass(frozen=True, slots=True)
class Served:
    """A running service: its process, its web address, its SIP URI, a token that lets us in."""

    process: asyncio.subprocess.Process
    web: str
    uri: str
    token: str

    def api(self) -> httpx.AsyncClient:
        """A client that is let in."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.AsyncClient(base_url=self.web, headers=headers, trust_env=False)


@asynccontextmanager
async def served(
    folder: Path, voice: str = "none", device: str = "", env: dict[str, str] | None = None
) -> AsyncIterator[Served]:
    """Start it in `folder`, wait until it says where it is; end it on the way out."""
    file = folder / "callcenter.toml"
    file.write_text(CONFIG.format(voice=voice, device=device), "utf-8")
    with (folder / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-u", "-m", "callcenter", "serve", "--config", str(file)],
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            env={**os.environ, **(env or {})},
        )
    try:
        web = await _told(process, r"(http://\S+)")
        uri = await _told(process, r"sip:(\S+)")
        yield Served(process, web, f"sip:95000@{uri}", await _token(file))
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def _token(config: Path) -> str:
    name = f"test-{time.monotonic_ns()}"
    making = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "callcenter", "logins", "token", name, "--config", str(config)],
        *["--role", "supervisor", "--role", "agent"],
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await making.communicate()
    assert making.returncode == 0
    return told.decode().strip()


async def _told(process: asyncio.subprocess.Process, pattern: str) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while line := (await process.stdout.readline()).decode():
            if found := re.search(pattern, line):
                return found[1]
    raise RuntimeError("the service ended before it said where it is")
