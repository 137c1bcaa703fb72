"""Work orders and complaints worked on by keyboard: a plan is approved, carried out and closed; an
overdue order is answered though somebody else was quicker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from callcenter.core.events import RecordStepped
from callcenter.store.order_tables import WorkOrder
from tests.browser.conftest import Serving
from tests.browser.test_frame import VIOLATIONS, looks_right
from tests.web.test_pages_orders import PHONE, complaint, order

pytestmark = pytest.mark.browser


@pytest.fixture
def desk_page(page: Any) -> Iterator[Any]:
    page.add_init_script(f"({VIOLATIONS})()")
    yield page
    assert page.evaluate("window.violations") == []


def given(serving: Serving, make: Any, *args: Any, **fields: Any) -> str:
    """The number of a record that `make` makes over the API."""

    async def there() -> str:
        async with httpx.AsyncClient(base_url=serving.url) as client:
            return str(await make(client, *args, **fields))

    return str(serving.do(there))


def test_c11_a_lead_approves_by_keyboard_and_the_agent_closes_it(
    desk_page: Any, serving: Serving
) -> None:
    page = desk_page
    number = given(serving, complaint, "换同型号新机", "换压缩机")
    page.goto("/complaints")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/complaints/{number}")
    page.locator("#person").select_option("林晓雯")
    page.locator("h2", has_text="修了三次").wait_for()
    looks_right(page)
    page.locator("body").press("Control+Enter")
    page.locator("#decide .cc-wrong", has_text="请填写").first.wait_for()
    page.locator("#plan-1").blur()
    page.locator("body").press("b")
    page.locator("#approve", has_text="批准 B 案").wait_for()
    page.keyboard.press("a")
    page.locator("#approve", has_text="批准 A 案").wait_for()
    page.locator("#decide-remark").fill("同意 <script>alert(1)</script> 😀")
    page.keyboard.press("Control+Enter")
    page.locator("#said", has_text="已批示").wait_for()
    page.locator(".plan.on", has_text="林晓雯 批准").wait_for()
    page.locator(".told", has_text="同意 <script>").wait_for()

    page.locator("#person").select_option("周涛")
    page.locator("#implement-customer_signature").fill("王秀芝")
    page.keyboard.press("Control+Enter")
    page.locator("#implement .cc-wrong").wait_for()
    assert page.locator("#implement-customer_signature").input_value() == "王秀芝"
    page.locator("#implement-feedback").fill("新机已到，谢谢")
    page.keyboard.press("Control+Enter")
    page.locator("#said", has_text="已记下：实施方案").wait_for()
    page.locator("#satisfied-feedback").fill("满意")
    page.keyboard.press("Control+Enter")
    page.locator("#said", has_text="已记下：客户满意").wait_for()
    page.locator("#close-summary").fill("同批次已排查")
    page.keyboard.press("Control+Enter")

    page.locator(".cc-head h2", has_text="已结案").wait_for()
    assert page.locator(".stages .done").count() == 6
    looks_right(page)


def test_w13_an_overdue_order_is_answered_though_somebody_was_quicker(
    desk_page: Any, serving: Serving
) -> None:
    page = desk_page
    number = given(serving, order, at=datetime.now(UTC))
    serving.do(lambda: serving.desk.record(late(serving, number)))
    page.emulate_media(color_scheme="dark")
    page.goto("/orders")
    page.locator("#due").select_option("overdue")
    page.wait_for_url("**/orders?due=overdue")
    page.locator("#list .cc-tag.passed", has_text="超时").wait_for()
    page.locator("body").press("ArrowDown")
    page.locator("#list a:focus").press("Enter")
    page.wait_for_url(f"**/orders/{number}")
    page.locator("#person").select_option("周涛")
    looks_right(page)
    page.keyboard.press("F2")
    page.locator("#said a", has_text="通话在工作台").wait_for()
    assert serving.desk.commands[-1][:2] == ("dial", PHONE)
    page.locator("#said").click()
    page.locator("#person").blur()
    page.locator("body").press("c")
    page.locator("#ask-chase[open]").wait_for()
    page.keyboard.press("Escape")
    page.locator("#solve-solution").fill("换压缩机")
    serving.do(lambda: serving.desk.record(late(serving, number)))
    page.keyboard.press("Control+Enter")
    page.locator("#solve .refused", has_text="改过").wait_for()
    assert page.locator("#solve-solution").input_value() == "换压缩机"
    page.locator("#solve-solution").press("Control+Enter")
    page.locator("#said", has_text="已记下：写解决办法").wait_for()
    page.locator("#reply_accepted-contact-note").fill("客户同意")
    for tick in ("announced", "told"):
        page.locator(f"#reply_accepted-contact-{tick}").check()
    page.locator("#reply_accepted-contact-note").press("Control+Enter")
    page.locator("#reply_accepted .refused", has_text="identity").wait_for()
    page.locator("#reply_accepted-contact-identity_verified").check()
    page.keyboard.press("Control+Enter")
    page.locator(".cc-head h2", has_text="待回访").wait_for()
    page.locator(".contacts", has_text="客户同意").wait_for()
    serving.errors.clear()  # the browser notes the two refusals


def late(serving: Serving, number: str) -> RecordStepped:
    """A step of another person, after which its promise has passed."""
    at = datetime.now(UTC)
    past = (at - timedelta(hours=2)).isoformat()
    promise = {"what": "reply", "due_at": past, "made_at": past, "made_by": "周涛", "call_id": ""}
    promise |= {"promise_id": "", "ended_at": None, "kept": None}
    changes = {"promises": [promise], "due_at": at - timedelta(hours=2)}
    with serving.store.session() as session:
        row = session.get_one(WorkOrder, number)
        stands = (row.state, row.version)
    return RecordStepped("", at, "work_order", number, "promise", "高翔", *stands, changes)
