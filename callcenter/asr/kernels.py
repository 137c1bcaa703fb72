"""What makes Vosk's library fast here: matrix kernels, memory; may touch the environment and libc.

The OpenBLAS inside libvosk 0.3.45 is older than AMD's Zen 4 and takes it for a Zen, without
AVX-512. Naming the kernels that fit costs nothing and saves an eighth of the work, measured.
Recognisers take turns at making and dropping many small things, and glibc tidies up its fast bins
each time that a large one goes. Without those bins, measured, two that work by turns save an
eleventh of their work, eight a tenth, twenty-four a fifth.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

VARIABLE = "OPENBLAS_CORETYPE"
CPUINFO = Path("/proc/cpuinfo")
M_MXFAST = 1
"""glibc's malloc.h: the largest piece that goes to a fast bin."""
NEEDED = frozenset({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"})


def choose_kernels(cpuinfo: Path = CPUINFO) -> None:
    """Name the kernels for this process, where nobody has. Call it before vosk is imported."""
    if VARIABLE in os.environ:
        return
    try:
        chosen = kernels(cpuinfo.read_text("utf-8", "replace"))
    except OSError:
        return
    if chosen:
        os.environ[VARIABLE] = chosen


def kernels(cpuinfo: str) -> str:
    """The kernels to name, given what Linux says of the processor; "" to let the library choose."""
    facts = dict(line.split(":", 1) for line in cpuinfo.splitlines() if ":" in line)
    flags = next((facts[key] for key in facts if key.strip() == "flags"), "")
    amd = "AuthenticAMD" in cpuinfo
    return "SkylakeX" if amd and set(flags.split()) >= NEEDED else ""


def choose_memory() -> bool:
    """Do without glibc's fast bins in this process; False where the C library has none."""
    try:
        return bool(ctypes.CDLL(None).mallopt(M_MXFAST, 0))
    except (OSError, TypeError, AttributeError):  # not glibc
        return False
