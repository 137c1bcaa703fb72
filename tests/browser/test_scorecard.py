from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from callcenter.store.quality_tables import Coaching, Evaluation
from tests.browser.conftest import Serving, until

pytestmark = pytest.mark.browser

BY_HAND = ("identity", "calm_voice", "respect", "choices", "promises", "record")
READY = "!document.getElementById('wave').hasAttribute('aria-busy')"


def kept(serving: Serving) -> Evaluation:
    with serving.store.session() as session:
        return session.scalars(select(Evaluation)).one()


def begin(page: Any, serving: Serving) -> None:
    """The shipped scorecard put to use, and an evaluation begun."""
    serving.keep_calls()
    page.goto("/calls/kept-h")
    page.locator("#judge").fill("郑岚")
    page.get_by_role("button", name="采用标准评分表").click()
    page.get_by_role("button", name="开始评分").click()
    page.locator('[data-item="identity"]').wait_for()
    until(page, READY)


def judge(page: Any, item: str, choice: str) -> None:
    button = page.locator(f'[data-item="{item}"] .judged button', has_text=choice).last
    button.click()
    page.locator(f'[data-item="{item}"] .judged [aria-pressed="true"]').wait_for()


def test_a_call_is_scored_and_commented_and_submitted(page: Any, serving: Serving) -> None:
    begin(page, serving)
    page.locator("#scores .found .at").first.click()
    until(page, "!document.getElementById('audio').paused")
    page.keyboard.press("k")
    page.evaluate("document.getElementById('audio').currentTime = 5")
    page.locator("#position", has_text="0:05").wait_for()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("m")
    page.keyboard.type("“先聊聊”之后应当先提醒。<b>")
    page.keyboard.press("Enter")
    page.locator(".remark", has_text="应当先提醒。<b>").wait_for()
    (comment,) = kept(serving).comments
    assert (comment["start_ms"], comment["party"], comment["by"]) == (5000, "caller", "郑岚")
    page.get_by_role("button", name="转辅导").click()
    page.get_by_text("评语 1 已转成辅导").wait_for()
    page.locator("#over .pin").click()
    until(page, "!document.getElementById('audio').paused")
    page.keyboard.press("Control+Enter")
    page.get_by_text("还有 6 项未评").wait_for()
    for item in BY_HAND:
        judge(page, item, "不适用" if item == "choices" else "5")
    page.keyboard.press("Control+Enter")
    page.get_by_text("评分已提交").wait_for()
    row = kept(serving)
    assert (row.state, row.evaluator, row.answers["choices"]["not_applicable"]) == (
        "submitted", "郑岚", True,
    )  # fmt: skip
    with serving.store.session() as session:
        assert session.scalars(select(Coaching.comment)).one() == 1
    assert page.locator("#score-foot").is_hidden()
    wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert page.evaluate(wider) is False


def test_an_automatic_item_is_judged_otherwise_with_a_reason(page: Any, serving: Serving) -> None:
    begin(page, serving)
    page.locator('[data-item="closing"] .what').click()
    page.locator("#score-points").fill("5")
    page.get_by_role("button", name="改判").click()
    page.get_by_text("自动项改判要写理由").wait_for()
    page.locator("#score-reason").fill("提示音代为道别")
    page.locator("#score-points").press("Enter")
    page.locator('[data-item="closing"] > .cc-tag', has_text="改判").wait_for()
    answer = kept(serving).answers["closing"]
    assert (answer["points"], answer["measured"], answer["by"]) == (5, 0, "郑岚")
    page.get_by_role("button", name="还给自动").click()
    page.locator('[data-item="closing"] > .cc-tag', has_text="自动").wait_for()
    assert kept(serving).answers["closing"]["by"] == ""


def test_who_comes_second_is_told_and_loses_nothing(page: Any, serving: Serving) -> None:
    begin(page, serving)
    number = kept(serving).number
    given = {"action": "fill", "answers": [{"item": "record", "points": 4}], "by": "陈静"}
    there = f"{serving.url}/api/v1/evaluations/{number}/actions"
    assert page.request.post(there, data=given).status == 201
    page.locator("#comment").fill("记录不全")
    page.locator("#comment").press("Enter")
    page.get_by_text("陈静 刚才改过这份评分").wait_for()
    assert page.locator("#comment").input_value() == "记录不全"
    assert page.locator('[data-item="record"] [aria-pressed="true"]').inner_text() == "4"
    page.locator("#comment").press("Enter")
    page.locator(".remark", has_text="记录不全").wait_for()
    assert [error for error in serving.errors if "409" not in error] == []
    serving.errors.clear()


def test_an_appeal_is_reviewed_by_somebody_else(page: Any, serving: Serving) -> None:
    begin(page, serving)
    number = kept(serving).number
    there = f"{serving.url}/api/v1/evaluations/{number}/actions"
    answers = [{"item": item, "points": 5} for item in BY_HAND]
    for by, step in (
        ("郑岚", {"action": "fill", "answers": answers}),
        ("郑岚", {"action": "submit", "verdict": "observed"}),
        ("6018", {"action": "appeal", "item": "closing", "reason": "是提示音结束的"}),
    ):
        assert page.request.post(there, data={**step, "by": by}).status == 201
    page.reload()
    page.locator("#tab-appeal", has_text="待复核").click()
    page.get_by_text("复核由初评以外的人做").wait_for()
    page.locator("#judge").fill("高翔")
    page.locator("#judge").blur()
    page.get_by_label("申诉是否成立").select_option("yes")
    page.get_by_label("复核的理由").fill("提示音已道别")
    page.get_by_role("button", name="提交复核").click()
    page.locator("#appeal", has_text="申诉成立").locator("b", has_text="高翔").wait_for()
    row = kept(serving)
    assert (row.state, row.upheld, row.reviewer) == ("final", True, "高翔")


def test_words_are_found_in_the_call(page: Any, serving: Serving) -> None:
    serving.keep_calls()
    page.goto("/calls/kept-h")
    until(page, READY)
    page.locator("#in-call").fill("您")
    page.locator("#in-call-count", has_text="0 / 2").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.locator("#in-call-count", has_text="2 / 2").wait_for()
    until(page, "document.getElementById('audio').currentTime > 9")
    lit = "[...CSS.highlights.get('found-now')].map((one) => one.toString())"
    assert page.evaluate(lit) == ["您"]
    page.keyboard.press("Escape")
    assert page.evaluate("CSS.highlights.get('found').size") == 0
