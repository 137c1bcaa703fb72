"""A whole service whose recordings go to a real S3 server, heard by two recognition servers."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest

from callcenter.config import RecognitionConfig
from callcenter.config.archive import ArchiveConfig
from callcenter.demo.caller import Caller
from callcenter.store.s3 import S3Archive
from tests.asr import fleet
from tests.calls.service import AGENT, config_in, phone, running
from tests.calls.test_own_caller import talks_at_once
from tests.s3 import KEY, REGION, SECRET, S3Server

pytestmark = pytest.mark.external


async def test_a_call_is_heard_by_the_server_that_is_left_and_its_recording_archived(
    tmp_path: Path, s3_server: S3Server
) -> None:
    archive = S3Archive(s3_server.bucket("reach"))
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    where = {"endpoint": s3_server.endpoint, "region": REGION, "key": KEY}
    kept = ArchiveConfig(url=archive.where, secret_file=str(tmp_path / "secret"), **where)
    with fleet.running() as lost, fleet.running() as stays:
        heard = RecognitionConfig(remote=(lost.url, stays.url))
        config = config_in(tmp_path, archive=kept, recognition=heard)
        async with running(config) as here, phone() as line:
            await asyncio.to_thread(lost.down)
            caller = Caller(talks_at_once("complaint"))
            calling = asyncio.create_task(caller.call(line, here.uri))
            ringing = await here.live("ringing")
            await here.post(f"/calls/{ringing['call_id']}/answer", agent=AGENT.number)
            await here.until(
                lambda: here.get("/live"),
                lambda told: (
                    told["calls"] and any(s["final"] for s in told["calls"][0]["segments"])
                ),
            )
            told = await here.until(
                lambda: here.get("/health"),
                lambda health: [text for text in health["notices"] if lost.url in text],
            )
            assert "来电改由其他服务器识别" in told[0]
            await here.post(f"/calls/{ringing['call_id']}/hangup", agent=AGENT.number)
            await calling
            call = await here.ended(ringing["call_id"])
            path, sha256 = call["recording"]["path"], call["recording"]["sha256"]
            async with asyncio.timeout(60):
                while (found := await asyncio.to_thread(archive.find, path)) is None:
                    await asyncio.sleep(0.05)  # between two questions, not instead of one
            assert found.sha256 == sha256
            done = 'callcenter_jobs_total{outcome="done",task="archive"} 1.0'
            await here.until(lambda: here.api.get("/metrics"), lambda told: done in told.text)
            (tmp_path / "recordings" / path).unlink()
            played = await here.api.get(f"/api/v1/calls/{call['call_id']}/recording")
            assert hashlib.sha256(played.content).hexdigest() == sha256
            metrics = (await here.api.get("/metrics")).text
    assert f'callcenter_recogniser_up{{server="{lost.url}"}} 0.0' in metrics
    assert f'callcenter_recogniser_up{{server="{stays.url}"}} 1.0' in metrics
