"""Takes the README's pictures anew, of a real demo: tools/take_pictures.py [FOLDER] (docs/images).

Needs what the tests need: Playwright and Chromium. Takes three minutes, on free ports.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path
from typing import IO

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).parent.parent
COLUMNS = 78
HARASSED = "小姐你声音真好听"
SCREEN: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}
THEME = TerminalTheme(
    (15, 23, 32),
    (214, 221, 230),
    [
        *((90, 100, 112), (240, 98, 98), (90, 200, 130), (226, 170, 80)),
        *((110, 160, 250), (200, 130, 230), (90, 200, 215), (214, 221, 230)),
    ],
)
PAGE = """<!doctype html><meta charset="utf-8"><style>{stylesheet}
body {{ margin: 0; background: {background}; color: {foreground} }}
pre {{ margin: 0; padding: 18px 22px; width: max-content; line-height: 1.4;
font: 14px/1.4 "Noto Sans Mono CJK SC", monospace }}</style><pre>{code}</pre>"""


def take(folder: Path, browser: Browser) -> None:
    """Runs the demo once through, its pages being looked at."""
    page = browser.new_page(viewport=SCREEN)
    colours = {"FORCE_COLOR": "1", "COLORTERM": "truecolor", "TERM": "xterm-256color"}
    env = {**os.environ, **colours, "COLUMNS": str(COLUMNS), "PYTHONUNBUFFERED": "1"}
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "callcenter", "demo", "--port", "0", "--data", data]
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as demo:  # noqa: S603
            assert demo.stdout
            try:
                told = _follow(demo.stdout, page, folder)
            finally:
                demo.terminate()
    _terminal(told, browser, folder / "terminal.png")


def _follow(output: IO[str], page: Page, folder: Path) -> str:
    """Everything that the demo prints about its five calls; takes the pages on the way."""
    told, web, proposed = "", "", False
    for line in output:
        if "下一通来电" in line:
            break
        told += line
        if not web and (found := re.search(r"http://[\d.:]+", line)):
            web = found[0]
            page.goto(web)
        if "⚑" in line and not proposed:
            proposed = True
            page.locator("#proposal").wait_for()
            page.screenshot(path=folder / "desk.png", animations="disabled")
            _phone(page, f"{web}/wall", folder / "phone.png")
    if "✗" in told:
        sys.exit(f"a call went wrong (a busy machine?); the pictures stay as they are:\n{told}")
    page.goto(f"{web}/review")
    page.get_by_text(HARASSED).first.click()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=folder / "review.png", animations="disabled")
    page.locator("#open").click()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=folder / "replay.png", animations="disabled")
    return told


def _phone(page: Page, address: str, file: Path) -> None:
    """The red flag as a supervisor sees it on a phone."""
    assert page.context.browser
    phone = page.context.browser.new_page(viewport=PHONE)
    phone.goto(address)
    phone.locator(".wall-flag").wait_for()
    phone.screenshot(path=file, animations="disabled")
    phone.close()


def _terminal(told: str, browser: Browser, file: Path) -> None:
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    console.print(Text.from_ansi(told.rstrip()))
    page = browser.new_page(viewport=SCREEN)
    page.set_content(console.export_html(theme=THEME, code_format=PAGE))
    page.locator("pre").screenshot(path=file)


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--force-device-scale-factor=1"],
        )
        with tempfile.TemporaryDirectory() as taken:
            take(Path(taken), chromium)
            for picture in Path(taken).glob("*.png"):
                shutil.move(picture, folder / picture.name)
