"""The structured headers of SIP as records with `parse` and `str` (RFC 3261 §19, §20, §25). Pure.

Every `parse` raises BadHeader for text it cannot read, and takes time linear in its length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import TypeVar
from urllib.parse import unquote

from callcenter.sip.errors import BadHeader
from callcenter.sip.signal.hops import DEFAULT_PORTS, Flow, Hop, hop

Params = tuple[tuple[str, str | None], ...]
MAGIC_COOKIE = "z9hG4bK"
DEFAULT_PORT = 5060

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_PIECES = {s: re.compile(rf'(?:{_QUOTED}|<[^<>]*>|[^{s}"<])*', re.DOTALL) for s in ",;"}
_QUOTED_RE = re.compile(_QUOTED, re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_HOST = re.compile(r"\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+")
_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_NOT_IN_URI = re.compile(r"[\s<>\"\x00-\x1f\x7f]")

_P = TypeVar("_P", bound="_WithParams")


def is_token(text: str) -> bool:
    """True where `text` is a token of RFC 3261 §25.1."""
    return _TOKEN.fullmatch(text) is not None


def split(text: str, separator: str) -> list[str]:
    """Pieces of `text` between separators ("," or ";") outside quotes and angle brackets."""
    if '"' not in text and "<" not in text:
        return [piece.strip() for piece in text.split(separator)]
    found: list[str] = []
    at = 0
    while True:
        match = _PIECES[separator].match(text, at)
        end = match.end() if match else at
        found.append(text[at:end].strip())
        if end == len(text):
            return found
        if text[end] != separator:
            raise BadHeader("quotes or brackets do not balance", text)
        at = end + 1


def unquote_text(text: str) -> str:
    """A quoted string without its quotes and escapes; other text as it is."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return _ESCAPED.sub(r"\1", text[1:-1])
    return text


def quote_text(text: str) -> str:
    """`text` as a quoted string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def printable(text: str) -> str:
    """`text` fit for pages and databases: stray Latin-1 bytes become letters, controls go."""
    raw = text.encode("utf-8", "surrogateescape")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return "".join(c for c in text if c.isprintable()).strip()


def numeric_host(host: str) -> str | None:
    """`host` as a numeric address without brackets, or None where it is a name."""
    if host.lower() == "localhost":
        return "127.0.0.1"
    try:
        return str(ip_address(host.strip("[]")))
    except ValueError:
        return None


def _parse_params(pieces: list[str]) -> Params:
    found: list[tuple[str, str | None]] = []
    for piece in pieces:
        name, equals, value = piece.partition("=")
        name = name.strip().lower()
        if not name:
            raise BadHeader("a parameter has no name", piece)
        found.append((name, value.strip() if equals else None))
    return tuple(found)


def _params_text(params: Params) -> str:
    return "".join(f";{n}" if v is None else f";{n}={v}" for n, v in params)


def parse_host_port(text: str) -> tuple[str, int | None]:
    """The host and, where given, the port (0 to 65535) of `host[:port]`."""
    text = text.strip()
    match = _HOST.match(text)
    if match is None:
        raise BadHeader("not a host", text)
    host, rest = match.group(), text[match.end() :].strip()
    if not rest:
        return host, None
    digits = rest[1:].strip()
    if rest[0] != ":" or not digits.isascii() or not digits.isdigit() or len(digits) > 5:
        raise BadHeader("not a host and port", text)
    if int(digits) > 65535:
        raise BadHeader("a port ends at 65535", text)
    return host, int(digits)


def host_port(host: str, port: int | None) -> str:
    """The text of a host, in brackets where it is an IPv6 address, and a port where given."""
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    return host if port is None else f"{host}:{port}"


@dataclass(frozen=True)
class _WithParams:
    """What has parameters after semicolons; names are kept in lower case."""

    def get(self, name: str) -> str | None:
        """The value of a parameter; "" where it has none, None where it is absent."""
        for key, value in getattr(self, "params", ()):
            if key == name:
                return value or ""
        return None

    def with_param(self: _P, name: str, value: str | None) -> _P:
        """A copy with this parameter set."""
        others: Params = tuple(p for p in getattr(self, "params", ()) if p[0] != name)
        return replace(self, params=(*others, (name, value)))  # type: ignore[call-arg]


@dataclass(frozen=True)
class Uri(_WithParams):
    """A SIP, SIPS or tel URI (RFC 3261 §19.1, RFC 3966); other schemes are kept as they are.

    `user` is raw (escapes, a password, user parameters); `number` is fit for people.
    """

    scheme: str = "sip"
    user: str = ""
    host: str = ""
    port: int | None = None
    params: Params = ()
    headers: str = ""

    @classmethod
    def parse(cls, text: str) -> Uri:
        """Raises BadHeader."""
        text = text.strip()
        scheme, colon, rest = text.partition(":")
        if not colon or not _SCHEME.fullmatch(scheme) or _NOT_IN_URI.search(text):
            raise BadHeader("not a URI", text)
        scheme = scheme.lower()
        if scheme not in ("sip", "sips"):
            user, *params = rest.split(";")
            return cls(scheme, user, params=_parse_params(params))
        user, _, where = rest.rpartition("@")
        where, _, headers = where.partition("?")
        host_port, *params = where.split(";")
        host, port = parse_host_port(host_port)
        return cls(scheme, user, host, port, _parse_params(params), headers)

    def get(self, name: str) -> str | None:
        """The value of a parameter; "" where it has none, None where it is absent.

        Escapes are read (RFC 3261 §19.1.4).
        """
        for key, value in self.params:
            if unquote(key).lower() == name:
                return unquote(value or "")
        return None

    def __str__(self) -> str:
        if self.scheme not in ("sip", "sips"):
            return f"{self.scheme}:{self.user}{_params_text(self.params)}"
        at = f"{self.user}@" if self.user else ""
        where = host_port(self.host, self.port) + _params_text(self.params)
        query = f"?{self.headers}" if self.headers else ""
        return f"{self.scheme}:{at}{where}{query}"

    @property
    def number(self) -> str:
        """The user part as a person would dial or read it, at most 64 characters."""
        user = self.user.partition(";")[0].partition(":")[0]
        return printable(unquote(user, errors="replace"))[:64]

    @property
    def transport(self) -> str:
        """UDP, TCP, TLS or another one (§19.1.1); TLS for sips:, else UDP where none is named."""
        if self.scheme == "sips":
            return "TLS"
        return (self.get("transport") or "UDP").upper()

    @property
    def address(self) -> Hop | None:
        """Where to send for this URI; None where the host is a name, or the transport not ours."""
        host, transport = numeric_host(self.host), self.transport
        if host is None or transport not in DEFAULT_PORTS:
            return None
        return hop(host, self.port or DEFAULT_PORTS[transport], transport)


@dataclass(frozen=True)
class NameAddr(_WithParams):
    """From, To, Contact, Route, Record-Route: a name, a URI and parameters (§20.10)."""

    uri: Uri
    display: str = ""
    params: Params = ()

    @classmethod
    def parse(cls, text: str) -> NameAddr:
        """Raises BadHeader. Without angle brackets the parameters are the header's (§20.10)."""
        text = text.strip()
        display, rest = cls._display(text)
        if not rest.startswith("<"):
            uri, *params = split(text, ";")
            return cls(Uri.parse(uri), "", _parse_params(params))
        inside, bracket, after = rest[1:].partition(">")
        if not bracket:
            raise BadHeader("quotes or brackets do not balance", text)
        after = after.strip()
        if after and not after.startswith(";"):
            raise BadHeader("text after the address", text)
        return cls(Uri.parse(inside), display, _parse_params(split(after, ";")[1:]))

    @staticmethod
    def _display(text: str) -> tuple[str, str]:
        if text.startswith('"'):
            match = _QUOTED_RE.match(text)
            if match is None:
                raise BadHeader("quotes or brackets do not balance", text)
            return unquote_text(match.group()), text[match.end() :].strip()
        display, bracket, rest = text.partition("<")
        return (display.strip(), "<" + rest) if bracket else ("", text)

    def __str__(self) -> str:
        name = f"{quote_text(self.display)} " if self.display else ""
        return f"{name}<{self.uri}>{_params_text(self.params)}"

    @property
    def tag(self) -> str:
        """The tag, or "" (§19.3)."""
        return self.get("tag") or ""


@dataclass(frozen=True)
class Via(_WithParams):
    """One hop of the way back (§20.42)."""

    transport: str
    host: str
    port: int | None = None
    params: Params = ()

    @classmethod
    def parse(cls, text: str) -> Via:
        """Raises BadHeader. The version is not looked at: a wrong one must still be answered."""
        parts = text.split("/", 2)
        if len(parts) != 3 or parts[0].strip().upper() != "SIP":
            raise BadHeader("not a Via", text)
        words = parts[2].split(None, 1)
        if len(words) != 2 or not is_token(words[0]):
            raise BadHeader("not a Via", text)
        sent_by, *params = split(words[1], ";")
        host, port = parse_host_port(sent_by)
        return cls(words[0].upper(), host, port, _parse_params(params))

    def __str__(self) -> str:
        where = host_port(self.host, self.port)
        return f"SIP/2.0/{self.transport} {where}{_params_text(self.params)}"

    @property
    def branch(self) -> str:
        """The transaction's id, or ""."""
        return self.get("branch") or ""

    def stamped(self, source: Hop) -> Via:
        """With what the receiver saw: `received` and, where asked for, `rport` (RFC 3581 §4)."""
        via: Via = self
        if self.get("rport") is not None:
            via = via.with_param("rport", str(source[1]))
        if self.get("rport") is not None or self.host.strip("[]") != source[0]:
            via = via.with_param("received", source[0])
        return via

    def reply_address(self, source: Hop) -> Hop:
        """Where a response goes: always to the source's host (§18.2.2, RFC 3581 §4).

        By a connection it goes back as the request came.
        """
        if isinstance(source, Flow):
            return source._replace(home=self.port or DEFAULT_PORTS[source.transport])
        if self.get("rport") is not None:
            return source
        return source[0], self.port or DEFAULT_PORT


@dataclass(frozen=True)
class CSeq:
    """The place of a request in its dialog (§20.16)."""

    number: int
    method: str

    @classmethod
    def parse(cls, text: str) -> CSeq:
        """Raises BadHeader."""
        words = text.split()
        if len(words) != 2 or not is_token(words[1]):
            raise BadHeader("not a CSeq", text)
        return cls(parse_count(words[0], 2**31), words[1])

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


def parse_count(text: str, limit: int) -> int:
    """A whole number from 0 up to, not including, `limit`. Raises BadHeader."""
    text = text.strip()
    if not text.isascii() or not text.isdigit() or len(text) > 20 or int(text) >= limit:
        raise BadHeader(f"not a number below {limit}", text)
    return int(text)
