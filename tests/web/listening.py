"""A reader of the event stream that speaks ASGI itself, so that it can read and leave at will."""

from __future__ import annotations

import asyncio
import json
from types import TracebackType
from typing import Any

from starlette.types import ASGIApp, Message

WAIT_SECONDS = 10.0


class Listening:
    """Reads `/api/v1/events` of an app, one event after the other."""

    def __init__(
        self, app: ASGIApp, host: str, path: str = "/api/v1/events", cookie: str = ""
    ) -> None:
        self._app = app
        self._scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", host.encode()), (b"cookie", f"callcenter={cookie}".encode())],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 80),
        }
        self._left = asyncio.Event()
        self._asked = False
        self._sent: asyncio.Queue[Message] = asyncio.Queue()
        self._text = ""
        self._task: asyncio.Task[None] | None = None
        self.start: Message = {}

    async def __aenter__(self) -> Listening:
        asking = self._app(self._scope, self._receive, self._sent.put)
        self._task = asyncio.ensure_future(asking)
        self.start = await self._message()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.leave()

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _message(self) -> Message:
        return await asyncio.wait_for(self._sent.get(), WAIT_SECONDS)

    async def block(self) -> str | None:
        """The next block of lines; None where the stream has ended."""
        while "\n\n" not in self._text:
            message = await self._message()
            if not message.get("more_body", False):
                return None
            self._text += message["body"].decode()
        block, _, self._text = self._text.partition("\n\n")
        return block

    async def event(self) -> tuple[str, Any] | None:
        """The next event as its name and data; None where the stream has ended."""
        while (block := await self.block()) is not None:
            lines = dict(line.split(": ", 1) for line in block.splitlines())
            if "event" in lines:
                return lines["event"], json.loads(lines["data"])
        return None

    async def leave(self) -> None:
        """Close the connection, and wait until the app has noticed."""
        self._left.set()
        assert self._task is not None
        await asyncio.wait_for(self._task, WAIT_SECONDS)
