"""The fuzzer's share in the suite; a million on demand: `python -m tests.sip.fuzz`."""

from __future__ import annotations

import pytest

from tests.sip.fuzz import throw
from tests.sip.wellformed import flaw

COUNT = 20_000


def test_twenty_thousand_messages_break_nothing() -> None:
    thrown: list[int] = []
    throw(COUNT, done=thrown.append)
    assert thrown[-1] == COUNT


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\nContent-Length: 0\r\n\r\n", "missing"),
        (b"SIP/2.0 400 Bad\r\nVia: SIP/2.0/UDP h\r\nContent-Length: 0\r\n\r\n", ""),
        (b"SIP/2.0 400 Bad\r\nVia: SIP/2.0/UDP h\r\nContent-Length: 1\r\n\r\n", "Length"),
        (b"SIP/2.0 400 Bad\r\nVia: h\r\nContent-Length: 0\r\n\r\n", "no Via"),
        (b"SIP/2.0 400 Bad\r\nVia: SIP\rX: 1\r\nContent-Length: 0\r\n\r\n", "header line"),
        (b"SIP/2.0 400 Bad\r\n", "start line"),
        (b"SIP/2.0 4000 Bad\r\n\r\n", "start line"),
    ],
)
def test_the_fuzzer_knows_a_flaw(data: bytes, wrong: str) -> None:
    assert wrong in flaw(data)
    assert bool(flaw(data)) is bool(wrong)
