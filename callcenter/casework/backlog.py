"""Recordings that wait to be transcribed, as the store knows them. Reads store and recordings."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

from callcenter.audio.wav import parse_wav
from callcenter.core.errors import SoundFileError
from callcenter.core.office import Unheard
from callcenter.core.records import Gap, Party
from callcenter.store import calls
from callcenter.store.recordings import Recordings
from callcenter.store.sql import Store
from callcenter.store.tables import Call


class StoredBacklog:
    """The recordings that wait to be transcribed; implements core.office.Backlog."""

    def __init__(
        self, store: Store, recordings: Recordings, nodes: Collection[str] | None = None
    ) -> None:
        """`nodes` are those whose recordings lie here; None: all."""
        self._store = store
        self._recordings = recordings
        self._nodes = nodes
        self._kept: dict[str, str] = {}

    def waiting(self) -> Sequence[Unheard]:
        with self._store.session() as session:
            found = [
                (call.call_id, call.recording, _unfilled(call), _found(call))
                for call in calls.untranscribed(session, self._nodes)
                if call.recording is not None
            ]
        self._kept = {row.path: row.sha256 for _, row, _, _ in found}
        return [
            Unheard(call_id, row.path, gaps or _everything(row.seconds), hits)
            for call_id, row, gaps, hits in found
        ]

    def sound(self, path: str) -> dict[Party, bytes]:
        found = self._recordings.sound(path)
        if found is None:
            raise SoundFileError(f"{path}: the recording is missing")
        try:
            with found.open() as opened:
                content = opened.read()
        except OSError as error:
            raise SoundFileError(f"{path}: cannot be read: {error.strerror}") from error
        kept = self._kept.get(path)
        if kept and hashlib.sha256(content).hexdigest() != kept:
            raise SoundFileError(f"{path}: is not the recording that was kept")
        caller, agent = parse_wav(content, path).channels
        return {Party.CALLER: caller, Party.AGENT: agent}


def _found(call: Call) -> tuple[tuple[str, Party, int, int], ...]:
    return tuple((hit.rule, Party(hit.party), hit.start_ms, hit.end_ms) for hit in call.hits)


def _unfilled(call: Call) -> tuple[Gap, ...]:
    return tuple(
        Gap(Party(gap.party), gap.start_ms, gap.end_ms, gap.reason)
        for gap in call.gaps
        if not gap.filled
    )


def _everything(seconds: float) -> tuple[Gap, ...]:
    """All of a call that nobody listened to: one that a crash cut off."""
    return tuple(Gap(party, 0, round(seconds * 1000), "interrupted") for party in Party)
