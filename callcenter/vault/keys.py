"""The house's keys: read from the environment or a file, which is made at the first start.

A key a line, 32 random bytes in base64. The first one seals, all of them open: to change the key, a
new one is put on top. Touches the key file.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from callcenter.core.errors import ConfigError

VARIABLE = "CALLCENTER_KEY"
KEY_BYTES = 32
ID_BYTES = 4
MOST_KEYS = 100
EXPECTED = "expected keys of 32 bytes in base64, one a line, the newest first"
WHAT = (
    "# The key of this house: without it, what is sealed stays closed. Copy it to a safe place.\n"
)
"""The first line of a file that is made."""


class Keys:
    """The keys by their ids, read when they are first needed.

    `given` is what stands in the environment, which goes before the file; a file that is absent is
    made where `make` says so, readable by its owner only. Its methods raise ConfigError.
    """

    def __init__(self, file: Path, given: str = "", *, make: bool = False) -> None:
        self._file, self._given, self._make = file, given, make
        self._kept: dict[bytes, bytes] = {}

    @property
    def where(self) -> str:
        """Where the keys come from, as messages call it."""
        return f"${VARIABLE}" if self._given else str(self._file)

    def all(self) -> dict[bytes, bytes]:
        """Every key by its id; the first one seals."""
        if not self._kept:
            self._kept = {_id(key): key for key in self._read()}
        return self._kept

    def newest(self) -> tuple[bytes, bytes]:
        """The id of the key that seals, and the key."""
        return next(iter(self.all().items()))

    def find(self, key_id: bytes) -> bytes | None:
        """The key with this id; the file is read again for one that is new to us."""
        if key_id not in self.all():
            self._kept = {}
        return self.all().get(key_id)

    def change(self) -> None:
        """Put a new key on top of the file: it seals from now on, the others still open."""
        if self._given:
            raise ConfigError(f"${VARIABLE}: put the new key before the others there")
        _write(self._file, [secrets.token_bytes(KEY_BYTES), *self._read()])
        self._kept = {}

    def _read(self) -> list[bytes]:
        lines = self._given.split() if self._given else self._lines()
        found = [_key(line, self.where) for line in lines]
        if not 1 <= len(found) <= MOST_KEYS:
            raise ConfigError(f"{self.where}: {len(found)} keys; {EXPECTED}")
        return found

    def _lines(self) -> Iterable[str]:
        if self._make and not self._file.exists():
            _write(self._file, [secrets.token_bytes(KEY_BYTES)], anew=True)
        try:
            return list(_uncommented(self._file.read_text("ascii")))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{self._file}: cannot be read: {error}; {EXPECTED}") from None


def _uncommented(text: str) -> Iterator[str]:
    return (line for raw in text.splitlines() if (line := raw.partition("#")[0].strip()))


def _id(key: bytes) -> bytes:
    """What tells keys apart and says nothing of them."""
    return hashlib.sha256(b"callcenter key id" + key).digest()[:ID_BYTES]


def _key(line: str, where: str) -> bytes:
    """The line is not repeated: it is a secret. Raises ConfigError."""
    try:
        key = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigError(f"{where}: not a key; {EXPECTED}")
    return key


def _write(file: Path, keys: Iterable[bytes], *, anew: bool = False) -> None:
    """Wholly or not at all; `anew`: who comes second to a new file leaves the first one's."""
    text = WHAT + "".join(f"{base64.b64encode(key).decode()}\n" for key in keys)
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
            _put(part, file, anew)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written: {error.strerror}") from None


def _put(part: Path, file: Path, anew: bool) -> None:
    if not anew:
        part.replace(file)
        return
    try:
        os.link(part, file)
    except FileExistsError:
        return
