"""What DNS says, put in the order of trying: RFC 3263 §4.1, RFC 2782."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.sip.signal.hops import Flow, Hop, ways_for_call
from callcenter.sip.signal.locate import Naptr, Srv, in_turn, services, srv_name

UDP = Naptr(50, 50, "s", "SIP+D2U", "_sip._udp.example.com.")
TCP = Naptr(90, 50, "S", "sip+d2t", "_sip._tcp.example.com.")
TLS = Naptr(90, 60, "s", "SIPS+D2T", "_sips._tcp.example.com.")


@pytest.mark.parametrize(
    ("records", "transports", "found"),
    [
        ([TLS, TCP, UDP], ("UDP", "TCP", "TLS"), ["UDP", "TCP", "TLS"]),
        ([TLS, TCP, UDP], ("TLS", "TCP"), ["TCP", "TLS"]),
        ([UDP], ("TCP",), []),
        ([UDP, UDP._replace(preference=9, service="SIP+D2T")], ("UDP", "TCP"), ["TCP", "UDP"]),
        ([TCP, TCP._replace(service="SIP+D2U")], ("UDP", "TCP"), ["UDP", "TCP"]),
        ([UDP._replace(flags="u"), UDP._replace(service="E2U+sip")], ("UDP",), []),
        ([], ("UDP",), []),
    ],
)  # fmt: skip
def test_the_way_that_is_most_wished_for(
    records: list[Naptr], transports: tuple[str, ...], found: list[str]
) -> None:
    assert [transport for transport, _ in services(records, transports)] == found


def test_the_names_to_ask_for() -> None:
    assert services([UDP], ("UDP",)) == [("UDP", "_sip._udp.example.com.")]
    assert [srv_name(t, "h") for t in ("UDP", "TCP", "TLS")] == [
        *("_sip._udp.h", "_sip._tcp.h", "_sips._tcp.h")
    ]


def srv(priority: int, weight: int, target: str) -> Srv:
    return Srv(priority, weight, 5060, target)


@pytest.mark.parametrize(
    ("draws", "order"),
    [
        # 1 and 3 weigh 1 and 3: of 0 to 4, 0 and 1 draw the first, the rest the second one.
        ([0, 0, 0], "abc"),
        ([1, 0, 0], "abc"),
        ([2, 0, 0], "bac"),
        ([4, 1, 0], "bac"),
    ],
)
def test_the_draw_within_one_priority(draws: list[int], order: str) -> None:
    given_ = [srv(20, 9, "c"), srv(10, 3, "b"), srv(10, 1, "a")]
    asked: list[int] = []

    def draw(most: int) -> int:
        asked.append(most)
        return draws[len(asked) - 1]

    assert "".join(record.target for record in in_turn(given_, draw)) == order
    assert (asked[0], asked[2]) == (4, 9)


def test_weight_zero_is_drawn_by_a_zero_alone() -> None:
    records = [srv(1, 0, "never"), srv(1, 10, "often")]
    assert [r.target for r in in_turn(records, lambda most: 0)] == ["never", "often"]
    assert [r.target for r in in_turn(records, lambda most: min(1, most))] == ["often", "never"]


def test_a_service_that_is_not_offered() -> None:
    assert in_turn([srv(0, 0, ".")], lambda most: 0) == []


@given(
    st.lists(st.builds(srv, st.integers(0, 3), st.integers(0, 65535), st.just("a")), max_size=6),
    st.data(),
)
def test_each_place_comes_once_and_none_before_a_better_one(
    records: list[Srv], data: st.DataObject
) -> None:
    found = in_turn(records, lambda most: data.draw(st.integers(0, most)))
    assert sorted(found) == sorted(records)
    assert [r.priority for r in found] == sorted(r.priority for r in records)


A, B = ("192.0.2.1", 5060), ("192.0.2.2", 5060)
SECRET, SECRET_2 = Flow("192.0.2.1", 5061, "TLS"), Flow("192.0.2.2", 5061, "TLS")


@pytest.mark.parametrize(
    ("found", "known", "ways"),
    [
        ([A, B], None, (A, B)),
        ([A, B], B, (B, A)),
        ([A, B], SECRET, (A, B)),
        ([SECRET, A, SECRET_2], None, (SECRET, SECRET_2)),
        ([SECRET, A, B], B, (B, A)),
    ],
)
def test_where_a_call_is_tried(found: list[Hop], known: Hop | None, ways: tuple[Hop, ...]) -> None:
    assert ways_for_call(found, known) == ways
