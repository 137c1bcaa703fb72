"""The archive of recordings is away for a while, and the service is killed meanwhile."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import signal
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import sounds
from bench.drills.callers import callers
from bench.drills.outcome import Outcome
from bench.drills.serving import Serving
from callcenter.core.office import Archived
from callcenter.store.s3 import S3Archive
from tests import s3

WHAT = (
    "recordings go to a real S3 server (OpenStack Swift), which is away for a while, with kill -9 "
    "of the service meanwhile: calls go on, nothing is lost, and what the archive alone has can be "
    "played and proved"
)
TABLE = """[archive]
url = "{where}"
endpoint = "{place.endpoint}"
region = "{place.region}"
key = "{place.key}"
secret_file = "secret"
local_days = 0
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """How many calls before it goes away, and as many while it is."""
    parser.add_argument("--calls", type=int, default=20, help="before, and again while it is away")
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each call")


async def hold(options: argparse.Namespace) -> Outcome:
    """See WHAT."""
    outcome = Outcome("archive")
    with tempfile.TemporaryDirectory() as name, s3.running() as server:
        folder = Path(name)
        (folder / "secret").write_text(s3.SECRET)
        place = replace(server.bucket("recordings"), prefix="drill")
        archive = S3Archive(place)
        more = TABLE.format(where=archive.where, place=place)
        service = Serving(folder, more=more, seats=options.calls)
        try:
            await _held(service, server, archive, options, outcome)
        finally:
            if service.process is not None and service.process.returncode is None:
                await service.end(signal.SIGKILL)
    return outcome


async def _held(
    service: Serving,
    server: s3.S3Server,
    archive: S3Archive,
    options: argparse.Namespace,
    outcome: Outcome,
) -> None:
    await service.start()
    calls = await _calls(service, options)
    begun = time.monotonic()
    await _archived(archive, calls)
    outcome.figures |= {"calls": 2 * options.calls, "archived_after_s": time.monotonic() - begun}
    server.down()
    later = await _calls(service, options)
    told = await service.until("/health", lambda health: _of_archive(health["notices"]))
    outcome.figures["notice"] = told
    metrics = await service.metrics()
    outcome.must(
        metrics['callcenter_jobs_waiting{task="archive"}'] == options.calls,
        "the metric does not say what waits",
    )
    outcome.must(len(service.recorded()) >= options.calls, "a recording is not in the folder")
    await service.end(signal.SIGKILL)
    await service.start()
    server.up()
    begun = time.monotonic()
    await _archived(archive, later)
    outcome.figures["caught_up_after_s"] = time.monotonic() - begun
    await service.end()
    await service.start()  # whatever the archive has goes from the folder
    await _gone(service)
    for call in [*calls, *later]:
        await _is_whole(service, call, outcome)
    outcome.figures["bytes_each"] = round(options.seconds * 32000)
    outcome.must("Traceback" not in service.log(), "the log has a traceback")


async def _calls(service: Serving, options: argparse.Namespace) -> list[dict[str, Any]]:
    """So many at once; as they are kept, with their recordings."""
    async with callers() as people:
        sound = sounds.triggers(options.seconds)
        ringing = [await people.ring(uri, sound) for uri in service.uris]
        for call in ringing:
            await people.answered(call)
        live = await service.until(
            "/live", lambda told: told["calls"] if len(told["calls"]) == len(ringing) else None
        )
        await asyncio.sleep(options.seconds)
        for call in ringing:
            call.hang_up()
            await call.over()
        return [
            await service.until(
                f"/calls/{one['call_id']}",
                lambda kept: kept if kept["recording"] and kept["transcribed"] else None,
            )
            for one in live
        ]


async def _archived(archive: S3Archive, calls: list[dict[str, Any]]) -> None:
    """Wait until the archive has each, as it was sealed. Raises TimeoutError."""
    async with asyncio.timeout(120):
        for call in calls:
            kept: Archived | None = None
            while kept is None or kept.sha256 != call["recording"]["sha256"]:
                await asyncio.sleep(0.05)
                kept = await asyncio.to_thread(archive.find, call["recording"]["path"])


async def _gone(service: Serving) -> None:
    """Wait until the folder has no recording any more. Raises TimeoutError."""
    async with asyncio.timeout(120):
        while service.recorded():  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def _is_whole(service: Serving, call: dict[str, Any], outcome: Outcome) -> None:
    url = f"/calls/{call['call_id']}/recording"
    answer = await service.api.get(f"/api/v1{url}")
    sealed, found = call["recording"]["sha256"], hashlib.sha256(answer.content).hexdigest()
    outcome.must(found == sealed, f"call {call['call_id']}: what is played is not what was sealed")
    integrity = await service.get(f"{url}/integrity")
    outcome.must(integrity["state"] == "intact", f"call {call['call_id']}: is not intact")


def _of_archive(notices: list[str]) -> str:
    return next((text for text in notices if text.startswith("录音归档")), "")
