"""Session descriptions as text: read and written (RFC 4566). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from itertools import pairwise

from callcenter.sip.errors import BadSdp

_Line = tuple[str, str]


@dataclass(frozen=True)
class Media:
    """One m= block: `host` is its own c= address ("" where it has none)."""

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    host: str = ""
    attributes: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"m={self.kind} {self.port} {self.protocol} {' '.join(self.formats)}"]
        if self.host:
            lines.append(_connection_line(self.host))
        return "\r\n".join([*lines, *(f"a={a}" for a in self.attributes)])

    def values(self, name: str) -> list[str]:
        """What stands behind each `a=name:`, in order."""
        return [a[len(name) + 1 :] for a in self.attributes if a.startswith(f"{name}:")]

    @cached_property
    def maps(self) -> Mapping[str, tuple[str, str]]:
        """Encoding name, in capitals, and clock rate by payload type, as rtpmap lines tell."""
        read: dict[str, tuple[str, str]] = {}
        for value in self.values("rtpmap"):
            words = value.split(None, 1)
            if len(words) == 2:
                name, _, rate = words[1].partition("/")
                read.setdefault(words[0], (name.strip().upper(), rate.split("/")[0].strip()))
        return read


@dataclass(frozen=True)
class Description:
    """A whole session description, as far as telephony needs it."""

    host: str = ""
    media: tuple[Media, ...] = ()
    attributes: tuple[str, ...] = ()
    session_id: int = 0
    version: int = 0

    def __bytes__(self) -> bytes:
        lines = [
            "v=0",
            f"o=- {self.session_id} {self.version} {_family(self.host)} {self.host or '127.0.0.1'}",
            "s=-",
            *([_connection_line(self.host)] if self.host else []),
            "t=0 0",
            *(f"a={a}" for a in self.attributes),
            *map(str, self.media),
        ]
        return ("\r\n".join(lines) + "\r\n").encode("utf-8", "surrogateescape")


def parse_sdp(body: bytes) -> Description:
    """Raises BadSdp, naming the line; kinds of lines that we do not know are passed over."""
    text = body.decode("utf-8", "surrogateescape").replace("\r", "\n")
    lines = [_line(line) for line in text.split("\n") if line]
    if all(kind != "v" for kind, _ in lines):
        raise BadSdp("the session description does not begin with v=0")
    starts = [at for at, (kind, _) in enumerate(lines) if kind == "m"]
    session = lines[: starts[0]] if starts else lines
    # What comes after an m= line belongs to that medium (RFC 4566 §5).
    blocks = [lines[a:b] for a, b in pairwise([*starts, len(lines)])]
    media = tuple(_media(block) for block in blocks)
    return Description(_host(session), media, _attributes(session), *_origin(lines))


def numeric(host: str) -> str:
    """The address, or "" for a name: looking one up would hold the call; RTP latching serves it."""
    try:
        return str(ip_address(host))
    except ValueError:
        return ""


def _line(text: str) -> _Line:
    if text[1:2] != "=":
        raise BadSdp(f"not a session description line: {text[:40]!r}")
    return text[0], text[2:].strip()


def _origin(lines: Iterable[_Line]) -> tuple[int, int]:
    """Session id and version; zeros where they cannot be read, since nobody asks for them."""
    for kind, value in lines:
        words = value.split()
        if kind == "o" and len(words) == 6 and all(_is_number(w) for w in words[1:3]):
            return int(words[1][:20]), int(words[2][:20])
    return 0, 0


def _host(lines: Iterable[_Line]) -> str:
    host = ""
    for kind, value in lines:
        if kind == "c":
            words = value.split()
            if len(words) != 3 or words[0].upper() != "IN":
                raise BadSdp(f"not a connection line: c={value[:40]!r}")
            host = numeric(words[2].partition("/")[0])
    return host


def _attributes(lines: Iterable[_Line]) -> tuple[str, ...]:
    return tuple(value for kind, value in lines if kind == "a")


def _media(lines: list[_Line]) -> Media:
    value = lines[0][1]
    words = value.split()
    port = words[1].partition("/")[0] if len(words) > 3 else ""
    if not _is_number(port) or len(port) > 5 or int(port) > 65535:
        raise BadSdp(f"not a media line: m={value[:40]!r}")
    return Media(words[0], int(port), words[2], tuple(words[3:]), _host(lines), _attributes(lines))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _family(host: str) -> str:
    return "IN IP6" if ":" in host else "IN IP4"


def _connection_line(host: str) -> str:
    return f"c={_family(host)} {host}"
