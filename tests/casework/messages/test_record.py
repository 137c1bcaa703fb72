from __future__ import annotations

from datetime import datetime

import pytest

from callcenter.casework import steps
from callcenter.casework.messages import record as messages
from callcenter.casework.steps import Actor
from callcenter.core.errors import NotNow, Refused
from callcenter.core.messages import Template
from callcenter.core.people import People
from callcenter.store.books import SqlBooks
from callcenter.store.message_tables import Message
from callcenter.store.sql import Store
from tests.casework.conftest import NOON, after

CARE = Template("care", "sms", "{customer}您好，服务已完成。")
REPLY = Template("reply", "email", "{customer}您好：答复如下。", "答复")


class Post:
    """Where messages are written and sent."""

    def __init__(self, store: Store) -> None:
        self.store, self.books = store, SqlBooks(store)

    def write(self, to: str = "138 0000 0001", template: Template = CARE) -> str:
        actor = Actor("王芳", NOON, People({}))
        with self.store.session() as session:
            fact = messages.write(session, template, to, {"customer": "赵先生"}, actor, "WO-1")
        self.books.write(fact)
        return fact.number

    def act(self, number: str, action: str) -> Message:
        with self.store.session() as session:
            fact = messages.act(session, number, action, Actor("王芳", NOON, People({})))
        self.books.write(fact)
        return self.row(number)

    def sent(self, number: str) -> Message:
        with self.store.session() as session:
            fact = messages.was_sent(session, number, "g-1", after(5))
        self.books.write(fact)
        return self.row(number)

    def refused(self, number: str, at: datetime) -> Message:
        with self.store.session() as session:
            fact = messages.was_not_sent(session, number, "the gateway answered 500", at)
        self.books.write(fact)
        return self.row(number)

    def waiting(self, at: datetime) -> list[str]:
        with self.store.session() as session:
            return [letter.number for letter in messages.waiting(session, at)]

    def row(self, number: str) -> Message:
        with self.store.session() as session:
            return steps.get(session, Message, number)


@pytest.fixture
def post(store: Store) -> Post:
    return Post(store)


def test_s2_a_message_is_due_within_thirty_minutes_and_logged(post: Post) -> None:
    number = post.write()
    row = post.row(number)
    assert (row.to, row.text, row.about) == ("13800000001", "赵先生您好，服务已完成。", "WO-1")
    assert row.due_at == after(1800)
    assert post.waiting(NOON) == [number]
    row = post.sent(number)
    assert (row.state, row.sent_at, row.carrier_id, row.changed_by) == (
        "sent",
        after(5),
        "g-1",
        "system",
    )
    assert post.waiting(NOON) == []


def test_what_is_not_taken_is_tried_again_and_then_shown(post: Post) -> None:
    number = post.write()
    assert post.refused(number, NOON).state == "queued"
    assert post.waiting(after(59)) == []
    assert post.waiting(after(60)) == [number]
    for at in (60, 600, 3000):
        row = post.refused(number, after(at))
    assert (row.state, row.tries, row.problem) == ("failed", 4, "the gateway answered 500")
    assert post.waiting(after(99_999)) == []
    row = post.act(number, "resend")
    assert (row.state, row.tries) == ("queued", 0)
    assert post.waiting(NOON) == [number]


def test_what_people_may_do(post: Post) -> None:
    number = post.write("zhao@example.com", REPLY)
    with pytest.raises(Refused, match="people can do this with a message: cancel, resend"):
        post.act(number, "sent")
    assert post.act(number, "cancel").state == "cancelled"
    with pytest.raises(NotNow, match="resend is not possible; possible: nothing"):
        post.act(number, "resend")


@pytest.mark.parametrize(
    ("template", "to"),
    [(CARE, "withheld"), (CARE, ""), (CARE, "a@b.cn"), (REPLY, "13800000001"), (REPLY, "a b@c")],
)
def test_an_impossible_address_is_refused(post: Post, template: Template, to: str) -> None:
    with pytest.raises(Refused, match="expected a"):
        post.write(to, template)
