from __future__ import annotations

from typing import Any

import pytest

from callcenter.store import calls
from tests.browser.conftest import Serving
from tests.web.fakes import hear_again

pytestmark = pytest.mark.browser

TIME = "document.getElementById('audio').currentTime"


def verdict_of(serving: Serving, call_id: str) -> tuple[str, str, str]:
    with serving.store.session() as session:
        given = calls.get_call(session, call_id).verdicts[-1]
        return given.verdict, given.reason, given.reviewer


def test_the_queue_is_judged_by_keyboard(page: Any, serving: Serving) -> None:
    serving.keep_calls()
    page.goto("/review")
    page.locator("#title", has_text="138").wait_for()
    page.locator("#reviewer").fill("陈静")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    page.locator("#title", has_text="053").wait_for()
    page.keyboard.press("2")
    page.keyboard.type("冰箱修了三次，要求退货。123")
    page.keyboard.press("Control+Enter")
    page.locator("#title", has_text="138").wait_for()
    assert verdict_of(serving, "kept-k") == ("complaint", "冰箱修了三次，要求退货。123", "陈静")
    page.keyboard.press("1")
    page.keyboard.type("两次低俗提问。")
    page.keyboard.press("Control+Enter")
    page.get_by_text("没有待判定的通话").wait_for()
    assert verdict_of(serving, "kept-h")[0] == "harassment"


def test_a_verdict_needs_a_reason_and_a_name(page: Any, serving: Serving) -> None:
    serving.keep_calls()
    page.goto("/review")
    page.locator("#submit:enabled").wait_for()
    page.keyboard.press("3")
    page.keyboard.press("Control+Enter")
    page.keyboard.type("像是打错了。")
    page.keyboard.press("Control+Enter")
    page.get_by_text("请先在右上写审核人").wait_for()
    assert page.evaluate("document.activeElement.id") == "reviewer"
    with serving.store.session() as session:
        assert calls.get_call(session, "kept-h").verdicts == []


def test_a_line_a_word_and_a_hit_play_from_there(page: Any, serving: Serving) -> None:
    serving.keep_calls()
    page.goto("/calls/kept-h")
    page.locator("#play:enabled").wait_for()
    page.wait_for_function("document.getElementById('audio').readyState >= 1")
    page.locator("#lines li").nth(3).locator("time").click()
    page.wait_for_function(f"{TIME} >= 12.6 && {TIME} < 20")
    page.locator("#lines li.now", has_text="报修你行不行").wait_for()
    page.locator("#lines .word", has_text="聊").first.click()
    page.wait_for_function(f"{TIME} >= 4.4 && {TIME} < 9")
    page.keyboard.press("]")
    page.wait_for_function(f"{TIME} >= 5.4")
    page.locator("#lines li").nth(2).focus()
    page.keyboard.press("Enter")
    page.wait_for_function(f"{TIME} >= 9 && {TIME} < 13")
    page.keyboard.press("k")
    page.wait_for_function("document.getElementById('audio').paused")
    before = page.evaluate(TIME)
    page.keyboard.press("j")
    assert page.evaluate(TIME) == pytest.approx(before - 5, abs=0.01)
    page.keyboard.press("l")
    assert page.evaluate(TIME) == pytest.approx(before, abs=0.01)
    assert page.locator("#lines mark.harassment").count() == 2


def test_the_words_of_another_transcript_play_too(page: Any, serving: Serving) -> None:
    serving.keep_calls()
    hear_again(serving.store, "kept-h", "vosk-model-cn-0.22", "先生您要报修什么")
    page.goto("/calls/kept-h")
    page.get_by_role("link", name="vosk-model-cn-0.22").click()
    page.locator("#play:enabled").wait_for()
    page.wait_for_function("document.getElementById('audio').readyState >= 1")
    page.locator("#lines .word", has_text="报").click()
    page.wait_for_function(f"{TIME} >= 4.2 && {TIME} < 8")
    assert page.locator("#lines mark.harassment").all_inner_texts() == ["先生"]
    page.locator("#wave:not([aria-busy])").wait_for()
    assert page.locator("#over button").count() == 1
    page.get_by_role("link", name="当时的转写").click()
    page.locator("#lines", has_text="上夜班").wait_for()


def test_a_missing_recording_is_said(page: Any, serving: Serving) -> None:
    serving.keep_calls()
    (serving.recordings / "2026/kept-h.wav").unlink()
    page.goto("/calls/kept-h")
    page.get_by_text("录音文件不见了").wait_for()
    assert page.locator("#audio").count() == 0


def test_the_number_is_masked_until_it_is_asked_for(page: Any, serving: Serving) -> None:
    serving.keep_calls()
    page.goto("/calls/kept-h")
    assert page.locator("#number").inner_text() == "138 •••• 6127"
    page.locator("#show-number").click()
    assert page.locator("#number").inner_text() == "138 0000 6127"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/review", "/calls", "/calls/kept-h", "/docs"])
def test_no_page_is_wider_than_the_screen(
    page: Any, serving: Serving, path: str, scheme: str
) -> None:
    serving.keep_calls()
    page.emulate_media(color_scheme=scheme)
    page.goto(path)
    page.locator("main").wait_for()
    wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert page.evaluate(wider) is False
