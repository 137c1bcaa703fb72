"""Session descriptions: read, choose a codec, offer and answer (RFC 4566, RFC 3264). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

from callcenter.core.records import FRAME_MS, SAMPLE_RATE
from callcenter.sip.errors import BadSdp, NoCommonCodec
from callcenter.sip.headers import Address

STATIC_TYPES = {"PCMU": 0, "PCMA": 8}
"""The codecs we have, with their payload types (RFC 3551 §6)."""
EVENTS = "TELEPHONE-EVENT"
_EVENT_TYPE = 101
_MIRROR = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}


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


@dataclass(frozen=True)
class Stream:
    """What both sides agreed on: how and where we send, whether sound may flow."""

    codec: str
    payload_type: int
    host: str
    port: int
    may_send: bool = True
    may_receive: bool = True
    event_type: int | None = None
    ptime: int = FRAME_MS

    @property
    def address(self) -> Address | None:
        """Where to send; None where the description named no numeric host."""
        return (self.host, self.port) if self.host and self.port else None


def _family(host: str) -> str:
    return "IN IP6" if ":" in host else "IN IP4"


def _connection_line(host: str) -> str:
    return f"c={_family(host)} {host}"


def parse_sdp(body: bytes) -> Description:
    """Raises BadSdp, naming the line."""
    reader = _Reader()
    for line in body.decode("utf-8", "surrogateescape").replace("\r", "\n").split("\n"):
        if line:
            reader.take(line)
    if not reader.begun:
        raise BadSdp("the session description does not begin with v=0")
    return reader.description()


@dataclass
class _Reader:
    """Collects lines; what comes after an m= line belongs to that medium (RFC 4566 §5)."""

    begun: bool = False
    origin: tuple[int, int] = (0, 0)
    host: str = ""
    attributes: list[str] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)

    def take(self, line: str) -> None:
        kind, equals, value = line[:1], line[1:2], line[2:].strip()
        if equals != "=":
            raise BadSdp(f"not a session description line: {line[:40]!r}")
        if kind == "v":
            self.begun = True
        elif kind == "o":
            self._origin(value)
        elif kind == "m":
            self.media.append(_parse_media(value))
        elif kind == "c":
            self._connection(value)
        elif kind == "a":
            self._attribute(value)

    def _origin(self, value: str) -> None:
        words = value.split()
        if len(words) == 6 and all(w.isascii() and w.isdigit() for w in words[1:3]):
            self.origin = (int(words[1][:20]), int(words[2][:20]))

    def _connection(self, value: str) -> None:
        words = value.split()
        if len(words) != 3 or words[0].upper() != "IN":
            raise BadSdp(f"not a connection line: c={value[:40]!r}")
        host = _numeric(words[2].partition("/")[0])
        if self.media:
            self.media[-1] = replace(self.media[-1], host=host)
        else:
            self.host = host

    def _attribute(self, value: str) -> None:
        if not self.media:
            self.attributes.append(value)
            return
        last = self.media[-1]
        self.media[-1] = replace(last, attributes=(*last.attributes, value))

    def description(self) -> Description:
        return Description(self.host, tuple(self.media), tuple(self.attributes), *self.origin)


def _numeric(host: str) -> str:
    """Names are left out: looking one up would hold the call's thread; RTP latching serves it."""
    try:
        return str(ip_address(host))
    except ValueError:
        return ""


def _parse_media(value: str) -> Media:
    words = value.split()
    port = words[1].partition("/")[0] if len(words) > 3 else ""
    if not port.isascii() or not port.isdigit() or len(port) > 5 or int(port) > 65535:
        raise BadSdp(f"not a media line: m={value[:40]!r}")
    return Media(words[0], int(port), words[2], tuple(words[3:]))


def _payload_name(media: Media, payload_type: str) -> str:
    """PCMU, PCMA, TELEPHONE-EVENT … ; "" for what runs at another rate or is unknown."""
    for attribute in media.attributes:
        kind, _, value = attribute.partition(":")
        words = value.split(None, 1)
        if kind == "rtpmap" and len(words) == 2 and words[0] == payload_type:
            name, _, rate = words[1].partition("/")
            return name.strip().upper() if rate.split("/")[0] == str(SAMPLE_RATE) else ""
    return next((n for n, t in STATIC_TYPES.items() if str(t) == payload_type), "")


def _direction(media: Media, session: Sequence[str]) -> str:
    """The offerer's direction; a media attribute overrides the session's (RFC 4566 §6)."""
    for attribute in (*media.attributes, *session):
        if attribute in _MIRROR:
            return attribute
    return "sendrecv"


def _ptime(media: Media) -> int:
    for attribute in media.attributes:
        name, _, value = attribute.partition(":")
        if name == "ptime" and value.isascii() and value.isdigit() and 0 < len(value) < 4:
            return int(value)
    return FRAME_MS


def _is_usable(media: Media) -> bool:
    return media.kind == "audio" and media.port > 0 and media.protocol == "RTP/AVP"


def choose(theirs: Description, codecs: Sequence[str]) -> tuple[int, Stream]:
    """The first medium with a codec of ours, and what it means for us.

    Among the codecs we take, the other side's order decides (RFC 3264 §6.1). Raises NoCommonCodec.
    """
    for index, media in enumerate(theirs.media):
        names = [(_payload_name(media, f), f) for f in media.formats if _is_type(f)]
        common = [(name, int(f)) for name, f in names if name in codecs]
        if common and _is_usable(media):
            events = [int(f) for name, f in names if name == EVENTS]
            return index, _stream(theirs, media, common[0], events)
    raise NoCommonCodec(f"no audio offered in {' or '.join(codecs)}")


def _is_type(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 4 and int(text) < 128


def _stream(
    theirs: Description, media: Media, codec: tuple[str, int], events: Sequence[int]
) -> Stream:
    host = media.host or theirs.host
    direction = _direction(media, theirs.attributes)
    held_the_old_way = bool(host) and ip_address(host).is_unspecified
    return Stream(
        codec[0],
        codec[1],
        "" if held_the_old_way else host,
        media.port,
        may_send=direction in ("sendrecv", "recvonly") and not held_the_old_way,
        may_receive=direction in ("sendrecv", "sendonly"),
        event_type=events[0] if events else None,
        ptime=_ptime(media),
    )


class MediaSession:
    """Our side of one call's offers and answers; keeps our port and counts versions."""

    def __init__(self, host: str, port: int, codecs: Sequence[str], session_id: int) -> None:
        self.host = host
        self.port = port
        self.codecs = tuple(codecs)
        self.stream: Stream | None = None
        self._last = Description(host, session_id=session_id, version=0)

    def offer(self) -> bytes:
        """All our codecs, in our order."""
        formats = [(name, STATIC_TYPES[name]) for name in self.codecs]
        return self._write((self._audio(formats, _EVENT_TYPE, "sendrecv"),))

    def answer(self, offer: bytes) -> bytes:
        """The answer to an offer. Raises BadSdp, NoCommonCodec; then nothing has changed."""
        theirs = parse_sdp(offer)
        index, stream = choose(theirs, self.codecs)
        media = [Media(m.kind, 0, m.protocol, m.formats) for m in theirs.media]
        direction = _MIRROR[_direction(theirs.media[index], theirs.attributes)]
        codec = [(stream.codec, stream.payload_type)]
        media[index] = self._audio(codec, stream.event_type, direction)
        self.stream = stream
        return self._write(tuple(media))

    def accept(self, answer: bytes) -> None:
        """Take the answer to our offer. Raises BadSdp, NoCommonCodec."""
        _, self.stream = choose(parse_sdp(answer), self.codecs)

    def _audio(
        self, codecs: Sequence[tuple[str, int]], event_type: int | None, direction: str
    ) -> Media:
        types = [str(t) for _, t in codecs]
        lines = [f"rtpmap:{t} {name}/{SAMPLE_RATE}" for name, t in codecs]
        if event_type is not None:
            types.append(str(event_type))
            lines.append(f"rtpmap:{event_type} telephone-event/{SAMPLE_RATE}")
            lines.append(f"fmtp:{event_type} 0-16")
        attributes = (*lines, f"ptime:{FRAME_MS}", direction)
        return Media("audio", self.port, "RTP/AVP", tuple(types), attributes=attributes)

    def _write(self, media: tuple[Media, ...]) -> bytes:
        """The version counts up with each change (RFC 3264 §8)."""
        if media != self._last.media:
            version = self._last.version + 1
            self._last = Description(self.host, media, (), self._last.session_id, version)
        return bytes(self._last)
