from __future__ import annotations

from typing import Any

import pytest

from callcenter.store import calls
from tests.browser.conftest import Serving, until
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


def test_a_supervisor_reviews_blocks_and_exports(page: Any, serving: Serving) -> None:
    serving.keep_calls()
    page.goto("/review")
    page.locator("#sound[data-state=intact]", has_text="录音完好").wait_for()
    page.locator("#reviewer").fill("陈静")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.locator("#queue [aria-selected=true] .held", has_text="我已认领").wait_for()
    page.keyboard.press("u")
    page.locator("#claim:enabled").wait_for()
    page.keyboard.press("]")
    until(page, f"{TIME} >= 5.4")
    page.keyboard.press("k")
    page.keyboard.press("1")
    page.locator("#queue [aria-selected=true] .held", has_text="我已认领").wait_for()
    page.keyboard.type("引导后仍两次低俗提问。")
    page.locator("#block").get_by_text("拉黑", exact=True).click()
    page.locator("#term").get_by_text("7 天").click()
    page.locator("#until", has_text="自动解除").wait_for()
    page.locator("#hears", has_text="来电自动分析系统").wait_for()
    page.get_by_label("立案").check()
    page.keyboard.press("Control+Enter")
    page.locator("#said", has_text="已判为骚扰，拉黑 7 天").wait_for()
    page.goto("/review?show=judged")
    page.locator("#source-case", has_text="HC-").wait_for()
    page.locator("#blocked", has_text="陈静 已拉黑").wait_for(state="attached")
    with page.expect_download() as download:
        page.keyboard.press("e")
    assert download.value.suggested_filename.startswith("evidence-HC-")
    page.locator("#said", has_text="清单 SHA-256").wait_for()
    assert verdict_of(serving, "kept-h") == ("harassment", "引导后仍两次低俗提问。", "陈静")


def test_what_somebody_else_claims_and_judges_is_seen_at_once(page: Any, serving: Serving) -> None:
    serving.keep_calls()
    page.goto("/review")
    page.locator("#reviewer").fill("陈静")
    page.locator("#submit:enabled").wait_for()
    page.locator("#reason").fill("想了一半")
    there = f"{serving.url}/api/v1/reviews"
    put = {"action": "put_back", "by": "陈静"}
    page.locator("#whose", has_text="您").wait_for()
    assert page.request.post(f"{there}/kept-h/actions", data=put).status == 201
    for call in ("kept-h", "kept-k"):
        wish = {"action": "claim", "by": "高翔"}
        assert page.request.post(f"{there}/{call}/actions", data=wish).status == 201
    page.locator("#whose", has_text="高翔").wait_for()
    assert page.locator("#submit").is_disabled()
    assert page.locator("#reason").input_value() == "想了一半"
    page.locator('[data-call="kept-k"] .held', has_text="高翔认领").wait_for()
    given = {"verdict": "ordinary", "reason": "退货", "reviewer": "高翔"}
    page.request.post(f"{serving.url}/api/v1/calls/kept-k/verdict", data=given)
    page.locator('[data-call="kept-k"]').wait_for(state="detached")


def test_an_agent_asks_and_a_supervisor_approves(page: Any, serving: Serving) -> None:
    serving.keep_calls()
    page.goto("/calls/kept-h")
    page.locator("#ask-reason").press("Enter")
    page.locator("#ask-wrong", has_text="写一句理由").wait_for()
    page.locator("#ask-reason").fill("今天第 7 次了 <b>")
    page.locator("#ask-reason").press("Enter")
    page.locator("#said", has_text="等主管批准").wait_for()
    page.goto("/review?show=asked")
    page.locator("#asked", has_text="今天第 7 次了 <b>").wait_for()
    page.locator("#submit:enabled", has_text="拉黑 30 天").wait_for()
    page.locator("#reviewer").fill("陈静")
    page.locator("#reason").fill("录音为证")
    page.locator("#term").get_by_text("90 天").click()
    page.locator("#submit", has_text="拉黑 90 天").click()
    page.get_by_text("这一列是空的").wait_for()
    found = page.request.get(f"{serving.url}/api/v1/blocks").json()
    assert [one["blocked_by"] for one in found["blocks"]] == ["陈静"]


def test_on_a_phone_one_pane_is_seen_and_the_decision_stays(page: Any, serving: Serving) -> None:
    serving.keep_calls()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/review")
    page.locator('[data-call="kept-k"]').click()
    page.locator("#title", has_text="053").wait_for()
    assert page.locator("#queue").is_hidden()
    box = page.locator("#submit").bounding_box()
    assert box["height"] >= 44
    assert box["y"] + box["height"] <= 844
    wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert page.evaluate(wider) is False
    page.locator("#switch").get_by_role("button", name="待判定").click()
    page.locator("#queue").wait_for()


def test_each_party_is_heard_alone_and_as_loud_as_wished(page: Any, serving: Serving) -> None:
    serving.keep_calls()
    page.goto("/calls/kept-h")
    page.locator("#integrity", has_text="录音完好").wait_for()
    page.locator("#solo-agent").click()
    audio = page.locator("#audio[data-caller='0'][data-agent='1']")
    audio.wait_for(state="attached")
    page.keyboard.press("k")
    page.locator("#position", has_text="0:01").wait_for()
    page.locator("#solo-agent").click()
    page.locator("#volume-caller").fill("40")
    page.locator("#audio[data-caller='0.4'][data-agent='1']").wait_for(state="attached")


def test_a_line_a_word_and_a_hit_play_from_there(page: Any, serving: Serving) -> None:
    serving.keep_calls()
    page.goto("/calls/kept-h")
    page.locator("#play:enabled").wait_for()
    page.locator("#wave:not([aria-busy])").wait_for()
    page.locator("#lines li").nth(3).locator("time").click()
    until(page, f"{TIME} >= 12.6 && {TIME} < 20")
    page.locator("#lines li.now", has_text="报修你行不行").wait_for()
    page.locator("#lines .word", has_text="聊").first.click()
    until(page, f"{TIME} >= 4.4 && {TIME} < 9")
    page.keyboard.press("]")
    until(page, f"{TIME} >= 5.4")
    page.locator("#lines li").nth(2).focus()
    page.keyboard.press("Enter")
    until(page, f"{TIME} >= 9 && {TIME} < 13")
    page.keyboard.press("k")
    until(page, "document.getElementById('audio').paused")
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
    page.locator("#wave:not([aria-busy])").wait_for()
    page.locator("#lines .word", has_text="报").click()
    until(page, f"{TIME} >= 4.2 && {TIME} < 8")
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
