"""The pages of customers: who is found, what a file says and offers, files side by side."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from callcenter.bus.local import LocalBus
from callcenter.store.sql import Store
from tests.web.fakes import START, FakeDesk, harassment
from tests.web.readers import Readers

HOSTILE = "<script>alert(1)</script>🙂'; DROP TABLE customers; --"
PHONE = "13800006127"


@pytest.fixture
async def here(
    desk: FakeDesk, store: Store, bus: LocalBus, recordings: Path
) -> AsyncIterator[Readers]:
    readers = Readers(desk, store, bus, recordings)
    yield readers
    await readers.close()


async def act(here: Readers, number: str, action: str, **fields: str) -> None:
    await here.post(f"/customers/{number}/actions", action=action, **fields)


async def test_u4_the_list_is_searched_by_text_number_class_and_owner(here: Readers) -> None:
    shop = await here.post("/customers", name="临江五金店", numbers=[PHONE], purchases=20)
    await here.post("/customers", name=HOSTILE, contact="王芳")
    await act(here, shop["number"], "allot", agent="林晓雯")
    text = await here.page("/customers")
    assert "临江五金店" in text
    assert "<script>alert" not in text
    assert "138 •••• 6127" in text
    assert PHONE not in text.replace(" ", "")
    for query, found in [
        ("q=五金", True),
        ("q=138 0000 6127", True),
        ("customer_class=key", True),
        ("customer_class=ordinary", False),
        ("agent=林晓雯", True),
        ("view=unallotted", False),
        ("view=new", True),
        ("view=overdue", False),
        ("view=lapsed", False),
        ("view=none&page=2", False),
    ]:
        assert ("临江五金店" in await here.page(f"/customers?{query}")) is found, query
    for bad in (f"q={'甲' * 101}", "page=0", "page=x"):
        assert await here.status(f"/customers?{bad}") == 422


async def test_the_list_is_paged(here: Readers) -> None:
    rows = "\n".join(f"客户{n:03d},138{n:08d}" for n in range(51))
    table = base64.b64encode(f"客户名称,电话\n{rows}".encode()).decode()
    assert (await here.post("/customers/import", content=table))["written"] == 51
    first = await here.page("/customers")
    assert first.count('class="name"') == 50
    assert 'rel="next"' in first
    assert (await here.page("/customers?page=2")).count('class="name"') == 1
    assert "周涛" in await here.page("/customers/aside"), "who brought the table"


async def test_a_file_says_what_is_kept_and_offers_what_is_possible(
    here: Readers, desk: FakeDesk
) -> None:
    harassment(desk, "h", START, None)
    made = await here.post("/customers", name="何美玲", numbers=[PHONE], remarks=f"找 {PHONE}")
    number = made["number"]
    await act(here, number, "allot", agent="林晓雯")
    await act(here, number, "record_consent", reference="TY-1", to="物流公司", purpose="送货")
    await act(here, number, "classify", customer_class="key", reason="老客户")
    text = await here.page(f"/customers/{number}")
    for told in ("何美玲", "TY-1", "可告知 物流公司", "周涛 人工定", "老客户", "138 •••• 6127"):
        assert told in text, told
    for step in ("update", "correct_number", "record_contact", "anonymise", "withdraw_consent"):
        assert f'data-opens="{step}"' in text, step
    kinds = re.findall(r'class="line-of" data-kind="(\w+)"', text)
    assert (kinds.count("file"), kinds.count("call")) == (4, 1)
    assert 'href="/calls/h"' in text
    assert PHONE not in text.replace(" ", ""), "the remarks' too; a lead asks for it with a reason"
    assert 'data-reveal="customer"' in text
    assert await here.status("/customers/CU-0") == 404


async def test_u6_a_number_is_corrected_by_how_the_page_shows_it(here: Readers) -> None:
    made = await here.post("/customers", name="何美玲", numbers=[PHONE, "13900001234"])
    text = await here.page(f"/customers/{made['number']}")
    assert '<option value="138****6127">138 •••• 6127</option>' in text
    told = {"phone": "13700007777", "replaces": "138****6127"}
    await act(here, made["number"], "correct_number", **told)
    after = await here.page(f"/customers/{made['number']}")
    shown = re.findall(r"<b data-number>(.*?)</b>", after)
    assert shown == ["137 •••• 7777", "139 •••• 1234"]


async def test_u6_duplicates_are_listed_and_compared(here: Readers) -> None:
    one = await here.post("/customers", name="何美玲", numbers=[PHONE], address="临江")
    other = await here.post("/customers", name="何美玲 ", numbers=[PHONE], address="海宁")
    pair = f"file={one['number']}&file={other['number']}"
    assert f"/customers/merge?{pair}" in unescape(await here.page("/customers/aside"))
    text = await here.page(f"/customers/merge?{pair}")
    assert text.count('name="stays"') == 2
    assert "临江" in text
    assert "海宁" in text
    assert 'class="same"' in text
    await act(here, other["number"], "merge", merged_into=one["number"], reason="同号同名")
    gone = await here.page(f"/customers/{other['number']}")
    assert "这份已并入" in gone
    assert 'data-opens="update"' not in gone
    assert 'name="stays"' not in await here.page(f"/customers/merge?{pair}")
    for bad in ("file=CU-1", "file=CU-1&file=CU-1", "", "&".join(["file=CU-1"] * 5)):
        assert await here.status(f"/customers/merge?{bad}") in (404, 422), bad


async def test_buttons_are_those_that_a_role_may_press(here: Readers) -> None:
    made = await here.post("/customers", name="何美玲", numbers=[PHONE])
    path = f"/customers/{made['number']}"
    for role, leads, writes in (("qa", False, False), ("agent", False, True)):
        shown, file = await here.page("/customers", role), await here.page(path, role)
        assert ('data-opens="import"' in shown) is leads
        assert ('data-opens="open"' in shown) is writes
        assert ('data-opens="update"' in file) is writes
        assert 'data-opens="anonymise"' not in file
        assert "data-reveal" not in file
        assert "导入与导出" not in await here.page("/customers/aside", role)
    assert await here.status("/customers", "admin") == 403
    assert "Customer file" in await here.page(path, "agent", "en")
