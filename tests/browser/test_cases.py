from __future__ import annotations

import re
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callcenter.casework.evidence import files as evidence_files
from callcenter.casework.evidence import gathering as evidence
from callcenter.casework.evidence.gathering import Maker, Wish
from callcenter.casework.harassment import cases as harassment_cases
from callcenter.casework.harassment import withheld
from callcenter.store.case_tables import HarassmentCase
from callcenter.store.recordings import Recordings
from callcenter.web.pages.words.evidence import wording
from tests.browser.conftest import Serving
from tests.web.fakes import AGENTS, harassment, sound
from tests.web.test_api_cases import withheld as without_number

pytestmark = pytest.mark.browser

WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def keep(serving: Serving) -> None:
    """Three harassing calls of one number an hour apart, the newest with a recording."""
    now = datetime.now(UTC) - timedelta(minutes=10)
    for n in (2, 1):
        harassment(serving.desk, f"h{n}", now - timedelta(hours=n), None)
    harassment(serving.desk, "h0", now, sound(serving.recordings, "2026/h0.wav", seconds=1))


def only_case(serving: Serving) -> HarassmentCase:
    with serving.store.session() as session:
        (case,) = harassment_cases.list_cases(session)
        return case


def test_h19_h22_a_source_becomes_a_case_with_a_letter_and_a_package(
    page: Any, serving: Serving, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    keep(serving)
    page.goto("/cases")
    page.get_by_role("button", name="立案", exact=True).click()
    page.get_by_text("请先在右上写经办人").wait_for()
    page.locator("#person").fill("陈静")
    page.get_by_role("button", name="立案", exact=True).click()
    page.wait_for_url("**/cases/HC-*")
    assert page.locator("#number").inner_text() == "138 •••• 6127"
    page.locator("#show-number").click()
    assert page.locator("#number").inner_text() == "138 0000 6127"
    harassment(serving.desk, "h3", datetime.now(UTC), None)
    page.reload()
    page.get_by_role("button", name="并入").click()
    page.locator(".cc-head span").get_by_text("4 通", exact=True).wait_for()
    page.locator("#action").select_option("warning_letter")
    expect(page.locator("#text")).to_have_value(re.compile("138 0000 6127"))
    page.locator("#submit").click()
    page.locator(".about .cc-tag", has_text="已警告").wait_for()
    case = only_case(serving)
    assert [call.call_id for call in case.calls] == ["h2", "h1", "h0", "h3"]
    assert case.actions[-1].person == "陈静"
    assert "治安管理处罚法" in case.actions[-1].text
    with page.expect_download() as waiting:
        page.locator("#export").click()
    file = tmp_path / "evidence.zip"
    waiting.value.save_as(file)
    page.get_by_text("1 份录音缺失或与封存时不一致").wait_for()  # the fake's hash is not its own
    with zipfile.ZipFile(file) as archive:
        archive.extractall(tmp_path / "unpacked")
    (folder,) = (tmp_path / "unpacked").iterdir()
    subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, check=True, capture_output=True)


def test_h21_a_bill_is_imported_and_a_line_accepted(
    page: Any, serving: Serving, tmp_path: Path
) -> None:
    without_number(serving.desk, "w1")
    bill = tmp_path / "bill.csv"
    bill.write_text(
        "主叫,开始时间,时长\n13800006127,2026-11-22T02:40:05Z,25\n合计,,25\n", "gb18030"
    )
    page.goto("/cases")
    page.locator("#person").fill("陈静")
    page.keyboard.press("Tab")
    page.locator("#bill").set_input_files(bill)
    page.get_by_text("读了 1 行，1 行不能读").wait_for()
    page.get_by_role("button", name="认定").click()
    page.get_by_text("找回 138 •••• 6127").wait_for()
    with serving.store.session() as session:
        (one,) = withheld.worst(session)
    assert one.number is not None
    assert one.number.person == "陈静"


def test_h19_calls_without_a_number_are_chosen_for_a_case(page: Any, serving: Serving) -> None:
    without_number(serving.desk, "w1")
    without_number(serving.desk, "w2", 60)
    page.goto("/cases")
    page.locator("#person").fill("陈静")
    for box in page.locator("[data-call]").all():
        box.check()
    page.locator("#open-withheld").click()
    page.wait_for_url("**/cases/HC-*")
    assert page.locator("#number").inner_text() == "号码隐藏"
    assert len(only_case(serving).calls) == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_the_screen(page: Any, serving: Serving, scheme: str) -> None:
    keep(serving)
    without_number(serving.desk, "w1")
    with serving.store.session() as session:
        fact = harassment_cases.open_case(session, ["h0", "h1"], by="陈静", at=datetime.now(UTC))
    serving.do(lambda: serving.desk.record(fact))
    page.emulate_media(color_scheme=scheme)
    for path in ("/cases", f"/cases/{fact.case_number}"):
        page.goto(path)
        page.locator("main").wait_for()
        assert page.evaluate(WIDER) is False


def test_h22_the_summary_opens_without_a_network_and_prints(
    browser: Any, serving: Serving, tmp_path: Path
) -> None:
    keep(serving)
    with serving.store.session() as session:
        found = evidence.gather(session, Wish(calls=("h0", "h1")))
    maker = Maker("陈静", datetime.now(UTC), "mini")
    folder = tmp_path / "package"
    evidence_files.write(found, Recordings(serving.recordings), folder, maker, wording(AGENTS))
    asked: list[str] = []
    said: list[str] = []
    page = browser.new_page(java_script_enabled=False)
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"file://{folder}/summary.html")
    assert page.locator("mark").all_inner_texts() == ["上夜班", "加个微信"] * 2
    assert page.locator("h2", has_text="怎样核验").count() == 1
    assert page.evaluate(WIDER) is False
    assert page.pdf(format="A4").startswith(b"%PDF")
    assert asked == [f"file://{folder}/summary.html"]
    assert said == []
    page.close()
