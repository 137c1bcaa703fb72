"""Which dialog a new INVITE shall replace (RFC 3891), and how a URI carries that. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from callcenter.sip.errors import BadHeader
from callcenter.sip.signal.dialog import Dialog
from callcenter.sip.signal.headers import Uri, split
from callcenter.sip.signal.message import Request


@dataclass(frozen=True)
class Replaces:
    """A dialog as its receiver names it: `to_tag` is its own tag, `from_tag` the other side's."""

    call_id: str
    to_tag: str
    from_tag: str
    early_only: bool = False

    @classmethod
    def parse(cls, text: str) -> Replaces:
        """Raises BadHeader (§6.1: both tags must be there)."""
        call_id, *pieces = split(text, ";")
        params = {n.strip().lower(): v.strip() for n, _, v in (p.partition("=") for p in pieces)}
        if not call_id or not params.get("to-tag") or not params.get("from-tag"):
            raise BadHeader("a Replaces needs Call-ID, to-tag and from-tag", text)
        return cls(call_id, params["to-tag"], params["from-tag"], "early-only" in params)

    @classmethod
    def of(cls, dialog: Dialog) -> Replaces:
        """One of our dialogs, as its other side knows it."""
        return cls(dialog.call_id, dialog.remote.tag, dialog.local.tag)

    def __str__(self) -> str:
        end = ";early-only" if self.early_only else ""
        return f"{self.call_id};to-tag={self.to_tag};from-tag={self.from_tag}{end}"


def replaces_of(invite: Request) -> Replaces | None:
    """What an INVITE wants to replace. Raises BadHeader: unreadable, or more than one (§3)."""
    named = invite.every("Replaces")
    if not named:
        return None
    if len(named) > 1:
        raise BadHeader("one Replaces is expected", named[1])
    return Replaces.parse(named[0])


def transfer_target(dialog: Dialog) -> Uri:
    """Where to send somebody who shall take our place in this dialog (RFC 5589 §7.1)."""
    text = quote(str(Replaces.of(dialog)), safe="", errors="surrogateescape")
    return replace(dialog.target, headers=f"Replaces={text}")


def carried(target: Uri) -> tuple[Uri, Replaces | None]:
    """A URI without its headers, and the Replaces among them; the others are not honoured.

    RFC 3261 §19.1.5: headers in a URI come from strangers. Raises BadHeader.
    """
    found = None
    for piece in target.headers.split("&"):
        name, _, value = piece.partition("=")
        if name.lower() == "replaces":
            found = Replaces.parse(unquote(value, errors="surrogateescape"))
    return replace(target, headers=""), found
