"""Reads back a binary final.mdl, as far as the tests look into it."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Parsed:
    """The parts of the file that the tests compare."""

    config: list[str]
    components: dict[str, str]
    affines: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]
    context: tuple[int, int]
    priors: NDArray[np.float32]
    triples: int
    chances: NDArray[np.float32]


def parse(data: bytes) -> Parsed:
    """Raises ValueError for what is no such file."""
    if not data.startswith(b"\0B<TransitionModel> <Topology> "):
        raise ValueError("expected a binary transition model")
    start = data.index(b"<Nnet3> \n") + 9
    config, _, rest = data[start:].partition(b"\n\n")
    names = re.findall(rb"<ComponentName> (\S+) <(\w+)> ", rest)
    found = {name.decode(): kind.decode() for name, kind in names}
    affines = {name: _affine(rest, name) for name, kind in found.items() if "Affine" in kind}
    sides = [_int_after(rest, f"<{side}Context> ".encode()) for side in ("Left", "Right")]
    declared = _int_after(rest, b"<NumComponents> ")
    if declared != len(found):
        raise ValueError(f"{declared} components declared, {len(found)} there")
    return Parsed(
        config.decode().splitlines(),
        found,
        affines,
        (sides[0], sides[1]),
        _vector(rest, rest.index(b"<Priors> ") + 9)[0],
        _int_after(data, b"<Triples> "),
        _vector(data, data.index(b"<LogProbs> ") + 11)[0],
    )


def _affine(data: bytes, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    head = f"<ComponentName> {name} <FixedAffineComponent> <LinearParams> CM ".encode()
    at = data.index(head) + len(head)
    least, span, rows, columns = struct.unpack_from("<ffii", data, at)
    start = at + 16 + 8 * columns
    end = start + rows * columns
    marks = np.frombuffer(data[at + 16 : start], "<u2").reshape(columns, 4).T
    numbers = np.frombuffer(data[start:end], np.uint8).reshape(columns, rows)
    places = least + span * marks / 65535
    pairs = zip(numbers, places.T, strict=True)
    matrix = np.stack([np.interp(row, (0, 64, 192, 255), line) for row, line in pairs], axis=1)
    matrix = np.asarray(matrix, np.float32)
    if data[end : end + 13] != b"<BiasParams> ":
        raise ValueError(f"{name}: no bias after the matrix")
    bias, after = _vector(data, end + 13)
    if not data.startswith(b"</FixedAffineComponent> ", after):
        raise ValueError(f"{name}: does not end after its bias")
    return matrix, bias


def _vector(data: bytes, at: int) -> tuple[NDArray[np.float32], int]:
    if data[at : at + 3] != b"FV ":
        raise ValueError("expected a float vector")
    end = at + 8 + 4 * _int(data, at + 3)
    return np.frombuffer(data[at + 8 : end], "<f4"), end


def _int(data: bytes, at: int) -> int:
    size, value = struct.unpack_from("<bi", data, at)
    if size != 4:
        raise ValueError("expected a 32-bit integer")
    return int(value)


def _int_after(data: bytes, token: bytes) -> int:
    return _int(data, data.index(token) + len(token))
