"""Who may speak to a line, and how often: an allow-list, a token bucket a source, no scanners, and
a door shut to whoever guesses passwords. Pure."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from callcenter.sip.signal.scanners import is_scanner

MOST_SOURCES = 4096
"""Sources that are remembered; the one not heard of for longest is forgotten."""
MOST_GUESSES = 5
GUESSES_SECONDS = 600.0
"""So many wrong logins of a source within this time shut it out for as long again."""


class Verdict(StrEnum):
    """What becomes of a message from a source."""

    WELCOME = "welcome"
    LIMITED = "limited"
    STRANGER = "stranger"
    SCANNER = "scanner"
    SHUT_OUT = "shut_out"


@dataclass(slots=True)
class _Bucket:
    """What a source may still send, as of `at`; None where it may not at all."""

    tokens: float | None
    at: float


@dataclass(slots=True)
class _Guesses:
    """Wrong logins since `first`; `until` is when the door opens again."""

    first: float
    count: int = 0
    until: float = 0.0


@lru_cache(MOST_SOURCES)
def source_of(host: str) -> str:
    """Whom a numeric address belongs to: IPv6 hosts share a source by their first 64 bits."""
    if ":" not in host:
        return host
    address = ip_address(host)
    assert isinstance(address, IPv6Address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((int(address) >> 64 << 64, 64)))


class Doorkeeper:
    """Lets in `rate` messages a second from each source, in bursts of as many, 0 being no limit.

    `allow` are the networks that may speak to us, any where it is empty, or where the line is not
    `closed`: then they are those that need not log in. `counts` says how many messages were turned
    away, and why.
    """

    def __init__(
        self, allow: Iterable[str] = (), rate: float = 0.0, *, closed: bool = True
    ) -> None:
        self.counts: Counter[Verdict] = Counter()
        self.wrong_logins = 0
        self._allow: list[IPv4Network | IPv6Network] = [ip_network(a, False) for a in allow]
        self._rate = rate
        self._closed = closed
        self._guesses: OrderedDict[str, _Guesses] = OrderedDict()
        self._trusted: set[str] = set()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def trust(self, host: str) -> None:
        """Our own registrar need not be in the list."""
        self._trusted.add(source_of(host))
        self._buckets.pop(source_of(host), None)

    def is_stranger(self, host: str) -> bool:
        """True where nobody named this source: not the list, and it is not our registrar."""
        return not (source_of(host) in self._trusted or self._is_listed(host))

    def is_registrar(self, host: str) -> bool:
        """True for whom we registered with."""
        return source_of(host) in self._trusted

    def login_failed(self, host: str, now: float) -> None:
        """A wrong password came from here; who is named is never shut out."""
        self.wrong_logins += 1
        if not self.is_stranger(host):
            return
        source = source_of(host)
        guesses = self._guesses.get(source)
        if guesses is None or now - guesses.first > GUESSES_SECONDS:
            guesses = self._guesses[source] = _Guesses(now)
        guesses.count += 1
        if guesses.count >= MOST_GUESSES:
            guesses.until = now + GUESSES_SECONDS
        self._guesses.move_to_end(source)
        if len(self._guesses) > MOST_SOURCES:
            self._guesses.popitem(last=False)

    def logged_in(self, host: str) -> None:
        """The right password came from here: what was wrong before was a slip."""
        self._guesses.pop(source_of(host), None)

    def judge(self, host: str, now: float, data: bytes = b"") -> Verdict:
        """Take one message more from this source, or not; it is not parsed yet."""
        verdict = self._judge(source_of(host), host, now)
        if verdict is Verdict.WELCOME and is_scanner(data) and self.is_stranger(host):
            verdict = Verdict.SCANNER
        if verdict is not Verdict.WELCOME:
            self.counts[verdict] += 1
        return verdict

    def _judge(self, source: str, host: str, now: float) -> Verdict:
        guesses = self._guesses.get(source)
        if guesses is not None and now < guesses.until:
            return Verdict.SHUT_OUT
        bucket = self._buckets.get(source)
        if bucket is None:
            bucket = self._meet(source, host, now)
        self._buckets.move_to_end(source)
        return self._weigh(bucket, now)

    def _weigh(self, bucket: _Bucket, now: float) -> Verdict:
        if bucket.tokens is None:
            return Verdict.STRANGER
        if not self._rate:
            return Verdict.WELCOME
        earned = max(0.0, now - bucket.at) * self._rate
        bucket.tokens = min(bucket.tokens + earned, max(1.0, self._rate))
        bucket.at = now
        if bucket.tokens < 1.0:
            return Verdict.LIMITED
        bucket.tokens -= 1.0
        return Verdict.WELCOME

    def _meet(self, source: str, host: str, now: float) -> _Bucket:
        barred = self._closed and bool(self._allow) and self.is_stranger(host)
        bucket = _Bucket(None if barred else max(1.0, self._rate), now)
        self._buckets[source] = bucket
        if len(self._buckets) > MOST_SOURCES:
            self._buckets.popitem(last=False)
        return bucket

    def _is_listed(self, host: str) -> bool:
        address = ip_address(host)
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self._allow)
