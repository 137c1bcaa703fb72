"""sipp calls us, in both codecs, one call and several at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from callcenter.config import AgentConfig
from callcenter.demo.measure import character_error_rate
from tests.calls import sipp
from tests.calls.service import AGENT, config_in, running, scenario

pytestmark = [pytest.mark.external, sipp.needs_sipp]


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
async def test_a_harassing_sipp_is_heard_and_sent_away(tmp_path: Path, codec: str):
    """sipp sends in real time and does not catch up after a stall: it has three tries."""
    for attempt in range(3):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        error_rate = await harass(folder, codec)
        if error_rate <= 0.05:
            break
    assert error_rate <= 0.05


async def harass(folder: Path, codec: str) -> float:
    """One such call; how much of what the caller said was misheard."""
    line = scenario("harassment").caller[0]
    file = sipp.scenario(folder, codec, line, leaves=False)
    async with running(config_in(folder)) as here:
        calling = asyncio.create_task(sipp.call(file, here.port))
        call_id = (await here.live("ringing"))["call_id"]
        await here.post(f"/calls/{call_id}/answer", agent=AGENT.number)
        await here.until(
            lambda: here.live("talking"), lambda told: told if told["segments"] else None
        )
        await here.post(f"/calls/{call_id}/terminate", prompt="analysis", agent=AGENT.number)
        code, out = await calling
        assert code == 0, out[-3000:]
        call = await here.ended(call_id)
    assert (call["ended_by"], call["disposition"]) == ("system", "harassment")
    (prompt,) = call["prompts"]
    assert prompt["sent_ms"] == prompt["file_ms"]
    text = "".join(s["text"] for s in call["segments"] if s["party"] == "caller")
    return character_error_rate(line.text, text)


async def test_four_sipps_at_once_are_each_heard(tmp_path: Path):
    line = scenario("complaint").caller[0]
    file = sipp.scenario(tmp_path, "PCMU", line, leaves=True)
    agents = tuple(
        AgentConfig(number=f"100{n}", name=f"座席{n}", voice="none") for n in range(1, 5)
    )
    async with running(config_in(tmp_path, agent=agents)) as here:
        calling = asyncio.create_task(sipp.call(file, here.port, calls=4))
        for agent in agents:
            ringing = await here.live("ringing")
            await here.post(f"/calls/{ringing['call_id']}/answer", agent=agent.number)
        code, out = await calling
        assert code == 0, out[-3000:]
        calls = (await here.get("/calls"))["calls"]
        ended = [await here.ended(call["call_id"]) for call in calls]
    assert len(ended) == 4
    for call in ended:
        text = "".join(s["text"] for s in call["segments"])
        assert character_error_rate(line.text, text) <= 0.05
        found = {hit["category"] for hit in call["hits"]}
        assert found == {"quality", "refund", "complaint", "likely_complaint"}
