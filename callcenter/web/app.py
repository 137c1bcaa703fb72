"""Puts the web room together: guard, errors, API, pages, static files. Opens no socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.responses import PlainTextResponse
from starlette.staticfiles import StaticFiles

import callcenter
from callcenter.casework.originals import Originals
from callcenter.casework.staff.doors import Doors
from callcenter.core.house import House
from callcenter.core.nodes import Elsewhere
from callcenter.core.ports import Bus, Desk, RuleTrials, Voice
from callcenter.store.recordings import Recordings
from callcenter.store.sql import Store
from callcenter.web import api, errors, pages
from callcenter.web.access.gate import Gate, Known
from callcenter.web.access.reach import Reach
from callcenter.web.access.told import Told
from callcenter.web.access.witness import Witness
from callcenter.web.api import logins
from callcenter.web.backtests import BackTests
from callcenter.web.guard import Guard
from callcenter.web.pages import words
from callcenter.web.pages.render import STATIC
from callcenter.web.passing import PassOn
from callcenter.web.room import Room

DESCRIPTION = (
    "Live and kept calls. Times are UTC (ISO 8601), offsets are milliseconds since the call was "
    'answered. Errors are one sentence: {"detail": …}.'
)


def operation(route: APIRoute) -> str:
    """What an operation is called in the OpenAPI document, and so in clients made from it: the
    module and the function, "calls_get_call"."""
    return f"{route.endpoint.__module__.rpartition('.')[2]}_{route.name}"


def create_app(
    *,
    desk: Desk,
    store: Store,
    bus: Bus,
    recordings: Recordings | Path,
    allowed_hosts: Sequence[str],
    now: Callable[[], datetime],
    metrics: Callable[[], bytes] = bytes,
    supervisors: Sequence[str] = (),
    group: Callable[[str], str] = words.group,
    model: str = "",
    rules: RuleTrials | None = None,
    voices: Mapping[str, Voice] | None = None,
    house: House | None = None,
    originals: Originals | None = None,
    doors: Doors | None = None,
    elsewhere: Elsewhere | None = None,
) -> FastAPI:
    """The web application over these ports; must run on the desk's event loop.

    `allowed_hosts` are the names under which it may be asked for ("*": any); `now` gives UTC;
    `metrics` gives Prometheus' text for /metrics; `model` is the recogniser's, for evidence;
    `rules` are what /rules shows and back-tests; `voices` the agents' sound, by their numbers;
    `house` is what the site says of itself, open from 9 to 18 each day where None; `originals` has
    what was hidden in calls, where that is kept;
    `doors` are who may come in, everybody and to everything where None; `elsewhere` are the other
    nodes where there are several; `recordings` is the door to them, or their folder.
    """
    app = FastAPI(
        title="callcenter",
        version=callcenter.__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        default_response_class=Told,
        generate_unique_id_function=operation,
    )
    keys = (tuple(supervisors), group, model, {} if voices is None else voices, house or House())
    kept = Recordings(recordings) if isinstance(recordings, Path) else recordings
    app.state.room = Room(desk, store, bus, kept, now, *keys, originals)
    app.state.back_tests = BackTests(rules) if rules else None
    app.state.doors, app.state.attempts = doors, logins.Attempts()
    app.state.known = Known(doors) if doors else None
    app.state.reach = Reach(desk, store)
    app.state.elsewhere = elsewhere
    if elsewhere is not None:
        app.add_middleware(PassOn, elsewhere=elsewhere)
    app.add_middleware(Witness, record=desk.record, now=now)
    app.add_middleware(Gate, known=app.state.known, reach=app.state.reach)
    app.add_middleware(Guard, allowed_hosts=allowed_hosts)
    errors.install(app)
    app.include_router(api.router)
    app.include_router(pages.router)
    app.add_route("/metrics", lambda request: PlainTextResponse(metrics()))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app
