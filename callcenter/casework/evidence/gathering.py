"""Gathers what is kept of harassing calls, for an evidence package (H22). Reads the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter import __version__
from callcenter.casework.harassment import cases as harassment_cases
from callcenter.core.errors import NoSuchCall, Refused
from callcenter.core.events import EvidenceExported
from callcenter.core.numbers import is_withheld, mask
from callcenter.store import calls, harassment
from callcenter.store.case_tables import HarassmentCase, RecoveredNumber
from callcenter.store.ladder_tables import BlockDecision
from callcenter.store.tables import Block, Call

MOST_CALLS = 500
"""The most calls in one package."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to export: a case, or calls by their ids, or every call from a number `since` then."""

    case: str = ""
    calls: tuple[str, ...] = ()
    number: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Maker:
    """Who exports, when (in the zone that the summary's times are written in), with what."""

    by: str
    at: datetime
    model: str
    """The recogniser's model that is configured now."""
    software: str = f"callcenter {__version__}"


@dataclass(frozen=True, slots=True)
class Sound:
    """A call's recording in the package: `agrees` is None where there is none to compare."""

    file: str = ""
    seconds: float = 0.0
    stored_sha256: str = ""
    copied_sha256: str = ""
    agrees: bool | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is kept of some calls, oldest first, loaded and free of its session."""

    wish: Wish
    case: HarassmentCase | None
    calls: tuple[Call, ...]
    numbers: Mapping[str, RecoveredNumber]
    """By call_id: what a person accepted from the carrier's bill."""
    blocks: tuple[Block, ...]
    """The blocks of the numbers that these calls came from."""
    block_decisions: tuple[BlockDecision, ...]
    """Who proposed, approved, refused or lifted them, in order."""

    def source(self, call: Call) -> str:
        """The number a call came from, shown or recovered; "" where it is not known."""
        return harassment.source(call, self.numbers)


def gather(session: Session, wish: Wish) -> Evidence:
    """Everything of the calls that are wished for.

    Raises NoSuchCase, NoSuchCall (also for a number without calls), and Refused for a call that
    is not over or more than MOST_CALLS of them.
    """
    case = harassment_cases.get(session, wish.case) if wish.case else None
    found = [calls.get_call(session, one) for one in _limited(_ids(session, wish, case))]
    for call in found:
        if call.ended_at is None:
            raise Refused(f"call {call.call_id} is not over; its evidence is not complete")
    whole = tuple(sorted(found, key=lambda call: (call.rang_at, call.call_id)))
    numbers = harassment.recovered(session, [call.call_id for call in whole])
    sources = {harassment.source(call, numbers) for call in whole}
    blocks = select(Block).where(Block.number.in_(sources)).order_by(Block.blocked_at, Block.number)
    decided = select(BlockDecision).where(BlockDecision.number.in_(sources))
    return Evidence(
        wish,
        case,
        whole,
        numbers,
        tuple(session.scalars(blocks)),
        tuple(session.scalars(decided.order_by(BlockDecision.id))),
    )


def exported(evidence: Evidence, manifest_sha256: str, by: str, at: datetime) -> EvidenceExported:
    """The fact that a named person took a package out of the house, for the ledger."""
    ids = tuple(call.call_id for call in evidence.calls)
    return EvidenceExported(ids[0], at, by, ids, manifest_sha256, evidence.wish.case)


def _ids(session: Session, wish: Wish, case: HarassmentCase | None) -> Sequence[str]:
    if case is not None:
        return [call.call_id for call in case.calls]
    if wish.calls:
        return list(dict.fromkeys(wish.calls))
    if is_withheld(wish.number):
        raise Refused("an export needs a number; calls without one are exported by case or by id")
    found = harassment.from_number(session, wish.number, wish.since)
    if not found:
        raise NoSuchCall(f"no call from {mask(wish.number)} is kept of that time")
    return found


def _limited(ids: Sequence[str]) -> Sequence[str]:
    if len(ids) > MOST_CALLS:
        raise Refused(
            f"{len(ids)} calls are too many for one package; expected {MOST_CALLS} at most: "
            "choose them by day or by id"
        )
    return ids
