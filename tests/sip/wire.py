"""Several user agents in memory; each datagram goes to whom it is addressed."""

from __future__ import annotations

from callcenter.sip.signal.events import CallArrived, SipEvent
from callcenter.sip.signal.headers import Uri
from callcenter.sip.signal.hops import Address
from callcenter.sip.signal.message import Request, Response, parse
from callcenter.sip.signal.user_agent import UserAgent
from tests.sip.pair import events_of, make_agent


class Wire:
    """One clock, agents on 127.0.0.1 by port, and a log of every message that crossed."""

    def __init__(self, *ports: int) -> None:
        self.now = 100.0
        self.agents: dict[Address, UserAgent] = {}
        self.events: dict[int, list[SipEvent]] = {}
        self.log: list[Request | Response] = []
        for port in ports:
            self.agents["127.0.0.1", port] = make_agent(("127.0.0.1", port))
            self.events[port] = []

    def __getitem__(self, port: int) -> UserAgent:
        return self.agents["127.0.0.1", port]

    def roundtrip(self) -> None:
        """Let everything cross until it is quiet."""
        busy = True
        while busy:
            busy = False
            for address, agent in self.agents.items():
                for data, to in agent.datagrams_to_send():
                    busy = True
                    self.log.append(parse(data))
                    if to in self.agents:
                        self.agents[to].receive_datagram(data, address, self.now)
        for (_, port), agent in self.agents.items():
            self.events[port] += events_of(agent)

    def wait(self, seconds: float) -> None:
        """Let time pass, timer by timer."""
        end = self.now + seconds
        while self.now < end:
            timers = [t for a in self.agents.values() if (t := a.get_timer()) is not None]
            self.now = min([end, *(max(t, self.now) for t in timers)])
            for agent in self.agents.values():
                agent.handle_timer(self.now)
            self.roundtrip()

    def dial(self, caller: int, target: str) -> str:
        """`caller` calls a URI; nothing crosses yet."""
        uri = Uri.parse(target)
        assert uri.address is not None
        return self[caller].invite(
            uri, uri.address, str(caller), ("127.0.0.1", caller + 1), self.now
        )

    def pick_up(self, called: int) -> str:
        """The call that rings at `called` is answered; its id there."""
        arrived = [e for e in self.told(called, CallArrived) if isinstance(e, CallArrived)][-1]
        self[called].answer(arrived.call, "127.0.0.1", called + 1, self.now)
        self.roundtrip()
        return arrived.call

    def talk(self, caller: int, called: int) -> tuple[str, str]:
        """An answered call: its ids at the caller's and at the called side."""
        out = self.dial(caller, f"sip:{called}@127.0.0.1:{called}")
        self.roundtrip()
        return out, self.pick_up(called)

    def told(self, port: int, kind: type[SipEvent]) -> list[SipEvent]:
        """The events of one kind that one agent told."""
        return [e for e in self.events[port] if isinstance(e, kind)]

    def seen(self, kind: str) -> int:
        """How many messages of this method or status crossed."""
        return sum(
            kind == (m.method if isinstance(m, Request) else str(m.status)) for m in self.log
        )

    def notified(self) -> list[str]:
        """What the NOTIFYs told, in order."""
        bodies = [
            m.body for m in self.log if isinstance(m, Request) and m.first("Event") is not None
        ]
        return [b.decode().removeprefix("SIP/2.0 ").strip() for b in bodies]
