"""Draws the state tables into docs/call-states.md and docs/sip-states.md; run by `make docs`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from callcenter.core.call import TABLE
from callcenter.sip.signal import (
    call_table,
    offers,
    registration,
    session_timer,
    transaction,
    transfer,
)

DOCS = Path(__file__).parent.parent / "docs"
Table = Mapping[tuple[Any, Any], tuple[Any, tuple[Any, ...]]]

CALL_HEAD = """# A call's states

Drawn from the table in `callcenter/core/call.py` by `make docs`; a test keeps it true.

```mermaid
stateDiagram-v2
    [*] --> screening
"""
CALL_MIDDLE = """    ended --> [*]
```

"""
SIP_HEAD = """# The states of SIP

What our user agent does on the wire, drawn from its tables in `callcenter/sip/signal/` by
`make docs`; a test keeps it true. A pair of state and input that is not here is refused, never
guessed.
"""
SIP: tuple[tuple[str, str, Table], ...] = (
    ("A call, both directions (RFC 3261 §9, §13, §15)", "call_table.py", call_table.TABLE),
    ("Changes of a standing call (RFC 3261 §14, 3264, 3311)", "offers.py", offers.TABLE),
    ("The session timer (RFC 4028)", "session_timer.py", session_timer.TABLE),
    ("A transfer that we ask for (RFC 3515)", "transfer.py", transfer.SENT),
    ("A transfer that we are asked for (RFC 3515)", "transfer.py", transfer.TAKEN),
    ("A registration (RFC 3261 §10)", "registration.py", registration.TABLE),
    *(
        (f"{kind.name} transaction (RFC 3261 §17, 6026)", "transaction.py", kind.table)
        for kind in transaction.KINDS
    ),
)


def rows(table: Table) -> Iterator[str]:
    """The table as Markdown."""
    yield "| state | input | next | actions, in order |\n|---|---|---|---|\n"
    for (state, what), (after, actions) in table.items():
        done = ", ".join(a.value for a in actions) or "–"
        yield f"| {state.value} | {what.value} | {after.value} | {done} |\n"


def arrows(table: Table) -> Iterator[str]:
    """The table as a diagram; what changes nothing is left to the rows."""
    yield "```mermaid\nstateDiagram-v2\n"
    states: dict[StrEnum, None] = {s: None for pair, (a, _) in table.items() for s in (pair[0], a)}
    for state in states:
        yield f"    {state.name}: {state.value}\n"
    for (state, what), (after, _) in table.items():
        if state is not after:
            yield f"    {state.name} --> {after.name}: {what.value}\n"
    yield "```\n\n"


def call() -> Iterator[str]:
    """docs/call-states.md."""
    yield CALL_HEAD
    for (state, what), (after, _) in TABLE.items():
        yield f"    {state.value} --> {after.value}: {what.value}\n"
    yield CALL_MIDDLE
    yield from rows(TABLE)


def sip() -> Iterator[str]:
    """docs/sip-states.md."""
    yield SIP_HEAD
    for title, file, table in SIP:
        yield f"\n## {title}\n\n`callcenter/sip/signal/{file}`\n\n"
        yield from arrows(table)
        yield from rows(table)


def main() -> None:
    """Write both."""
    DOCS.mkdir(exist_ok=True)
    (DOCS / "call-states.md").write_text("".join(call()), "utf-8")
    (DOCS / "sip-states.md").write_text("".join(sip()), "utf-8")


if __name__ == "__main__":
    main()
