"""ARCHITECTURE.md and the Makefile say what is there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from callcenter.core.call import TABLE

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "callcenter"
TEXT = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
PURE_SCRIPTS = (
    *("normalise", "sound", "index", "phrase", "condition", "conditions"),
    *("reading", "pack", "match", "verdict", "facts", "noticing", "opinion"),
)
SHELLS_OF_SOUND = ("rtcp_port.py", "rtp_leg.py", "rtp_ports.py", "rtp_socket.py")
PURE = [
    *PACKAGE.glob("core/*.py"),
    *PACKAGE.glob("sip/signal/*.py"),
    *(f for f in PACKAGE.glob("sip/sound/*.py") if f.name not in SHELLS_OF_SOUND),
    PACKAGE / "sip" / "line" / "line_changes.py",
    *(PACKAGE / "scripts" / f"{n}.py" for n in PURE_SCRIPTS),
    *(PACKAGE / "desk" / f"{n}.py" for n in ("announcement", "policy", "measures", "assist")),
    *(PACKAGE / "desk" / f"{n}.py" for n in ("mixing", "tones", "dialling", "bridge", "hearing")),
    *(PACKAGE / "desk" / f"{n}.py" for n in ("transfers", "supervising", "absence")),
    PACKAGE / "asr" / "gate.py",
]
NOT_PURE = {"asyncio", "socket", "threading", "time", "random", "os", "pathlib", "logging"}


def rooms() -> list[str]:
    return sorted(p.parent.name for p in PACKAGE.glob("*/__init__.py"))


@pytest.mark.parametrize("room", rooms())
def test_every_room_is_described(room: str):
    assert f"`{room}/`" in TEXT


def test_no_room_is_described_that_is_not_there():
    assert set(re.findall(r"^\| `(\w+)/`", TEXT, re.M)) == set(rooms())


@pytest.mark.parametrize("path", re.findall(r"`(callcenter/[\w/]+\.\w+)`", TEXT))
def test_every_file_that_is_named_exists(path: str):
    assert (ROOT / path).exists()


@pytest.mark.parametrize("file", PURE, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_pure_files_touch_no_machine(file: Path):
    imported = set(re.findall(r"^(?:import|from) (\w+)", file.read_text("utf-8"), re.M))
    assert not imported & NOT_PURE


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda f: str(f.name))
def test_files_are_small_and_say_what_they_are_for(file: Path):
    text = file.read_text("utf-8")
    assert text.count("\n") <= 400
    assert text.startswith(('"""', "#!"))


def test_the_drawing_of_the_call_is_the_table():
    drawn = (ROOT / "docs" / "call-states.md").read_text("utf-8")
    for (state, what), (after, _) in TABLE.items():
        assert f"{state.value} --> {after.value}: {what.value}" in drawn


def test_make_help_lists_the_two_commands():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.search(r"make demo\s+\S", done.stdout)
    assert re.search(r"make test\s+\S", done.stdout)
