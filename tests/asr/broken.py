"""Models in every state of repair, made of the bundled one."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from pathlib import Path

from callcenter.asr import bundled

Damage = Callable[[bytes], bytes | None]


def copy(folder: Path, damage: dict[str, Damage] | None = None) -> Path:
    """The bundled model in `folder`, as links; `damage` says what becomes of a file's bytes, by
    the file's name (None: no file)."""
    shutil.copytree(bundled(), folder, copy_function=lambda of, at: Path(at).symlink_to(of))
    for name, change in (damage or {}).items():
        [file] = folder.rglob(name)
        after = change(file.read_bytes())
        file.unlink()
        if after is not None:
            file.write_bytes(after)
    return folder


def flat(folder: Path) -> Path:
    """The bundled model with all files in one folder, as the oldest models have them."""
    folder.mkdir()
    for file in bundled().rglob("*.*"):
        (folder / file.name).symlink_to(file)
    return folder


def gone(_: bytes) -> None:
    return None


def emptied(_: bytes) -> bytes:
    return b""


def halved(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


def garbage(_: bytes) -> bytes:
    return bytes(range(256)) * 8


def aborting(raw: bytes) -> bytes:
    """Numbers that are none, in a layer: Kaldi ends the process when it first hears something."""
    at = raw.index(b"<BiasParams> FV ") + len(b"<BiasParams> FV \x04....")
    return raw[:at] + b"\xff" * 8 + raw[at + 8 :]


def fst(states: int, arcs: int, kind: bytes = b"const") -> bytes:
    """The header of an OpenFst file that claims so many states and arcs."""
    numbers = (2125659606, len(kind), kind, 8, b"standard", 2, 0, 0, 0, states, arcs)
    return struct.pack(f"<ii{len(kind)}si8siiQqqq", *numbers)
