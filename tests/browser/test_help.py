"""An agent calls for help and marks by hand; a supervisor comes by one key, and both see it."""

from __future__ import annotations

from typing import Any

import pytest

from callcenter.core.records import Party
from tests.browser.conftest import Serving
from tests.browser.test_frame import VIOLATIONS, looks_right
from tests.web.fakes import said

pytestmark = pytest.mark.browser


def test_a_supervisor_is_called_comes_by_one_key_and_the_agent_sees_who(
    page: Any, serving: Serving
) -> None:
    page.context.add_init_script(f"({VIOLATIONS})()")
    page.goto("/")
    page.locator("#link .good").wait_for()
    serving.do(lambda: serving.desk.ring("c1"))
    page.locator("#answer:not([disabled])").wait_for()
    page.keyboard.press("F2")
    page.locator("#lead:not([disabled])").wait_for()
    heard = said(Party.CALLER, 400, "你一个人上夜班吗")
    serving.do(lambda: serving.desk.hear("c1", heard))
    page.get_by_text("上夜班").wait_for()

    wall = page.context.new_page()
    wall.goto("/wall")
    wall.locator("#link.good").wait_for()
    wall.locator("#agent").select_option("6007")
    wall.keyboard.press("j")
    wall.get_by_text("现在没有座席请主管").wait_for()

    page.keyboard.press("Alt+s")
    page.get_by_text("等主管来").wait_for()
    wall.locator(".wall-flag.called", has_text="林晓雯 请主管").wait_for()
    page.keyboard.press("Alt+h")
    page.get_by_text("已标记骚扰").wait_for()
    wall.locator(".wall-flag", has_text="座席标记").wait_for()
    wall.keyboard.press("j")
    page.locator("#lead-called.came", has_text="周涛").wait_for()
    wall.get_by_text("您在耳语").wait_for()
    looks_right(wall)

    page.keyboard.press("Alt+b")
    page.keyboard.press("Enter")
    page.locator("#block-wrong", has_text="写一句理由").wait_for()
    page.keyboard.type("今天第 7 次了")
    page.keyboard.press("Enter")
    page.locator("#block-word", has_text="已申请拉黑").wait_for()
    looks_right(page)
    assert ("join", "c1", "whisper", "6007") in serving.desk.commands
    assert ("call_lead", "c1", "6018", "") in serving.desk.commands
