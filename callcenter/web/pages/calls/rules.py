"""The page of the rules: what is in force, and back-tests of a draft."""

from __future__ import annotations

from itertools import groupby

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from callcenter.web.api.rule_models import DEFAULT_CALLS, LONGEST_PACK, MOST_CALLS
from callcenter.web.api.rules import rules_of
from callcenter.web.backtests import InBackTests
from callcenter.web.pages.render import render
from callcenter.web.room import InRoom

router = APIRouter()


@router.get("/rules")
async def rules(request: Request, room: InRoom, back_tests: InBackTests) -> HTMLResponse:
    """The rules in force pack by pack; the last back-test is filled in by the page's script."""
    found = await rules_of(room, back_tests)
    packs = [(file, list(rules)) for file, rules in groupby(found.rules, lambda rule: rule.file)]
    return render(
        request,
        "rules/rules.html",
        packs=packs,
        count=len(found.rules),
        problems=found.problems,
        fixed=back_tests.trials.packs.fixed,
        last=back_tests.last.id if back_tests.last else "",
        limits={"calls": DEFAULT_CALLS, "most": MOST_CALLS, "text": LONGEST_PACK},
    )
