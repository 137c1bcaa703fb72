"""What happens to a call whose agent's sound is gone: a closed page, a pulled headset. Pure.

The caller hears the hold tone instead of silence. Sound that comes back goes on where it broke;
after half a minute whoever is free may take the call.
"""

from __future__ import annotations

from callcenter.core.call import Input, State
from callcenter.core.records import FRAME_MS

GONE_FRAMES = 500 // FRAME_MS
"""So long the agent's sound has neither come nor been taken; then it is gone."""
PATIENCE_FRAMES = 30_000 // FRAME_MS
NOTE = "座席声音中断"
"""What whoever takes the call over reads."""
SHOWN = {State.TALKING: "back", State.AWAY: "away", State.OFFERED: "offered"}
"""How an AgentAway tells where the call stands now."""


def what_follows(state: State, frames: int) -> Input | None:
    """What comes of an agent's sound that has been gone for so many frames, 0 being there."""
    if state is State.TALKING and frames >= GONE_FRAMES:
        return Input.AGENT_VANISHES
    if state in (State.AWAY, State.HELD) and frames >= PATIENCE_FRAMES:
        return Input.AGENT_STAYS_AWAY
    if state in (State.AWAY, State.OFFERED) and not frames:
        return Input.AGENT_RETURNS
    return None
