"""What is wrong with a request before anybody looks at its call (RFC 3261 §8.2). Pure."""

from __future__ import annotations

from collections.abc import Collection

from callcenter.sip.signal.bodies import kind_of
from callcenter.sip.signal.headers import Uri
from callcenter.sip.signal.message import Header, Request
from callcenter.sip.signal.replies import ALLOW, KNOWN, SUPPORTED

_SCHEMES = ("sip", "sips", "tel")
Refusal = tuple[int, tuple[Header, ...]]
"""A status and headers."""


def refusal(
    request: Request, merged: bool, allow: str = ALLOW, supported: Collection[str] = SUPPORTED
) -> Refusal | None:
    """None where nothing is wrong. `allow` and `supported` are the methods and extensions that
    are taken; `merged` says that the same request came by another way before (§8.2.2.2).

    Raises BadHeader.
    """
    if request.method not in allow.split(", "):
        return (405 if request.method in KNOWN else 501), (("Allow", allow),)
    if Uri.parse(request.uri).scheme not in _SCHEMES:
        return 416, ()
    if request.method == "CANCEL":
        return None
    if merged and not request.to.tag:
        return 482, ()
    unknown = [o for o in request.listed("Require") if o.lower() not in supported]
    if unknown:
        return 420, (("Unsupported", ", ".join(unknown)),)
    return _body_refusal(request)


def _body_refusal(request: Request) -> Refusal | None:
    if request.method not in ("INVITE", "UPDATE"):
        return None
    if not _takes_sdp(request):
        return 406, ()
    if not request.body:
        return None
    if kind_of(request) != "application/sdp" or request.first("Content-Encoding"):
        return 415, (("Accept", "application/sdp"), ("Accept-Encoding", "identity"))
    return None


def _takes_sdp(request: Request) -> bool:
    """False where our answer could be read by nobody (RFC 3261 §20.1)."""
    if not request.every("Accept"):
        return True
    taken = {kind.partition(";")[0].strip().lower() for kind in request.listed("Accept")}
    return not taken.isdisjoint(("application/sdp", "application/*", "*/*"))
