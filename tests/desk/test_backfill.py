"""What was not heard live is transcribed from the recording."""

from __future__ import annotations

from callcenter.core import events
from callcenter.core.errors import SoundFileError
from callcenter.core.office import Unheard
from callcenter.core.records import Gap, Party, Segment, Word
from callcenter.desk.backfill import Backfill
from callcenter.scripts.book import Book
from tests.fakes import NOON, FakeRecogniser

HEARD = Segment(Party.CALLER, 100, 900, "我要退货", (Word("我要退货", 100, 900),))


class FakeBacklog:
    def __init__(self, gaps: tuple[Gap, ...], broken: bool = False) -> None:
        self.gaps = gaps
        self.broken = broken
        self.asked = 0

    def waiting(self) -> list[Unheard]:
        return [Unheard("c1", "c1.wav", self.gaps)]

    def sound(self, path: str) -> dict[Party, bytes]:
        self.asked += 1
        if self.broken:
            raise SoundFileError("c1.wav is no sound")
        return dict.fromkeys(Party, bytes(160_000))


def backfill(backlog: FakeBacklog, ready: bool = True) -> tuple[Backfill, list[events.Event]]:
    recogniser, told = FakeRecogniser(ready), []
    recogniser.will_transcribe = [HEARD]
    return Backfill(recogniser, Book(), backlog, told.append, lambda: NOON), told


async def test_a_gap_is_filled_at_its_place_and_matched():
    work, told = backfill(FakeBacklog((Gap(Party.CALLER, 5000, 9000, "no model"),)))
    assert await work.once() == 1
    segment, hit, done = told
    assert (segment.segment.start_ms, segment.segment.end_ms) == (5100, 5900)
    assert segment.segment.words[0].start_ms == 5100
    assert segment.segment.live is False
    assert hit.hit.category == "refund"
    assert 5100 <= hit.hit.start_ms < hit.hit.end_ms <= 5900
    assert isinstance(done, events.TranscriptCompleted)


async def test_without_a_model_nothing_is_done():
    work, told = backfill(FakeBacklog(()), ready=False)
    assert await work.once() == 0
    assert not told


async def test_a_recording_that_cannot_be_read_is_tried_once():
    backlog = FakeBacklog((), broken=True)
    work, told = backfill(backlog)
    await work.once()
    await work.once()
    assert not told
    assert backlog.asked == 1
