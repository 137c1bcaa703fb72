"""Drills: the real service with real callers, and something that goes wrong meanwhile.

`python -m bench.drills` lists them, `python -m bench.drills NAME` holds one and prints what came of
it; it ends with status 1 where something was not as it must be. Each is a file here with

    WHAT = "one line that says what is done and what must hold"
    def arguments(parser): ...            # its own options, with defaults
    async def hold(options) -> Outcome    # see outcome.py

and its name in DRILLS; short forms are in tests/drills. `serving.py` starts the service as an
operator does, `callers.py` rings it.
"""

DRILLS = (
    "kill",
    "store_away",
    "disk_full",
    "drain",
    "nodes",
    "archive",
    "recognition",
    "targets",
    "terminations",
    "soak",
    "clock",
)
"""In the order in which they are listed."""
