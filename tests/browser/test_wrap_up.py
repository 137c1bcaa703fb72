"""The agent's own desk beside the call: the work order, its wrap-up, states, today's list, keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callcenter.core import events as ev
from callcenter.core.records import Party
from callcenter.web.access.gate import COOKIE
from tests.browser.conftest import Serving, until
from tests.browser.test_live_desk import hear_harassment, ring_and_answer
from tests.web.fakes import hit_in, said

pytestmark = pytest.mark.browser

GOOD = "a good password"
HOSTILE = "<script>alert(1)</script>'; DROP TABLE calls;-- \u202e😀"


def order_of(serving: Serving, number: str) -> Any:
    from callcenter.store.order_tables import WorkOrder

    with serving.store.session() as session:
        return session.get(WorkOrder, number)


def stands(serving: Serving, state: str, call_id: str = "") -> None:
    at = datetime.now(UTC)
    serving.do(lambda: serving.desk.tell(ev.AgentChanged(call_id, at, "6018", state, "", "system")))


def test_an_agent_takes_a_harassing_call_to_its_end_by_keyboard(
    page: Any, serving: Serving
) -> None:
    ring_and_answer(page, serving)
    number = page.locator("#order-number").inner_text()
    stands(serving, "on_call", "c1")
    page.locator("#standing .on", has_text="通话中").wait_for()
    hear_harassment(serving)
    content = page.locator("#order-content.cc-heard")
    content.wait_for()
    assert "加个微信" in content.input_value()
    assert page.locator("#order-submit").is_disabled()
    page.keyboard.press("Alt+m")  # 记下时刻, the caret stays where it is
    page.locator("#said", has_text="记下").wait_for()
    assert page.locator("#order-content").input_value().splitlines()[-1].startswith("0:0")
    serving.do(lambda: serving.desk.propose("c1", "sexual", "加个微信"))
    page.locator("#proposal").wait_for()
    page.keyboard.press("F9")
    page.get_by_text("您的麦克风已关闭").wait_for()
    serving.do(lambda: serving.desk.end("c1", "system", "harassment"))
    stands(serving, "wrap_up", "c1")
    page.locator("#order-timer", has_text="话后整理").wait_for()
    page.locator("#order-outcome input[value=wrap_up_closed]:checked").wait_for(state="attached")
    assert "确认终止" in page.locator("#order-solution").input_value()
    page.locator("#order-submit:enabled").wait_for()
    page.keyboard.press("Control+Enter")
    page.locator("#said", has_text=f"已提交 {number}").wait_for()
    order = order_of(serving, number)
    assert order.state == "closed"
    assert "加个微信" in order.content
    page.locator("#idle").wait_for()
    page.keyboard.press("Alt+r")
    page.locator("#break-what", has_text="恢复休息中").wait_for()


def test_nothing_typed_is_lost_and_what_is_missing_is_said_at_its_field(
    page: Any, serving: Serving
) -> None:
    ring_and_answer(page, serving)
    number = page.locator("#order-number").inner_text()
    page.locator("#order-content").fill(HOSTILE)
    page.locator("#order-state", has_text="有改动").wait_for()
    page.reload()
    page.locator("#order-number", has_text=number).wait_for()
    assert page.locator("#order-content").input_value() == HOSTILE
    serving.do(lambda: serving.desk.end("c1", "caller", "ordinary"))
    serving.do(lambda: serving.desk.ring("c2", "13800006128"))
    page.get_by_text("1 通振铃").wait_for()
    page.keyboard.press("F2")  # a new call takes its place; the old order stays in reach
    until(page, f"document.getElementById('order-number').textContent !== {number!r}")
    page.locator("#unsaved [data-open]", has_text=number).click()
    assert page.locator("#order-content").input_value() == HOSTILE
    page.locator("#order-submit:enabled").wait_for()
    page.keyboard.press("Control+Enter")
    page.locator("#wrong-place", has_text="请填写").wait_for()
    assert page.locator("#order-place").get_attribute("aria-invalid") == "true"
    page.locator("#order-phone").fill("1380000")
    page.locator("#order-concerned").fill("王女士")
    page.locator("#order-place").fill("烟台")
    page.locator("#order-happened_at").fill("2026-11-23T10:00")
    page.get_by_text("2 小时", exact=True).click()
    page.locator("#order-submit").dblclick()
    page.locator("#wrong-phone", has_text="少 4 位").wait_for()
    page.locator("#order-phone").fill("13800006127")
    page.locator("#order-submit").dblclick()
    page.locator("#said", has_text=f"已提交 {number}").wait_for()
    order = order_of(serving, number)
    assert (order.state, order.content, order.version) == ("pending", HOSTILE, 2)
    assert order.due_at > datetime.now(UTC) + timedelta(minutes=110)
    kept = page.evaluate("Object.keys(sessionStorage)")
    assert [name for name in kept if name.startswith("callcenter.")] == []


def test_what_somebody_else_wrote_meanwhile_is_shown_beside_ones_own(
    page: Any, serving: Serving
) -> None:
    ring_and_answer(page, serving)
    number = page.locator("#order-number").inner_text()
    page.locator("#order-place").fill("烟台")
    fact = ev.RecordStepped(
        *("", datetime.now(UTC), "work_order", number, "correct", "周涛", "draft", 1),
        {"place": "青岛", "concerned": "李先生"},
    )
    serving.do(lambda: serving.desk.tell(fact))
    page.locator("#theirs-place", has_text="周涛 刚改为：青岛").wait_for()
    assert page.locator("#order-concerned").input_value() == "李先生"
    page.keyboard.press("Control+Enter")
    page.locator("#order-wrong", has_text="请先选").wait_for()
    page.get_by_role("button", name="留我的").click()
    page.keyboard.press("Control+Enter")
    page.locator("#said", has_text="草稿已存").wait_for()
    assert order_of(serving, number).place == "烟台"


@pytest.mark.parametrize("serving", [True], indirect=True)
def test_the_login_is_renewed_in_place_in_mid_wrap_up(page: Any, serving: Serving) -> None:
    assert serving.doors is not None
    entering = {"person": "陈静", "password": GOOD}
    page.request.post(f"/api/v1/invitations/{serving.doors.invite('')}", data=entering)
    ring_and_answer(page, serving)
    number = page.locator("#order-number").inner_text()
    page.locator("#order-content").fill("改到一半")
    page.route("**/parts/*", lambda route: route.fulfill(body=""))  # the page itself asks nothing
    page.context.clear_cookies(name=COOKIE)
    page.keyboard.press("Control+Enter")
    page.locator("#renew").wait_for()
    page.locator("#renew-password").fill("wrong password")
    page.keyboard.press("Enter")
    page.locator("#renew-wrong", has_text="密码不对").wait_for()
    page.locator("#renew-password").fill(GOOD)
    page.keyboard.press("Enter")
    page.locator("#said", has_text="草稿已存").wait_for()
    assert page.locator("#renew").count() == 0
    assert page.locator("#order-content").input_value() == "改到一半"
    assert order_of(serving, number).content == "改到一半"
    serving.errors.clear()  # the browser notes each 401


def test_states_today_and_the_handover(page: Any, serving: Serving) -> None:
    now = datetime.now(UTC)
    due = now - timedelta(minutes=25)
    promise = {
        "what": "call_back",
        "due_at": due.isoformat(),
        "made_at": now.isoformat(),
        "made_by": "6018",
        "ended_at": None,
        "kept": None,
    }
    fields = {
        "type": "complaint",
        "phone": "13900001111",
        "owner": "6018",
        "concerned": HOSTILE,
        "promises": [promise],
        "due_at": due,
    }
    step = ("", now, "work_order", "WO-20261122-0001", "open", "6018", "pending", 0, fields)
    serving.do(lambda: serving.desk.tell(ev.RecordStepped(*step)))
    page.goto("/")
    page.get_by_text("实时连接正常").wait_for()
    page.locator("#today li.late", has_text="超时 25 分").wait_for()
    assert "139 •••• 1111" in page.locator("#today").inner_text()
    page.keyboard.press("Alt+2")
    page.locator("[data-wish=busy].on").wait_for()
    page.keyboard.press("Alt+3")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator("[data-wish=break].on").wait_for()
    assert serving.desk.standing["6018"].reason == "休息"
    page.keyboard.press("Alt+1")
    page.locator("[data-wish=ready].on").wait_for()

    page.locator("#handover-open").click()
    page.locator("#handover-give", has_text="列出未结事项").click()
    page.locator("#handover-items", has_text="WO-20261122-0001").wait_for()
    page.locator("#handover-give", has_text="交出").click()
    page.locator("#wrong-taker", has_text="请填写").wait_for()
    page.locator("#handover-taker").select_option("6007")
    page.locator("#handover-give").click()
    page.locator("#said", has_text="已交给 周涛").wait_for()

    page.locator("#today li .what").focus()
    page.keyboard.press("F2")
    page.locator("#flags", has_text="正在呼出").wait_for()
    assert serving.desk.commands[-1] == ("dial", "13900001111", "6018", "")


def test_a_key_is_put_elsewhere_and_those_of_the_browser_are_refused(
    page: Any, serving: Serving
) -> None:
    page.goto("/")
    page.get_by_text("实时连接正常").wait_for()
    page.keyboard.press("?")
    change = page.locator("[data-move='agent.busy']")
    told = page.locator("[data-room=agent] [role=status]")
    for key, why in (("F12", "浏览器"), ("Alt+d", "浏览器"), ("F8", "静音"), ("k", "打字")):
        change.click()
        page.keyboard.press(key)
        told.get_by_text(why).wait_for()
    change.click()
    page.keyboard.press("Alt+y")
    page.locator("kbd[data-key='agent.busy']", has_text="Alt Y").wait_for()
    page.keyboard.press("Escape")
    page.reload()
    page.get_by_text("实时连接正常").wait_for()
    page.keyboard.press("Alt+2")
    page.keyboard.press("Alt+y")
    page.locator("[data-wish=busy].on").wait_for()


def test_a_long_text_is_folded_and_its_hit_stays_in_sight(page: Any, serving: Serving) -> None:
    ring_and_answer(page, serving)
    text = "我跟你说这个事情从五月份就开始了，换了个什么温控。" * 12 + "我要退货。" + "真的。" * 9
    heard = said(Party.CALLER, 1000, text)
    hit = hit_in(heard, "我要退货", "refund-01", "refund")
    serving.do(lambda: serving.desk.hear("c1", heard, hit))
    button = page.locator(".cc-bubble .unfold", has_text="展开")
    button.wait_for()
    box, mark = page.locator("p.folded").bounding_box(), page.locator("p mark").bounding_box()
    assert box["height"] < 110
    assert box["y"] <= mark["y"] < box["y"] + box["height"]
    button.click()
    assert page.locator("p.folded").count() == 0
    assert "五月份" in page.locator(".cc-bubble.caller p").inner_text()
