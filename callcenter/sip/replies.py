"""Responses: built from the request they answer (RFC 3261 §8.2.6). Pure."""

from __future__ import annotations

from callcenter.sip.errors import BadHeader
from callcenter.sip.headers import NameAddr
from callcenter.sip.message import Header, Request, Response

ALLOW = "INVITE, ACK, BYE, CANCEL, OPTIONS"
HANDLED = frozenset(ALLOW.split(", "))
KNOWN = HANDLED | {
    "REGISTER",
    "SUBSCRIBE",
    "NOTIFY",
    "PUBLISH",
    "REFER",
    "MESSAGE",
    "INFO",
    "UPDATE",
    "PRACK",
}
"""Methods that are understood but not taken: 405; any other: 501."""
REASONS = {
    100: "Trying",
    180: "Ringing",
    200: "OK",
    400: "Bad Request",
    405: "Method Not Allowed",
    408: "Request Timeout",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    500: "Server Internal Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    505: "Version Not Supported",
    603: "Decline",
}
SDP_TYPE: Header = ("Content-Type", "application/sdp")


def reply(
    request: Request,
    status: int,
    *,
    tag: str = "",
    headers: tuple[Header, ...] = (),
    body: bytes = b"",
    reason: str = "",
) -> Response:
    """The response to a request; `tag` goes to a To that has none, `body` is SDP."""
    copied = [h for h in request.headers if h[0] in ("Via", "From", "Call-ID", "CSeq")]
    if status == 100:
        copied += [h for h in request.headers if h[0] == "Timestamp"]
    to = [("To", _tagged(v, tag)) for v in request.every("To")]
    if 100 < status < 300 and request.method == "INVITE":
        copied += [h for h in request.headers if h[0] == "Record-Route"]
    kind = (SDP_TYPE,) if body else ()
    return Response(
        (*copied, *to, *headers, *kind), body, status, reason or REASONS.get(status, "Unknown")
    )


def _tagged(to: str, tag: str) -> str:
    if not tag:
        return to
    try:
        known = NameAddr.parse(to).tag
    except BadHeader:
        known = tag
    return to if known else f"{to};tag={tag}"
