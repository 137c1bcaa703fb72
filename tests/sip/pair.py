"""Two user agents in memory with a wire between them that can lose datagrams."""

from __future__ import annotations

from callcenter.sip.signal.digest import Credentials
from callcenter.sip.signal.events import SipEvent
from callcenter.sip.signal.headers import Uri
from callcenter.sip.signal.hops import Address
from callcenter.sip.signal.message import Request, Response, parse
from callcenter.sip.signal.settings import Settings
from callcenter.sip.signal.user_agent import UserAgent
from tests.sip.raw import tokens

NEAR = ("127.0.0.1", 5060)
FAR = ("127.0.0.1", 5070)


def make_agent(
    address: Address = NEAR,
    max_calls: int = 10,
    credentials: Credentials | None = None,
    ring_seconds: float = 600.0,
) -> UserAgent:
    """A user agent at an address."""
    settings = Settings(
        *address, max_calls=max_calls, credentials=credentials, ring_seconds=ring_seconds
    )
    return UserAgent(settings, tokens())


def events_of(agent: UserAgent) -> list[SipEvent]:
    """All events that were not taken yet."""
    found: list[SipEvent] = []
    while (event := agent.next_event()) is not None:
        found.append(event)
    return found


class Pair:
    """`near` and `far`, one clock, and a log of every message that crossed."""

    def __init__(self) -> None:
        self.now = 100.0
        self.near = make_agent(NEAR)
        self.far = make_agent(FAR)
        self.log: list[Request | Response] = []
        self.events: dict[str, list[SipEvent]] = {"near": [], "far": []}

    def dial(self, number: str = "13800138001") -> str:
        """`far` calls `near`; nothing crosses yet."""
        target = Uri("sip", "95000", *NEAR)
        return self.far.invite(target, NEAR, number, ("127.0.0.1", 4000), self.now)

    def roundtrip(self) -> None:
        """Let everything cross, both ways, until it is quiet."""
        while self._cross(self.near, self.far, NEAR) | self._cross(self.far, self.near, FAR):
            pass
        self.events["near"] += events_of(self.near)
        self.events["far"] += events_of(self.far)

    def _cross(self, sender: UserAgent, receiver: UserAgent, source: Address) -> bool:
        datagrams = sender.datagrams_to_send()
        for data, _ in datagrams:
            self.log.append(parse(data))
            receiver.receive_datagram(data, source, self.now)
        return bool(datagrams)

    def drop(self, agent: UserAgent) -> list[bytes]:
        """What `agent` sends now is lost."""
        return [data for data, _ in agent.datagrams_to_send()]

    def wait(self, seconds: float, *, crossing: bool = True) -> None:
        """Let time pass, timer by timer; without `crossing` all that is sent is lost."""
        end = self.now + seconds
        while True:
            timers = [t for t in (self.near.get_timer(), self.far.get_timer()) if t is not None]
            self.now = min([end, *(max(t, self.now) for t in timers)])
            self.near.handle_timer(self.now)
            self.far.handle_timer(self.now)
            if crossing:
                self.roundtrip()
            else:
                self.drop(self.near)
                self.drop(self.far)
            if self.now >= end:
                return

    def seen(self, kind: str) -> int:
        """How many messages of this method or status crossed."""
        return sum(
            kind == (m.method if isinstance(m, Request) else str(m.status)) for m in self.log
        )

    def told(self, side: str, kind: type[SipEvent]) -> list[SipEvent]:
        """The events of one kind that one side told."""
        return [e for e in self.events[side] if isinstance(e, kind)]

    def talk(self) -> tuple[str, str]:
        """An answered call: its ids at `near` and at `far`."""
        out = self.dial()
        self.roundtrip()
        (came_in,) = self.near.calls
        self.near.answer(came_in, "127.0.0.1", 4002, self.now)
        self.roundtrip()
        return came_in, out
