"""`callcenter transcribe`: what is said in sound files, through the same engine as live calls."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from callcenter.asr.vosk_engine import VoskEngine
from callcenter.audio.wav import Sound, read_wav
from callcenter.core.errors import CallcenterError, ModelMissing
from callcenter.core.ports import Recogniser
from callcenter.core.records import Party, Segment


def transcribe(files: list[Path], model: str | None, as_json: bool) -> int:
    """Print each file's transcript; 1 where a file could not be read, after doing the others.

    Raises ModelMissing.
    """
    engine = VoskEngine(model)
    try:
        if not engine.ready:
            raise ModelMissing(engine.detail)
        failures = [file for file in files if not _transcribe(engine, file, as_json)]
    finally:
        engine.close()
    return 1 if failures else 0


def _transcribe(engine: Recogniser, file: Path, as_json: bool) -> bool:
    try:
        sound = read_wav(file)
        segments = listen(engine, sound)
    except CallcenterError as error:
        print(error, file=sys.stderr)
        return False
    if as_json:
        print(json.dumps(_as_dict(file, sound, segments), ensure_ascii=False), flush=True)
    else:
        print(f"{file}  {sound.seconds:.1f} s")
        for segment in segments:
            print(f"  {segment.start_ms / 1000:7.2f}  {segment.party.value:6}  {segment.text}")
    return True


def listen(engine: Recogniser, sound: Sound) -> list[Segment]:
    """Every segment of a sound, in order; the left channel is the caller, the right the agent."""
    parties = (Party.CALLER, Party.AGENT)
    found = [
        segment
        for party, pcm in zip(parties, sound.channels, strict=False)
        for segment in engine.transcribe(party, pcm)
    ]
    return sorted(found, key=lambda segment: segment.start_ms)


def _as_dict(file: Path, sound: Sound, segments: list[Segment]) -> dict[str, Any]:
    return {
        "file": str(file),
        "seconds": round(sound.seconds, 3),
        "text": "".join(segment.text for segment in segments),
        "segments": [
            {
                "party": segment.party.value,
                "start_ms": segment.start_ms,
                "end_ms": segment.end_ms,
                "text": segment.text,
                "words": [asdict(word) for word in segment.words],
            }
            for segment in segments
        ],
    }
