from __future__ import annotations

from typing import Any

import pytest

from callcenter.core.records import Party
from tests.browser.conftest import Serving
from tests.web.fakes import hit_in, said

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>加个微信"


def ring_and_answer(page: Any, serving: Serving) -> None:
    page.goto("/")
    page.get_by_text("实时连接正常").wait_for()
    serving.do(lambda: serving.desk.ring("c1"))
    page.get_by_text("1 通振铃").wait_for()
    page.keyboard.press("F2")
    page.locator("#order-number", has_text="WO-").wait_for()


def hear_harassment(serving: Serving) -> None:
    heard = said(Party.CALLER, 6200, "报修你行不行啊，加个微信。")
    hit = hit_in(heard, "加个微信", "sexual-11", "sexual")
    serving.do(lambda: serving.desk.hear("c1", heard, hit))


def test_an_agent_answers_reads_and_confirms_from_inside_a_text_field(
    page: Any, serving: Serving
) -> None:
    ring_and_answer(page, serving)
    assert serving.desk.commands == [("answer", "c1", "6018")]

    guess = said(Party.CALLER, 6200, "报修你", final=False)
    serving.do(lambda: serving.desk.hear("c1", guess))
    page.locator(".cc-bubble.caller.partial", has_text="报修你").wait_for()
    hear_harassment(serving)
    page.locator(".cc-bubble.caller mark.harassment", has_text="加个微信").wait_for()
    assert page.locator(".cc-bubble.partial").count() == 0

    page.locator("#order-content").fill("来电人")
    serving.do(lambda: serving.desk.propose("c1", "sexual", "加个微信"))
    page.locator("#proposal").wait_for(state="visible")
    assert page.evaluate("document.activeElement.id") == "order-content"
    page.keyboard.press("F9")
    page.get_by_text("您的麦克风已关闭").wait_for()
    assert serving.desk.commands[-1] == ("terminate", "c1", "line_fault", "6018")
    assert page.locator("#proposal").is_hidden()

    serving.do(lambda: serving.desk.end("c1", "system", "harassment"))
    page.get_by_text("听录音、看回放").wait_for()


def test_without_a_proposal_f9_does_nothing(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    hear_harassment(serving)
    page.locator(".cc-bubble mark").wait_for()
    page.keyboard.press("F9")
    page.keyboard.press("Control+F2")
    page.get_by_text("听录音、看回放").wait_for()
    assert [command[0] for command in serving.desk.commands] == ["answer", "hang_up"]


def test_the_analysis_queue_can_be_chosen(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    serving.do(lambda: serving.desk.propose("c1", "silent", "20 秒内未听到来电方声音"))
    page.get_by_text("提示 B · 分析队列").click()
    page.locator("#confirm").click()
    page.get_by_text("系统正在播放提示 B").wait_for()
    assert serving.desk.commands[-1] == ("terminate", "c1", "analysis", "6018")


def test_a_withdrawn_proposal_goes_away(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    serving.do(lambda: serving.desk.propose("c1", "silent", "20 秒内未听到来电方声音"))
    page.locator("#proposal").wait_for(state="visible")
    serving.do(lambda: serving.desk.withdraw("c1"))
    page.locator("#proposal").wait_for(state="hidden")


def test_what_is_said_is_text_and_never_markup(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    heard = said(Party.CALLER, 6200, HOSTILE)
    hit = hit_in(heard, "加个微信", "sexual-11", "sexual")
    serving.do(lambda: serving.desk.hear("c1", heard, hit))
    page.locator(".cc-bubble", has_text="onerror=alert(1)").wait_for()
    assert page.locator(".cc-bubble img").count() == 0


def test_the_work_order_can_be_corrected(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    before = page.locator("#order-number").inner_text()
    page.locator("#relink-more summary").click()
    page.locator("#order-other").fill("WO-none")
    page.keyboard.press("Enter")
    page.locator("#said", has_text="no work order WO-none").wait_for()
    serving.errors.clear()  # the browser reports the 404 that was asked for
    page.locator("#order-new").click()
    page.locator("#said", has_text="已关联").wait_for()
    after = page.locator("#order-number").inner_text()
    assert after.startswith("WO-")
    assert after != before


def test_a_page_that_is_opened_later_sees_the_call_so_far(page: Any, serving: Serving) -> None:
    serving.do(lambda: serving.desk.ring("c1"))
    serving.do(lambda: serving.desk.answer("c1", "6018"))
    hear_harassment(serving)
    serving.do(lambda: serving.desk.propose("c1", "sexual", "加个微信"))
    page.goto("/")
    page.locator("#proposal").wait_for(state="visible")
    page.locator("#order-type input[value=enquiry]:checked").wait_for(state="attached")
    assert "只命中 1 次" in page.locator("#proposal-against").inner_text()


def test_f8_mutes_and_opens_the_microphone(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    page.keyboard.press("F8")
    # Enabled again: the answer to the first command has come.
    page.locator("#mute[aria-pressed=true]:enabled", has_text="取消静音").wait_for()
    page.keyboard.press("F8")
    page.locator("#mute[aria-pressed=false]").wait_for()
    muted = [command for command in serving.desk.commands if command[0] == "mute"]
    assert muted == [("mute", "c1", True, "6018"), ("mute", "c1", False, "6018")]


def test_h7_laughter_behind_the_caller_is_ticked_once(page: Any, serving: Serving) -> None:
    page.goto("/")
    page.locator("#ticks[disabled]").wait_for(state="attached")
    ring_and_answer(page, serving)
    page.get_by_label("笑声").click()
    page.locator("#ticks:enabled input[value=laughter]:checked:disabled").wait_for()
    assert page.get_by_label("几个人的声音").is_enabled()
    assert serving.desk.commands[-1] == ("tick", "c1", "laughter", "6018")
