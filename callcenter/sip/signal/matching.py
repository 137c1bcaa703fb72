"""Which messages belong together, and those made from others (RFC 3261 §17.1.3, §17.2.3). Pure."""

from __future__ import annotations

import re
from itertools import islice

from callcenter.sip.signal.headers import MAGIC_COOKIE
from callcenter.sip.signal.message import Message, Request, Response
from callcenter.sip.signal.replies import REASONS

Key = tuple[str, ...]

_CALL_ID = re.compile(rb"\n(?:call-id|i)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)
_TAG = re.compile(rb";[ \t]*tag[ \t]*=[ \t]*([^\s;,>]+)", re.IGNORECASE)
_LOOKED_AT = 4096
"""Bytes of a message that are searched for what it belongs to, before it is parsed."""


def call_ids(data: bytes) -> list[str]:
    """What a message, not yet parsed, names as its Call-ID."""
    return [found.strip().decode("utf-8", "surrogateescape") for found in _found(_CALL_ID, data)]


def dialog_ids(data: bytes) -> list[tuple[str, str]]:
    """The dialogs to which a message, not yet parsed, may belong: Call-ID and either tag."""
    tags = [tag.decode("utf-8", "surrogateescape") for tag in _found(_TAG, data)]
    return [(call_id, tag) for call_id in call_ids(data) for tag in tags]


def _found(pattern: re.Pattern[bytes], data: bytes) -> list[bytes]:
    """The first two: a message has one Call-ID and two tags."""
    return [match[1] for match in islice(pattern.finditer(data, 0, _LOOKED_AT), 2)]


def server_key(request: Request, method: str = "") -> Key:
    """What makes two requests the same (§17.2.3); an ACK belongs to its INVITE."""
    method = method or ("INVITE" if request.method == "ACK" else request.method)
    via = request.via
    where = (via.host, str(via.port), method)
    if via.branch.startswith(MAGIC_COOKIE) and via.branch != MAGIC_COOKIE:
        return (via.branch, *where)
    # RFC 2543: no unique branch; the To tag is left out, since an ACK has one its INVITE had not.
    return (via.branch, *where, request.call_id, request.from_.tag, str(request.cseq.number))


def client_key(message: Message, method: str) -> Key:
    """What makes a response that of a request (§17.1.3)."""
    return (message.via.branch, method)


def origin(request: Message) -> Key:
    """What a request keeps when it comes by another way (§8.2.2.2)."""
    return (request.call_id, request.from_.tag, str(request.cseq))


def ack_for_failure(invite: Request, response: Response) -> Request:
    """The ACK that belongs to a refused INVITE (§17.1.1.3)."""
    return _like(invite, "ACK", response.required("To"))


def cancel_for(invite: Request) -> Request:
    """The CANCEL of an INVITE (§9.1)."""
    return _like(invite, "CANCEL", invite.required("To"))


def _like(invite: Request, method: str, to: str) -> Request:
    kept = ("Via", "Route", "From", "Call-ID", "Max-Forwards")
    headers = [h for h in invite.headers if h[0] in kept]
    headers += [("To", to), ("CSeq", f"{invite.cseq.number} {method}")]
    return Request(tuple(headers), b"", method, invite.uri)


def no_answer(request: Request, status: int = 408, reason: str = "") -> Response:
    """What no answer counts as: 408, or 503 where it could not be sent (§8.1.3.1)."""
    headers = tuple(h for h in request.headers if h[0] in ("Via", "From", "To", "Call-ID", "CSeq"))
    return Response(headers, b"", status, reason or REASONS[status])
