"""When the desk proposes to end a call, and what a call was in the end. Pure.

The machine proposes, a named person confirms; nothing here ends a call.
"""

from __future__ import annotations

from array import array

from callcenter.core.records import Frame, Hit, Proposal

SILENT = "silent"
"""The reason of a proposal where nobody was heard."""
GRAVE = 3
"""Severity (1 to 5) from which a hit is reason enough; a flirt or a prank is steered back first."""
LOUD = 1000
"""Peak sample (of 32767) from which a frame counts as sound: comfort noise stays below."""
SOUND_FRAMES = 15
"""300 ms of sound make a caller who is there, even where no word was understood."""


class Watch:
    """Watches one talking call for reasons to propose its end; proposes once."""

    def __init__(self, silence_ms: int) -> None:
        self._silence_ms = silence_ms
        self._loud_frames = 0
        self._heard_words = False
        self.proposal: Proposal | None = None

    def words_heard(self) -> bool:
        """The caller has said something. True where that takes a proposal's reason away."""
        self._heard_words = True
        if not self._only_silence():
            return False
        self.proposal = None
        return True

    def hit(self, hit: Hit, group: str) -> Proposal | None:
        """A new proposal where the hit is grave harassment and none was made before."""
        if group != "harassment" or hit.severity < GRAVE or self.proposal is not None:
            return None
        return self._propose(Proposal(hit.category, "line_fault", hit.text))

    def frame(self, caller: Frame) -> Proposal | None:
        """A new proposal where the caller has not been heard at all for the set time."""
        if self.caller_is_there or self.proposal is not None:
            return None
        self._loud_frames += peak(caller) > LOUD
        if caller.start_ms < self._silence_ms or self.caller_is_there:
            return None
        seconds = self._silence_ms // 1000
        return self._propose(Proposal(SILENT, "line_fault", f"{seconds} 秒内未听到来电方声音"))

    @property
    def caller_is_there(self) -> bool:
        """Words were understood, or there was sound that comfort noise does not make."""
        return self._heard_words or self._loud_frames >= SOUND_FRAMES

    def _only_silence(self) -> bool:
        return self.proposal is not None and self.proposal.reason == SILENT

    def _propose(self, proposal: Proposal) -> Proposal:
        self.proposal = proposal
        return proposal


def peak(frame: Frame) -> int:
    """The loudest sample of a frame, 0 to 32768."""
    samples = array("h", frame.pcm)
    return max(max(samples), -min(samples))


def disposition(groups: set[str], proposal: Proposal | None, terminated: bool) -> str:
    """What an answered call was (通话小结), from the groups of its hits and what people decided.

    `harassment` and `silent` need a person's confirmation; harassment that nobody confirmed is
    only `suspected`, and a reviewer decides.
    """
    if terminated:
        silent = proposal is not None and proposal.reason == SILENT
        return "silent" if silent else "harassment"
    for group, name in (("harassment", "suspected"), ("complaint", "complaint")):
        if group in groups:
            return name
    return "suggestion" if "suggestion" in groups else "ordinary"
