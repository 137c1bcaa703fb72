"""SIP messages: bytes on the wire and plain records (RFC 3261 §7). Pure.

Bytes that are not UTF-8 survive as surrogates, so that what is echoed is what came;
`headers.printable` makes such text fit for people.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property

from callcenter.sip.errors import BadHeader, NotSip, SipError
from callcenter.sip.signal.headers import CSeq, NameAddr, Uri, Via, is_token, parse_count, split

Header = tuple[str, str]

_COMPACT = {
    "a": "Accept-Contact",
    "b": "Referred-By",
    "c": "Content-Type",
    "d": "Request-Disposition",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "j": "Reject-Contact",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "n": "Identity-Info",
    "o": "Event",
    "r": "Refer-To",
    "s": "Subject",
    "t": "To",
    "u": "Allow-Events",
    "v": "Via",
    "x": "Session-Expires",
    "y": "Identity",
}
_KNOWN = (
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Allow",
    "Authorization",
    "Authentication-Info",
    "Contact",
    "Content-Disposition",
    "CSeq",
    "Date",
    "Expires",
    "Max-Forwards",
    "Min-Expires",
    "Min-SE",
    "MIME-Version",
    "P-Asserted-Identity",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Require",
    "RAck",
    "Reason",
    "Record-Route",
    "Refer-Sub",
    "Replaces",
    "Require",
    "Retry-After",
    "Route",
    "RSeq",
    "Server",
    "Subscription-State",
    "Timestamp",
    "Unsupported",
    "User-Agent",
    "Warning",
    "WWW-Authenticate",
)
_CANONICAL = {n.lower(): n for n in (*_KNOWN, *_COMPACT.values())} | _COMPACT
_FOLD = re.compile(r"\r?\n[ \t]+")
END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
"""Where the headers of a message, or of a part of its body, are over."""
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_LINE_ENDS = re.compile(r"[\r\n]")
_SINGLE = ("From", "To", "Call-ID", "CSeq")
_AT_MOST_ONCE = (*_SINGLE, "Max-Forwards", "Content-Type")
_UNSTAMPED = frozenset({"cseq", "from_", "to", "call_id", "contact"})


def canonical_name(name: str) -> str:
    """The long, usual spelling of a header name (§7.3.3); unknown names stay as they are."""
    return _CANONICAL.get(name.lower(), name)


@dataclass(frozen=True)
class Message:
    """What requests and responses share: headers in order, and a body.

    Content-Length is not among the headers: it is written from the body.
    """

    headers: tuple[Header, ...] = ()
    body: bytes = b""

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, value in self.headers:
            found.setdefault(name.lower(), []).append(value)
        return found

    def every(self, name: str) -> list[str]:
        """The values of all header lines of this name, in order."""
        return list(self._by_name.get(name.lower(), ()))

    def first(self, name: str) -> str | None:
        """The first value of this name, or None."""
        return next(iter(self._by_name.get(name.lower(), ())), None)

    def listed(self, name: str) -> list[str]:
        """The values of a header that is a comma-separated list, over all its lines.

        Raises BadHeader.
        """
        return [piece for value in self.every(name) for piece in split(value, ",") if piece]

    def required(self, name: str) -> str:
        """The first value of this name. Raises BadHeader where it is missing."""
        value = self.first(name)
        if value is None:
            raise BadHeader("a header is missing", name)
        return value

    @cached_property
    def via(self) -> Via:
        """The topmost Via. Raises BadHeader."""
        vias = self.listed("Via")
        if not vias:
            raise BadHeader("a header is missing", "Via")
        return Via.parse(vias[0])

    @cached_property
    def vias(self) -> tuple[Via, ...]:
        """All hops, topmost first. Raises BadHeader."""
        return (self.via, *map(Via.parse, self.listed("Via")[1:]))

    @cached_property
    def cseq(self) -> CSeq:
        """Raises BadHeader."""
        return CSeq.parse(self.required("CSeq"))

    @cached_property
    def from_(self) -> NameAddr:
        """Raises BadHeader."""
        return NameAddr.parse(self.required("From"))

    @cached_property
    def to(self) -> NameAddr:
        """Raises BadHeader."""
        return NameAddr.parse(self.required("To"))

    @cached_property
    def call_id(self) -> str:
        """Raises BadHeader."""
        return self.required("Call-ID")

    @cached_property
    def contact(self) -> Uri | None:
        """The URI of the first Contact; None where there is none or it cannot be read."""
        try:
            contacts = self.listed("Contact")
            return NameAddr.parse(contacts[0]).uri if contacts else None
        except BadHeader:
            return None

    def _head(self, start: str) -> bytes:
        lines = [start, *(f"{n}: {v}" for n, v in self.headers)]
        lines.append(f"Content-Length: {len(self.body)}")
        text = "\r\n".join(lines)
        if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
            # Whatever a value was made of, it cannot become a line of its own.
            text = "\r\n".join(_LINE_ENDS.sub(" ", line) for line in lines)
        return (text + "\r\n\r\n").encode("utf-8", "surrogateescape")


@dataclass(frozen=True)
class Request(Message):
    """A SIP request (§7.1); `uri` is the Request-URI as text."""

    method: str = ""
    uri: str = ""

    def __bytes__(self) -> bytes:
        return self._head(f"{self.method} {self.uri} SIP/2.0") + self.body

    def stamped(self, via: Via) -> Request:
        """A copy whose topmost Via is `via`, and each hop on a line of its own."""
        hops = [str(via), *self.listed("Via")[1:]]
        others = tuple(h for h in self.headers if h[0] != "Via")
        copy = replace(self, headers=(*(("Via", hop) for hop in hops), *others))
        # What was read of the other headers need not be read again.
        copy.__dict__.update({n: v for n, v in self.__dict__.items() if n in _UNSTAMPED}, via=via)
        return copy

    def with_header(self, name: str, value: str) -> Request:
        """A copy in which this header has this one value."""
        wanted = name.lower()
        kept = tuple(h for h in self.headers if h[0].lower() != wanted)
        return replace(self, headers=(*kept, (name, value)))


@dataclass(frozen=True)
class Response(Message):
    """A SIP response (§7.2)."""

    status: int = 0
    reason: str = ""

    def __bytes__(self) -> bytes:
        return self._head(f"SIP/2.0 {self.status} {self.reason}") + self.body


class BadMessage(SipError):
    """A broken request. `status` is what to answer, `request` holds the headers that were read."""

    def __init__(self, status: int, reason: str, request: Request) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason
        self.request = request


def parse(data: bytes) -> Request | Response:
    """One message from one datagram.

    Takes compact, folded and other-case header names, bare line feeds and any bytes. Raises
    BadMessage (a request that can be answered), NotSip (all else).
    """
    data = data.lstrip(b"\r\n")
    end = END_OF_HEAD.search(data)
    head = data[: end.start()] if end else data
    body = data[end.end() :] if end else b""
    start, _, rest = head.decode("utf-8", "surrogateescape").partition("\n")
    if start.upper().startswith("SIP/"):
        return _response(start, rest, body)
    return _request(start, rest, body)


def read_headers(text: str) -> tuple[tuple[Header, ...], str]:
    """The headers, and what is wrong with the first line that is none ("" where all is well)."""
    found: list[Header] = []
    wrong = ""
    for line in _FOLD.sub(" ", text).split("\n"):
        name, colon, value = line.partition(":")
        name = name.strip()
        known = _CANONICAL.get(name.lower())
        if colon and (known or is_token(name)):
            # Other controls may be quoted in a display name (RFC 4475 §3.1.1.2): they are kept.
            found.append((known or name, value.strip().replace("\r", " ")))
        elif line.strip() and not wrong:
            wrong = "a header line without name and colon"
    return tuple(found), wrong


def _measured(headers: tuple[Header, ...], body: bytes) -> tuple[tuple[Header, ...], bytes]:
    """The headers without Content-Length, and the body it measures (§18.3). Raises BadHeader."""
    lengths = {v for n, v in headers if n == "Content-Length"}
    rest = tuple(h for h in headers if h[0] != "Content-Length")
    if not lengths:
        return rest, body
    if len(lengths) > 1:
        raise BadHeader("Content-Length is given twice", ", ".join(sorted(lengths)))
    length = parse_count(lengths.pop(), 2**31)
    if length > len(body):
        raise BadHeader("the body is shorter than its Content-Length", str(length))
    return rest, body[:length]


def _request(start: str, rest: str, body: bytes) -> Request:
    method, uri, version = _request_line(start)
    given, wrong = read_headers(rest)
    status = 400
    if version != "SIP/2.0":
        status, wrong = 505, "Version Not Supported"
    if not wrong:
        try:
            headers, body = _measured(given, body)
            request = Request(headers, body, method, uri)
            _check_request(request)
        except BadHeader as bad:
            wrong = printable_reason(bad)
        else:
            return request
    raise BadMessage(status, wrong, Request(_answerable(given), method=method, uri=uri))


def _answerable(headers: tuple[Header, ...]) -> tuple[Header, ...]:
    """The headers of a broken request as a reply can carry them.

    What may appear once does, and a Via is without empty parameters (RFC 4475 §3.1.2.1, §3.3.8).
    """
    found: list[Header] = []
    once = set(_AT_MOST_ONCE)
    for name, value in headers:
        if name in _AT_MOST_ONCE and name not in once:
            continue
        once.discard(name)
        found.append((name, _without_gaps(value) if name == "Via" else value))
    return tuple(found)


def _without_gaps(via: str) -> str:
    return ";".join(piece for piece in via.split(";") if piece.strip(" \t,"))


def printable_reason(bad: BadHeader) -> str:
    """The first half of the error's text, which quotes nothing from the wire."""
    return str(bad).partition(":")[0]


def _request_line(start: str) -> tuple[str, str, str]:
    words = start.split(None, 1)
    middle = words[1].rsplit(None, 1) if len(words) == 2 else []
    if len(middle) != 2 or not is_token(words[0]):
        raise NotSip("no SIP start line")
    version = middle[1].upper()
    if not version.startswith("SIP/"):
        raise NotSip("no SIP start line")
    return words[0], _CONTROLS.sub(" ", middle[0].strip()), version


def _check_common(message: Message) -> None:
    for name in _AT_MOST_ONCE:
        if len(message.every(name)) > 1:
            raise BadHeader("a header that may appear once is given twice", name)
    for name in _SINGLE:
        if not message.first(name):
            raise BadHeader("a header is missing", name)
    for part in ("vias", "from_", "to", "cseq"):
        getattr(message, part)


def _check_request(request: Request) -> None:
    _check_common(request)
    if request.cseq.method != request.method:
        raise BadHeader("CSeq names another method", request.cseq.method)
    hops = request.first("Max-Forwards")
    if hops is not None:
        parse_count(hops, 256)
    Uri.parse(request.uri)


def _response(start: str, rest: str, body: bytes) -> Response:
    words = start.strip().split(" ", 2)
    headers, wrong = read_headers(rest)
    known = len(words) > 1 and len(words[1]) == 3 and words[1].isascii() and words[1].isdigit()
    if wrong or not known or words[0].upper() != "SIP/2.0" or not 100 <= int(words[1]) <= 699:
        raise NotSip("a response that cannot be read")
    try:
        headers, body = _measured(headers, body)
        reason = _CONTROLS.sub(" ", words[2]).strip() if len(words) > 2 else ""
        response = Response(headers, body, int(words[1]), reason)
        _check_common(response)
    except BadHeader as bad:
        raise NotSip(str(bad)) from None
    return response
