"""Every error the rooms raise on purpose, drawn as a tree.

CallcenterError
├── ConfigError            the configuration file: names file, key and what is expected
├── PackError              a pattern pack: names file, entry and reason
├── SoundFileError         a WAV that cannot be used: names the file and what was expected
├── MissingPiece           a system library, device or model that is not there, and what brings it
│   └── ModelMissing       the recogniser's model is absent or damaged
├── NotNow                 a command that a state does not allow: names the allowed ones
│   ├── ChangedMeanwhile   … because somebody else has changed the record since it was read
│   └── NumberTaken        … because another record got this number a moment ago; try the next
├── NoSuchCall             no live or kept call with that id
├── NoSuchWorkOrder        no work order with that number
├── NoSuchPromise          no promise with that id
├── NoSuchCase             no harassment case with that number
├── NoSuchRecord           no record of casework with that number
├── TrialFailed            a back-test of rules that did not come to its end
├── ExportFailed           an evidence package that cannot be written: names file and reason
├── BackupFailed           a copy of everything that cannot be made, or cannot be put back: why
├── NotSent                a message that its carrier did not take: names the carrier and why
│   └── TurnedDown         … though it is there: it refuses this one
├── NoSuchBlock            no block, or no proposal of one, that this could be about
├── Refused                a person's decision that a rule does not allow: names the rule
│   └── NotDialled         a number that the house's limits on calls out do not allow now
├── SealBroken             what is sealed was changed, or its key is not there
├── ArchiveAway            the archive of recordings does not answer; the same may pass later
├── NotLetIn               a login, link or token that is wrong, used up or too old
├── CallRefused            a call that we made was not taken: why, SIP status code and reason
├── StoreError             the database cannot be used: names it and the reason
│   └── StoreAway          … at present: locked, full or gone; the same write may pass later
│       └── WrittenLater   what a person decided is kept, and written once the store is back
└── PortInUse              a network port that is taken: names address and port
"""

from enum import StrEnum


class CallcenterError(Exception):
    """The root: its text is one line that a user can act on."""


class ConfigError(CallcenterError):
    """The configuration file is wrong; the text names the file, the key and what is expected."""


class PackError(CallcenterError):
    """A pattern pack is wrong; the text names the file, the entry and the reason."""

    def __init__(self, told: str = "", line: int = 0) -> None:
        """`line` is the one of its text, counted from 1; 0 where none is known."""
        super().__init__(told)
        self.line = line


class SoundFileError(CallcenterError):
    """A sound file cannot be used; the text names the file and what was expected."""


class MissingPiece(CallcenterError):
    """Something outside Python is not installed; the text names it and what installs it."""


class ModelMissing(MissingPiece):
    """The recogniser's model folder is absent or damaged; the text names the file."""


class NotNow(CallcenterError):
    """The state of a call or a record does not allow this; the text names what is allowed."""


class ChangedMeanwhile(NotNow):
    """Somebody else changed the record since it was read; the text names who and when."""


class NumberTaken(NotNow):
    """Another record was opened under this number a moment ago."""


class ArchiveAway(CallcenterError):
    """The archive of recordings cannot be reached or refuses; the text names it and why."""


class NotLetIn(CallcenterError):
    """A login, a one-time link or a token that opens nothing; the text says what to do instead."""


class CodeNeeded(NotLetIn):
    """The password is right, and the code of the second factor is missing or wrong."""


class SealBroken(CallcenterError):
    """What was sealed cannot be opened: it was changed, is about something else, or its key is
    missing; the text names what it is about."""


class NoSuchRecord(CallcenterError):
    """There is no record of this kind with that number."""


class NoSuchCall(CallcenterError):
    """There is no call with that id."""


class NoSuchWorkOrder(CallcenterError):
    """There is no work order with that number."""


class NoSuchPromise(CallcenterError):
    """There is no promise with that id."""


class NoSuchCase(CallcenterError):
    """There is no harassment case with that number."""


class TrialFailed(CallcenterError):
    """A back-test of rules ended without an outcome; the text says why."""


class ExportFailed(CallcenterError):
    """An evidence package cannot be written; the text names the file and the reason."""


class BackupFailed(CallcenterError):
    """A copy cannot be made, is not whole, or has no empty place to be put back to."""


class NotSent(CallcenterError):
    """A message was not taken by who carries it; the text says by whom and why, never to whom."""


class TurnedDown(NotSent):
    """Who should take a message is there, and refuses this one; the text says how."""


class NoSuchBlock(CallcenterError):
    """There is no such block, or no proposal of one that waits for a decision."""


class Refused(CallcenterError):
    """A person's decision breaks a rule; the text names what is allowed."""


class NotDialled(Refused):
    """The house's limits do not allow this call out; `rule` and `limit` are those of a Breach."""

    def __init__(self, rule: str, limit: str) -> None:
        super().__init__(f"this may not be dialled now: {rule} (limit: {limit})")
        self.rule = rule
        self.limit = limit


class NotTaken(StrEnum):
    """Why a call that we made was not taken, as the pages show it (呼叫结果)."""

    BUSY = "busy"
    """占线"""
    NO_ANSWER = "no_answer"
    """无人接听"""
    REJECTED = "rejected"
    """拒接"""
    NOT_FOUND = "not_found"
    """号码不存在"""
    UNREACHABLE = "unreachable"
    """无法接通"""
    CANCELLED = "cancelled"
    """已取消"""


class CallRefused(CallcenterError):
    """A call that we made was refused, cancelled or not reached."""

    def __init__(self, code: int, reason: str, why: NotTaken = NotTaken.UNREACHABLE) -> None:
        super().__init__(f"the call was not taken: {code} {reason}")
        self.code = code
        self.reason = reason
        self.why = why


class StoreError(CallcenterError):
    """The database cannot be opened, read or written; the text names it and the reason."""


class PortInUse(CallcenterError):
    """A network port is taken; the text names the address and the port."""


class StoreAway(StoreError):
    """The store cannot be written at present: locked, full or gone. Try the same write again."""


class WrittenLater(StoreAway):
    """The store is away; what a person decided is kept and written by itself once it is back: it
    is not to be done again."""
