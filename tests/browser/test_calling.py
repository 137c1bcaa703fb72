"""Dialling, hold, transfer and supervisors on the live page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Serving, until
from tests.browser.test_live_desk import ring_and_answer

pytestmark = pytest.mark.browser


def choose(page: Any, number: str) -> None:
    """Sit down at another seat."""
    page.locator("#agent").select_option(number)


def test_a_number_is_dialled_and_its_result_told_in_words(page: Any, serving: Serving) -> None:
    page.goto("/")
    page.get_by_text("实时连接正常").wait_for()
    page.locator("#dial-number").fill("138 0013 8001")
    page.keyboard.press("Enter")
    page.locator("#flags", has_text="正在呼出").wait_for()
    assert serving.desk.commands == [("dial", "138 0013 8001", "6018", "")]
    assert page.locator("#dial-number").input_value() == ""
    (call_id,) = serving.desk.calls
    serving.do(lambda: serving.desk.refuse(call_id, "busy"))
    page.locator("#where", has_text="对方占线").wait_for()
    page.locator("#calls .waits", has_text="对方占线").wait_for()


def test_f3_holds_and_takes_back(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    page.keyboard.press("F3")
    page.locator("#waiting", has_text="听着保持音").wait_for()
    page.locator("#hold:enabled", has_text="取回").wait_for()
    assert page.locator("#mute").is_disabled()
    page.keyboard.press("F3")
    page.locator("#waiting").wait_for(state="hidden")
    assert [c[0] for c in serving.desk.commands] == ["answer", "hold", "resume"]


def test_keys_are_sent_and_those_of_the_far_end_shown(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    field = page.get_by_label("按键")
    field.fill("12 b!")
    field.press("Enter")
    page.locator("#said", has_text="按键只能是").wait_for()
    field.fill("12 b#")
    field.press("Enter")
    until(page, "document.querySelector('#digits').value === ''")
    assert serving.desk.commands[-1] == ("press", "c1", "12B#", "6018")
    serving.do(lambda: serving.desk.press_back("c1", "3"))
    serving.do(lambda: serving.desk.press_back("c1", "0"))
    page.locator("#flags", has_text="对方按键 30").wait_for()


def test_e1_e2_the_target_reads_the_notes_and_takes_the_call(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    page.keyboard.press("Control+F8")
    page.locator("#transfer-to").select_option("6007")
    page.locator("#transfer-notes").fill("要退货，已核对订单")
    page.locator("#transfer").click()
    page.locator("#waiting", has_text="正在转给 周涛 6007").wait_for()
    assert page.locator("#transfer-form").is_hidden()
    assert serving.desk.commands[-1] == (
        *("transfer", "c1", "6007", "6018", "要退货，已核对订单", False),
    )
    choose(page, "6007")
    page.locator("#waiting", has_text="林晓雯 6018 把这通电话转给您").wait_for()
    page.locator("#notes", has_text="要退货，已核对订单").wait_for()
    page.keyboard.press("F2")
    page.locator("#waiting").wait_for(state="hidden")
    page.locator("#where", has_text="周涛 6007").wait_for()
    assert page.locator("#notes").is_visible(), "the notes stay with the call"


def test_an_attended_transfer_is_handed_over(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    page.locator("#transfer-open").click()
    page.locator("#transfer-to").select_option("6007")
    page.get_by_label("先与对方商议，再移交").check()
    page.locator("#transfer").click()
    page.locator("#waiting", has_text="正在转给").wait_for()
    serving.do(lambda: serving.desk.take("c1"))
    page.locator("#waiting", has_text="正与座席商议").wait_for()
    page.locator("#hand-over").click()
    page.locator("#where", has_text="周涛 6007").wait_for()
    assert serving.desk.commands[-1] == ("hand_over", "c1", "6018")


def test_an_outside_number_has_a_field_of_its_own(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    page.locator("#transfer-open").click()
    page.locator("#transfer-to").select_option("")
    assert page.locator("#transfer-first").is_disabled()
    page.locator("#transfer").click()
    page.locator("#said", has_text="请先写外线号码").wait_for()
    page.locator("#transfer-number").fill("010 8888 0001")
    page.locator("#transfer").click()
    page.locator("#waiting", has_text="正在转给").wait_for()
    assert serving.desk.commands[-1] == ("send_on", "c1", "010 8888 0001", "6018", "")


def test_a_supervisor_listens_and_everybody_sees_it(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    assert page.locator("#supervising").is_hidden(), "not in one's own call"
    choose(page, "6007")
    page.get_by_role("button", name="监听").click()
    page.locator("#flags", has_text="监听 周涛 6007").wait_for()
    page.get_by_role("button", name="耳语").click()
    page.locator("#flags", has_text="耳语 周涛 6007").wait_for()
    page.locator("#leave").click()
    page.locator("#leave").wait_for(state="hidden")
    assert [c[0] for c in serving.desk.commands[1:]] == ["join", "join", "leave"]
