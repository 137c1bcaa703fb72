"""A person, their password and their authenticator: in, refused, alone again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyotp
import pytest

from callcenter.casework.staff import accounts
from callcenter.core.people import SUPERVISOR
from tests import passwords
from tests.browser.conftest import WAIT_SECONDS, Serving
from tests.browser.test_frame import VIOLATIONS, looks_right

pytestmark = pytest.mark.browser

CHEN, GOOD = "陈静", "a good password"


@pytest.fixture
def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    passwords.cheap(monkeypatch)
    running = Serving(tmp_path, locked=True)
    with running.store.session() as session:
        facts = accounts.first(session, CHEN, (SUPERVISOR,), datetime.now(UTC))
    for fact in facts:
        running.desk.tell(fact)
    assert running.doors is not None
    running.doors.accept(running.doors.invite(CHEN), CHEN, GOOD)
    running.start()
    yield running
    running.stop()


def at_the_door(browser: Any, serving: Serving, locale: str = "zh") -> Any:
    """A browser that nobody has used yet, at the login."""
    context = browser.new_context(
        base_url=serving.url, viewport={"width": 1366, "height": 768}, locale="zh-CN"
    )
    context.add_cookies([{"name": "language", "value": locale, "url": serving.url}])
    page = context.new_page()
    page.set_default_timeout(WAIT_SECONDS * 1000)
    page.add_init_script(f"({VIOLATIONS})()")
    page.goto("/login?next=/me")
    page.get_by_label("姓名" if locale == "zh" else "Name").fill(CHEN)
    page.locator("input[name=password]").fill(GOOD)
    page.keyboard.press("Enter")
    return page


def test_a_person_with_an_authenticator_comes_in_and_signs_out_elsewhere(
    browser: Any, serving: Serving
) -> None:
    here = at_the_door(browser, serving)
    here.locator("#me-who").wait_for()
    looks_right(here)
    here.locator("#begin-password").fill(GOOD)
    here.keyboard.press("Enter")
    here.locator("#qr svg").wait_for()
    secret = here.locator("#secret").inner_text().replace(" ", "")
    here.keyboard.type(pyotp.TOTP(secret).now())
    here.keyboard.press("Enter")
    codes = here.locator("#codes li")
    codes.first.wait_for()
    recovery = codes.first.inner_text()
    here.keyboard.press("Enter")
    here.locator("#factor[data-on=yes]").wait_for()

    there = at_the_door(browser, serving, "en")
    code = there.get_by_label("recovery code")
    code.wait_for()
    code.fill("000000")
    there.keyboard.press("Enter")
    there.get_by_role("alert").get_by_text("The code is wrong").wait_for()
    code.fill(recovery)
    there.keyboard.press("Enter")
    there.locator("#me-who").wait_for()
    assert there.goto("/calls").status == 200
    assert there.goto("/api/v1/tokens").status == 403

    here.reload()
    here.get_by_role("button", name="退出其他地方").click()
    here.locator("#leave-others").wait_for(state="detached")
    here.locator("#me-who").wait_for()
    assert here.locator("tbody tr").count() == 1
    there.goto("/wall")
    there.wait_for_url("**/login?next=**")
    assert there.get_by_role("heading", name="Log in").is_visible()
