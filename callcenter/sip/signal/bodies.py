"""Bodies of several parts, one of them a session description (RFC 5621, RFC 2046 §5.1). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TypeVar

from callcenter.sip.errors import BadHeader
from callcenter.sip.signal.headers import split, unquote_text
from callcenter.sip.signal.message import END_OF_HEAD, Message, read_headers

_SDP = "application/sdp"
_LONGEST_BOUNDARY = 70
_M = TypeVar("_M", bound=Message)


@dataclass(frozen=True)
class Part:
    """A part of a body: media type in lower case, bytes, whether it must be understood."""

    kind: str
    content: bytes
    required: bool = False


def kind_of(message: Message) -> str:
    """The media type of a message's body, in lower case and without parameters."""
    return _kind(message.first("Content-Type") or "")


def described(message: _M) -> _M:
    """The message with its session description as its body, where that is one part of several.

    It stays as it is where it has no such part, and where another part must be understood: then
    it is refused as any body is that we cannot read (RFC 5621 §5).
    """
    if not kind_of(message).startswith("multipart/"):
        return message
    try:
        found = parts(message)
    except BadHeader:
        return message
    chosen = next((part for part in found if part.kind == _SDP), None)
    if chosen is None or any(part.required for part in found if part is not chosen):
        return message
    kept = tuple(h for h in message.headers if h[0] != "Content-Type")
    return replace(message, headers=(*kept, ("Content-Type", _SDP)), body=chosen.content)


def parts(message: Message) -> list[Part]:
    """The parts of a body in order. Raises BadHeader where its boundary cannot be read."""
    pattern = rb"(?:\A|\r?\n)--%s(?:--)?[ \t]*(?=\r?\n|\Z)" % re.escape(_boundary(message))
    _preamble, *pieces = re.split(pattern, message.body)
    # What follows the last delimiter is an epilogue, as a rule empty: it has no blank line.
    return [part for part in map(_part, pieces) if part is not None]


def _boundary(message: Message) -> bytes:
    _, *params = split(message.required("Content-Type"), ";")
    for param in params:
        name, _, value = param.partition("=")
        if name.strip().lower() == "boundary":
            text = unquote_text(value.strip()).encode("utf-8", "surrogateescape")
            if 0 < len(text) <= _LONGEST_BOUNDARY:
                return text
    raise BadHeader("a body of several parts needs a boundary", ";".join(params))


def _part(piece: bytes) -> Part | None:
    end = END_OF_HEAD.search(piece)
    if end is None:
        return None
    headers, _ = read_headers(piece[: end.start()].decode("utf-8", "surrogateescape"))
    about = Message(headers)
    handling = [p.replace(" ", "") for p in _params(about.first("Content-Disposition") or "")]
    return Part(kind_of(about), piece[end.end() :], "handling=required" in handling)


def _params(value: str) -> list[str]:
    return value.lower().split(";")[1:]


def _kind(value: str) -> str:
    return value.partition(";")[0].strip().lower()
