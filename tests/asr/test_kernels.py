"""Which matrix kernels are named for which processor, and what the C library is told."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from callcenter.asr.kernels import NEEDED, VARIABLE, choose_kernels, choose_memory, kernels

FLAGS = " ".join(sorted(NEEDED))
ZEN4 = f"vendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC\nflags\t\t: fpu {FLAGS}\n"


@pytest.mark.parametrize(
    ("cpuinfo", "expected"),
    [
        (ZEN4, "SkylakeX"),
        (ZEN4.replace("AuthenticAMD", "GenuineIntel"), ""),
        (ZEN4.replace("avx512bw", ""), ""),
        ("", ""),
        ("vendor_id: AuthenticAMD", ""),
    ],
)
def test_only_a_processor_that_the_library_mistakes_is_named(cpuinfo: str, expected: str) -> None:
    assert kernels(cpuinfo) == expected


def test_what_the_operator_says_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(ZEN4)
    monkeypatch.setenv(VARIABLE, "Haswell")
    choose_kernels(cpuinfo)
    assert _named(monkeypatch) == "Haswell"
    choose_kernels(tmp_path / "none")
    assert _named(monkeypatch) is None
    choose_kernels(cpuinfo)
    assert _named(monkeypatch) == "SkylakeX"
    cpuinfo.write_text("")
    choose_kernels(cpuinfo)
    assert _named(monkeypatch) is None


def test_only_glibc_has_fast_bins() -> None:
    assert choose_memory() is (platform.libc_ver()[0] == "glibc")


def _named(monkeypatch: pytest.MonkeyPatch) -> str | None:
    """What is named now; afterwards nothing is."""
    import os

    named = os.environ.get(VARIABLE)
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.delenv(VARIABLE)
    return named
