"""Messages as other people's programs write them, and small readers for what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count

from callcenter.sip.signal.hops import Hop
from callcenter.sip.signal.message import Request, Response, parse

FAR = ("127.0.0.1", 5070)
"""Where the far end's program sits in tests without sockets."""

OFFER = (
    "v=0\r\no=far 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n"
)
ONLY_G729 = OFFER.replace("8 0 101", "18").replace("a=", "x=")


def tokens() -> Callable[[], str]:
    """Ids that are hexadecimal, long and never the same."""
    numbers = count(1)
    return lambda: f"{next(numbers):016x}"


def text_request(
    method: str = "INVITE",
    *,
    body: str = "",
    branch: str = "z9hG4bKraw1",
    to_tag: str = "",
    cseq: int = 1,
    call_id: str = "raw-1",
    extra: Iterable[str] = (),
    uri: str = "sip:95000@127.0.0.1:5060",
    contact: str = "<sip:far@127.0.0.1:5070>",
    content_type: str = "application/sdp",
    from_: str = "<sip:13800138001@127.0.0.1>;tag=fartag",
) -> bytes:
    """A request from FAR, as bytes."""
    tag = f";tag={to_tag}" if to_tag else ""
    lines = [
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:5070;branch={branch}",
        f"From: {from_}",
        f"To: <sip:95000@127.0.0.1>{tag}",
        f"Call-ID: {call_id}",
        f"CSeq: {cseq} {method}",
        f"Contact: {contact}",
        *extra,
    ]
    if body:
        lines.append(f"Content-Type: {content_type}")
    lines.append(f"Content-Length: {len(body.encode())}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("utf-8", "surrogateescape")


def text_response(request: Request, status: int, *extra: str, tag: str = "far") -> bytes:
    """A response to one of our requests, as bytes; `extra` are further header lines."""
    lines = [f"SIP/2.0 {status} So"]
    for name in ("Via", "From", "Call-ID", "CSeq", "Record-Route"):
        lines += [f"{name}: {v}" for v in request.every(name)]
    mark = f";tag={tag}" if tag and not request.to.tag else ""
    lines.append(f"To: {request.first('To')}{mark}")
    return ("\r\n".join([*lines, *extra]) + "\r\n\r\n").encode("utf-8", "surrogateescape")


def text_answer(request: Request, body: str = OFFER, *extra: str, tag: str = "far") -> bytes:
    """200 to one of our INVITEs, with a Contact and a session description."""
    contact = (
        ()
        if any(e.startswith("Contact") for e in extra)
        else (f"Contact: <sip:{tag}@127.0.0.1:5070>",)
    )
    return text_response(request, 200, *contact, *extra, tag=tag) + body.encode()


def requests(datagrams: Iterable[tuple[bytes, Hop]]) -> list[Request]:
    """The requests among what goes out."""
    messages = [parse(d) for d, _ in datagrams]
    return [m for m in messages if isinstance(m, Request)]


def responses(datagrams: Iterable[tuple[bytes, Hop]]) -> list[Response]:
    """The responses among what goes out."""
    messages = [parse(d) for d, _ in datagrams]
    return [m for m in messages if isinstance(m, Response)]
