"""What was hidden in recordings, kept sealed beside them, where the house wants that (原声).

Each piece is a file of its own, `<recording>.<party>-<from>-<until>.sealed`: whoever removes the
recording removes it, too. Touches the recordings folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from glob import escape
from pathlib import Path

from callcenter.audio.wav import wav_header
from callcenter.core.errors import StoreError
from callcenter.core.office import Seal
from callcenter.core.redaction import Hidden

ENDING = ".sealed"


@dataclass(frozen=True, slots=True)
class Original:
    """What one party said where the recording has a tone; `wav` is a whole file."""

    party: str
    start_ms: int
    end_ms: int
    kind: str
    text: str
    wav: bytes


class Originals:
    """The sealed pieces below this folder."""

    def __init__(self, folder: Path, seal: Seal) -> None:
        self._folder = folder
        self._seal = seal

    def keep(self, path: str, hidden: Hidden, pcm: bytes, rate: int) -> None:
        """Seal what a recording has there, before it is hidden; what is kept already stays.

        Raises OSError, ConfigError.
        """
        name = f"{path}.{hidden.party.value}-{hidden.start_ms}-{hidden.end_ms}{ENDING}"
        file = self._folder / name
        told = {
            "party": hidden.party.value,
            "start_ms": hidden.start_ms,
            "end_ms": hidden.end_ms,
            "kind": hidden.kind,
            "text": hidden.text,
            "rate": rate,
        }
        sealed = self._seal.seal(json.dumps(told).encode() + b"\n" + pcm, _about(file))
        try:
            fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return
        with os.fdopen(fd, "wb") as kept:
            kept.write(sealed)

    def count(self, path: str) -> int:
        """How many pieces are kept of a recording."""
        return len(self._files(path))

    def open(self, path: str) -> Sequence[Original]:
        """All of a recording, in order. Raises SealBroken, ConfigError, StoreError."""
        return sorted(self._opened(path), key=lambda one: one.start_ms)

    def _opened(self, path: str) -> Iterator[Original]:
        for file in self._files(path):
            try:
                sealed = file.read_bytes()
            except OSError as error:
                raise StoreError(f"{file.name}: cannot be read: {error.strerror}") from error
            told, _, pcm = self._seal.open(sealed, _about(file)).partition(b"\n")
            fields = json.loads(told)
            wav = wav_header(1, len(pcm), fields.pop("rate")) + pcm
            yield Original(**fields, wav=wav)

    def _files(self, path: str) -> list[Path]:
        file = self._folder / path
        if not path or not file.resolve().is_relative_to(self._folder.resolve()):
            return []
        return sorted(file.parent.glob(f"{escape(file.name)}.*{ENDING}"))


def _about(file: Path) -> str:
    return f"original {file.name}"
