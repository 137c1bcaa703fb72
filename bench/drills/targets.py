"""Webhook targets and the mail server gone: calls go on, and everybody is told in the end."""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import sounds
from bench.drills.callers import Callers, callers
from bench.drills.outcome import Outcome
from bench.drills.serving import Serving, serving

WHAT = (
    "webhook targets that are closed, silent or failing, and a silent mail server: calls are as "
    "before they went, a living target is told meanwhile, the others when they are back"
)
SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105  (of targets that live for a minute)
CALL = ["call.rang", "call.answered", "call.ended"]
TARGETS = ("closed", "silent", "failing", "living")
HOOK = """[[webhook]]
name = "{0}"
url = "http://127.0.0.1:{1}/"
secret_file = "secret"
"""
MAIL = """[house]
company = "佳和"
hotline = "4008200001"
[smtp]
host = "127.0.0.1"
port = {0}
sender = "kf@example.com"
tls = "off"
"""
BACK_SECONDS = 120.0
"""For everything to be told once the targets are back."""
FRAMES_A_SECOND = 50
LOST_SECONDS, LOST_SOUND = 1.5, 0.15
"""What the machine's other work may make of two rounds of the same calls."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """How many, and how long."""
    parser.add_argument("--calls", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=20.0, help="that each call lasts")


class Target:
    """A port that takes what is posted, once it is `well`; before, it is as its `kind` says."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.well = kind != "mail"
        self.told: list[dict[str, Any]] = []
        self.tried = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._over = asyncio.Event()

    async def open(self) -> None:
        """Listen; the port stays the same."""
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Connections are refused from now on."""
        if self._server is not None:
            self._server.close()
            self._over.set()
            await self._server.wait_closed()
            self._server = None

    def types_by_call(self) -> dict[str, list[str]]:
        """What it was told of each call, in order, each once."""
        found: dict[str, list[str]] = {}
        for one in self.told:
            types = found.setdefault(one["data"]["call_id"], [])
            if one["type"] not in types:
                types.append(one["type"])
        return found

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tried += 1
        if not self.well and self.kind != "failing":
            await self._over.wait()  # what is silent
        else:
            head = await reader.readuntil(b"\r\n\r\n")
            size = next(line for line in head.lower().split(b"\r\n") if b"content-length" in line)
            body = await reader.readexactly(int(size.partition(b":")[2]))
            if self.well:
                self.told.append(json.loads(body))
            status = b"204 No Content" if self.well else b"503 Away"
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
        writer.close()


async def hold(options: argparse.Namespace) -> Outcome:
    """See WHAT."""
    outcome = Outcome("targets")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "secret").write_text(SECRET, "utf-8")
        async with _targets() as targets, callers() as people:
            mail, hooks = targets.pop("mail"), targets
            more = "".join(HOOK.format(one, hook.port) for one, hook in hooks.items())
            more += MAIL.format(mail.port)
            async with serving(folder, more=more, seats=options.calls) as service:
                before = await _calls(service, people, hooks, options, outcome)
                await _go(service, hooks)
                after = await _calls(service, people, hooks, options, outcome)
                _compare(before, after, outcome)
                outcome.must(mail.tried, "the mail server was not tried")
                await _back(hooks, 2 * options.calls, outcome)
                outcome.must("Traceback" not in service.log(), "the log has a traceback")
                outcome.must(SECRET not in service.log(), "the log has the secret")
    return outcome


@asynccontextmanager
async def _targets() -> AsyncIterator[dict[str, Target]]:
    made = {kind: Target(kind) for kind in (*TARGETS, "mail")}
    everybody = list(made.values())
    for target in everybody:
        await target.open()
    try:
        yield made
    finally:
        for target in everybody:
            await target.shut()


async def _go(service: Serving, hooks: dict[str, Target]) -> None:
    """All but the living one are away, and a letter waits for a mail server that is."""
    for name, hook in hooks.items():
        hook.well, hook.tried = name == "living", 0
    await hooks["closed"].shut()
    fields = {"customer": "赵", "opened": "昨天", "about": "WO-1", "progress": "已换货"}
    letter = {"by": "drill", "template": "written_reply", "to": "zhao@example.com"}
    answer = await service.api.post("/api/v1/messages", json=letter | {"fields": fields})
    answer.raise_for_status()


@dataclass
class Round:
    """How calls were that ran at the same time."""

    shortest_s: float
    """Of their recordings."""
    heard: float
    """The part of the sound that the callers got at least."""


async def _calls(
    service: Serving,
    people: Callers,
    hooks: dict[str, Target],
    options: argparse.Namespace,
    outcome: Outcome,
) -> Round:
    known = {one["call_id"] for one in (await service.get("/calls"))["calls"]}
    sound = sounds.triggers(2 * options.seconds)
    running = [await people.ring(uri, sound) for uri in service.uris]
    for call in running:
        await people.answered(call)
    await asyncio.sleep(options.seconds)
    for call in running:
        outcome.must(call.talks, "a call was not answered, or ended before its caller ended it")
        call.hang_up()

    def over(told: dict[str, Any]) -> list[str]:
        ended = [one["call_id"] for one in told["calls"] if one["ended_at"]]
        return new if len(new := [i for i in ended if i not in known]) == options.calls else []

    found = await service.until("/calls", over)
    lasted = [(call.ended_at - call.answered_at, call.heard_frames) for call in running]
    heard = min(frames / FRAMES_A_SECOND / seconds for seconds, frames in lasted)
    kept = await _recorded(service, found, outcome)
    told = await _comes_true(lambda: _whole(hooks["living"], len(known) + len(found)), 30.0)
    outcome.must(told, "the living target was not told of each call in order")
    return Round(min(kept), heard)


async def _recorded(service: Serving, found: list[str], outcome: Outcome) -> list[float]:
    """The seconds of each recording."""
    gaps, seconds = Counter[str](), []
    for call_id in found:
        path = f"/calls/{call_id}"
        call = await service.until(path, lambda told: told if told["recording"] else None)
        gaps.update(gap["reason"] for gap in call["gaps"])
        seconds.append(call["recording"]["seconds"])
        results = (call["ended_by"], call["call_result"])
        outcome.must(results == ("caller", "answered"), f"a call ended as {results}")
    outcome.must(not gaps, f"sound was not heard: {dict(gaps)}")
    return seconds


def _compare(before: Round, after: Round, outcome: Outcome) -> None:
    outcome.figures["shortest_recording_before_s"] = before.shortest_s
    outcome.figures["shortest_recording_while_away_s"] = after.shortest_s
    outcome.figures["sound_that_callers_got_before"] = before.heard
    outcome.figures["sound_that_callers_got_while_away"] = after.heard
    lost = before.shortest_s - after.shortest_s
    outcome.must(lost < LOST_SECONDS, f"recordings are {lost:.1f} s shorter than before")
    outcome.must(after.heard > before.heard - LOST_SOUND, "callers got less of the sound")


async def _back(hooks: dict[str, Target], calls: int, outcome: Outcome) -> None:
    """The targets come back."""
    away = [hook for name, hook in hooks.items() if name != "living"]
    outcome.figures["tries_at_targets_that_are_away"] = sum(hook.tried for hook in away)
    begun = time.monotonic()
    for hook in hooks.values():
        hook.well = True
    await hooks["closed"].open()
    for name, hook in hooks.items():
        told = await _comes_true(lambda hook=hook: _whole(hook, calls), BACK_SECONDS)
        outcome.must(told, f"{name} was not told of each call in order")
        outcome.figures[f"{name}_told"] = len(hook.told)
    outcome.figures["all_told_after_s"] = time.monotonic() - begun


def _whole(target: Target, calls: int) -> bool:
    return list(target.types_by_call().values()) == [CALL] * calls


async def _comes_true(holds: Any, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        await asyncio.sleep(0.05)
    return True
