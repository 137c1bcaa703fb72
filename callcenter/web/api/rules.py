"""The rules in force, and back-tests of a draft over kept calls."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from callcenter.casework.reviews import labels
from callcenter.web.api.models import problems
from callcenter.web.api.rule_models import (
    BackTestOut,
    BackTestWish,
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
        await run_in_threadpool(back_tests.trials.check, draft)
    return StartedOut(id=back_tests.start(draft, wish.calls, room.now()).id)


@router.get("/backtest/{id}", summary="回测结果", responses=problems(404, 503))
async def get(back_tests: InBackTests, id: str) -> BackTestOut:
    """How far it is, and what it found. Only the last one is remembered."""
    return told(back_tests.get(id))


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
