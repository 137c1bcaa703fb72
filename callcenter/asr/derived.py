"""Folders of files made from a model, each there whole or not at all; may touch files.

They lie beside the official models, in names that `models use` does not take. A folder is named by
what it was made from: the next start finds it, and what it replaces is removed.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

_PART = ".part-"
_LEFT_OVER_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where what is made of a model lies: in `folder`, named by the model and its content."""

    folder: Path
    model: Path
    content: str

    @property
    def path(self) -> Path:
        """The folder's path."""
        return self.folder / f"{self._mine}{self.content[:24]}"

    @property
    def _mine(self) -> str:
        """What the names of all folders made of this model begin with."""
        return f"{self.model.name}-{digest([os.fsencode(self.model.resolve())])[:8]}-"

    def fill(self, write: Callable[[Path], None], whole: Callable[[Path], bool]) -> None:
        """Have `write` fill a folder, which then takes its place; another process may be first.

        `whole` tells whether a folder is as it should be. Raises OSError and what `write` raises.
        """
        part = self.folder / f"{_PART}{secrets.token_hex(8)}"
        try:
            part.mkdir(parents=True)
            write(part)
            self._put(part, whole)
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def _put(self, part: Path, whole: Callable[[Path], bool]) -> None:
        if not whole(self.path):
            shutil.rmtree(self.path, ignore_errors=True)
        try:
            part.rename(self.path)
        except OSError:
            if not whole(self.path):  # else another process has just put its own there
                raise

    def clear(self) -> None:
        """Remove what was made of the same model before, of models that are gone, and what a crash
        left. Raises OSError."""
        for other in self.folder.iterdir():
            replaced = other.name.startswith(self._mine) and other != self.path
            left = other.name.startswith(_PART) and _age(other) > _LEFT_OVER_SECONDS
            if replaced or left or _bereft(other):
                shutil.rmtree(other, ignore_errors=True)


def files(model: Path) -> list[Path]:
    """Every file of a model, those behind links to folders too."""
    walked = os.walk(model, followlinks=True)
    return sorted(Path(folder, name) for folder, _, names in walked for name in names)


def digest(parts: Iterable[bytes]) -> str:
    """SHA-256 of all parts, each kept apart from the next."""
    total = hashlib.sha256()
    for part in parts:
        total.update(hashlib.sha256(part).digest())
    return total.hexdigest()


def _bereft(made: Path) -> bool:
    """True where it links to a model that is no longer there."""
    return any(link.is_symlink() and not link.exists() for link in made.glob("*/*"))


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0
