"""Notes in the audit trail whatever leaves by a GET as a file: a recording played, a table taken.

What is taken out by a step of its own (evidence, customers) is signed by that step. Nothing leaves
before it is written down; where nobody logs in, nothing is noted.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callcenter.core.events import Accessed, Event
from callcenter.web.access.visiting import ASKING

ROOT = "/api/v1/"
SOUND = "/recording"
PLAY, EXPORT, REVEAL = "play", "export", "reveal"
ONCE_SECONDS = 900.0
"""A recording that is played on is noted once in so long: a browser asks for it piece by piece."""
MOST = 10_000
"""Plays that are remembered; then the oldest would be noted again."""
NO_FILE = ("application/json", "text/event-stream", "text/html")


class Witness:
    """The middleware inside the gate."""

    def __init__(
        self, app: ASGIApp, record: Callable[[Event], Awaitable[None]], now: Callable[[], datetime]
    ) -> None:
        """`record` is the desk's: it returns when the ledger has written."""
        self._app = app
        self._record = record
        self._now = now
        self._played: OrderedDict[tuple[str, str], float] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; note its answer before the first byte of it leaves."""
        watched = scope["type"] == "http" and scope["method"] == "GET"
        if not watched or not scope["path"].startswith(ROOT) or not ASKING.get().name:
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and leaves(scope["path"], message):
                await self._note(scope)
            await send(message)

        await self._app(scope, receive, sending)

    async def _note(self, scope: Scope) -> None:
        kind, number = about(scope["path"])
        person, sound = ASKING.get().name, scope["path"].endswith(SOUND)
        if sound and not self._is_new(person, number):
            return
        call = number if kind == "call" else ""
        asked = scope.get("query_string", b"").decode("latin-1")[:500]
        action = PLAY if sound else EXPORT
        await self._record(Accessed(call, self._now(), person, action, kind, number, asked))

    def _is_new(self, person: str, call_id: str) -> bool:
        now, key = time.monotonic(), (person, call_id)
        last = self._played.get(key)
        if last is not None and now - last < ONCE_SECONDS:
            return False
        self._played[key] = now
        self._played.move_to_end(key)
        if len(self._played) > MOST:
            self._played.popitem(last=False)
        return True


def leaves(path: str, start: Message) -> bool:
    """Whether this answer is a file; a recording that the browser has kept (304) is one, too."""
    if path.endswith(SOUND) and start["status"] == 304:
        return True
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] < 300 and bool(kind) and not kind.startswith(NO_FILE)


def about(path: str) -> tuple[str, str]:
    """The kind of what is asked for, and which: ("call", its id), ("reports", "agents")."""
    kind, _, rest = path.removeprefix(ROOT).partition("/")
    return "call" if kind == "calls" else kind, rest.partition("/")[0]
