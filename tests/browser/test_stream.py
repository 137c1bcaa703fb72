"""The live link when it goes wrong: what happened meanwhile arrives, without a reload."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from callcenter.bus.local import QUEUE_EVENTS
from callcenter.core.records import Party
from tests.browser.conftest import Serving
from tests.browser.test_live_desk import hear_harassment, ring_and_answer
from tests.web.fakes import harassment, said

pytestmark = pytest.mark.browser

BURST = QUEUE_EVENTS + 1
"""More than a reader's queue holds."""
STREAM = "**/api/v1/events"


def cut(serving: Serving) -> None:
    """So much at once that the browser falls behind and is cut."""
    guess = said(Party.CALLER, 9000, "喂", final=False)
    serving.do(lambda: [serving.desk.hear("c1", guess) for _ in range(BURST)])


def test_a_slow_browser_is_cut_and_recovers(page: Any, serving: Serving) -> None:
    streams: list[str] = []
    page.on("request", lambda one: streams.append(one.url) if "/events" in one.url else None)
    ring_and_answer(page, serving)
    page.evaluate("window.same = true")
    cut(serving)
    hear_harassment(serving)
    page.locator(".cc-bubble.caller mark", has_text="加个微信").wait_for()
    page.get_by_text("实时连接正常").wait_for()
    assert len(streams) == 2
    assert page.evaluate("window.same") is True


def test_what_happened_while_the_link_was_broken_arrives(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    page.evaluate("window.same = true")
    page.route(STREAM, lambda route: route.abort())
    cut(serving)
    page.locator("#broken", has_text="实时连接已断开").wait_for()
    hear_harassment(serving)
    serving.do(lambda: serving.desk.propose("c1", "sexual", "加个微信"))
    page.unroute(STREAM)
    page.locator("#broken-again").click()
    page.locator("#proposal").wait_for()
    page.locator(".cc-bubble.caller mark", has_text="加个微信").wait_for()
    page.locator("#broken").wait_for(state="hidden")
    assert page.evaluate("window.same") is True
    serving.errors.clear()  # the browser notes the connections that failed


def test_the_review_queue_catches_up(page: Any, serving: Serving) -> None:
    serving.keep_calls()
    serving.do(lambda: serving.desk.ring("c1"))
    page.goto("/review")
    page.locator("#reviewer").fill("陈静")
    page.locator("#submit:enabled").wait_for()
    page.locator("#reason").fill("想了一半")
    page.route(STREAM, lambda route: route.abort())
    cut(serving)
    page.locator("#broken", has_text="实时连接已断开").wait_for()
    there, claim = f"{serving.url}/api/v1", {"action": "claim", "by": "高翔"}
    given = {"verdict": "ordinary", "reason": "退货", "reviewer": "高翔"}
    assert page.request.post(f"{there}/calls/kept-k/verdict", data=given).status == 201
    serving.do(lambda: harassment(serving.desk, "new", datetime.now(UTC), None))
    page.unroute(STREAM)
    page.locator("#broken-again").click()
    page.locator("#changed", has_text="有新的红标通话").wait_for()
    page.locator('[data-call="kept-k"]').wait_for(state="detached")
    assert page.locator("#reason").input_value() == "想了一半"
    assert page.request.post(f"{there}/reviews/new/actions", data=claim).status == 201
    serving.errors.clear()  # the browser notes the connections that failed
