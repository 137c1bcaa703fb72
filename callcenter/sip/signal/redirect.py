"""Where a 3xx sends a call of ours (RFC 3261 §8.1.3.4). Pure."""

from __future__ import annotations

from dataclasses import replace

from callcenter.sip.errors import BadHeader
from callcenter.sip.signal.headers import NameAddr, Uri
from callcenter.sip.signal.message import Response

MOST_CONTACTS = 4
_FOLLOWED = (300, 301, 302)


def contacts_of(response: Response, asked: str) -> list[Uri]:
    """Whom to call instead, the most wished for first; empty where it is no such refusal.

    Only sip: URIs, each once, MOST_CONTACTS at most, and not the one that was `asked` already.
    """
    if response.status not in _FOLLOWED:
        return []
    try:
        named = [NameAddr.parse(c) for c in response.listed("Contact") if c != "*"]
    except BadHeader:
        return []
    named.sort(key=_wish)
    found: dict[str, Uri] = {}
    for contact in named:
        uri = replace(contact.uri, headers="")
        if uri.scheme == "sip" and str(uri) != asked:
            found.setdefault(str(uri), uri)
    return list(found.values())[:MOST_CONTACTS]


def _wish(contact: NameAddr) -> float:
    """Less is more wished for (§20.10: q from 0 to 1, 1 where it is not given)."""
    try:
        return -min(1.0, max(0.0, float(contact.get("q") or "1")))
    except ValueError:
        return 0.0
