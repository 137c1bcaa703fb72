"""The ladder: when the desk steers back, when it proposes an end, what a call was. Pure.

The machine proposes, a named person confirms; nothing here ends a call. The last rung, a proposed
block, is climbed after the call: casework/harassment/blocks.py.
"""

from __future__ import annotations

from array import array
from enum import StrEnum

from callcenter.core.records import CallerHistory, Frame, Hit, Party, Proposal, SteerBack

SILENT = "silent"
"""The reason of a proposal where nobody was heard."""
GRAVE = 3
"""Severity (1 to 5) from which a hit is reason enough; a flirt or a prank is steered back first."""
BREATH_MS = 2000
"""So long after the words that brought the card, more of the same is not yet an answer to it."""
STEER_BACK = "您好，这里是客户服务热线。请问您今天要咨询或办理什么业务？"
"""The words on the card (H2): 试着引导转回规定主题."""
PROMPT_A_TRIES = 3
"""After so many prompts A the number has not given up: prompt B (H12, H13)."""
LOUD = 1000
"""Peak sample (of 32767) from which a frame counts as sound: comfort noise stays below."""
SOUND_FRAMES = 15
"""300 ms of sound make a caller who is there, even where no word was understood."""


class Rung(StrEnum):
    """How far a call is up the ladder."""

    NONE = "none"
    SUSPICION = "suspicion"
    STEER_BACK = "steer_back"
    SILENT = "silent"
    PROPOSED = "proposed"
    CLEARED = "cleared"
    """A person said that it is no harassment."""
    CONFIRMED = "confirmed"
    LINE_FAULT = "line_fault"
    ANALYSIS = "analysis"


class Cue(StrEnum):
    """What moves a call on the ladder."""

    KNOWN_SOURCE = "the number has harassed before"
    MILD = "mild harassment"
    GRAVE = "grave harassment"
    SILENCE = "nobody heard"
    WORDS = "the caller speaks"
    DISMISS = "not harassment"
    CONFIRM = "confirm"
    PLAYS_LINE_FAULT = "line_fault plays"
    PLAYS_ANALYSIS = "analysis plays"


class Offer(StrEnum):
    """What the desk puts before the agent on reaching a rung."""

    NOTHING = "nothing"
    STEER_BACK = "the card with the words to say"
    PROPOSAL = "the proposal with its evidence"
    WITHDRAWAL = "the proposal taken back"


_C, _O, _R = Cue, Offer, Rung
_TALKING = (_R.NONE, _R.SUSPICION, _R.STEER_BACK, _R.SILENT, _R.PROPOSED, _R.CLEARED)

TABLE: dict[tuple[Rung, Cue], tuple[Rung, Offer]] = {
    (_R.NONE, _C.KNOWN_SOURCE): (_R.SUSPICION, _O.NOTHING),
    # Mild: the caller is led back to the subject once, whoever it is (H2).
    (_R.NONE, _C.MILD): (_R.STEER_BACK, _O.STEER_BACK),
    (_R.SUSPICION, _C.MILD): (_R.STEER_BACK, _O.STEER_BACK),
    (_R.STEER_BACK, _C.MILD): (_R.PROPOSED, _O.PROPOSAL),
    # Grave: straight to the proposal (H3), also where a person had cleared what was said before.
    (_R.NONE, _C.GRAVE): (_R.PROPOSED, _O.PROPOSAL),
    (_R.SUSPICION, _C.GRAVE): (_R.PROPOSED, _O.PROPOSAL),
    (_R.STEER_BACK, _C.GRAVE): (_R.PROPOSED, _O.PROPOSAL),
    (_R.CLEARED, _C.GRAVE): (_R.PROPOSED, _O.PROPOSAL),
    (_R.NONE, _C.SILENCE): (_R.SILENT, _O.PROPOSAL),
    (_R.SUSPICION, _C.SILENCE): (_R.SILENT, _O.PROPOSAL),
    (_R.SILENT, _C.WORDS): (_R.NONE, _O.WITHDRAWAL),
    (_R.SILENT, _C.DISMISS): (_R.CLEARED, _O.WITHDRAWAL),
    (_R.PROPOSED, _C.DISMISS): (_R.CLEARED, _O.WITHDRAWAL),
    # A person may confirm from anywhere; nothing else leads up from a proposal.
    **{(rung, _C.CONFIRM): (_R.CONFIRMED, _O.NOTHING) for rung in _TALKING},
    (_R.CONFIRMED, _C.PLAYS_LINE_FAULT): (_R.LINE_FAULT, _O.NOTHING),
    (_R.CONFIRMED, _C.PLAYS_ANALYSIS): (_R.ANALYSIS, _O.NOTHING),
}
"""The ladder; a pair that is not in it changes nothing. To undo is to stand where one stood."""


class Watch:
    """Watches one answered call, and says what to put before the agent."""

    def __init__(self, silence_ms: int, prompt_a_tries: int = PROMPT_A_TRIES) -> None:
        self._silence_ms = silence_ms
        self._tries = prompt_a_tries
        self._history = CallerHistory()
        self._loud_frames = 0
        self._heard_words = False
        self._complaint = False
        self._card_until_ms = 0
        self._before = Rung.NONE
        self.rung = Rung.NONE
        self.proposal: Proposal | None = None

    def known(self, history: CallerHistory) -> None:
        """What is kept of the number; one that has harassed before is under suspicion."""
        self._history = history
        if history.last_verdict == "harassment" or history.prompts_a or history.prompts_b:
            self._take(Cue.KNOWN_SOURCE)

    def words_heard(self) -> bool:
        """The caller has said something. True where that takes a proposal's reason away."""
        self._heard_words = True
        return self._withdrawn(Cue.WORDS)

    def dismiss(self) -> bool:
        """A person says that it is no harassment. True where that takes a proposal back."""
        return self._withdrawn(Cue.DISMISS)

    def confirm(self, prompt: str) -> None:
        """A person confirmed the end of the call with this prompt."""
        self._before = self.rung
        self._take(Cue.CONFIRM)
        self._take(Cue.PLAYS_ANALYSIS if prompt == "analysis" else Cue.PLAYS_LINE_FAULT)

    def undo(self) -> None:
        """The person took the confirmation back: the call stands where it stood."""
        self.rung = self._before

    def hit(self, hit: Hit, group: str) -> Proposal | SteerBack | None:
        """What this hit brings: a card, a proposal, or nothing new. Only the caller's words count.

        Complaint in the same call keeps harassment from going further than a proposal of prompt A.
        """
        self._complaint = self._complaint or group == "complaint"
        if group != "harassment" or hit.party is not Party.CALLER or hit.category == SILENT:
            return None  # silence has its own watch, whose proposal the caller's words take back
        cue = self._cue(hit)
        offer = self._take(cue) if cue is not None else Offer.NOTHING
        if offer is Offer.STEER_BACK:
            self._card_until_ms = hit.end_ms + BREATH_MS
            return SteerBack(hit.category, STEER_BACK, hit.text)
        if offer is Offer.PROPOSAL:
            return self._propose(Proposal(hit.category, self._prompt(), hit.text))
        return None

    def frame(self, caller: Frame) -> Proposal | None:
        """A new proposal where the caller has not been heard at all for the set time."""
        if self.caller_is_there or self.proposal is not None:
            return None
        self._loud_frames += peak(caller) > LOUD
        if caller.start_ms < self._silence_ms or self.caller_is_there:
            return None
        if self._take(Cue.SILENCE) is not Offer.PROPOSAL:
            return None
        seconds = self._silence_ms // 1000
        return self._propose(Proposal(SILENT, "line_fault", f"{seconds} 秒内未听到来电方声音"))

    @property
    def caller_is_there(self) -> bool:
        """Words were understood, or there was sound that comfort noise does not make."""
        return self._heard_words or self._loud_frames >= SOUND_FRAMES

    def _cue(self, hit: Hit) -> Cue | None:
        """None for more of the breath that brought the card."""
        if hit.severity >= GRAVE:
            return Cue.GRAVE
        return Cue.MILD if hit.start_ms >= self._card_until_ms else None

    def _take(self, cue: Cue) -> Offer:
        self.rung, offer = TABLE.get((self.rung, cue), (self.rung, Offer.NOTHING))
        return offer

    def _withdrawn(self, cue: Cue) -> bool:
        taken_back = self._take(cue) is Offer.WITHDRAWAL
        if taken_back:
            self.proposal = None
        return taken_back

    def _prompt(self) -> str:
        """Prompt A, until it was tried often enough on this number; a complainant's stays at A."""
        tried = self._history.prompts_a >= self._tries
        return "analysis" if tried and not self._complaint else "line_fault"

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
