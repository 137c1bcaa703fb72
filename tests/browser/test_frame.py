"""The frame of every page: nothing from elsewhere, nothing past the content policy, two themes,
two languages, all of it on the screen at 1366×768."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from callcenter.casework.harassment import cases as harassment_cases
from tests.browser.conftest import Serving, until
from tests.browser.test_cases import keep
from tests.browser.test_live_desk import hear_harassment, ring_and_answer

pytestmark = pytest.mark.browser

THEME = "document.documentElement.dataset.bsTheme"
ROOM = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
VIOLATIONS = """() => {
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) =>
    window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
}"""


@pytest.fixture
def watched(page: Any, serving: Serving) -> Iterator[Any]:
    """A page whose requests and policy violations are counted; there must be none of either."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(f"({VIOLATIONS})()")
    yield page
    assert [url for url in asked if not url.startswith((serving.url, "blob:"))] == []


def looks_right(page: Any) -> None:
    """Styled, drawn, inside the screen, and without a violation."""
    page.locator("main").wait_for()
    until(page, "document.fonts.status === 'loaded'")
    assert page.evaluate(ROOM) == [1366, 768]
    assert page.evaluate("window.violations") == []
    assert page.locator(".cc-rail").bounding_box()["width"] == 60
    colour = "getComputedStyle(document.querySelector('.cc-rail')).backgroundColor"
    dark = page.evaluate(THEME) == "dark"
    assert page.evaluate(colour) == ("rgb(12, 18, 26)" if dark else "rgb(21, 34, 51)")


@pytest.mark.parametrize(("scheme", "language"), [("light", "zh"), ("dark", "en")])
def test_every_page_keeps_to_the_policy_and_the_screen(
    watched: Any, serving: Serving, scheme: str, language: str
) -> None:
    serving.keep_calls()
    keep(serving)
    with serving.store.session() as session:
        fact = harassment_cases.open_case(session, ["h0", "h1"], by="陈静", at=datetime.now(UTC))
    serving.do(lambda: serving.desk.record(fact))
    watched.emulate_media(color_scheme=scheme)
    cookie = {"name": "language", "value": language, "url": serving.url}
    watched.context.add_cookies([cookie])
    kept = ("/calls", "/calls/kept-h", "/cases", f"/cases/{fact.case_number}", "/blocks", "/rules")
    for path in ("/", "/wall", "/review", *kept, "/reports/harassment", "/handovers", "/docs"):
        watched.goto(path)
        looks_right(watched)
    watched.goto("/calls/none")
    looks_right(watched)
    serving.errors.clear()  # the browser notes the 404


def test_the_desk_keeps_to_the_screen_through_a_whole_call(watched: Any, serving: Serving) -> None:
    ring_and_answer(watched, serving)
    for _ in range(12):
        hear_harassment(serving)
    serving.do(lambda: serving.desk.propose("c1", "sexual", "加个微信"))
    watched.locator("#proposal").wait_for()
    looks_right(watched)
    watched.keyboard.press("F9")
    watched.locator("#undo").wait_for()
    looks_right(watched)
    watched.keyboard.press("Escape")
    watched.locator("#proposal").wait_for()
    assert serving.desk.commands[-1] == ("undo", "c1", "6018")
    watched.keyboard.press("Alt+n")
    watched.locator("#proposal").wait_for(state="hidden")
    assert serving.desk.commands[-1] == ("dismiss", "c1", "6018")


def test_the_waveform_shows_both_parties_and_seeks(watched: Any, serving: Serving) -> None:
    serving.keep_calls()
    watched.goto("/calls/kept-h")
    watched.locator("#wave:not([aria-busy])").wait_for()
    lanes = (
        "document.querySelector('#host > div > div').shadowRoot.querySelectorAll('canvas').length"
    )
    assert watched.evaluate(lanes) >= 2
    assert watched.locator("#over .stem").count() == 2
    watched.locator("#overview").click(position={"x": 600, "y": 10})
    until(watched, "document.getElementById('audio').currentTime > 10")
    assert watched.locator("#here").inner_text().startswith("0:1")
    watched.keyboard.press("=")
    until(watched, "document.getElementById('audio').playbackRate === 1.25")
    assert watched.evaluate("window.violations") == []


def test_theme_and_language_are_chosen_and_kept(page: Any, serving: Serving) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto("/calls")
    assert page.evaluate(THEME) == "dark"
    page.locator("#theme").click()
    assert page.evaluate(THEME) == "light"
    page.reload()
    assert page.evaluate(THEME) == "light"
    page.locator("#language").click()
    page.get_by_role("heading", name="Calls").wait_for()
    page.goto("/rules")
    page.get_by_role("heading", name="Rules in force").wait_for()
    page.locator("#language").click()
    page.get_by_role("heading", name="在用的规则").wait_for()


def test_keys_and_search_from_anywhere(page: Any, serving: Serving) -> None:
    serving.keep_calls()
    page.goto("/rules")
    page.locator("#count-review", has_text="2").wait_for()
    page.keyboard.press("?")
    page.locator("#keys-sheet[open]").wait_for()
    page.keyboard.press("Escape")
    page.locator("#keys-sheet[open]").wait_for(state="hidden")
    page.keyboard.press("/")
    page.keyboard.type("138 0000 6127")
    page.keyboard.press("Enter")
    page.wait_for_url("**/calls?number=13800006127")
    assert page.locator("tbody tr").count() == 1
    page.locator("#search").fill("kept-k")
    page.locator("#search").press("Enter")
    page.wait_for_url("**/calls/kept-k")


def test_a_broken_link_is_told_and_mended(page: Any, serving: Serving) -> None:
    page.route("**/api/v1/events", lambda route: route.abort())
    page.goto("/")
    page.locator("#broken", has_text="实时连接已断开").wait_for()
    page.get_by_text("实时连接断开", exact=True).wait_for()
    page.unroute("**/api/v1/events")
    page.locator("#broken-again").click()
    page.locator("#broken").wait_for(state="hidden")
    page.get_by_text("实时连接正常").wait_for()
    serving.errors.clear()  # the browser notes the connections that failed
