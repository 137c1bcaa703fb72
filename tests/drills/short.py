"""The short forms of drills: the same, for a few seconds."""

from __future__ import annotations

import argparse
from importlib import import_module

from bench.drills.outcome import Outcome


async def held(name: str, **shorter: object) -> Outcome:
    """The drill with these of its options."""
    drill = import_module(f"bench.drills.{name}")
    parser = argparse.ArgumentParser()
    drill.arguments(parser)
    options = parser.parse_args([])
    vars(options).update(shorter)
    outcome: Outcome = await drill.hold(options)
    assert outcome.wrong == [], outcome.json()
    return outcome
