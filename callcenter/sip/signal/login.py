"""Who calls us must prove who they are: digest, as the one who asks (RFC 3261 §22, RFC 8760). Pure.

A nonce is a moment, something random, and a code over both and the source's address: nothing is
kept of those who only ask, so that a flood of them costs no memory. Of a nonce that was met it is
kept how often, so that nothing that was overheard works again (RFC 7616 §3.4, nc).
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from callcenter.sip.errors import BadChallenge, BadHeader
from callcenter.sip.signal.digest import HASHES, parameters, response_to
from callcenter.sip.signal.headers import Uri, quote_text
from callcenter.sip.signal.message import Header, Request

NONCE_SECONDS = 120.0
MOST_NONCES = 4096
"""Nonces that are in use; where more are, the oldest become stale."""
ALGORITHMS = ("SHA-256", "MD5")
_NOBODY = "\0"
"""The password of whom there is not: the same work as for others, and nobody has it."""


@dataclass(frozen=True)
class Accounts:
    """Who may call, by their passwords; `algorithms` in the order that we prefer."""

    passwords: Mapping[str, str] = field(repr=False)
    realm: str = "callcenter"
    algorithms: tuple[str, ...] = ALGORITHMS


class Outcome(StrEnum):
    """What a request's credentials are worth."""

    RIGHT = "right"
    NONE = "none that are for us"
    STALE = "right, but for a nonce that is used up"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class _Given:
    """The parameters of an Authorization that we may look at."""

    user: str
    nonce: str
    uri: str
    response: str
    algorithm: str
    cnonce: str
    nc: str

    @property
    def count(self) -> int:
        return int(self.nc, 16)


class Login:
    """Asks for credentials and weighs those that come; `token` gives random hexadecimal text."""

    def __init__(self, accounts: Accounts, token: Callable[[], str]) -> None:
        self._accounts = accounts
        self._token = token
        self._secret = (token() + token()).encode()
        self._used: OrderedDict[str, int] = OrderedDict()
        self._forgotten = 0
        """Nonces made up to this moment (ms) are stale: it is not known any more how often they
        were used."""

    def challenges(self, host: str, now: float, *, stale: bool = False) -> tuple[Header, ...]:
        """What to send with a 401, one for each algorithm, the preferred first (RFC 8760 §2.4)."""
        nonce, end = self._new_nonce(host, now), ", stale=TRUE" if stale else ""
        realm = quote_text(self._accounts.realm)
        return tuple(
            (
                "WWW-Authenticate",
                f'Digest realm={realm}, nonce="{nonce}", algorithm={name}, qop="auth"{end}',
            )
            for name in self._accounts.algorithms
        )

    def weigh(self, request: Request, host: str, now: float) -> Outcome:
        """What the request's credentials are worth, coming from this host."""
        given = self._given(request)
        if given is None or not _is_about(given.uri, request):
            return Outcome.NONE
        made_at = self._made_at(given.nonce, host)
        if not self._is_right(given, request.method):
            # Where the nonce is none of ours for this host, its address may be borrowed: no guess.
            return Outcome.NONE if made_at is None else Outcome.WRONG
        if made_at is None or not self._is_fresh(given, made_at, now):
            return Outcome.STALE
        self._keep(given, made_at, now)
        return Outcome.RIGHT

    def _given(self, request: Request) -> _Given | None:
        for value in request.every("Authorization"):
            scheme, _, rest = value.strip().partition(" ")
            try:
                found = parameters(rest) if scheme.lower() == "digest" else {}
            except BadChallenge:
                continue
            if found.get("realm") == self._accounts.realm:
                return _readable(found, self._accounts.algorithms)
        return None

    def _is_right(self, given: _Given, method: str) -> bool:
        password = self._accounts.passwords.get(given.user, _NOBODY)
        middle = f"{given.nc}:{given.cnonce}:auth:"
        who = (given.user, self._accounts.realm, password)
        wanted = response_to(given.algorithm, who, given.nonce, middle, method, given.uri)
        said = given.response.lower().encode("utf-8", "replace")
        return hmac.compare_digest(wanted.encode(), said) and password != _NOBODY

    # -- nonces ----------------------------------------------------------------------------------

    def _new_nonce(self, host: str, now: float) -> str:
        front = f"{int(now * 1000):x}.{self._token()}"
        return f"{front}.{self._code(front, host)}"

    def _code(self, front: str, host: str) -> str:
        told = f"{front}.{host}".encode("utf-8", "replace")
        return hmac.digest(self._secret, told, "sha256").hex()[:32]

    def _made_at(self, nonce: str, host: str) -> int | None:
        """When we made it for this host, in ms; None where we did not."""
        front, _, code = nonce.rpartition(".")
        wanted = self._code(front, host)
        if not hmac.compare_digest(wanted.encode(), code.encode("utf-8", "replace")):
            return None
        return int(front.partition(".")[0], 16)

    def _is_fresh(self, given: _Given, made_at: int, now: float) -> bool:
        known = made_at > self._forgotten or given.nonce in self._used
        return (
            known
            and now * 1000 - made_at <= NONCE_SECONDS * 1000
            and given.count > self._used.get(given.nonce, 0)
        )

    def _keep(self, given: _Given, made_at: int, now: float) -> None:
        self._used[given.nonce] = given.count
        oldest = int(now * 1000 - NONCE_SECONDS * 1000)
        while self._used:
            nonce = next(iter(self._used))
            made = int(nonce.partition(".")[0], 16)
            if len(self._used) <= MOST_NONCES and made >= oldest:
                return
            del self._used[nonce]
            self._forgotten = max(self._forgotten, made)


def _readable(found: Mapping[str, str], algorithms: tuple[str, ...]) -> _Given | None:
    """None where it is not what we asked for: qop=auth by one of our algorithms."""
    algorithm, count = found.get("algorithm", "MD5").upper(), found.get("nc", "")
    asked = algorithm in algorithms and algorithm in HASHES and found.get("qop") == "auth"
    if not asked or len(count) != 8 or not set(count.lower()) <= set("0123456789abcdef"):
        return None
    user, nonce, uri, response, cnonce = (
        found.get(name, "") for name in ("username", "nonce", "uri", "response", "cnonce")
    )
    return _Given(user, nonce, uri, response, algorithm, cnonce, count)


def _is_about(uri: str, request: Request) -> bool:
    """Whether credentials are for this request (§22.4): a proxy may have rewritten all but whom it
    is for, and some programs (sipp) leave that out."""
    try:
        said, asked = Uri.parse(uri), Uri.parse(request.uri)
    except BadHeader:
        return False
    return said.user in ("", asked.user)
