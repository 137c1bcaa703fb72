"""Secure pause at the desk and in the replay; numbers that are hidden while they are told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from callcenter.core import events as ev
from callcenter.core.records import Party
from tests.browser.conftest import Serving
from tests.browser.test_live_desk import ring_and_answer
from tests.web.fakes import said

pytestmark = pytest.mark.browser


def test_alt_p_pauses_and_goes_on_and_the_replay_shows_it(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    page.keyboard.press("Alt+p")
    band = page.locator("#paused")
    band.get_by_text("不录音、不转写").wait_for()
    assert "敏感信息" in band.inner_text()
    assert page.locator("#pause").get_attribute("aria-pressed") == "true"
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    assert page.evaluate("document.querySelector('#callbar').scrollWidth") <= 1366 - 60
    serving.do(lambda: serving.desk.tell(ev.PauseReminded("c1", datetime.now(UTC), "6018", 5)))
    band.get_by_text("还没有恢复录音").wait_for()
    page.locator("#said", has_text="已经 5 分钟").wait_for()
    page.keyboard.press("Alt+p")
    band.wait_for(state="hidden")
    page.locator("#talk", has_text="安全暂停，没有录音和转写").wait_for()
    assert [c[0] for c in serving.desk.commands] == ["answer", "pause", "unpause"]
    # A number that is being told shows no digits, and then its name.
    dots = said(Party.CALLER, 3000, "打我电话•••••••••••")
    serving.do(lambda: serving.desk.tell(ev.PartialHeard("c1", datetime.now(UTC), dots)))
    page.locator("#talk", has_text="打我电话•••••••••••").wait_for()
    serving.do(lambda: serving.desk.hear("c1", said(Party.CALLER, 3000, "打我电话〔手机号〕")))
    page.locator("#talk", has_text="打我电话〔手机号〕").wait_for()
    assert "•" not in page.locator("#talk").inner_text()
    serving.do(lambda: serving.desk.end("c1", "caller", "ordinary"))
    page.goto("/calls/c1")
    page.get_by_role("tab", name="记录").click()
    course = page.locator(".course").first
    course.get_by_text("安全暂停").wait_for()
    course.get_by_text("恢复录音").wait_for()
