"""A supervisor tries a draft on the kept calls, in a real browser."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callcenter.core import events as ev
from callcenter.store import trail
from tests.browser.conftest import Serving

pytestmark = pytest.mark.browser

DRAFT = """group = "harassment"
[[rule]]
name = "fridge"
category = "insult"
severity = 5
phrases = ["又不制冷"]
"""


def judge(serving: Serving, call_id: str, verdict: str) -> None:
    fact = ev.VerdictGiven(call_id, datetime.now(UTC), verdict, "听过", "陈静")
    serving.do(lambda: serving.desk.tell(fact))


def test_a_draft_is_tried_and_the_changed_call_opened(page: Any, serving: Serving) -> None:
    serving.keep_calls()
    judge(serving, "kept-k", "complaint")
    judge(serving, "kept-h", "harassment")
    page.goto("/rules")
    page.get_by_text("harassment.toml").first.wait_for()
    page.locator("#text").fill(DRAFT)
    page.locator("#name").fill("mine.toml")
    page.locator("#start").click()
    page.get_by_text("命中改变、判断不变的通话 1").wait_for()
    row = page.locator("#result table.listed").first.locator("tbody tr")
    assert "＋fridge" in row.inner_text()
    assert "0535" not in row.inner_text()
    assert page.locator("#result svg .range").count() >= 2
    page.reload()
    page.get_by_text("命中改变、判断不变的通话 1").wait_for()
    row.locator("a").click()
    page.wait_for_url("**/calls/kept-k")


def test_a_draft_from_a_file_with_an_error(page: Any, serving: Serving, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    file = tmp_path / "harassment.toml"
    file.write_text(DRAFT.replace("severity = 5", "loudness = 5"), "utf-8")
    page.goto("/rules")
    page.locator("#file").set_input_files(file)
    expect(page.locator("#name")).to_have_value("harassment.toml")
    page.locator("#start").click()
    told = page.locator("#said").get_by_text("harassment.toml: rule 1: unknown key 'loudness'")
    told.wait_for()
    assert page.locator("#start").is_enabled()
    serving.errors.clear()  # the browser notes the 422


def test_a_pack_is_opened_broken_mended_and_adopted(page: Any, serving: Serving) -> None:
    from playwright.sync_api import expect

    file, mine = serving.packs / "suggestion.toml", "# 陈静加的\n"
    was = file.read_text("utf-8")
    page.goto("/rules")
    page.locator('[data-open="suggestion.toml"]').click()
    text, checked, adopt = (page.locator(f"#{id}") for id in ("text", "checked", "adopt"))
    expect(text).to_have_value(was)
    text.fill(mine + was + "\n[[rule]\n")
    line = len((mine + was).splitlines()) + 2
    expect(page.locator("#line")).to_have_text(f"第 {line} 行")
    expect(checked).to_contain_text("suggestion.toml: not TOML")
    expect(text).to_have_attribute("aria-invalid", "true")
    expect(adopt).to_be_disabled()
    page.reload()
    expect(text).to_have_value(mine + was + "\n[[rule]\n")
    page.locator("#line").click()
    page.keyboard.press("Delete")
    expect(checked).to_contain_text("条规则，没有错")
    adopt.click()
    page.locator("#person").fill("陈静")
    file.write_text(was + "\n# 别人\n", "utf-8")
    page.locator("#take").click()
    expect(checked).to_contain_text("suggestion.toml was changed; open it again")
    page.locator("#now").click()
    expect(text).to_have_value(was + "\n# 别人\n")
    page.locator("#back").click()
    expect(text).to_have_value(mine + was + "\n\n")
    expect(checked).to_contain_text("条规则，没有错")
    adopt.click()
    page.keyboard.press("Enter")
    page.get_by_text("已采用 suggestion.toml").wait_for()
    assert file.read_text("utf-8") == mine + was + "\n\n"
    with serving.store.session() as session:
        assert [step.person for step in trail.of(session, "rule_book", "RULES")] == ["陈静"]
    serving.errors.clear()  # the browser notes the 409


def test_only_the_rules_in_force(page: Any, serving: Serving) -> None:
    serving.keep_calls()
    page.goto("/rules")
    page.locator("#start").click()
    page.get_by_text("2 通，其中 0 通有判定").wait_for()
    assert page.get_by_text("改变的通话").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_not_wider_than_the_screen(page: Any, serving: Serving, scheme: str) -> None:
    serving.keep_calls()
    judge(serving, "kept-h", "harassment")
    page.emulate_media(color_scheme=scheme)
    page.goto("/rules")
    page.locator("#text").fill(DRAFT)
    page.locator("#start").click()
    page.get_by_text("判断改变的通话").wait_for()
    wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert page.evaluate(wider) is False
