"""Responses: built from the request they answer (RFC 3261 §8.2.6). Pure."""

from __future__ import annotations

from callcenter.core.errors import NotTaken
from callcenter.sip.errors import BadHeader
from callcenter.sip.signal.message import Header, Request, Response

ALLOW = "INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, REFER, NOTIFY"
HANDLED = frozenset(ALLOW.split(", "))
KNOWN = HANDLED | {"REGISTER", "SUBSCRIBE", "PUBLISH", "MESSAGE", "INFO"}
"""Methods that are understood but not taken: 405; any other: 501."""
SUPPORTED = ("100rel", "norefersub", "replaces", "timer")
"""Extensions that we speak: RFC 3262, 4488, 3891, 4028."""
REASONS = {
    100: "Trying",
    180: "Ringing",
    200: "OK",
    202: "Accepted",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    408: "Request Timeout",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    422: "Session Interval Too Small",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    489: "Bad Event",
    491: "Request Pending",
    500: "Server Internal Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    504: "Server Time-out",
    505: "Version Not Supported",
    603: "Decline",
}
SDP_TYPE: Header = ("Content-Type", "application/sdp")
OFFERED: tuple[Header, ...] = (
    ("Allow", ALLOW),
    ("Accept", "application/sdp"),
    ("Supported", ", ".join(SUPPORTED)),
)
"""What we take, as headers of an INVITE or a 200."""
_WHY = {
    NotTaken.BUSY: (486, 600),
    NotTaken.NO_ANSWER: (408, 480),
    NotTaken.REJECTED: (403, 433, 603, 607, 608),
    NotTaken.NOT_FOUND: (404, 410, 414, 416, 484, 485, 604),
    NotTaken.CANCELLED: (487,),
}


def why_not(status: int) -> NotTaken:
    """What a final status of 300 or more means to people (RFC 3261 §21)."""
    return next((why for why, codes in _WHY.items() if status in codes), NotTaken.UNREACHABLE)


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
    end = f";tag={tag}" if tag and not _has_tag(request) else ""
    to = [("To", to + end) for to in request.every("To")]
    if 100 < status < 300 and request.method == "INVITE":
        copied += [h for h in request.headers if h[0] == "Record-Route"]
    kind = (SDP_TYPE,) if body else ()
    return Response(
        (*copied, *to, *headers, *kind), body, status, reason or REASONS.get(status, "Unknown")
    )


def _has_tag(request: Request) -> bool:
    """True also where that cannot be read: then the To stays as it is."""
    try:
        return bool(request.to.tag)
    except BadHeader:
        return True
