"""What was not heard live is transcribed from the recording."""

from __future__ import annotations

from collections.abc import Sequence

from callcenter.core import events
from callcenter.core.errors import SoundFileError
from callcenter.core.numbers_told import KINDS
from callcenter.core.office import Unheard
from callcenter.core.records import Gap, Party, RecordingInfo, Segment, Word
from callcenter.core.redaction import Hidden, Hiding
from callcenter.desk.backfill import Backfill
from callcenter.desk.jobs import Jobs
from callcenter.scripts.book import Book
from tests.fakes import NOON, FakeRecogniser
from tests.jobs import Remembered, once

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
    assert await once(work.task()) == 1
    segment, hit, done = told
    assert (segment.segment.start_ms, segment.segment.end_ms) == (5100, 5900)
    assert segment.segment.words[0].start_ms == 5100
    assert segment.segment.live is False
    assert hit.hit.category == "refund"
    assert 5100 <= hit.hit.start_ms < hit.hit.end_ms <= 5900
    assert isinstance(done, events.TranscriptCompleted)


async def test_without_a_model_nothing_is_done():
    work, told = backfill(FakeBacklog(()), ready=False)
    assert await once(work.task()) == 0
    assert not told


async def test_a_recording_that_cannot_be_read_is_not_tried_at_every_look():
    backlog = FakeBacklog((), broken=True)
    work, told = backfill(backlog)
    jobs = Jobs([work.task()], Remembered(), lambda: NOON)
    await jobs.once(work.task())
    await jobs.once(work.task())
    assert not told
    assert backlog.asked == 1


def told_number(party: Party, text: str) -> Segment:
    words = tuple(Word(c, 200 * i, 200 * i + 200) for i, c in enumerate(text))
    return Segment(party, 0, 200 * len(text), text, words)


async def test_a_number_in_it_is_hidden_before_anything_is_told():
    work, told = backfill(FakeBacklog((Gap(Party.CALLER, 5000, 9000, "no model"),)))
    hidden: list[tuple[str, list[Hidden]]] = []

    def hide(path: str, spans: Sequence[Hidden]) -> RecordingInfo:
        assert told == []
        hidden.append((path, list(spans)))
        return RecordingInfo(path, 9.0, "anew")

    work._hiding = Hiding(frozenset(KINDS), hide)
    work._recogniser.will_transcribe = [told_number(Party.CALLER, "打我电话一三八零零一三八零零零")]
    assert await once(work.task()) == 1
    redacted, closed, heard, done = told
    assert (redacted.party, redacted.kind, redacted.start_ms) == ("caller", "phone", 5550)
    assert hidden[0][0] == "c1.wav"
    assert closed.recording.sha256 == "anew"
    assert heard.segment.text == "打我电话〔手机号〕"
    assert isinstance(done, events.TranscriptCompleted)


async def test_where_nothing_can_be_hidden_nothing_is_told():
    work, told = backfill(FakeBacklog((Gap(Party.CALLER, 5000, 9000, "no model"),)))

    def hide(path: str, spans: Sequence[Hidden]) -> RecordingInfo:
        raise OSError("read-only")

    work._hiding = Hiding(frozenset(KINDS), hide)
    work._recogniser.will_transcribe = [told_number(Party.CALLER, "一三八零零一三八零零零")]
    await once(work.task())
    assert told == []


async def test_what_was_found_before_the_words_were_finished_is_not_found_twice():
    backlog = FakeBacklog((Gap(Party.CALLER, 5000, 9000, "interrupted"),))
    work, told = backfill(backlog)
    await once(work.task())
    (hit,) = (event.hit for event in told if isinstance(event, events.HitFound))
    live = ((hit.rule, hit.party, hit.start_ms + 60, hit.end_ms + 90),)
    backlog.waiting = lambda: [Unheard("c2", "c1.wav", backlog.gaps, live)]  # type: ignore[method-assign]
    told.clear()
    await once(work.task())
    assert [type(event).__name__ for event in told] == ["SegmentHeard", "TranscriptCompleted"]
