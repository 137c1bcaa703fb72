"""The Makefile's helpers: which Python the virtual environment is made with."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

MAKE_VENV = Path(__file__).parent.parent / "tools" / "make-venv.sh"
OLD = "exit 1"
WITHOUT_VENV = 'case "$*" in *venv*) mkdir "$3"; exit 1;; esac'
GOOD = (
    'case "$*" in *venv*) for last; do :; done; mkdir -p "$last"; echo "$0 $*" >"$last/by";; esac'
)


@pytest.mark.parametrize(
    ("pythons", "by"),
    [
        ({"python3": GOOD, "python3.12": GOOD}, "python3"),
        ({"python3": OLD, "python3.12": GOOD}, "python3.12"),
        ({"python3": WITHOUT_VENV, "python3.11": GOOD}, "python3.11"),
        ({"python3": OLD}, ""),
        ({}, ""),
    ],
)
def test_the_first_python_that_can_makes_the_environment(
    tmp_path: Path, pythons: dict[str, str], by: str
):
    for name, script in pythons.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        (tmp_path / name).chmod(0o755)
    for name in ("id", "mkdir"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    done = subprocess.run(
        ["/bin/sh", str(MAKE_VENV), str(tmp_path / "v")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    made = tmp_path / "v" / "by"
    if by:
        assert done.returncode == 0, done.stderr
        assert Path(made.read_text("utf-8").split()[0]).name == by
    else:
        assert done.returncode == 1
        assert done.stderr.startswith("callcenter: no Python >= 3.11 found; ")
        assert not made.exists()
