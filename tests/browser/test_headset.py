"""The agent chooses a headset and tries it: at the browser, with a fake microphone of Chromium's;
at the service's machine, over a fake one."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from typing import Any

import pytest

from callcenter.core.ports import Gone, Leg
from callcenter.core.records import Level, VoiceState
from tests.audio.tones import tone
from tests.browser.conftest import QUIET, Serving, chromium, until
from tests.fakes import FakeLeg

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="there is no chromium (apt install chromium)"),
]

WATCH = """window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(event.violatedDirective + " " + event.blockedURI));"""


class FakeVoice:
    """An agent's sound of this kind, in no call; a headset hears its wearer."""

    device = "USB"

    def __init__(self, kind: str) -> None:
        self.kind = kind

    async def open(self, gone: Gone) -> Leg:
        return FakeLeg()

    def state(self) -> VoiceState:
        return VoiceState(self.kind)

    async def close(self) -> None: ...

    async def try_out(self) -> VoiceState:
        return VoiceState(self.kind, "idle", "USB Headset", Level(-6.0, -20.0))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    microphone = tmp_path_factory.mktemp("microphone") / "bursts.wav"
    with wave.open(str(microphone), "wb") as out:
        out.setparams((1, 2, 48000, 0, "NONE", ""))
        # on and off: a browser takes a steady tone for noise
        out.writeframes((tone(440, 0.3, 48000) + bytes(48000 // 10 * 2)) * 10)
    with playwright.sync_playwright() as started:
        fake = f"--use-file-for-fake-audio-capture={microphone}"
        arguments = [*QUIET, "--use-fake-device-for-media-stream", fake]
        opened = started.chromium.launch(executable_path=chromium(), args=arguments)
        yield opened
        opened.close()


def let_microphone(page: Any, setting: str) -> None:
    """What the person says when the browser asks for the microphone."""
    session = page.context.new_cdp_session(page)
    target = session.send("Target.getTargetInfo")["targetInfo"]
    what = {"permission": {"name": "microphone"}, "setting": setting}
    where = {"browserContextId": target["browserContextId"]}
    session.send("Browser.setPermission", what | where)


def test_a_headset_is_chosen_and_tried_from_the_keyboard(page: Any, serving: Serving) -> None:
    serving.voices |= {"6018": FakeVoice("browser"), "6007": FakeVoice("headset")}
    page.add_init_script(WATCH)
    page.goto("/")
    page.get_by_text("今天还没有自检").wait_for()
    let_microphone(page, "denied")
    page.keyboard.press("Alt+j")
    page.get_by_text("麦克风被拒绝").wait_for()

    let_microphone(page, "granted")
    page.get_by_role("button", name="回声测试").click()
    page.get_by_text("请说话：正在录两秒").wait_for()
    page.get_by_text("正在放给您听").wait_for()
    until(page, "!document.getElementById('headset-ear').paused")
    until(page, "document.getElementById('headset-level').value > -50")
    page.get_by_text("听到您说话了").wait_for()

    microphone = page.get_by_label("麦克风", exact=True)
    named = microphone.locator("option", has_text="Fake Audio Input 2").get_attribute("value")
    microphone.select_option(named)
    page.get_by_text("下次启用耳麦时用这个麦克风").wait_for()
    page.get_by_label("扬声器").select_option(index=1)
    page.get_by_text("现在就用这个扬声器").wait_for()
    page.keyboard.press("Escape")
    page.locator("#headset").wait_for(state="hidden")
    page.get_by_text("通过").wait_for()
    page.keyboard.press("Alt+j")
    page.locator("#headset").wait_for()
    until(page, f"document.getElementById('headset-microphone').value === '{named}'")
    page.keyboard.press("Escape")
    page.locator("#headset").wait_for(state="hidden")

    page.get_by_label("座席", exact=True).select_option("6007")
    page.get_by_text("耳麦待用").wait_for()
    page.keyboard.press("Alt+j")
    page.get_by_text("[[agent]] device").wait_for()
    assert page.locator("#headset-device").text_content() == "USB"
    page.get_by_role("button", name="回声测试").click()
    page.get_by_text("听到您说话了（USB Headset）").wait_for()
    assert page.evaluate("window.violations") == []
