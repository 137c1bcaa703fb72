"""What a user agent tells its owner, one record for each. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from callcenter.core.errors import NotTaken
from callcenter.sip.signal.sdp import Stream


@dataclass(frozen=True, slots=True)
class SipEvent:
    """The root of what `UserAgent.next_event` returns."""


@dataclass(frozen=True, slots=True)
class CallArrived(SipEvent):
    """A call came in and rings; `call` names it in commands."""

    call: str
    caller_number: str
    callee_number: str


@dataclass(frozen=True, slots=True)
class CallRinging(SipEvent):
    """The other side of a call that we made rings."""

    call: str


@dataclass(frozen=True, slots=True)
class EarlyMedia(SipEvent):
    """Sound comes before the other side picks up: a ring-back tone, an announcement."""

    call: str
    stream: Stream


@dataclass(frozen=True, slots=True)
class CallAnswered(SipEvent):
    """The other side of a call that we made picked up."""

    call: str
    stream: Stream


@dataclass(frozen=True, slots=True)
class CallNotTaken(SipEvent):
    """A call that we made was refused, cancelled or not reached."""

    call: str
    status: int
    reason: str
    why: NotTaken


@dataclass(frozen=True, slots=True)
class CallEnded(SipEvent):
    """The other side cancelled, hung up or went silent; told once, never for our own hang-up."""

    call: str
    reason: str


@dataclass(frozen=True, slots=True)
class MediaChanged(SipEvent):
    """The two sides agreed anew: hold, resume, another address, or a late first answer."""

    call: str
    stream: Stream


@dataclass(frozen=True, slots=True)
class TransferAsked(SipEvent):
    """The other side asks us to call `target`, a URI; it waits for `UserAgent.take_transfer`."""

    call: str
    target: str


@dataclass(frozen=True, slots=True)
class TransferDone(SipEvent):
    """How a transfer that we asked for went; where it worked, our calls of it have ended."""

    call: str
    worked: bool
    reason: str
    other: str = ""


@dataclass(frozen=True, slots=True)
class RegistrationChanged(SipEvent):
    """The registrar's answer; `detail` says in words how we stand."""

    registered: bool
    detail: str
