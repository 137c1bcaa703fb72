"""Texts between nodes over NOTIFY: whole, in order, and asked for again after a break."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.store.notices import CONNECTING, PIECE_BYTES, Notices, Pieces, cut
from tests.postgresql import needs_postgresql
from tests.waiting import until


class Heard:
    def __init__(self, own: str = "me") -> None:
        self.texts: list[tuple[str, str]] = []
        self.pieces = Pieces(own, lambda sender, text: self.texts.append((sender, text)))


@given(st.text(max_size=60), st.integers(1, 400))
def test_a_text_is_whole_again(text: str, times: int) -> None:
    text = text.encode("utf-8", "replace").decode().replace("\0", "") * times
    notices = list(cut("a", 1, text))
    assert all(len(one.encode()) < 8000 for one in notices)
    heard = Heard()
    for one in notices:
        heard.pieces.take(one)
    assert heard.texts == [("a", text)]


def test_what_misses_a_piece_is_passed_over_and_so_is_garbage() -> None:
    heard = Heard()
    first, second, third = cut("a", 1, "x" * 2 * PIECE_BYTES + "yy")
    for payload in (first, third, second, "", "a|b", "a|1|x|2|", "me|1|0|1|own", "a|9|0|99999|x"):
        heard.pieces.take(payload)
    assert heard.texts == []
    for payload in (first, *cut("b", 1, "between"), second, third, *cut("a", 2, "")):
        heard.pieces.take(payload)
    assert [(who, len(text)) for who, text in heard.texts] == [
        *(("b", 7), ("a", 2 * PIECE_BYTES + 2)),
        ("a", 0),
    ]


class Node:
    def __init__(self, url: str, name: str) -> None:
        self.notices = Notices(url, name)
        self.texts: list[tuple[str, str]] = []
        self.again = 0
        self.notices.start(lambda *told: self.texts.append(told), self._again)

    def _again(self) -> None:
        self.again += 1


@pytest.fixture
def url(postgresql_server) -> Iterator[str]:
    with postgresql_server.lent() as url:
        yield url


@needs_postgresql
async def test_two_nodes_hear_each_other_one_leads_and_a_break_heals(url: str) -> None:
    a, b = Node(url, "a"), Node(url, "b")
    await until(lambda: a.again and b.again)
    texts = [f"{n} 你好" * n for n in range(1, 300)]
    for text in texts:
        a.notices.send(text)
    await until(lambda: len(b.texts) == len(texts))
    assert b.texts == [("a", text) for text in texts]
    assert a.texts == []
    await until(lambda: a.notices.leads != b.notices.leads)
    leader, other = (a, b) if a.notices.leads else (b, a)
    await asyncio.to_thread(_cut_off, url)
    await until(lambda: a.again > 1 and b.again > 1)
    await leader.notices.close()
    await until(lambda: other.notices.leads)
    await other.notices.close()
    assert not other.notices.leads


def _cut_off(url: str) -> None:
    """As a server that is restarted."""
    where = url.replace("+psycopg", "")
    with psycopg.connect(where, autocommit=True) as asking:
        asking.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s "
            "AND datname = current_database()",
            (CONNECTING["application_name"],),
        )
