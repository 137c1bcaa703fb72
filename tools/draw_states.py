"""Draws the call's state table into docs/call-states.md: `python tools/draw_states.py`."""

from __future__ import annotations

from pathlib import Path

from callcenter.core.call import TABLE

TARGET = Path(__file__).parent.parent / "docs" / "call-states.md"
HEAD = """# A call's states

Drawn from the table in `callcenter/core/call.py` by `make docs`; a test keeps it true.

```mermaid
stateDiagram-v2
    [*] --> screening
"""
MIDDLE = """    ended --> [*]
```

| state | input | next | actions, in order |
|---|---|---|---|
"""


def main() -> None:
    arrows = [f"    {s.value} --> {n.value}: {i.value}\n" for (s, i), (n, _) in TABLE.items()]
    rows = [
        f"| {s.value} | {i.value} | {n.value} | {', '.join(a.value for a in actions) or '–'} |\n"
        for (s, i), (n, actions) in TABLE.items()
    ]
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text("".join([HEAD, *arrows, MIDDLE, *rows]), "utf-8")


main()
