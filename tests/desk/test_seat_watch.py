from __future__ import annotations

from datetime import UTC, datetime, timedelta

from callcenter.core.events import Event, SeatUnattended
from callcenter.desk.seat_watch import SeatWatch

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


class Seats:
    def __init__(self) -> None:
        self.missing: dict[str, datetime] = {}

    def unattended(self) -> dict[str, datetime]:
        return dict(self.missing)


async def test_k3_a_seat_that_nobody_attends_is_told_once_and_so_is_who_comes_back() -> None:
    told: list[Event] = []
    seats = Seats()
    watch = SeatWatch(seats, told.append, lambda: LATER)
    await watch.once()
    seats.missing = {"1001": NOON}
    await watch.once()
    await watch.once()
    seats.missing = {"1001": LATER}
    await watch.once()
    seats.missing = {}
    await watch.once()
    assert told == [
        SeatUnattended("", LATER, "1001", NOON),
        SeatUnattended("", LATER, "1001", LATER),
        SeatUnattended("", LATER, "1001", LATER, back=True),
    ]
