"""The month's harassment report, from a cell to its calls and to paper; a shift handed over."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callcenter.core.events import RecordStepped
from tests.browser.conftest import Serving
from tests.browser.test_frame import VIOLATIONS, looks_right
from tests.web.fakes import enquiry, harassment

pytestmark = pytest.mark.browser


def test_h6_from_the_map_to_the_calls_and_to_paper(
    page: Any, serving: Serving, tmp_path: Path
) -> None:
    page.add_init_script(f"({VIOLATIONS})()")
    noon = datetime.now(UTC).replace(day=15, hour=12, minute=0, second=0, microsecond=0)
    for n in range(4):
        at = noon + timedelta(hours=(0, 0, 0, 3)[n], minutes=2 * n)
        harassment(serving.desk, f"h{n}", at, None)
    enquiry(serving.desk, "e", noon, "请问几点下班？")
    page.goto("/reports")
    page.locator("a[href='/reports/harassment?period=month']").click()
    page.locator("#kinds canvas").wait_for()
    looks_right(page)
    page.locator("#heat a[tabindex='0']").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    cell = page.locator("#heat a[tabindex='0']")
    assert cell.evaluate("(one) => one === document.activeElement")
    count = cell.inner_text()
    assert f"{count} 通" in page.locator("#heat-here").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/calls?*hour=*")
    assert page.locator("#counted b").inner_text() == f"{count} 通"
    assert page.locator("tbody tr").count() == int(count)
    page.go_back()
    page.get_by_role("button", name="占进线比").click()
    assert page.locator("#heat a.peak, #heat a[tabindex='0']").first.inner_text().endswith("%")
    page.get_by_role("button", name="打几次").click()
    page.locator("#attempts canvas").wait_for()
    page.get_by_role("button", name="看表格").click()
    assert page.locator("#attempts table").get_by_text("4", exact=True).is_visible()
    page.emulate_media(color_scheme="dark")
    with page.expect_download() as waiting:
        page.locator("#as-pdf").click()
    waiting.value.save_as(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")
    assert re.fullmatch(r"harassment-month-[\d-]+\.pdf", waiting.value.suggested_filename)
    page.goto("/reports/service?period=week")
    page.get_by_role("button", name="自定").click()
    page.locator("#first").fill("2026-11-01")
    page.locator("#last").fill("2026-11-30")
    page.get_by_role("button", name="看", exact=True).click()
    page.locator("#span", has_text="2026-11-01 – 2026-11-30").wait_for()
    looks_right(page)


def test_j7_a_shift_is_drawn_given_confirmed_and_signed(page: Any, serving: Serving) -> None:
    page.add_init_script(f"({VIOLATIONS})()")
    for n, alarm in enumerate(("", "danger")):
        fields = {"type": "repair", "owner": "林晓雯", "title": f"漏水 {n}", "alarm": alarm}
        what = ("work_order", f"WO-{n}", "open", "林晓雯", "in_progress", 0, fields)
        fact = RecordStepped("", datetime.now(UTC), *what)
        serving.do(lambda fact=fact: serving.desk.record(fact))
    page.goto("/handovers")
    page.locator("#person").fill("林晓雯")
    page.locator("#person").press("Tab")
    page.get_by_role("button", name="开交接表").first.click()
    page.keyboard.press("Control+Enter")
    page.get_by_text("请填写").wait_for()
    page.locator("#draw-shift").fill("早班转晚班")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/handovers/HO-*")
    assert page.locator(".items tbody tr").count() == 2
    page.get_by_role("button", name="加一项").click()
    page.locator("#add-text").fill("<b>停水</b> 😀")
    page.keyboard.press("Control+Enter")
    page.locator(".items", has_text="<b>停水</b> 😀").wait_for()
    page.get_by_role("button", name="交班签字").click()
    page.locator("#give-taker").select_option("周涛")
    page.keyboard.press("Control+Enter")
    page.locator("#left", has_text="还有 3 项没有确认").wait_for()
    looks_right(page)
    assert page.locator("#take").is_disabled()
    page.locator("[data-tick]").first.focus()
    page.keyboard.press("Enter")
    page.locator("#said", has_text="周涛's to take").wait_for()
    page.locator("#person").fill("周涛")
    page.locator("[data-tick]").first.focus()
    for left in ("还有 2 项没有确认", "还有 1 项没有确认", "各项都确认了"):
        page.keyboard.press("Enter")
        page.locator("#left", has_text=left).wait_for()
        page.locator(":focus").wait_for()
    page.locator("#take:focus").wait_for()
    page.keyboard.press("Enter")
    page.get_by_text("双方都签了字").wait_for()
    assert page.locator(".book .on .cc-tag.good").count() == 1
    serving.errors[:] = [one for one in serving.errors if "422" not in one]
