"""A softphone that people use calls us, is heard, and hears the whole prompt."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcenter.demo.measure import character_error_rate, prompt_heard_ms
from callcenter.scripts.book import Book
from tests.calls import baresip
from tests.calls.service import AGENT, config_in, running, scenario

pytestmark = [pytest.mark.external, baresip.needs_baresip]


async def test_a_harassing_baresip_is_heard_and_hears_the_whole_prompt(tmp_path: Path):
    line = scenario("harassment").caller[0]
    folder = tmp_path / "baresip"
    folder.mkdir()
    async with running(config_in(tmp_path)) as here:
        # A second of silence, so that nothing is said before the call is up.
        pcm = bytes(16000) + line.pcm + bytes(16000 * 20)
        async with baresip.dials(folder, here.uri, pcm, "13700137003"):
            ringing = await here.live("ringing")
            call_id = ringing["call_id"]
            assert ringing["caller_number"] == "13700137003"
            await here.post(f"/calls/{call_id}/answer", agent=AGENT.number)
            await here.until(
                lambda: here.live("talking"),
                lambda told: told if told["segments"] and told["proposal"] else None,
            )
            await here.post(f"/calls/{call_id}/terminate", prompt="line_fault", agent=AGENT.number)
            call = await here.ended(call_id)
    prompt = Book().prompt("line_fault")
    assert call["disposition"] == "harassment"
    assert call["prompts"][0]["sent_ms"] == prompt.file_ms
    assert prompt_heard_ms(baresip.heard(folder), prompt.pcm) == prompt.file_ms
    text = "".join(s["text"] for s in call["segments"] if s["party"] == "caller")
    assert character_error_rate(line.text, text) <= 0.05
