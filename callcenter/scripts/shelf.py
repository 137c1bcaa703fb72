"""Packs as people open and change them, by their names in one folder. Touches files only."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from callcenter.core.errors import ChangedMeanwhile, NoSuchRecord, PackError, Refused
from callcenter.core.trials import Draft, Pack
from callcenter.scripts.book import HERE, Book
from callcenter.scripts.trial import drafted

LONGEST_BYTES = 1024 * 1024
"""Of a pack that is opened here."""
_NAME = re.compile(r"[\w-]{1,75}\.toml")
_AT_LINE = re.compile(r"not TOML: .*\(at line (\d+)")
_IN_RULE = re.compile(r": rule (\d+)")
_KEY = re.compile(r": (?:unknown key ')?(\w+)(?:'| is )")
_RULE = re.compile(r"\s*\[\[\s*rule\s*\]\]")


class Shelf:
    """core.trials.RulePacks over the folder that a book reads."""

    def __init__(self, book: Book, folder: Path) -> None:
        self._book = book
        self._folder = folder

    @property
    def fixed(self) -> bool:
        """Whether these are the packs that came with the program, which the next version brings
        anew: they are not changed in place."""
        return self._folder.resolve().is_relative_to(HERE.resolve())

    def read(self, name: str) -> Pack:
        """Raises NoSuchRecord, PackError."""
        text = self._bytes(name)
        if text is None:
            raise NoSuchRecord(f"no pack {name!r}; expected the name of a file that is there")
        try:
            # as Book reads it: a line ends in one character
            return Pack(name, text.decode().replace("\r\n", "\n"), _sha256(text))
        except UnicodeDecodeError as error:
            raise PackError(f"{name}: cannot be read: {error}") from None

    def check(self, draft: Draft) -> int:
        """How many rules it has; beside the rules in force of the other packs. Raises PackError,
        with the line."""
        others = [rule for rule in self._book.rules() if rule.file != draft.name]
        try:
            return len(drafted(draft, others))
        except PackError as error:
            raise PackError(str(error), line_of(draft.text, str(error))) from None

    def lay(self, draft: Draft, seen: str) -> LaidPack | None:
        """Write it beside the pack that it is to replace; None where it lies there just so.

        Raises PackError, ChangedMeanwhile, Refused.
        """
        if self.fixed:
            raise Refused(
                f"the packs that came with the program are not changed in place: copy "
                f"{self._folder} to a folder of your own, name it as packs in [scripts] of the "
                f"configuration, and start again"
            )
        if not _NAME.fullmatch(draft.name):
            raise Refused(f"{draft.name!r}: expected letters, digits, - or _, then .toml")
        self.check(draft)
        new, old = draft.text.replace("\r\n", "\n").encode(), self._bytes(draft.name)
        if new == old:
            return None
        if seen != ("" if old is None else _sha256(old)):
            raise ChangedMeanwhile(f"{draft.name} is another one than was opened")
        try:
            return LaidPack(self._folder, draft.name, new)
        except OSError as error:
            raise Refused(f"{self._folder}: cannot be written: {error.strerror}") from None

    def files(self) -> dict[str, str]:
        """As Book.files."""
        return self._book.files()

    def path(self, name: str) -> str:
        """What the pack of this name is called in `files`."""
        return f"{self._folder.name}/{name}"

    def _bytes(self, name: str) -> bytes | None:
        """Of a pack that is there: a name is compared, never followed. Raises PackError."""
        for file in self._folder.glob("*.toml"):
            if file.name == name:
                return _bounded(file)
        return None


class LaidPack:
    """core.trials.Laid: whole on the disk, not in force."""

    def __init__(self, folder: Path, name: str, text: bytes) -> None:
        """Only its owner may read a new one; an old one keeps its mode. Raises OSError."""
        self.sha256 = _sha256(text)
        self._file = folder / name
        descriptor, part = tempfile.mkstemp(".part", ".pack-", folder)
        self._part = Path(part)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(descriptor)
            if self._file.exists():
                self._part.chmod(self._file.stat().st_mode & 0o777)
        except OSError:
            self.drop()
            raise

    def take(self) -> None:
        """Put it in the place of the one before, at once and wholly."""
        self._part.replace(self._file)

    def drop(self) -> None:
        """Take it away again, where it was not taken."""
        self._part.unlink(missing_ok=True)


def line_of(text: str, error: str) -> int:
    """The line of a pack that its error is about: of the key that it names, else where the rule
    begins; 0 where it says nothing of that."""
    if found := _AT_LINE.search(error):
        return int(found[1])
    lines = text.splitlines()
    starts = [0, *(i for i, line in enumerate(lines, 1) if _RULE.match(line)), len(lines) + 1]
    rule = int(found[1]) if (found := _IN_RULE.search(error)) else 0
    if rule + 1 >= len(starts):
        return 0
    first, last = starts[rule : rule + 2]
    key = _KEY.search(error)
    named = re.compile(rf"\s*{key[1]}\s*=") if key else None
    inside = (i for i in range(first + 1, last) if named and named.match(lines[i - 1]))
    return next(inside, first)


def _bounded(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            text = opened.read(LONGEST_BYTES + 1)
    except OSError as error:
        raise PackError(f"{file.name}: cannot be read: {error.strerror}") from None
    if len(text) > LONGEST_BYTES:
        raise PackError(f"{file.name}: longer than {LONGEST_BYTES} bytes; expected less")
    return text


def _sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
