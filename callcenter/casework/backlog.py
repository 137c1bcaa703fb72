"""Recordings that wait to be transcribed, as the store knows them. Reads store and recordings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from callcenter.audio.wav import read_wav
from callcenter.core.office import Unheard
from callcenter.core.records import Gap, Party
from callcenter.store import calls
from callcenter.store.sql import Store
from callcenter.store.tables import Call


class StoredBacklog:
    """The recordings that wait to be transcribed; implements core.office.Backlog."""

    def __init__(self, store: Store, recordings: Path) -> None:
        self._store = store
        self._recordings = recordings

    def waiting(self) -> Sequence[Unheard]:
        with self._store.session() as session:
            return [
                Unheard(
                    call.call_id,
                    call.recording.path,
                    _unfilled(call) or _everything(call.recording.seconds),
                )
                for call in calls.untranscribed(session)
                if call.recording is not None
            ]

    def sound(self, path: str) -> dict[Party, bytes]:
        caller, agent = read_wav(self._recordings / path).channels
        return {Party.CALLER: caller, Party.AGENT: agent}


def _unfilled(call: Call) -> tuple[Gap, ...]:
    return tuple(
        Gap(Party(gap.party), gap.start_ms, gap.end_ms, gap.reason)
        for gap in call.gaps
        if not gap.filled
    )


def _everything(seconds: float) -> tuple[Gap, ...]:
    """All of a call that nobody listened to: one that a crash cut off."""
    return tuple(Gap(party, 0, round(seconds * 1000), "interrupted") for party in Party)
