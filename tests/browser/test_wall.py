"""The wall board: a call rings, is proposed, and a supervisor decides; by mouse and by key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.conftest import Serving
from tests.browser.test_frame import VIOLATIONS, looks_right
from tests.browser.test_live_desk import hear_harassment

pytestmark = pytest.mark.browser

TILE = "#tiles [data-agent='6018']"


@pytest.fixture
def wall(page: Any, serving: Serving) -> Iterator[Any]:
    """The board, its link up, before a supervisor who is 周涛."""
    page.add_init_script(f"({VIOLATIONS})()")
    page.goto("/wall")
    page.locator("#link.good").wait_for()
    page.locator("#agent").select_option("6007")
    yield page
    assert page.evaluate("window.violations") == []


def talk(serving: Serving) -> None:
    """A call comes in, and 林晓雯 takes it."""
    serving.do(lambda: serving.desk.ring("c1"))
    serving.do(lambda: serving.desk.answer("c1", "6018"))


def propose(serving: Serving) -> None:
    """Words, then the desk's proposal."""
    hear_harassment(serving)
    serving.do(lambda: serving.desk.propose("c1", "sexual", "加个微信"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_h1_a_proposal_turns_the_tile_and_is_confirmed_for_the_agent(
    wall: Any, serving: Serving, scheme: str
) -> None:
    wall.emulate_media(color_scheme=scheme)
    serving.do(lambda: serving.desk.ring("c1"))
    wall.locator("#waiting", has_text="1").wait_for()
    serving.do(lambda: serving.desk.answer("c1", "6018"))
    wall.locator(f"{TILE}.call", has_text="通话中").wait_for()
    assert wall.locator("#no-flags").is_visible()
    hear_harassment(serving)
    wall.locator(f"{TILE}.harassment", has_text="红标").wait_for()
    serving.do(lambda: serving.desk.propose("c1", "sexual", "加个微信"))
    wall.locator(f"{TILE}.harassment", has_text="待确认").wait_for()
    wall.locator("#flags", has_text="等座席按 F9").wait_for()
    wall.locator("#new-flag", has_text="林晓雯").wait_for(state="attached")
    assert "138 •••• 6127" in wall.locator("#flags").inner_text()
    assert "13800006127" not in wall.locator("body").inner_text().replace(" ", "")
    looks_right(wall)
    wall.get_by_role("button", name="确认").click()
    wall.locator(f"{TILE}.prompt", has_text="提示 A").wait_for()
    assert serving.desk.commands[-1] == ("terminate", "c1", "line_fault", "6007")
    wall.keyboard.press("Escape")
    wall.locator(f"{TILE}.harassment", has_text="待确认").wait_for()
    assert serving.desk.commands[-1] == ("undo", "c1", "6007")


def test_e3_the_chosen_call_is_joined_by_key(wall: Any, serving: Serving) -> None:
    talk(serving)
    propose(serving)
    wall.locator("#flags [data-call=c1]").wait_for()
    wall.keyboard.press("l")
    wall.locator("#said", has_text="方向键").wait_for()
    wall.keyboard.press("ArrowRight")
    wall.locator(f"{TILE}[aria-selected=true]").wait_for()
    wall.keyboard.press("l")
    wall.locator("#flags", has_text="您在监听").wait_for()
    wall.keyboard.press("w")
    wall.locator("#flags", has_text="您在耳语").wait_for()
    wall.locator("#flags [data-act=leave]").click()
    wall.locator("#flags [data-act=listen]").wait_for()
    joined = [("join", "c1", "listen", "6007"), ("join", "c1", "whisper", "6007")]
    assert serving.desk.commands[1:] == [*joined, ("leave", "c1", "6007")]
    wall.locator("#flags [data-act=listen]").click()
    wall.locator("#flags [data-act=take]").wait_for()
    wall.keyboard.press("g")
    wall.keyboard.press("t")
    wall.wait_for_url("**/?call=c1")
    wall.locator("#where", has_text="林晓雯 6018").wait_for()


def test_r2_the_day_is_counted_and_what_waits_is_listed(page: Any, serving: Serving) -> None:
    serving.keep_calls()
    page.goto("/wall")
    page.locator("#level", has_text="%").wait_for()
    page.locator("#arrivals canvas").wait_for()
    assert page.locator("#arrivals-table tr").count() >= 1
    page.locator("#lines tr", has_text="400 820 0001").wait_for()
    page.locator("#no-asked", has_text="没有待审批的").wait_for()
    page.locator("#level-other").click()
    page.locator("#level-how", has_text="÷ 已接通").wait_for()
