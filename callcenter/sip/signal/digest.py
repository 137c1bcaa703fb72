"""Digest authentication with MD5 and SHA-256, qop=auth (RFC 7616, RFC 8760). Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from callcenter.sip.errors import BadChallenge, BadHeader
from callcenter.sip.signal.headers import quote_text, split, unquote_text
from callcenter.sip.signal.message import Header, Request, Response


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _md5(text: str) -> str:
    return hashlib.md5(_octets(text), usedforsecurity=False).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(_octets(text)).hexdigest()


HASHES: dict[str, Callable[[str], str]] = {"SHA-256": _sha256, "MD5": _md5}
"""What we speak, strongest first."""
_ANSWERED_BY = {
    "WWW-Authenticate": "Authorization",
    "Proxy-Authenticate": "Proxy-Authorization",
}


@dataclass(frozen=True)
class Credentials:
    """Who we are to a registrar or proxy."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Challenge:
    """What a 401 or 407 asks for; `header` names the header that answers it."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    qop: bool = True
    opaque: str | None = None
    stale: bool = False
    header: str = "Authorization"


def parse_challenge(value: str, header: str = "Authorization") -> Challenge:
    """One challenge. Raises BadChallenge for a scheme, algorithm or qop that we do not have."""
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() != "digest":
        raise BadChallenge(f"expected a Digest challenge, got {scheme[:20]!r}")
    given = parameters(rest)
    algorithm = given.get("algorithm", "MD5").upper()
    if algorithm not in HASHES:
        raise BadChallenge(f"expected algorithm SHA-256 or MD5, got {algorithm[:20]!r}")
    if "realm" not in given or "nonce" not in given:
        raise BadChallenge("a challenge needs realm and nonce")
    qops = {q.strip().lower() for q in given.get("qop", "").split(",")}
    if "qop" in given and "auth" not in qops:
        raise BadChallenge("expected qop=auth")
    stale = given.get("stale", "").lower() == "true"
    return Challenge(
        given["realm"],
        given["nonce"],
        algorithm,
        "qop" in given,
        given.get("opaque"),
        stale,
        header,
    )


def parameters(text: str) -> dict[str, str]:
    """The parameters of a challenge, or of what meets one. Raises BadChallenge."""
    try:
        pieces = split(text, ",")
    except BadHeader as bad:
        raise BadChallenge(str(bad)) from None
    found: dict[str, str] = {}
    for piece in pieces:
        name, _, value = piece.partition("=")
        found[name.strip().lower()] = unquote_text(value.strip())
    return found


def best_challenge(response: Response) -> Challenge:
    """The strongest challenge of a 401 or 407 that we can meet. Raises BadChallenge."""
    found: list[Challenge] = []
    problem = BadChallenge("no challenge came with the refusal")
    for asked, answered in _ANSWERED_BY.items():
        for value in response.every(asked):
            try:
                found.append(parse_challenge(value, answered))
            except BadChallenge as bad:
                problem = bad
    for algorithm in HASHES:
        for challenge in found:
            if challenge.algorithm == algorithm:
                return challenge
    raise problem


def response_to(
    algorithm: str, who: tuple[str, str, str], nonce: str, middle: str, method: str, uri: str
) -> str:
    """The digest (RFC 7616 §3.4.1) of `who`: user, realm, password; `middle` is "nc:cnonce:qop:",
    or "" without qop."""
    digest = HASHES[algorithm]
    return digest(f"{digest(':'.join(who))}:{nonce}:{middle}{digest(f'{method}:{uri}')}")


def authorization(
    challenge: Challenge, credentials: Credentials, method: str, uri: str, cnonce: str
) -> str:
    """The header value that meets the challenge, for its first use (nc=1)."""
    middle = f"00000001:{cnonce}:auth:" if challenge.qop else ""
    who = (credentials.user, challenge.realm, credentials.password)
    met = response_to(challenge.algorithm, who, challenge.nonce, middle, method, uri)
    fields = [
        f"username={quote_text(credentials.user)}",
        f"realm={quote_text(challenge.realm)}",
        f"nonce={quote_text(challenge.nonce)}",
        f"uri={quote_text(uri)}",
        f'response="{met}"',
        f"algorithm={challenge.algorithm}",
    ]
    if challenge.qop:
        fields += [f'cnonce="{cnonce}"', "qop=auth", "nc=00000001"]
    if challenge.opaque is not None:
        fields.append(f"opaque={quote_text(challenge.opaque)}")
    return "Digest " + ", ".join(fields)


def authorize(
    response: Response,
    request: Request,
    credentials: Credentials | None,
    token: Callable[[], str],
) -> Header | None:
    """The header that meets a 401 or 407 to this request.

    None where it is no challenge, we have no credentials, or those we gave were refused.
    """
    if credentials is None or response.status not in (401, 407):
        return None
    try:
        challenge = best_challenge(response)
    except BadChallenge:
        return None
    if request.first(challenge.header) is not None:
        return None
    value = authorization(challenge, credentials, request.method, request.uri, token())
    return challenge.header, value
