"""Who may speak to a line, and how often: an allow-list, and a token bucket a source. Pure."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

MOST_SOURCES = 4096
"""Sources that are remembered; the one not heard of for longest is forgotten."""


class Verdict(StrEnum):
    """What becomes of a message from a source."""

    WELCOME = "welcome"
    LIMITED = "limited"
    STRANGER = "stranger"


@dataclass(slots=True)
class _Bucket:
    """What a source may still send, as of `at`; None where it may not at all."""

    tokens: float | None
    at: float


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

    `allow` are the networks that may speak to us, any where it is empty. `counts` says how many
    messages were turned away, and why.
    """

    def __init__(self, allow: Iterable[str] = (), rate: float = 0.0) -> None:
        self.counts: Counter[Verdict] = Counter()
        self._allow: list[IPv4Network | IPv6Network] = [ip_network(a, False) for a in allow]
        self._rate = rate
        self._trusted: set[str] = set()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def trust(self, host: str) -> None:
        """Our own registrar need not be in the list."""
        self._trusted.add(source_of(host))
        self._buckets.pop(source_of(host), None)

    def is_stranger(self, host: str) -> bool:
        """True where nobody named this source: not the list, and it is not our registrar."""
        return not (source_of(host) in self._trusted or self._is_listed(host))

    def judge(self, host: str, now: float) -> Verdict:
        """Take one message more from this source, or not."""
        source = source_of(host)
        bucket = self._buckets.get(source)
        if bucket is None:
            bucket = self._meet(source, host, now)
        self._buckets.move_to_end(source)
        verdict = self._weigh(bucket, now)
        if verdict is not Verdict.WELCOME:
            self.counts[verdict] += 1
        return verdict

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
        barred = bool(self._allow) and self.is_stranger(host)
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
