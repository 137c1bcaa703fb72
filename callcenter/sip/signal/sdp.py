"""What both sides agree on about the sound: offers and answers (RFC 3264). Pure.

We send 20 ms in each packet and say so (`ptime`), whatever is asked for; any length is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import ip_address

from callcenter.core.records import FRAME_MS, SAMPLE_RATE
from callcenter.sip.errors import BadSdp as BadSdp
from callcenter.sip.errors import NoCommonCodec
from callcenter.sip.signal.formats import FORMATS
from callcenter.sip.signal.hops import Address
from callcenter.sip.signal.sdes import SUITES, CryptoLine, Keys, Secrecy, first_usable
from callcenter.sip.signal.sdp_text import Description, Media, numeric
from callcenter.sip.signal.sdp_text import parse_sdp as parse_sdp

STATIC_TYPES = {name: form.payload_type for name, form in FORMATS.items()}
"""The codecs we have, with their payload types (RFC 3551 §6)."""
EVENTS = "TELEPHONE-EVENT"
NOISE = "CN"
"""Comfort noise (RFC 3389)."""
NOISE_TYPE = 13
_EVENT_TYPE = 101
_KNOWN_TYPES = {str(t): name for name, t in (*STATIC_TYPES.items(), (NOISE, NOISE_TYPE))}
_SECRET = {"RTP/AVP": False, "RTP/AVPF": False, "RTP/SAVP": True, "RTP/SAVPF": True}
"""The profiles we speak, and whether they encrypt. Of AVPF we take the name: its feedback is for
video, and to send none is allowed (RFC 4585 §3.3)."""
_MIRROR = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}
_KEPT = 16
"""Descriptions that were read last: a call asks three times for its own."""
_DEAF = _MIRROR | {"sendrecv": "sendonly", "sendonly": "sendonly", "recvonly": "inactive"}


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
    """Milliseconds in a packet that the other side asks for."""
    noise_type: int | None = None
    """The payload type of comfort noise."""
    rtcp: Address | None = None
    """Where the other side said it wants RTCP; see `rtcp_address`."""
    rtcp_mux: bool = False
    """True where RTCP goes the way of the sound (RFC 5761)."""
    keys: Keys | None = None
    """What the sound is encrypted with; None where it goes in the clear."""

    @property
    def address(self) -> Address | None:
        """Where to send; None where the description named no numeric host."""
        return (self.host, self.port) if self.host and self.port else None

    @property
    def rtcp_address(self) -> Address | None:
        """Where to send RTCP: beside the sound, unless agreed otherwise (RFC 3605)."""
        if self.rtcp_mux or self.address is None:
            return self.address
        return self.rtcp or ((self.host, self.port + 1) if self.port < 65535 else None)


@dataclass(frozen=True)
class Choice:
    """The medium we take of a description, what it means for us, and the key it brings."""

    index: int
    stream: Stream
    crypto: CryptoLine | None = None


@lru_cache(_KEPT)
def chosen(
    body: bytes, codecs: tuple[str, ...], secrecy: Secrecy = Secrecy.OFF
) -> tuple[Description, Choice]:
    """What a description says, and what we take of it. Raises BadSdp, NoCommonCodec."""
    theirs = parse_sdp(body)
    return theirs, choose(theirs, codecs, secrecy)


def choose(theirs: Description, codecs: Sequence[str], secrecy: Secrecy = Secrecy.OFF) -> Choice:
    """The first medium with a codec of ours that is as secret as we want it.

    Among the codecs we take, the other side's order decides (RFC 3264 §6.1). Raises NoCommonCodec.
    """
    for index, media in enumerate(theirs.media):
        crypto = _crypto(media, secrecy)
        if not _is_usable(media, crypto, secrecy):
            continue
        stream = _stream(theirs, media, codecs)
        if stream is not None:
            return Choice(index, stream, crypto)
    need = {Secrecy.OFF: " in the clear", Secrecy.REQUIRED: " encrypted by SDES"}.get(secrecy, "")
    raise NoCommonCodec(f"no audio offered in {' or '.join(codecs)}{need}")


def _crypto(media: Media, secrecy: Secrecy) -> CryptoLine | None:
    return None if secrecy is Secrecy.OFF else first_usable(media.values("crypto"))


def _is_usable(media: Media, crypto: CryptoLine | None, secrecy: Secrecy) -> bool:
    if media.kind != "audio" or not media.port or media.protocol not in _SECRET:
        return False
    return crypto is not None or not (_SECRET[media.protocol] or secrecy is Secrecy.REQUIRED)


def _stream(theirs: Description, media: Media, codecs: Sequence[str]) -> Stream | None:
    """None where no codec is among ours."""
    named = [(_payload_name(media, f), int(f)) for f in media.formats if _is_type(f)]
    common = next(((name, number) for name, number in named if name in codecs), None)
    if common is None:
        return None
    host = media.host or theirs.host
    direction = _direction(media, theirs.attributes)
    held_the_old_way = bool(host) and ip_address(host).is_unspecified
    return Stream(
        *common,
        "" if held_the_old_way else host,
        media.port,
        may_send=direction in ("sendrecv", "recvonly") and not held_the_old_way,
        may_receive=direction in ("sendrecv", "sendonly"),
        event_type=next((number for name, number in named if name == EVENTS), None),
        ptime=_ptime(media),
        noise_type=next((number for name, number in named if name == NOISE), None),
        rtcp=_rtcp(media, host),
        rtcp_mux="rtcp-mux" in media.attributes,
    )


def _is_type(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 4 and int(text) < 128


def _payload_name(media: Media, payload_type: str) -> str:
    """PCMU, G722, TELEPHONE-EVENT … ; "" for what runs by another clock or is unknown."""
    if payload_type in media.maps:
        name, rate = media.maps[payload_type]
        return name if rate == str(SAMPLE_RATE) else ""
    return _KNOWN_TYPES.get(payload_type, "")


def _direction(media: Media, session: Sequence[str]) -> str:
    """The offerer's direction; a media attribute overrides the session's (RFC 4566 §6)."""
    for attribute in (*media.attributes, *session):
        if attribute in _MIRROR:
            return attribute
    return "sendrecv"


def _ptime(media: Media) -> int:
    for value in media.values("ptime"):
        if value.isascii() and value.isdigit() and 0 < len(value) < 4:
            return int(value)
    return FRAME_MS


def _rtcp(media: Media, host: str) -> Address | None:
    """RFC 3605: `a=rtcp:53020` or `a=rtcp:53020 IN IP4 126.16.64.4`."""
    for value in media.values("rtcp"):
        port, *where = value.split() or [""]
        host = numeric(where[2]) if len(where) == 3 else host
        if host and port.isascii() and port.isdigit() and len(port) < 6 and 0 < int(port) < 65536:
            return host, int(port)
    return None


class MediaSession:
    """Our side of one call's offers and answers; keeps our port and counts versions.

    `secrecy` is what holds for this call (Secrecy.over); unless it is off, `new_key` gives
    KEY_BYTES random bytes.
    """

    def __init__(
        self,
        host: str,
        port: int,
        codecs: Sequence[str],
        session_id: int,
        secrecy: Secrecy = Secrecy.OFF,
        new_key: Callable[[], bytes] | None = None,
    ) -> None:
        assert new_key is not None or secrecy is Secrecy.OFF
        self.host = host
        self.port = port
        self.codecs = tuple(codecs)
        self.secrecy = secrecy
        self.stream: Stream | None = None
        self.held = False
        """True while we ask the other side to wait (RFC 3264 §8.4)."""
        self._is_held = False
        self._last = Description(host, session_id=session_id, version=0)
        self._index = 0
        self._new_key = new_key
        self._crypto = [
            CryptoLine(tag, suite, new_key())
            for tag, suite in enumerate(SUITES, start=1)
            if new_key is not None and secrecy is not Secrecy.OFF
        ]

    def renewed(self, session_id: int) -> MediaSession:
        """Another session at the same place, with keys of its own."""
        place = (self.host, self.port, self.codecs)
        return MediaSession(*place, session_id, self.secrecy, self._new_key)

    def offer(self) -> bytes:
        """All our codecs, in our order; media that were refused before keep their place (§8)."""
        formats = [(name, STATIC_TYPES[name]) for name in self.codecs]
        others = (("telephone-event", _EVENT_TYPE), (NOISE, NOISE_TYPE))
        direction = self._listening("recvonly" if self._is_held else "sendrecv")
        media = list(self._last.media) or [self._first()]
        protocol = media[self._index].protocol
        media[self._index] = self._audio(
            protocol, (*formats, *others), direction, ("rtcp-mux", *map(str, self._crypto))
        )
        return self._write(tuple(media))

    def answer(self, offer: bytes) -> bytes:
        """The answer to an offer. Raises BadSdp, NoCommonCodec; then nothing has changed."""
        theirs, choice = chosen(offer, self.codecs, self.secrecy)
        stream, wanted = choice.stream, theirs.media[choice.index]
        direction = self._listening(_MIRROR[_direction(wanted, theirs.attributes)])
        ours = choice.crypto and self._answering(choice.crypto)
        named = (
            (stream.codec, stream.payload_type),
            ("telephone-event", stream.event_type),
            (NOISE, stream.noise_type),
        )
        formats = [(name, number) for name, number in named if number is not None]
        more = (*(["rtcp-mux"] if stream.rtcp_mux else []), *([str(ours)] if ours else []))
        media = [Media(m.kind, 0, m.protocol, m.formats) for m in theirs.media]
        media[choice.index] = self._audio(wanted.protocol, formats, direction, more)
        self._is_held = not stream.may_send
        self._index = choice.index
        self._agree(choice, ours)
        return self._write(tuple(media))

    def accept(self, answer: bytes) -> None:
        """Take the answer to our offer. Raises BadSdp, NoCommonCodec."""
        _, choice = chosen(answer, self.codecs, self.secrecy)
        ours = choice.crypto and self._offered(choice.crypto)
        if choice.crypto and not ours:
            raise NoCommonCodec(f"no key of ours has the number {choice.crypto.tag}")
        self._agree(choice, ours)
        # Some answer our hold with `inactive`: that must not keep them silent when we resume.
        self._is_held = self._is_held and not choice.stream.may_send

    def _agree(self, choice: Choice, ours: CryptoLine | None) -> None:
        stream, theirs = choice.stream, choice.crypto
        keys = Keys(theirs.suite, ours.key, theirs.key) if theirs and ours else None
        may_receive = stream.may_receive and not self.held
        self.stream = replace(stream, may_receive=may_receive, keys=keys)

    def _answering(self, theirs: CryptoLine) -> CryptoLine:
        """RFC 4568 §5.1.2: the number and suite that they gave, and our own key."""
        mine = next(line for line in self._crypto if line.suite == theirs.suite)
        return replace(mine, tag=theirs.tag)

    def _offered(self, theirs: CryptoLine) -> CryptoLine | None:
        """§5.1.3: the line of our offer that they answered."""
        wanted = (theirs.tag, theirs.suite)
        return next((line for line in self._crypto if (line.tag, line.suite) == wanted), None)

    def _first(self) -> Media:
        """RFC 8643 §3.1: keys in the profile without secrecy are for whom it may serve."""
        protocol = "RTP/SAVP" if self.secrecy is Secrecy.REQUIRED else "RTP/AVP"
        return Media("audio", self.port, protocol, ())

    def _listening(self, direction: str) -> str:
        """The direction that we name: while we hold, we do not listen (RFC 3264 §8.4)."""
        return _DEAF[direction] if self.held else direction

    def _audio(
        self,
        protocol: str,
        formats: Sequence[tuple[str, int]],
        direction: str,
        more: Sequence[str],
    ) -> Media:
        lines: list[str] = []
        for name, number in formats:
            lines.append(f"rtpmap:{number} {name}/{SAMPLE_RATE}")
            if name == "telephone-event":
                lines.append(f"fmtp:{number} 0-16")
        types = tuple(str(number) for _, number in formats)
        attributes = (*lines, f"ptime:{FRAME_MS}", direction, *more)
        return Media("audio", self.port, protocol, types, attributes=attributes)

    def _write(self, media: tuple[Media, ...]) -> bytes:
        """The version counts up with each change (RFC 3264 §8)."""
        if media != self._last.media:
            version = self._last.version + 1
            self._last = Description(self.host, media, (), self._last.session_id, version)
        return bytes(self._last)
