"""docs/sip-states.md is drawn from the tables."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_the_drawing_is_the_tables() -> None:
    drawn = (ROOT / "docs" / "sip-states.md").read_text("utf-8")
    tool = runpy.run_path(str(ROOT / "tools" / "draw_states.py"))
    assert drawn == "".join(tool["sip"]()), "run `make docs`"
