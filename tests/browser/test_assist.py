"""Cards, promises and one's own words on the live desk, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest

from callcenter.core.records import Party
from tests.browser.conftest import Serving
from tests.browser.test_live_desk import ring_and_answer
from tests.web.fakes import CARD, hit_in, said

pytestmark = pytest.mark.browser

BECAUSE = "客户发火：“什么破公司”"


def offer(serving: Serving, because: str = BECAUSE) -> None:
    serving.do(lambda: serving.desk.offer("c1", CARD, because))


def promise(serving: Serving, at_ms: int = 9000, words: str = "我明天上午给您回电。") -> None:
    serving.do(lambda: serving.desk.hear("c1", said(Party.AGENT, at_ms, words)))


def test_d11_the_card_says_what_to_say_and_why_now(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    offer(serving)
    card = page.locator("#card")
    card.wait_for(state="visible")
    assert page.locator("#card-title").inner_text() == "何时提问"
    assert page.locator("#card-say p").all_inner_texts() == list(CARD.say)
    assert page.locator("#card-why").inner_text() == BECAUSE
    assert page.locator("#card-do").inner_text() == CARD.do


def test_d11_a_card_is_put_away_by_key_from_inside_a_text_field(
    page: Any, serving: Serving
) -> None:
    ring_and_answer(page, serving)
    offer(serving)
    page.locator("#card").wait_for(state="visible")
    page.locator("#order-content").focus()
    page.keyboard.press("Alt+c")
    page.locator("#card").wait_for(state="hidden")
    assert page.evaluate("document.activeElement.id") == "order-content"
    offer(serving, "客户发火：“又来了”")
    page.locator("#card").wait_for(state="visible")
    page.locator("#card-close").click()
    page.locator("#card").wait_for(state="hidden")


def test_h10_a_proposal_takes_the_cards_place(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    offer(serving)
    page.locator("#card").wait_for(state="visible")
    serving.do(lambda: serving.desk.propose("c1", "insult", "难听的话"))
    page.locator("#proposal").wait_for(state="visible")
    assert page.locator("#card").is_hidden()


def test_w12_a_promise_is_taken_as_a_follow_up(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    promise(serving)
    row = page.locator("#promise-list li")
    row.get_by_text("听到承诺：明天上午给您回电").wait_for()
    row.get_by_text("→ 建议回访").wait_for()
    assert row.locator("input").input_value().endswith("T10:00")
    row.get_by_role("button", name="列为回访").click()
    row.get_by_text("已列为回访 · 回电").wait_for()
    assert row.locator("button").count() == 0


def test_w13_its_time_can_be_changed_while_more_is_said(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    promise(serving)
    row = page.locator("#promise-list li").first
    row.locator("input").fill("2099-03-04T15:30")
    promise(serving, 20_000, "三天内给您退款。")
    page.locator("#promise-list li").nth(1).wait_for()
    assert row.locator("input").input_value() == "2099-03-04T15:30"
    row.get_by_role("button", name="列为回访").press("Enter")
    row.get_by_text("已列为回访 · 回电 3月4日 15:30").wait_for()


def test_d9_what_was_no_promise_is_dismissed(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    promise(serving)
    page.get_by_role("button", name="不算承诺").click()
    page.locator("#promise-list p", has_text="不算承诺").wait_for()
    assert page.locator("#promise-list button").count() == 0


def test_d6_d7_banned_words_are_told_to_their_agent_alone(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    own = said(Party.AGENT, 4000, "这事不归我管。")
    hit = hit_in(own, "不归我管", "brush_off", "banned")
    serving.do(lambda: serving.desk.hear("c1", own, hit))
    page.locator("#own-words-what", has_text="您说了“不归我管”").wait_for()
    assert page.locator("#talk mark").count() == 0
    assert page.locator("#flags").get_by_text("忌语").count() == 0
    page.locator("#agent").select_option("6007")
    page.locator("#own-words").wait_for(state="hidden")
    page.reload()
    page.locator(".cc-bubble.agent", has_text="这事不归我管").wait_for()
    assert page.locator("#own-words").is_hidden()
    page.locator("#agent").select_option("6018")
    page.locator("#own-words").wait_for(state="visible")


def test_a_page_that_is_opened_later_sees_card_and_promises(page: Any, serving: Serving) -> None:
    serving.do(lambda: serving.desk.ring("c1"))
    serving.do(lambda: serving.desk.answer("c1", "6018"))
    promise(serving)
    offer(serving)
    page.goto("/")
    page.locator("#card").wait_for(state="visible")
    page.locator("#promise-list li").wait_for()
