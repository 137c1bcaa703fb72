from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from callcenter.core.errors import NotSent
from callcenter.core.events import Event, TranscriptCompleted
from callcenter.core.messages import Letter
from callcenter.desk.outbox import Outbox
from tests.jobs import once

AT = datetime(2026, 11, 22, tzinfo=UTC)


@dataclass
class Waiting:
    """Letters that wait; what became of them."""

    letters: list[Letter]
    told: list[tuple[str, str]] = field(default_factory=list)

    def waiting(self) -> list[Letter]:
        return list(self.letters)

    def sent(self, letter: Letter, carrier_id: str) -> Event:
        self.letters.remove(letter)
        self.told.append((letter.number, carrier_id))
        return TranscriptCompleted(letter.number, AT)

    def not_sent(self, letter: Letter, problem: str) -> Event:
        self.told.append((letter.number, problem))
        return TranscriptCompleted(letter.number, AT)


class Carrier:
    """Takes everything but what goes to "nobody"."""

    def send(self, letter: Letter) -> str:
        if letter.to == "nobody":
            raise NotSent("the gateway answered 500")
        return f"id of {letter.number}"


@pytest.fixture
def written() -> list[Event]:
    return []


async def test_each_letter_is_tried_and_what_became_of_it_is_written(written: list[Event]) -> None:
    letters = Waiting([Letter("MS-1", "sms", "nobody", "甲"), Letter("MS-2", "sms", "1", "乙")])

    async def write(event: Event) -> None:
        written.append(event)

    outbox = Outbox(letters, {"sms": Carrier()}, write)
    assert await once(outbox.task()) == 1
    assert letters.told == [("MS-1", "the gateway answered 500"), ("MS-2", "id of MS-2")]
    assert [event.call_id for event in written] == ["MS-1", "MS-2"]
    assert [letter.number for letter in letters.letters] == ["MS-1"]


async def test_a_channel_without_a_carrier_waits(written: list[Event]) -> None:
    letters = Waiting([Letter("MS-1", "email", "a@b", "甲", "乙")])

    async def write(event: Event) -> None:
        written.append(event)

    assert await once(Outbox(letters, {"sms": Carrier()}, write).task()) == 0
    assert not written
    assert await once(Outbox(letters, {}, write).task()) == 0
