"""The rules in force, their packs to open and change, and back-tests of a draft."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.concurrency import run_in_threadpool

from callcenter.casework import rule_books
from callcenter.casework.reviews import labels
from callcenter.core.errors import ChangedMeanwhile, PackError
from callcenter.core.events import RecordStepped
from callcenter.core.trials import Draft, Laid, RulePacks
from callcenter.web.api.models import problems
from callcenter.web.api.rule_models import (
    AdoptPack,
    BackTestOut,
    BackTestWish,
    CheckedOut,
    CheckPack,
    PackName,
    PackOut,
    RuleOut,
    RulesOut,
    StartedOut,
)
from callcenter.web.backtests import BackTest, BackTests, InBackTests
from callcenter.web.room import InRoom, Room

router = APIRouter(prefix="/rules", tags=["规则"])

HITS_WITHIN = timedelta(days=30)


@router.get("", summary="规则", responses=problems(503))
async def list_rules(room: InRoom, back_tests: InBackTests) -> RulesOut:
    """The rules in force with their hits of the last 30 days, and what is wrong with packs."""
    return await rules_of(room, back_tests)


@router.post("/backtest", summary="回测", status_code=202, responses=problems(422, 503))
async def start(room: InRoom, back_tests: InBackTests, wish: BackTestWish) -> StartedOut:
    """Try a draft on the last calls; 503 while another back-test runs."""
    back_tests.check_free()
    draft = wish.draft()
    if draft is not None:
        await run_in_threadpool(back_tests.trials.packs.check, draft)
    return StartedOut(id=back_tests.start(draft, wish.calls, room.now()).id)


@router.post("/check", summary="检查规则", responses=problems(422, 503))
async def check(back_tests: InBackTests, wanted: CheckPack) -> CheckedOut:
    """Read a draft beside the packs in force, and tell what is wrong with it; nothing changes."""
    draft = Draft(wanted.name, wanted.text)
    try:
        return CheckedOut(rules=await run_in_threadpool(back_tests.trials.packs.check, draft))
    except PackError as error:
        return CheckedOut(error=str(error), line=error.line)


@router.get("/backtest/{id}", summary="回测结果", responses=problems(404, 503))
async def get(back_tests: InBackTests, id: str) -> BackTestOut:
    """How far it is, and what it found. Only the last one is remembered."""
    return told(back_tests.get(id))


@router.get("/{file}", summary="规则包", responses=problems(404, 422, 503))
def get_pack(back_tests: InBackTests, file: str) -> PackOut:
    """The text of a pack as it lies on the disk."""
    pack = back_tests.trials.packs.read(file)
    return PackOut(name=pack.name, toml=pack.text, sha256=pack.sha256)


@router.put("/{file}", summary="采用规则包", responses=problems(409, 413, 422, 503))
async def adopt(
    room: InRoom, back_tests: InBackTests, file: Annotated[PackName, Path()], wanted: AdoptPack
) -> PackOut:
    """Put a changed or a new pack in force, signed in the audit trail; 409 where it was changed
    since it was opened."""
    packs, draft = back_tests.trials.packs, Draft(file, wanted.text)
    async with back_tests.changing:
        laid = await run_in_threadpool(_lay, room, packs, draft, wanted.seen)
        if laid is not None:
            try:
                fact = await run_in_threadpool(_signed, room, packs, file, laid, wanted.by)
                await room.desk.record(fact)
                await run_in_threadpool(laid.take)
            finally:
                await run_in_threadpool(laid.drop)
        return await run_in_threadpool(get_pack, back_tests, file)


def _lay(room: Room, packs: RulePacks, draft: Draft, seen: str) -> Laid | None:
    """Raises PackError, Refused, and ChangedMeanwhile with who and when, where that is known."""
    try:
        return packs.lay(draft, seen)
    except ChangedMeanwhile:
        if not seen:
            raise ChangedMeanwhile(f"{draft.name} is there already; open it first") from None
        file = packs.path(draft.name)
        with room.store.session() as session:
            step = rule_books.changed_by(session, file, packs.files().get(file, ""))
            who = f" by {step.person} at {step.at:%Y-%m-%d %H:%M} UTC" if step else ""
        raise ChangedMeanwhile(f"{draft.name} was changed{who}; open it again") from None


def _signed(room: Room, packs: RulePacks, file: str, laid: Laid, by: str) -> RecordStepped:
    what = (packs.files(), packs.path(file), laid.sha256, by, room.now())
    with room.store.session() as session:
        return rule_books.adopted(session, *what)


def told(one: BackTest) -> BackTestOut:
    """A back-test as the API tells it."""
    kept = ("id", "started_at", "state", "limit", "done", "of", "error", "outcome")
    named = {"draft_file": one.draft.name if one.draft else ""}
    return BackTestOut.model_validate({**named, **{name: getattr(one, name) for name in kept}})


async def rules_of(room: Room, back_tests: BackTests) -> RulesOut:
    """The book is asked on the event loop, files and store in a thread."""
    listed = back_tests.trials.listed()
    hits = await run_in_threadpool(_hits, room)
    wrong = await run_in_threadpool(back_tests.trials.problems)
    rules = [
        RuleOut.model_validate(rule).model_copy(update={"hits": hits.get(rule.name, 0)})
        for rule in listed
    ]
    return RulesOut(rules=rules, problems=list(wrong))


def _hits(room: Room) -> dict[str, int]:
    with room.store.session() as session:
        return labels.hits_of_rules(session, room.now() - HITS_WITHIN)
