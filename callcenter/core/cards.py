"""Cards with words to say (话术卡), and the situations in a call that they are for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Situation(StrEnum):
    """What an agent can be in with a caller; the later one is the more pressing."""

    COMPLAINT = "complaint"
    """The caller complains."""
    LONG_TALK = "long_talk"
    """The caller talks on and on."""
    CLAIM = "claim"
    """The caller wants money or goods back."""
    REPEATED_CONTACT = "repeated_contact"
    """The caller has called about this before (D22)."""
    PAUSE = "pause"
    """Nobody says anything after hard words."""
    INTERRUPTED = "interrupted"
    """The agent talks over the caller (D4)."""
    OUTPOURING = "outpouring"
    """The caller talks on and on in anger."""
    ANGER = "anger"
    """The caller gets angry."""
    STILL_ANGRY = "still_angry"
    """The caller stays angry."""
    NOT_LISTENING = "not_listening"
    """The caller says the same again, whatever the agent says."""
    ABUSE = "abuse"
    """A caller with a grievance gets personal."""
    ESCALATION = "escalation"
    """The caller wants a superior, or limits were set in vain."""
    OFF_SUBJECT = "off_subject"
    """The caller is to be led back to the subject (H2); offered by the ladder."""


@dataclass(frozen=True, slots=True)
class Card:
    """Words to say in some situations, by a technique of the handbook."""

    name: str
    title: str
    when: tuple[Situation, ...]
    say: tuple[str, ...]
    handbook: str
    """The checklist's item, such as D11."""
    cool_down_s: int
    """It is not offered twice within so many seconds of a call."""
    do: str = ""
    """What to do before or instead of speaking."""


@dataclass(frozen=True, slots=True)
class CardOffer:
    """A card that is put before the agent, and why now."""

    card: Card
    because: str
