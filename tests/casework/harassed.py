"""The folder of a service whose callers harassed it, with recordings as the service makes them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from callcenter.audio.recording import WavRecorder
from callcenter.core import events as ev
from callcenter.core.records import (
    FRAME_BYTES,
    FRAME_SAMPLES,
    Frame,
    Gap,
    Hit,
    Party,
    RecordingInfo,
    Segment,
    Word,
)
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from tests.audio.tones import tone

NIGHT = datetime(2026, 11, 22, 13, 15, tzinfo=UTC)
NUMBER = "13800006127"
TEXT = "你一个人上夜班？加个微信嘛。"
SPOKEN = [char for char in TEXT if char not in "？。"]
WORDS = tuple(Word(char, 1000 + 200 * i, 1200 + 200 * i, 0.9) for i, char in enumerate(SPOKEN))
SAID = Segment(Party.CALLER, 1000, WORDS[-1].end_ms, TEXT, WORDS)
HIT = Hit(
    "sexual-11",
    "sexual",
    Party.CALLER,
    2600,
    3400,
    "加个微信",
    operator="any",
    score=0.97,
    severity=4,
    why="索要私人联系方式：听到“加个微信”",
)


class Harassed:
    """Calls are kept as the service keeps them: by events, with sound through the recorder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.recordings = folder / "recordings"
        self.config = folder / "c.toml"
        self.config.write_text(
            '[[agent]]\nnumber = "6018"\nname = "林晓雯"\nvoice = "none"\n', "utf-8"
        )
        self.store = Store(folder / "data" / "callcenter.db")
        self.store.upgrade()
        self.books = SqlBooks(self.store)

    def write(self, *events: ev.Event) -> None:
        for event in events:
            self.books.write(event)

    def record(self, call_id: str, at: datetime, seconds: float = 2.0) -> RecordingInfo:
        """A recording as the service makes it: a tone on each side."""
        caller, agent = tone(440, seconds), tone(330, seconds)

        async def made() -> RecordingInfo:
            recorder = WavRecorder(self.recordings)
            recording = recorder.open(call_id, at)
            for n, place in enumerate(range(0, len(caller), FRAME_BYTES)):
                start = n * FRAME_SAMPLES
                recording.write(
                    Frame(start, caller[place : place + FRAME_BYTES]),
                    Frame(start, agent[place : place + FRAME_BYTES]),
                )
            info = await recording.close()
            recorder.close()
            return info

        return asyncio.run(made())

    def call(
        self,
        call_id: str,
        minutes: float = 0,
        number: str = NUMBER,
        *,
        seconds: float = 30,
        disposition: str = "harassment",
        sound: bool = False,
    ) -> None:
        """A call that rang so many minutes after NIGHT, was answered after 4 s, and harassed."""
        rang = NIGHT + timedelta(minutes=minutes)
        answered = rang + timedelta(seconds=4)
        confirmed = answered + timedelta(seconds=seconds - 7)
        self.write(
            ev.CallRang(call_id, rang, number, "4008200001", "main"),
            ev.CallAnswered(call_id, answered, "6018"),
            ev.SegmentHeard(call_id, answered, Segment(Party.AGENT, 200, 900, "您好，请讲。")),
            ev.SegmentHeard(call_id, answered, SAID),
            ev.HitFound(call_id, answered, HIT),
            ev.GapLeft(call_id, answered, Gap(Party.AGENT, 5000, 6500, "the queue was full")),
            ev.TerminationProposed(call_id, confirmed, "sexual", "line_fault", "加个微信"),
            ev.TerminationConfirmed(call_id, confirmed, "6018", "line_fault"),
            ev.PromptStarted(call_id, confirmed, "line_fault", 6800),
            ev.PromptEnded(call_id, confirmed, "line_fault", 6800, 6780),
            ev.CallEnded(
                call_id, answered + timedelta(seconds=seconds), "system", "answered", disposition
            ),
        )
        if sound:
            info = self.record(call_id, rang)
            self.write(ev.RecordingClosed(call_id, rang, info))

    def calls(self, ids: Sequence[str], number: str = NUMBER) -> None:
        """Calls an hour apart."""
        for n, call_id in enumerate(ids):
            self.call(call_id, minutes=60 * n, number=number)
