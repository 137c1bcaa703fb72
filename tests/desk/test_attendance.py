"""Where agents stand: what calls and people make of it, and to whom calls are offered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from callcenter.core import events as ev
from callcenter.core.errors import NotNow
from callcenter.core.records import Agent
from callcenter.desk.agents import Roster
from callcenter.desk.attendance import Attendance
from callcenter.desk.ledger import Ledger
from callcenter.desk.parts import Parts
from callcenter.desk.switchboard import Switchboard
from callcenter.scripts.book import Book
from tests.desk.test_switchboard_calling import Desk
from tests.fakes import NOON, FakeLineCall, FakeRecogniser, FakeRecorder

PEOPLE = (Agent("1001", "小李"), Agent("1002", "小张"))
FOREVER = 3600.0


class Room(Desk):
    """A desk whose states are told."""

    def changes(self, agent: str = "1001") -> list[str]:
        told = [e for e in self.told if isinstance(e, ev.AgentChanged) and e.agent == agent]
        return [f"{e.state}:{e.reason}" if e.reason else e.state for e in told]

    def state(self, agent: str = "1001") -> str:
        return next(p.state.value for p in self.desk.presence() if p.agent == agent)

    async def ring(self, count: int = 1) -> None:
        for _ in range(count):
            self.line.ring(FakeLineCall())
        await self.until(lambda: len(self.desk.live()) == count)


@asynccontextmanager
async def room(after_call: float = 0, auto_answer: str = "") -> AsyncIterator[Room]:
    here = Room()
    ids = iter(f"c{n}" for n in range(1, 100))
    ledger = Ledger(here.books, here.tell)
    parts = Parts(FakeRecorder(), FakeRecogniser(), Book(), here.tell, lambda: NOON, 60_000)
    here.desk = Switchboard(
        replace(parts, after_call_seconds=after_call),
        {"main": here.line},
        Roster([(agent, lambda gone, n=agent.number: here.voice(n)) for agent in PEOPLE]),
        here.directory,
        ledger,
        lambda: next(ids),
        {"main": auto_answer} if auto_answer else {},
        list,
    )
    await here.desk.start()
    try:
        yield here
    finally:
        await here.desk.close()
        await ledger.close()


async def test_r5_without_sign_in_everybody_is_ready_and_a_call_is_followed() -> None:
    async with room() as here:
        await here.ring()
        assert here.state() == "ready"
        await here.desk.answer("c1", "1001")
        assert here.state() == "on_call"
        await here.desk.hang_up("c1", "1001")
        await here.until_told(ev.CallEnded)
        assert here.changes() == ["on_call", "ready"]
        assert here.changes("1002") == []
    assert here.changes() == ["on_call", "ready", "offline:stopped"]


async def test_r5_wrap_up_ends_by_itself_or_by_the_agent() -> None:
    async with room(after_call=0.05) as here:
        await here.ring()
        await here.desk.answer("c1", "1001")
        await here.desk.hang_up("c1", "1001")
        await here.until(lambda: here.changes()[-1] == "ready")
        assert here.changes() == ["on_call", "wrap_up", "ready"]
        wrapped = [e for e in here.told if isinstance(e, ev.AgentChanged)][1]
        assert wrapped.call_id == "c1"
    async with room(after_call=FOREVER) as here:
        await here.ring()
        await here.desk.answer("c1", "1001")
        await here.desk.hang_up("c1", "1001")
        await here.until(lambda: here.state() == "wrap_up")
        await here.desk.set_state("1001", "ready", "1001")
        assert here.state() == "ready"


async def test_r5_a_break_that_is_wished_in_a_call_comes_after_it() -> None:
    async with room() as here:
        await here.ring()
        await here.desk.answer("c1", "1001")
        await here.desk.set_state("1001", "break", "李主管", "用餐")
        assert here.state() == "on_call"
        assert here.desk.presence()[0].then_reason == "用餐"
        await here.desk.hang_up("c1", "1001")
        await here.until_told(ev.CallEnded)
        assert here.changes() == ["on_call", "break:用餐"]
        with pytest.raises(NotNow, match="no state 'asleep' to wish; expected: ready, break"):
            await here.desk.set_state("1001", "asleep", "1001")
        with pytest.raises(NotNow, match="there is no agent '7'"):
            await here.desk.set_state("7", "ready", "7")


async def test_r5_calls_are_offered_to_who_is_ready_and_taken_by_who_wants() -> None:
    async with room(auto_answer="1001") as here:
        await here.desk.set_state("1001", "break", "1001", "培训")
        await here.ring(2)
        assert [call.state for call in here.desk.live()] == ["ringing", "ringing"]
        await here.desk.set_state("1001", "ready", "1001")
        await here.until(lambda: here.state() == "on_call")
        assert [call.state for call in here.desk.live()] == ["talking", "ringing"]
        await here.desk.set_state("1002", "break", "1002", "用餐")
        with pytest.raises(
            NotNow, match=r"agent 1002 is break \(用餐\); expected one who is ready"
        ):
            await here.desk.transfer("c1", "1002", "1001")
        await here.desk.answer("c2", "1002")
        await here.desk.hang_up("c2", "1002")
        await here.until(lambda: here.state("1002") == "break")
        assert here.changes("1002") == ["break:用餐", "on_call", "break:用餐"]


async def test_a_transfer_rings_at_its_target_and_moves_both() -> None:
    async with room() as here:
        await here.ring()
        await here.desk.answer("c1", "1001")
        await here.desk.transfer("c1", "1002", "1001")
        assert here.state("1002") == "ringing"
        await here.desk.resume("c1", "1001")
        assert here.state("1002") == "ready"
        await here.desk.transfer("c1", "1002", "1001")
        await here.desk.answer("c1", "1002")
        assert (here.state(), here.state("1002")) == ("ready", "on_call")
        await here.desk.join("c1", "listen", "1001")
        assert here.state() == "on_call"
        await here.desk.leave("c1", "1001")
        assert here.state() == "ready"


async def test_h23_a_recovery_break_is_a_state_of_its_own() -> None:
    async with room() as here:
        here.desk.heard_of(ev.RecoveryBreakOffered("c0", NOON, "1001"))
        here.desk.heard_of(ev.RecoveryBreakTaken("c0", NOON, "1001"))
        assert here.state() == "recovery"
        with pytest.raises(NotNow, match="on a recovery break"):
            await here.desk.set_state("1001", "ready", "李主管")
        here.desk.heard_of(ev.RecoveryBreakEnded("c0", NOON, "1001"))
        assert here.changes() == ["recovery", "ready"]


async def test_an_agent_s_telephone_that_rings_in_vain_is_not_rung_again_at_once() -> None:
    told: list[ev.Event] = []
    freed: list[str] = []
    parts = Parts(FakeRecorder(), FakeRecogniser(), Book(), told.append, lambda: NOON, 60_000)
    here = Attendance(PEOPLE, parts, freed.append)
    for state in ("ringing", "idle"):
        here.heard_of(ev.VoiceChanged("", NOON, "1001", "phone", state))
        here.heard_of(ev.VoiceChanged("", NOON, "1002", "headset", state))
    assert [e.state for e in told if isinstance(e, ev.AgentChanged)] == ["ringing", "ready"]
    assert freed == []


async def test_agents_stand_where_the_books_say_after_a_restart() -> None:
    async with room() as here:
        earlier = NOON - timedelta(hours=1)
        here.desk.heard_of(ev.AgentChanged("", earlier, "1001", "break", "用餐", "1001"))
        here.desk.heard_of(ev.AgentChanged("", earlier, "9", "ready", "", "9"))
        standing = here.desk.presence()[0]
        assert (standing.state.value, standing.since) == ("break", earlier)
        assert here.changes() == []
