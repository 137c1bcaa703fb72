"""Keeps the interpreter from holding up the loop: how its threads take turns, and how often it
looks for garbage. Touches the interpreter's own settings."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

TURN_S = 0.0005
"""For so long another thread keeps the interpreter while the loop wants it. Python's own 5 ms would
be paid at each packet that is sent while the ledger writes."""
YOUNG = 10_000
"""So many new objects bring a look through the youngest of them; Python's own 700 come with each
call."""
MIDDLE = 2
"""So many of those looks, and one more, bring one through all that came since the last of these:
what a call leaves behind for half a minute is looked through once either way, in small parts."""
OLD = 100
"""So many of these bring a look through everything, which holds up every call. A call that is over
leaves next to nothing that would wait for it."""


@contextmanager
def steady() -> Iterator[None]:
    """While inside; to be entered when everything is loaded that stays.

    What is there now is left out when the collector looks through everything: that took 100 ms.
    """
    turn, often = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(TURN_S)
    gc.set_threshold(YOUNG, MIDDLE, OLD)
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*often)
        sys.setswitchinterval(turn)
