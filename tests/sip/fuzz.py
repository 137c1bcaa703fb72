"""Throws damaged and undamaged messages at a user agent that lives, calls and is called.

`python -m tests.sip.fuzz --count 1000000` throws a million; `--seed` and `--first` repeat a round
that failed. Time is simulated. What must hold: nothing raises, what is sent is well-formed, the
tables stay bounded, and once everybody has gone nothing is kept.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from callcenter.core.errors import CallcenterError
from callcenter.sip.signal.digest import Credentials
from callcenter.sip.signal.events import TransferAsked
from callcenter.sip.signal.headers import Uri
from callcenter.sip.signal.hops import Address
from callcenter.sip.signal.layer import MOST_TRANSACTIONS
from callcenter.sip.signal.message import Request, Response, parse
from callcenter.sip.signal.registration import Registrar
from tests.sip.fuzz_media import throw_media
from tests.sip.mutate import mutated
from tests.sip.pair import events_of, make_agent
from tests.sip.raw import FAR, OFFER, text_answer, text_request, text_response
from tests.sip.torture import corpus
from tests.sip.wellformed import flaw

ROUND = 1000
"""Messages thrown at one user agent, before it must come to rest and another takes its place."""
MOST_KEPT = MOST_TRANSACTIONS
"""Entries that any table of the user agent may hold."""
REMEMBERED = ("Layer._without_tcp", "Layer._turned_away")
"""Short lists that stay on purpose: who could not be reached by TCP, what the turned away got."""
MOST_CALLS = 8
SOUND = ("127.0.0.1", 4002)
ELSEWHERE: tuple[tuple[Address, ...], ...] = ((), (("127.0.0.2", 5070),))
"""Further places for a request whose first one is silent."""
TARGET = Uri.parse("sip:7@127.0.0.1:5070")


_EXTRAS = (
    *((), (), ("Supported: timer, 100rel",), ("Require: 100rel",), ("Session-Expires: 90",)),
    *(("Session-Expires: 1;refresher=uas", "Min-SE: x"), ("Require: timer, none",)),
    *(("Refer-To: <sip:9@127.0.0.1:5070>",), ("Refer-To: <sip:9@127.0.0.1?Replaces=a%3B>",)),
    *(("Refer-To: tel:1", "Refer-Sub: false"), ("RAck: 1 1 INVITE",), ("RSeq: 1",)),
    *(("Event: refer", "Subscription-State: active"), ("Event: refer;id=1",)),
    *(("Replaces: a;to-tag=b;from-tag=c",), ("Retry-After: 0",), ("Min-SE: 100",)),
    *(("Record-Route: <sip:127.0.0.1:5070;lr>",), ("Contact: <sip:a@b>, <sip:127.0.0.1>;q=0.1",)),
    *(("Allow: INVITE",), ("Allow: UPDATE",), ("Expires: 1",), ("Accept: */*",)),
    *(("Require: 100rel", "RSeq: 7"), ("Unsupported: timer",), ("Min-Expires: 60",)),
    ('WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"',),
    ('WWW-Authenticate: Digest realm="J\udce9", nonce="\udcff", opaque="\\"',),
    ('Proxy-Authenticate: Digest realm="r", nonce="n", algorithm=SHA-256',),
)
_BODIES = (
    *("", "", OFFER, OFFER, OFFER + "a=sendonly\r\n", OFFER + "a=inactive\r\n"),
    OFFER.replace("127.0.0.1\r\nt", "0.0.0.0\r\nt"),
    "v=0\r\n",
)
_FITTING = {
    "REFER": (
        *(("Refer-To: <sip:7@127.0.0.1:5070>",), ("Refer-To: <sip:7@127.0.0.1:5070>",)),
        ("Refer-To: <sip:7@127.0.0.1:5070>", "Refer-Sub: false"),
        ("Refer-To: <sip:7@127.0.0.1?Replaces=a%0D%0AEvil:1%3Bto-tag%3Db%3Bfrom-tag%3D%E9>",),
        ("Refer-To: <sip:7@127.0.0.1:5070?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>",),
    ),
    "NOTIFY": (("Event: refer", "Subscription-State: active"), ("Event: refer;id=1",)),
}
"""Headers without which such a request says nothing."""
_SAID = {"NOTIFY": ("SIP/2.0 200 OK", "SIP/2.0 100 Trying", "SIP/2.0 603 No"), "BYE": ("",)}
_METHODS = (
    *("ACK", "ACK", "BYE", "INVITE", "INVITE", "UPDATE", "PRACK", "REFER", "NOTIFY", "OPTIONS"),
    *("CANCEL", "INFO", "MESSAGE", "SUBSCRIBE"),
)
_STATUSES = (
    *(100, 180, 180, 183, 200, 200, 200, 200, 200, 202),
    *(301, 302, 401, 407, 408, 422, 423, 481, 486, 487, 488, 491, 500, 501, 503, 600, 603, 699),
)
_WAITS = (*(0.0, 0.02, 0.02, 0.1, 0.5, 0.5, 1.0, 2.0), *(5.0, 33.0, 200.0))


def _tables(owner: object) -> Iterator[tuple[str, int]]:
    """The tables of an object and of the private objects that it is made of, with their sizes."""
    for name, held in vars(owner).items():
        if isinstance(held, dict | list | set | deque):
            yield f"{type(owner).__name__}.{name}", len(held)
        elif name.startswith("_") and type(held).__module__.startswith("callcenter.sip"):
            yield from _tables(held)


def _answers(dice: Random, invite: Request) -> list[bytes]:
    """What a telephone says to our INVITE: 180, early sound, 200, in this order, or less."""
    ringing = text_response(invite, 180)
    early = text_answer(invite).replace(b"SIP/2.0 200", b"SIP/2.0 183")
    return [a for a in (ringing, early, text_answer(invite)) if dice.random() < 0.6]


@dataclass(frozen=True)
class Dialog:
    """What the other side of a call needs to speak within it; `branch` is the INVITE's."""

    call_id: str
    our_tag: str
    them: str
    cseq: int
    branch: str
    rseq: str


class World:
    """A user agent, what it sent lately, and dice that decide everything."""

    def __init__(self, dice: Random, seeds: Sequence[bytes]) -> None:
        self.dice = dice
        self.seeds = seeds
        self.now = 1000.0
        self.agent = make_agent(max_calls=MOST_CALLS, credentials=Credentials("me", "secret"))
        self.asked: deque[Request] = deque(maxlen=12)
        self.dialogs: deque[Dialog] = deque(maxlen=4)
        self.thrown = 0
        self.told: Counter[str] = Counter()
        self.targets: deque[str] = deque(["sip:7@127.0.0.1:5070"], maxlen=3)
        self._cseq = 1
        self._looked_at: set[bytes] = set()
        if dice.random() < 0.5:
            registrar = Registrar("127.0.0.1", 5070, "me", "secret", 60)
            self.agent.register(registrar, FAR, self.now, dice.choice(ELSEWHERE))
            self.sent()

    # -- one step --------------------------------------------------------------------------------

    def step(self) -> None:
        """Throw one message; now and then let time pass, or do what people do."""
        chance = self.dice.random()
        if chance < 0.02:
            self._talk()
        elif chance < 0.04:
            self._dial()
        data = self._message()
        self.agent.receive_datagram(data, self._source(), self.now)
        self.thrown += 1
        self.sent()
        if self.dice.random() < 0.2:
            self._command()
        if self.dice.random() < 0.1:
            self.wait(self.dice.choice(_WAITS))

    def _talk(self) -> None:
        """A call comes in and is answered, all of it undamaged."""
        before = self.agent.calls
        self._cseq += 1
        name = f"z9hG4bKtalk{self._cseq}"
        invite = text_request(body=OFFER, branch=name, call_id=name)
        self.agent.receive_datagram(invite, FAR, self.now)
        for call in set(self.agent.calls) - set(before):
            self.sent()
            self.agent.answer(call, *SOUND, self.now)
            self.sent()
            tag = self.dialogs[-1].our_tag
            ack = text_request("ACK", branch=f"{name}a", call_id=name, to_tag=tag)
            self.agent.receive_datagram(ack, FAR, self.now)
        self.sent()

    def _dial(self) -> None:
        """A call of ours rings, and more often than not is answered, undamaged."""
        if len(self.agent.calls) < MOST_CALLS:
            self.agent.invite(TARGET, FAR, "1", SOUND, self.now)
            self.sent()
            invite = self.asked[-1]
            for answer in _answers(self.dice, invite):
                self.agent.receive_datagram(answer, FAR, self.now)
                self.sent()
            self._know(invite, invite.from_.tag, f"{invite.first('To')};tag=far")

    def _source(self) -> Address:
        return FAR if self.dice.random() < 0.8 else ("127.0.0.9", 1 + int(self.dice.random() * 9))

    def _message(self) -> bytes:
        chance = self.dice.random()
        if chance < 0.3:
            return mutated(self.dice, self.dice.choice(self.seeds), self.seeds)
        data = self._fitting()
        if chance < 0.65:
            return mutated(self.dice, data, self.seeds)
        return data

    def _fitting(self) -> bytes:
        """A message that fits what was said before: a new call, a request within one, an answer."""
        chance = self.dice.random()
        if chance < 0.4 and self.asked:
            return self._answer(self.dice.choice(self.asked))
        if chance < 0.9 and self.dialogs:
            return self._within(self.dice.choice(self.dialogs))
        return self._new()

    def _new(self) -> bytes:
        self._cseq += 1
        method = "INVITE" if self.dice.random() < 0.8 else self.dice.choice(_METHODS)
        return text_request(
            method,
            body=OFFER if self.dice.random() < 0.7 else self.dice.choice(_BODIES),
            branch=f"z9hG4bKnew{self._cseq}",
            call_id=f"new-{self._cseq}",
            extra=self.dice.choice(_EXTRAS),
        )

    def _answer(self, request: Request) -> bytes:
        status = self.dice.choice(_STATUSES)
        body = self.dice.choice(_BODIES) if 180 <= status < 300 else ""
        extra = [*self.dice.choice(_EXTRAS), *self.dice.choice(_EXTRAS)]
        if body:
            extra.append("Content-Type: application/sdp")
        if self.dice.random() < 0.7:
            extra.append("Contact: <sip:far@127.0.0.1:5070>")
        tag = self.dice.choice(("far", "far", "fork", ""))
        return text_response(request, status, *extra, tag=tag) + body.encode()

    def _within(self, dialog: Dialog) -> bytes:
        """A request of this dialog, or of the transaction that began it."""
        dice = self.dice
        method = dice.choice(_METHODS)
        self._cseq += 1
        same = method in ("ACK", "CANCEL") and dice.random() < 0.8
        extra = list(dice.choice(_EXTRAS + _FITTING.get(method, ()) * 20))
        if dice.random() < 0.1:
            tag = dialog.them.rpartition("tag=")[2]
            extra.append(f"Replaces: {dialog.call_id};to-tag={dialog.our_tag};from-tag={tag}")
        if dialog.rseq and method == "PRACK":
            extra.append(f"RAck: {dialog.rseq} {dialog.cseq} INVITE")
        return text_request(
            method,
            body=dice.choice(_SAID.get(method, _BODIES)),
            branch=dialog.branch if same and method == "CANCEL" else f"z9hG4bKin{self._cseq}",
            to_tag=dialog.our_tag if dice.random() < 0.95 else "",
            cseq=dialog.cseq if same else self._cseq,
            call_id=dialog.call_id,
            extra=extra,
            content_type="message/sipfrag" if method == "NOTIFY" else "application/sdp",
            from_=dialog.them,
        )

    # -- people and time -------------------------------------------------------------------------

    def _command(self) -> None:
        calls = self.agent.calls
        call = self.dice.choice(calls) if calls else "none"
        other = self.dice.choice(calls) if calls else "none"
        target = Uri.parse(self.dice.choice((*self.targets, "sip:8@h;lr", "tel:9")))
        commands: tuple[Callable[[], object], ...] = (
            lambda: self.agent.answer(call, *SOUND, self.now),
            lambda: self.agent.answer(call, *SOUND, self.now),
            lambda: self.agent.answer(call, *SOUND, self.now),
            lambda: self.agent.reject(call, 486, self.now),
            lambda: self.agent.hang_up(call, self.now),
            lambda: self.agent.hold(call, self.dice.random() < 0.5, self.now),
            lambda: self.agent.transfer(call, target, self.now),
            lambda: self.agent.transfer_to(call, other, self.now),
            lambda: self.agent.take_transfer(call, self.dice.random() < 0.5, self.now),
            lambda: self._invite(target, "1"),
            lambda: self._invite(target, "张"),
        )
        with suppress(CallcenterError):
            self.dice.choice(commands)()
        self.sent()

    def _invite(self, target: Uri, number: str) -> None:
        if len(self.agent.calls) < MOST_CALLS:
            others = self.dice.choice(ELSEWHERE)
            self.agent.invite(target, FAR, number, SOUND, self.now, others)

    def wait(self, seconds: float) -> None:
        """Let time pass, timer by timer."""
        end = self.now + seconds
        steps = 0
        while (at := self.agent.get_timer()) is not None and at <= end:
            self.now = max(at, self.now)
            self.agent.handle_timer(self.now)
            self.sent()
            steps += 1
            assert steps < 20000, f"timers never come to rest: {at} of {end}"
        self.now = end

    def sent(self) -> None:
        """Look at what went out; remember what one can go on from."""
        for data, _ in self.agent.datagrams_to_send():
            if data in self._looked_at:
                continue
            self._looked_at.add(data)
            wrong = flaw(data)
            assert not wrong, f"{wrong}: {data[:400]!r}"
            if not data.startswith(b"SIP/2.0") or data.startswith((b"SIP/2.0 1", b"SIP/2.0 2")):
                self._remember(parse(data))
        for event in events_of(self.agent):
            self.told[type(event).__name__] += 1
            if isinstance(event, TransferAsked):
                self.targets.append(event.target)

    def _remember(self, message: Request | Response) -> None:
        if isinstance(message, Request):
            if message.method != "BYE" or self.dice.random() < 0.3:
                self.asked.append(message)
        elif message.cseq.method == "INVITE" and message.to.tag:
            self._know(message, message.to.tag, message.first("From") or "")

    def _know(self, message: Request | Response, our_tag: str, them: str) -> None:
        rseq = message.first("RSeq") or ""
        number, branch = message.cseq.number, message.via.branch
        self.dialogs.append(Dialog(message.call_id, our_tag, them, number, branch, rseq))

    # -- bounds ----------------------------------------------------------------------------------

    def kept(self) -> dict[str, int]:
        """How much each table of the user agent holds."""
        return dict(_tables(self.agent))

    def rest(self) -> None:
        """Everybody leaves; nothing may be kept."""
        self._must_be_bounded()
        for call in self.agent.calls:
            self.agent.hang_up(call, self.now)
        self.agent.unregister(self.now)
        self.sent()
        self.wait(4000.0)
        assert self.agent.idle, f"calls that never end: {self.agent.calls}"
        assert self.agent.get_timer() is None, "a timer that never stops"
        left = {n: size for n, size in self.kept().items() if size and n not in REMEMBERED}
        assert not left, f"kept for ever: {left}"

    def _must_be_bounded(self) -> None:
        kept = self.kept()
        assert max(kept.values()) <= MOST_KEPT, kept
        assert len(self.agent.calls) <= 40, f"{len(self.agent.calls)} calls"


def _unwatched(thrown: int) -> None:
    """Nobody wants to know how far it is."""


def throw(
    count: int, seed: str = "4475", first: int = 0, done: Callable[[int], None] = _unwatched
) -> None:
    """Throw `count` messages, round by round from round `first`; `done` is told each number.

    Raises AssertionError, naming the round, where something does not hold.
    """
    seeds = corpus()
    for number in range(first, first + -(-count // ROUND)):
        dice = Random(f"{seed} {number}")
        world = World(dice, seeds)
        try:
            for _ in range(min(ROUND, count)):
                world.step()
            world.rest()
            throw_media(dice, ROUND // 10)
        except Exception as error:
            again = f"python -m tests.sip.fuzz --count {ROUND} --seed {seed} --first {number}"
            raise AssertionError(f"{error!r} after {world.thrown} messages of: {again}") from error
        done((number - first + 1) * ROUND)


def _main(words: Iterable[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.sip.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=20000, help="messages (20000)")
    parser.add_argument("--seed", default="4475", help="what the dice begin with")
    parser.add_argument("--first", type=int, default=0, help="the first round")
    asked = parser.parse_args(list(words))
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=asked.count)
        throw(asked.count, asked.seed, asked.first, lambda done: bar.update(task, completed=done))


if __name__ == "__main__":
    _main(sys.argv[1:])
