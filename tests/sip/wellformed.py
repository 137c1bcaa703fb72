"""Whether what we send is SIP as others can read it (RFC 3261 §7)."""

from __future__ import annotations

import re

from callcenter.sip.errors import SipError
from callcenter.sip.signal.message import parse

_LINE = re.compile(rb"[A-Za-z0-9.!%*_+`'~-]+: [^\r\n]*")
_START = re.compile(rb"SIP/2\.0 [1-6]\d\d [^\r\n]*|[A-Za-z0-9.!%*_+`'~-]+ [^ \r\n]+ SIP/2\.0")
_REFUSAL = re.compile(rb"SIP/2\.0 (400|505) ")


def flaw(data: bytes) -> str:
    """What is wrong with a datagram that we send; "" where it is well-formed.

    A refusal of what cannot be read says back the headers as they came: of it only the frame and
    the Via are looked at.
    """
    head, blank, body = data.partition(b"\r\n\r\n")
    start, *lines = head.split(b"\r\n")
    if not blank or not _START.fullmatch(start):
        return f"start line {start[:60]!r}"
    for line in lines:
        if not _LINE.fullmatch(line) or line.startswith(b"Evil"):
            return f"header line {line[:60]!r}"
    if lines.count(b"Content-Length: %d" % len(body)) != 1:
        return "Content-Length"
    if not any(line.startswith(b"Via: SIP") for line in lines):
        return "no Via"
    if _REFUSAL.match(start):
        return ""
    try:
        parse(data)
    except SipError as error:
        return str(error)
    return ""
