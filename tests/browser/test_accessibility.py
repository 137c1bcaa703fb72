"""axe-core on every page of the rail and the first record behind each, and on the dialogs of each,
light and dark: nothing serious. What has no place in the rail is named in BESIDES."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callcenter.commands.seed import month
from callcenter.config import load
from callcenter.outfit import open_book
from callcenter.web.pages.rail import rail
from tests.browser.conftest import WAIT_SECONDS, Serving

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent.parent.parent / "build/vendor/node_modules/axe-core/axe.min.js"
"""Of package.json's devDependencies: `make vendor` fetches it, and no page carries it."""
BESIDES = ("/calls/kept-h", "/review?show=asked", "/docs", "/nowhere")
LONG = ".operations > article:nth-of-type(n + 6), .docs nav a:nth-of-type(n + 6)"
"""All of a sort: the first ones stand for them."""
CHECK = """async ([rules, long]) => {
  for (const node of document.querySelectorAll(long)) node.remove();
  for (const dialog of document.querySelectorAll("dialog:not([open])")) {
    dialog.show();
    dialog.style.position = "static"; // one below the other, so that none hides another
  }
  const only = rules ? { runOnly: { type: "rule", values: rules } } : {};
  const wanted = { resultTypes: ["violations"], ...only };
  const { violations } = await axe.run(document, wanted);
  return violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(" ")}`
      + ` ${(node.any[0]?.message ?? "").slice(0, 160)}`));
}"""
DETAIL = """(path) => [...document.querySelectorAll("main a[href]")]
  .map((one) => one.pathname).find((one) => one.startsWith(path + "/") && path !== "/") ?? null"""


def places() -> list[str]:
    """Every path in the rail, and those that are reached from there."""
    return [path for place in rail() for path in (place.path, *place.also)]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The app over a company's day: something stands on every page."""
    folder = tmp_path_factory.mktemp("lived")
    (folder / "c.toml").write_text('[hours]\nzone = "Asia/Shanghai"\n', "utf-8")
    config = load(folder / "c.toml")
    running = Serving(folder)
    now = datetime.now(UTC)
    month.live(config, running.store, open_book(config), 3, now, lambda done, of: None, 1)
    running.keep_calls()
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def reader(browser: Any, lived: Serving) -> Iterator[Any]:
    """One page for all of them, with axe in it."""
    if not AXE.exists():
        pytest.skip("axe-core is not there; fetch it with: make vendor")
    context = browser.new_context(
        base_url=lived.url,
        viewport={"width": 1366, "height": 768},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    context.add_init_script(path=AXE)
    page = context.new_page()
    page.set_default_timeout(WAIT_SECONDS * 1000)
    yield page
    context.close()


def serious(page: Any, path: str) -> list[str]:
    """What axe holds against this page: all of it in the light, contrast in the dark, too."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(path, wait_until="networkidle" if path == "/calls/kept-h" else "load")
    page.locator("main").wait_for()
    found: list[str] = page.evaluate(CHECK, [None, LONG])
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.locator("html[data-bs-theme=dark]").wait_for(state="attached")
    dark: list[str] = page.evaluate(CHECK, [["color-contrast"], LONG])
    return [f"{path} {one}" for one in (*found, *dark)]


@pytest.mark.parametrize("path", [*places(), *BESIDES])
def test_nothing_keeps_anybody_out(reader: Any, path: str) -> None:
    found = serious(reader, path)
    detail = reader.evaluate(DETAIL, path.partition("?")[0])
    if detail:
        found += serious(reader, detail)
    assert found == []
