"""One dialog: who talks to whom, by which route, in which order (RFC 3261 §12). Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from callcenter.sip.signal.headers import NameAddr, Uri, Via
from callcenter.sip.signal.hops import Hop, along
from callcenter.sip.signal.message import Header, Message, Request, Response

DialogId = tuple[str, str]
"""Call-ID and our own tag."""


@dataclass
class Dialog:
    """The state of §12: `peer` is where the other side was last heard from."""

    call_id: str
    local: NameAddr
    remote: NameAddr
    target: Uri
    routes: tuple[NameAddr, ...]
    peer: Hop
    contact: str
    local_cseq: int = 0
    remote_cseq: int = -1
    ours: bool = False
    """True where we made the call."""

    @classmethod
    def taken(cls, invite: Request, tag: str, peer: Hop, contact: str) -> Dialog:
        """Of a call that came in (§12.1.1): the route set is Record-Route in order.

        Without a usable Contact the caller's own URI is the target, as in RFC 2543. Raises
        BadHeader where Record-Route cannot be read.
        """
        return cls(
            invite.call_id,
            invite.to.with_param("tag", tag),
            invite.from_,
            invite.contact or invite.from_.uri,
            _routes(invite),
            peer,
            contact,
            remote_cseq=invite.cseq.number,
        )

    @classmethod
    def made(cls, invite: Request, answer: Response, peer: Hop, contact: str) -> Dialog:
        """Of a call that we made (§12.1.2): the route set is Record-Route in reverse.

        Without a usable Contact the called URI stays the target. Raises BadHeader where
        Record-Route cannot be read.
        """
        return cls(
            invite.call_id,
            invite.from_,
            answer.to,
            answer.contact or Uri.parse(invite.uri),
            _routes(answer)[::-1],
            peer,
            contact,
            local_cseq=invite.cseq.number,
            ours=True,
        )

    @property
    def id(self) -> DialogId:
        """How a message within the dialog is found."""
        return self.call_id, self.local.tag

    def is_from_peer(self, request: Request) -> bool:
        """True where the From tag is the one this dialog knows (§12.2.2)."""
        return request.from_.tag == self.remote.tag

    def is_next(self, request: Request) -> bool:
        """True where the request's number is higher than the last (§12.2.2); then it is noted."""
        if request.cseq.number <= self.remote_cseq:
            return False
        self.remote_cseq = request.cseq.number
        return True

    def refresh(self, message: Message) -> None:
        """Take a new remote target from a re-INVITE or its answer (§12.2.1.2, §12.2.2)."""
        self.target = message.contact or self.target

    def confirm(self, answer: Response) -> None:
        """From early to confirmed: the 2xx names the route and the target (§13.2.2.4).

        Raises BadHeader where its Record-Route cannot be read.
        """
        self.routes = _routes(answer)[::-1]
        self.refresh(answer)

    def request(
        self, method: str, via: Via, headers: tuple[Header, ...] = (), body: bytes = b""
    ) -> Request:
        """The next request within the dialog (§12.2.1.1)."""
        self.local_cseq += 1
        return self._build(method, self.local_cseq, via, headers, body)

    def ack(self, cseq: int, via: Via, headers: tuple[Header, ...] = ()) -> Request:
        """ACK for the 2xx to the INVITE numbered `cseq` (§13.2.2.4)."""
        return self._build("ACK", cseq, via, headers)

    def next_hop(self) -> Hop:
        """Where requests go; where the hop is a name, to where the peer was heard from."""
        first = self.routes[0].uri if self.routes else self.target
        return along(self.peer, first.address)

    def _build(
        self,
        method: str,
        cseq: int,
        via: Via,
        headers: tuple[Header, ...],
        body: bytes = b"",
    ) -> Request:
        uri, routes = self.target, list(self.routes)
        if routes and routes[0].uri.get("lr") is None:
            # A strict router wants itself as Request-URI and the target at the end.
            uri = routes.pop(0).uri
            routes.append(NameAddr(self.target))
        lines: list[Header] = [("Via", str(via)), *(("Route", str(r)) for r in routes)]
        lines += [
            ("Max-Forwards", "70"),
            ("From", str(self.local)),
            ("To", str(self.remote)),
            ("Call-ID", self.call_id),
            ("CSeq", f"{cseq} {method}"),
            ("Contact", self.contact),
        ]
        return Request((*lines, *headers), body, method, str(replace(uri, headers="")))


def _routes(message: Message) -> tuple[NameAddr, ...]:
    return tuple(NameAddr.parse(v) for v in message.listed("Record-Route"))
