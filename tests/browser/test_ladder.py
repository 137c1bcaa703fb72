"""The ladder on the live desk, and the supervisor's page on blocks, in a real browser."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callcenter.core import events as ev
from callcenter.core.records import CallerHistory
from tests.browser.conftest import Serving
from tests.browser.test_live_desk import hear_harassment, ring_and_answer
from tests.web.fakes import harassment

pytestmark = pytest.mark.browser


def tell(serving: Serving, kind: type[ev.Event], *fields: object) -> None:
    serving.do(lambda: serving.desk.tell(kind("c1", datetime.now(UTC), *fields)))


def harassed(serving: Serving) -> None:
    """Three attempts of one number, each confirmed."""
    for n in range(3):
        at = datetime.now(UTC) - timedelta(minutes=10 * (3 - n))
        serving.do(lambda n=n, at=at: harassment(serving.desk, f"h{n}", at, None))


def test_h2_the_card_gives_words_to_say_until_the_proposal(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    tell(serving, ev.SteerBackOffered, "sexual", "请问您要办理什么业务？", "声音真好听")
    page.locator("#steer-back-say", has_text="请问您要办理什么业务？").wait_for()
    assert "声音真好听" in page.locator("#steer-back-why").inner_text()
    hear_harassment(serving)
    serving.do(lambda: serving.desk.propose("c1", "sexual", "加个微信"))
    page.locator("#proposal").wait_for(state="visible")
    assert page.locator("#steer-back").is_hidden()


def test_not_harassment_takes_the_proposal_away(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    serving.do(lambda: serving.desk.propose("c1", "sexual", "加个微信"))
    page.locator("#dismiss").click()
    page.locator("#proposal").wait_for(state="hidden")
    assert serving.desk.commands[-1] == ("dismiss", "c1", "6018")


def test_a_confirmation_can_be_undone_at_once(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    serving.do(lambda: serving.desk.propose("c1", "sexual", "加个微信"))
    page.locator("#proposal").wait_for(state="visible")
    page.keyboard.press("F9")
    page.locator("#undo").click()
    page.locator("#proposal").wait_for(state="visible")
    assert page.locator("#playing").is_hidden()
    assert serving.desk.commands[-1] == ("undo", "c1", "6018")


def test_the_chance_to_undo_goes_by(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    serving.do(lambda: serving.desk.propose("c1", "sexual", "加个微信"))
    page.locator("#proposal").wait_for(state="visible")
    page.keyboard.press("F9")
    page.locator("#undo").wait_for(state="visible")
    page.locator("#undo").wait_for(state="hidden")


def test_h5_what_is_kept_of_the_number_is_shown(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    history = CallerHistory(4, 2, 3, 1, "harassment", known_customer=True)
    tell(serving, ev.HistoryFound, history)
    page.locator("#flags").get_by_text("24 小时内第 5 通 · 已 2 次").wait_for()
    told = page.locator("#pop").inner_text()
    for text in ("提示 A 已播 3 遍", "提示 B 已播 1 遍", "上次判定 骚扰", "已知客户"):
        assert text in told


def test_h23_a_break_is_offered_taken_and_ended(page: Any, serving: Serving) -> None:
    page.goto("/")
    page.get_by_text("实时连接正常").wait_for()
    assert page.locator("#break").is_hidden()
    serving.do(lambda: harassment(serving.desk, "h", datetime.now(UTC), None))
    page.get_by_text("您可以休息一下，不计入考核").wait_for()
    page.locator("#break-take").click()
    page.locator("#break-what", has_text="恢复休息中").wait_for()
    page.reload()
    page.locator("#break-what", has_text="恢复休息中").wait_for()
    page.get_by_role("button", name="我回来了").click()
    page.locator("#break").wait_for(state="hidden")


def test_h18_a_supervisor_blocks_and_lifts(page: Any, serving: Serving) -> None:
    from playwright.sync_api import expect

    harassed(serving)
    page.goto("/blocks")
    page.get_by_text("3 次骚扰").wait_for()
    page.get_by_label("理由").fill("多次骚扰")
    page.get_by_role("button", name="拉黑", exact=True).click()
    page.locator("#said", has_text="请先在右上写主管姓名").wait_for()
    page.locator("#supervisor").fill("王芳")
    page.get_by_role("button", name="拉黑", exact=True).click()
    page.locator("[data-lift]").wait_for()
    expect(page.locator("#supervisor"), "the browser remembers who").to_have_value("王芳")
    page.on("dialog", lambda dialog: dialog.accept("误判"))
    page.locator("[data-lift]").click()
    page.get_by_text("没有拉黑的号码").wait_for()


def test_a_new_proposal_is_told_and_never_slipped_in(page: Any, serving: Serving) -> None:
    page.goto("/blocks")
    page.get_by_text("没有待决定的建议").wait_for()
    harassed(serving)
    page.locator("#changed").wait_for(state="visible")
