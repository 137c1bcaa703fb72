"""Customers, knowledge and people: a lead brings a table in and merges, a document is released, a
new colleague comes in by the link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from callcenter.casework.staff import accounts
from callcenter.casework.steps import Actor
from callcenter.core.people import MANAGER, ROLES, SUPERVISOR, People
from tests.browser.conftest import Serving
from tests.browser.test_frame import VIOLATIONS, looks_right

pytestmark = pytest.mark.browser

TABLE = """客户名称,联系方式,电子邮箱,颜色
临江五金店,13800006127,shop@example.com,红
,13800006128,,
何美玲,13800006130,,
""".encode()
GOOD = "a good password"
MEANWHILE = """(customer) => fetch(`/api/v1/customers/${customer}/actions`, {
  method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({by: "陈静", action: "update", remarks: "下午来电"}),
}).then((answer) => answer.json())"""


@pytest.fixture
def watched(page: Any) -> Iterator[Any]:
    page.add_init_script(f"({VIOLATIONS})()")
    yield page
    assert page.evaluate("window.violations") == []


def signed(page: Any, name: str) -> None:
    page.locator("#person").fill(name)
    page.locator("#person").press("Tab")


def test_u1_u6_a_lead_brings_customers_in_and_merges_a_duplicate(
    watched: Any, serving: Serving
) -> None:
    page = watched
    page.goto("/customers")
    signed(page, "周涛")
    page.keyboard.press("n")
    page.keyboard.type("临江五金商店")
    page.locator("#open-email").fill("no mail")
    page.locator("#open-numbers").fill("138 0000 6130")
    page.keyboard.press("Control+Enter")
    page.locator("#open-email-wrong").wait_for()
    assert page.locator("#open-name").input_value() == "临江五金商店", "nothing typed is lost"
    serving.errors.clear()  # the browser notes the 422
    page.locator("#open-email").fill("")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/customers/CU-*")
    looks_right(page)
    page.goto("/customers")
    page.get_by_role("button", name="导入").click()
    file = {"name": "客户.csv", "mimeType": "text/csv", "buffer": TABLE}
    page.locator("#table").set_input_files(file)
    page.get_by_role("button", name="检查并导入").click()
    report = page.locator("#report")
    report.get_by_text("读了 3 行，3 处不对").wait_for()
    told = [row.inner_text() for row in report.locator("tbody tr").all()]
    assert [row.split("\t")[0] for row in told] == ["1", "3", "4"]
    assert "不认识的列“颜色”" in told[0]
    assert "没有客户名称" in told[1]
    assert "号码已在档案" in told[2]
    looks_right(page)
    page.get_by_role("button", name="只写入正确的 1 行").click()
    page.locator("#said", has_text="建了 1 份档案").wait_for()
    page.locator("#q").press_sequentially("五金")
    page.locator("#found tbody tr").nth(1).wait_for()
    page.locator("#found .name a", has_text="临江五金店").click()
    page.wait_for_url("**/customers/CU-*")
    page.locator("[data-opens=update]").click()
    page.locator("#update-name").fill("临江五金商店")
    page.evaluate(MEANWHILE, page.url.rpartition("/")[2])
    page.keyboard.press("Control+Enter")
    page.locator("#update .refused", has_text="陈静 在").wait_for()
    assert page.locator("#update-name").input_value() == "临江五金商店"
    serving.errors.clear()  # the browser notes the 409
    page.keyboard.press("Control+Enter")
    page.locator("#said", has_text="档案已改").wait_for()
    page.get_by_role("link", name="比对").click()
    page.wait_for_url("**/customers/merge?*")
    page.locator("#merge-reason").fill("同一家店")
    looks_right(page)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/customers/CU-*")
    page.locator("#said", has_text="已合并").wait_for()
    assert page.locator("#numbers li").count() == 2
    page.get_by_text("并进来的").wait_for()


def test_n1_a_document_goes_from_proposal_to_approval(watched: Any, serving: Serving) -> None:
    page = watched
    page.emulate_media(color_scheme="dark")
    page.goto("/documents")
    signed(page, "林晓雯")
    page.keyboard.press("n")
    page.keyboard.type("洗衣机门锁 E41 <b>")
    page.locator("#write-body").fill("先断电\n等十分钟")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/documents/KB-*")
    page.get_by_role("button", name="提交审阅").click()
    page.locator("#said", has_text="提交审阅").wait_for()
    signed(page, "周涛")
    page.get_by_role("button", name="审阅通过").click()
    page.locator("#said", has_text="审阅通过").wait_for()
    page.get_by_role("button", name="发布").click()
    page.locator("#said", has_text="发布").wait_for()
    page.locator(".entitled .cc-tag.good", has_text="已发布").wait_for()
    page.keyboard.press("e")
    page.locator("#edit-body").fill("先断电\n等三十分钟")
    page.keyboard.press("Control+Enter")
    page.locator("ins", has_text="等三十分钟").wait_for()
    assert page.locator("del").inner_text() == "等十分钟"
    looks_right(page)


@pytest.mark.parametrize("serving", [True], indirect=True)
def test_n2_an_account_is_opened_and_its_person_logs_in(
    watched: Any, serving: Serving, browser: Any
) -> None:
    from playwright.sync_api import expect

    page, now = watched, datetime.now(UTC)
    assert serving.doors is not None
    with serving.store.session() as session:
        first = accounts.first(session, "周涛", (SUPERVISOR, MANAGER), now)
    serving.do(lambda: serving.desk.record(first[0]))
    for fact in first[1:]:
        serving.do(lambda fact=fact: serving.desk.record(fact))
    with serving.store.session() as session:
        wanted = {"person": "赵敏", "agent": "6018", "roles": ["agent"], "reason": "入职"}
        asked = accounts.request(session, wanted, Actor("周涛", now, People({}, ROLES)))
    serving.do(lambda: serving.desk.record(asked))
    page.goto(f"/enter/{serving.doors.invite('')}")
    page.get_by_label("姓名").fill("陈静")
    page.get_by_label("密码（").fill(GOOD)
    page.get_by_label("再输一次").fill(GOOD)
    page.get_by_role("button", name="进入").click()
    page.locator(".cc-user", has_text="陈静").wait_for()
    page.goto("/staff/accounts")
    row = page.locator("tbody tr", has_text="赵敏")
    row.get_by_role("button", name="批准", exact=True).click()
    page.locator("#said", has_text="批准 · 赵敏").wait_for()
    row.get_by_role("button", name="开通").click()
    page.locator("#said", has_text="开通 · 赵敏").wait_for()
    row.get_by_role("button", name="一次性链接").click()
    link = page.locator("#invited-link")
    expect(link).to_have_value(re.compile("/enter/"))
    address = link.input_value()
    looks_right(page)
    page.get_by_role("button", name="关闭").last.click()
    assert link.input_value() == "", "shown once"
    other = browser.new_context()
    theirs = other.new_page()
    theirs.goto(address)
    theirs.get_by_label("密码（").fill("another good one")
    theirs.get_by_label("再输一次").fill("another good one")
    theirs.get_by_role("button", name="进入").click()
    theirs.locator(".cc-user", has_text="赵敏").wait_for()
    assert theirs.locator(".cc-rail a[href='/staff']").count() == 1
    theirs.goto(f"{serving.url}/staff/coaching")
    assert theirs.locator("a[href='/staff/accounts']").count() == 0
    other.close()
