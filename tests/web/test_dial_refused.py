"""What an agent reads who may not dial a number, and who else is told."""

from __future__ import annotations

import httpx
import pytest

from callcenter.core.errors import NotDialled
from callcenter.core.events import DialRefused
from callcenter.core.outbound import Rule
from callcenter.core.people import AGENT, SUPERVISOR
from callcenter.core.visitor import Visitor
from callcenter.web.access.reach import Audience
from callcenter.web.live import event_message
from callcenter.web.pages.words.outbound import OUTBOUND_WORDS
from tests.web.fakes import START, FakeDesk


def test_each_rule_has_its_sentence() -> None:
    sentences = OUTBOUND_WORDS["dial_refused"]
    assert set(sentences) == {rule.value for rule in Rule}
    assert all("{limit}" in text for text in sentences.values())


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("zh", "不能拨打 00 开头的号码（国际、声讯等）；确有需要请找管理员放开"),
        ("en", "Numbers that begin with 00 may not be dialled"),
    ],
)
async def test_the_refusal_is_said_as_the_page_speaks(
    client: httpx.AsyncClient, desk: FakeDesk, monkeypatch: pytest.MonkeyPatch, language: str,
    told: str,
) -> None:  # fmt: skip
    async def dial(number: str, agent: str, line: str = "") -> str:
        raise NotDialled(Rule.BARRED.value, "00")

    monkeypatch.setattr(desk, "dial", dial)
    client.cookies.set("language", language)
    wish = {"number": "0085212345678", "agent": "1001"}
    answer = await client.post("/api/v1/calls", json=wish)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(told)


def test_who_leads_and_who_dialled_is_told() -> None:
    event = DialRefused("", START, "6018", "barred", "+85****5678", "main")
    assert event_message(event).startswith("event: dial_refused\n")
    mine, other = (Visitor("a", frozenset({AGENT}), number) for number in ("6018", "6007"))
    lead = Visitor("c", frozenset({SUPERVISOR}))
    heard = [Audience(visitor, []).hears(event) for visitor in (mine, other, lead)]
    assert heard == [True, False, True]
