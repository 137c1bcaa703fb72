"""A command for a call of another node goes to that node, as its asker sent it.

Whoever asks was let in here; the other node lets them in by the same cookie or token, looks what
they may do, and writes down what they did, as for its own people.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from callcenter.core.errors import NotNow
from callcenter.core.nodes import Answered, Asked, Elsewhere
from callcenter.web.errors import answer
from callcenter.web.guard import SAFE_METHODS, read_body, replay

PASSED = "x-callcenter-passed"
"""Says that another node has passed it on: it is not passed on again."""
TAKEN = ("cookie", "authorization", "content-type", "accept-language")
OF_FILES = ("range", "if-range", "if-none-match")
CALL, AGENT = ("api", "v1", "calls"), ("api", "v1", "agents")


class PassOn:
    """The middleware inside the gate, where there are several nodes."""

    def __init__(self, app: ASGIApp, elsewhere: Elsewhere) -> None:
        self._app = app
        self._elsewhere = elsewhere

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer here, or with what the other node answers."""
        node = self._node(scope) if scope["type"] == "http" else ""
        if not node:
            await self._app(scope, receive, send)
            return
        body = await read_body(receive) or b""
        response = await self._answer(scope, node, body)
        await response(scope, replay(body, receive), send)

    def _node(self, scope: Scope) -> str:
        """Whom this is for; "" for what is done here."""
        if scope["method"] in SAFE_METHODS or PASSED in Headers(scope=scope):
            return ""
        pieces = tuple(scope["path"].strip("/").split("/"))
        if pieces[:3] == CALL and len(pieces) == 5:
            return self._elsewhere.node_of_call(pieces[3])
        if pieces[:3] == AGENT and pieces[4:] == ("state",):
            return self._elsewhere.node_of_agent(pieces[3])
        return ""

    async def _answer(self, scope: Scope, node: str, body: bytes) -> Response:
        try:
            told = await self._elsewhere.pass_on(node, asked_of(scope, body))
        except NotNow as error:
            return answer(Request(scope), 409, str(error))
        return response_of(told)


def asked_of(scope: Scope, body: bytes = b"") -> Asked:
    """The request as the other node is to get it."""
    headers = Headers(scope=scope)
    kept = {name: headers[name] for name in (*TAKEN, *OF_FILES) if name in headers}
    query = scope.get("query_string", b"").decode("latin-1")
    path = scope["path"] + (f"?{query}" if query else "")
    return Asked(scope["method"], path, {**kept, PASSED: "1"}, body)


def response_of(told: Answered) -> Response:
    """Its answer as ours."""
    return Response(told.body, told.status, dict(told.headers))


def fetched(request: Request, node: str) -> Response | None:
    """The same answer from the node where this call's recording lies; None where that is this one,
    or nobody knows. Blocking. Raises an HTTP 503 where that node does not answer."""
    elsewhere: Elsewhere | None = request.app.state.elsewhere
    if elsewhere is None or PASSED in request.headers:
        return None
    if node not in [one.name for one in elsewhere.nodes()[1:]]:
        return None
    try:
        told = elsewhere.fetch(node, asked_of(request.scope))
    except NotNow as error:
        raise HTTPException(503, f"the recording lies on another node: {error}") from None
    return StreamingResponse(told.content, told.status, dict(told.headers))
