"""`python -m bench.drills NAME`: holds a drill and prints what came of it."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from rich.console import Console

from bench.drills import DRILLS


def main(words: Sequence[str] | None = None) -> int:
    """0 where everything held."""
    parser = argparse.ArgumentParser(prog="python -m bench.drills")
    names = parser.add_subparsers(dest="name", metavar="NAME", required=True)
    for name in DRILLS:
        drill = import_module(f"bench.drills.{name}")
        own = names.add_parser(name, help=drill.WHAT, description=drill.WHAT)
        own.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
        own.set_defaults(hold=drill.hold)
        drill.arguments(own)
    options = parser.parse_args(words)
    outcome = asyncio.run(options.hold(options))
    outcome.show(Console(width=None if sys.stdout.isatty() else 110))
    if options.json:
        options.json.write_text(outcome.json(), "utf-8")
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
