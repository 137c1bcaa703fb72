"""A headset at the browser, in a whole call: a fake microphone, a real ear, a caller."""

from __future__ import annotations

import asyncio
import wave
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from callcenter.config import AgentConfig
from callcenter.core.ports import Leg
from callcenter.core.records import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, Frame
from tests.audio.tones import purity, tone
from tests.browser.conftest import QUIET, chromium
from tests.calls.service import AGENT, Running, config_in, phone, running
from tests.waiting import until

pytest.importorskip("aiortc", reason="aiortc is not installed: pip install 'callcenter[browser]'")
playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="there is no chromium (apt install chromium)"),
]

PATIENCE_S = 40.0
WINDOW = 20
# The second one is for machines without a network: elsewhere a browser has an address of its own.
FAKE = ("--use-fake-device-for-media-stream", "--allow-loopback-in-peer-connection")
# How much of what the ear hears lies around 600 Hz, and how loud it is.
LISTEN = """async () => {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(document.getElementById("ear").srcObject).connect(analyser);
  analyser.fftSize = 4096;
  window.heard = () => {
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    const loudest = bins.indexOf(Math.max(...bins));
    return [(loudest * context.sampleRate) / analyser.fftSize, bins[loudest]];
  };
  await context.resume();
}"""


def bursts(hz: float) -> bytes:
    """A tone, on and off: a browser takes a steady one for noise."""
    on, off = tone(hz, 0.3, 48000), bytes(48000 // 10 * 2)
    return (on + off) * 25


@asynccontextmanager
async def opened(folder: Path, url: str, errors: list[str]) -> AsyncIterator[Any]:
    microphone = folder / "microphone.wav"
    _write(microphone, bursts(440))
    arguments = [*QUIET, *FAKE, f"--use-file-for-fake-audio-capture={microphone}"]
    async with playwright.async_playwright() as started:
        browser = await started.chromium.launch(executable_path=chromium(), args=arguments)
        page = await browser.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: said.type == "error" and errors.append(said.text))
        await page.goto(url)
        yield page
        await browser.close()


async def let_microphone(page: Any, setting: str) -> None:
    """What the person says when the browser asks for the microphone."""
    session = await page.context.new_cdp_session(page)
    target = (await session.send("Target.getTargetInfo"))["targetInfo"]
    what = {"permission": {"name": "microphone"}, "setting": setting}
    where = {"browserContextId": target["browserContextId"]}
    await session.send("Browser.setPermission", what | where)


def _write(file: Path, pcm: bytes) -> None:
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, 48000, 0, "NONE", ""))
        out.writeframes(pcm)


class Talks:
    """The caller's end, at a call's pace."""

    def __init__(self, leg: Leg) -> None:
        self.leg = leg
        self.heard: deque[bytes] = deque(maxlen=WINDOW)

    def hears(self, hz: float) -> bool:
        return len(self.heard) == WINDOW and purity(b"".join(self.heard), hz) > 0.8

    async def talk(self) -> None:
        loop, said = asyncio.get_running_loop(), tone(600, 1)
        began, start = loop.time(), 0
        while True:
            self.heard.append(self.leg.receive(start).pcm)
            at = start * 2 % len(said)
            self.leg.send(Frame(start, said[at : at + FRAME_BYTES]))
            start += FRAME_SAMPLES
            due = began + start / FRAME_SAMPLES * FRAME_MS / 1000
            await asyncio.sleep(max(0.0, due - loop.time()))


async def state(here: Running) -> str:
    return str((await here.get(f"/agents/{AGENT.number}/voice"))["state"])


async def invited(here: Running) -> str:
    """Where the agent sets a password; a lead and an administrator have opened the account."""
    wanted = {"person": AGENT.name, "agent": AGENT.number, "roles": ["agent"], "reason": "入职"}
    number = (await here.post("/accounts", by="主管", **wanted))["number"]
    for action in ("approve", "open"):
        await here.post(f"/accounts/{number}/actions", by="经理", action=action)
    return str((await here.post("/invitations", person=AGENT.name))["path"])


async def test_a_browser_is_the_agents_headset(tmp_path: Path) -> None:
    agent = AgentConfig(number=AGENT.number, name=AGENT.name, voice="browser")
    errors: list[str] = []
    async with running(config_in(tmp_path, agent=(agent,))) as here, phone() as line:
        link = await invited(here)
        async with opened(tmp_path, f"{here.service.web_url}{link}", errors) as page:
            await page.get_by_label("密码").fill("a good password")
            await page.get_by_label("再输一次").fill("a good password")
            await page.get_by_role("button", name="进入").click()
            await page.get_by_text("浏览器耳麦未接通").wait_for()
            call = await line.dial(here.uri, "13800138001")
            call_id = (await here.live("ringing"))["call_id"]
            refused = await here.api.post(
                f"/api/v1/calls/{call_id}/answer", json={"agent": AGENT.number}
            )
            assert refused.status_code == 503
            await let_microphone(page, "denied")
            await page.get_by_role("button", name="启用耳麦").click()
            await page.get_by_text("麦克风被拒绝").wait_for()
            await let_microphone(page, "granted")
            await page.get_by_role("button", name="启用耳麦").click()
            await page.get_by_text("浏览器耳麦已接通").wait_for()
            await here.until(lambda: state(here), lambda told: told == "connected")
            await here.post(f"/calls/{call_id}/answer", agent=AGENT.number)
            await call.answered()
            talks = Talks(call.leg)
            talking = asyncio.create_task(talks.talk())
            await until(lambda: talks.hears(440))
            await page.evaluate(LISTEN)
            await here.until(
                lambda: page.evaluate("() => heard()"),
                lambda told: told[1] > -50 and abs(told[0] - 600) < 30,
            )
            assert (await here.get(f"/agents/{AGENT.number}/voice"))["ear"]["rms"] > -20
            await page.goto("about:blank")
            await here.until(lambda: state(here), lambda told: told == "lost")
            assert (await here.live("away"))["call_id"] == call_id, "the call goes on"
            assert not talks.hears(440)
            await page.goto(here.service.web_url)
            await page.get_by_text("座席声音中断").first.wait_for()
            await page.get_by_role("button", name="启用耳麦").click()
            assert (await here.live("talking"))["call_id"] == call_id
            await until(lambda: talks.hears(440))
        assert errors == []
        talking.cancel()
        call.hang_up()
        await here.ended(call_id)
