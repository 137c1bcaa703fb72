"""The switchboard: screening, commands and their refusals, closing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from callcenter.core import events
from callcenter.core.errors import MissingPiece, NoSuchCall, NotNow, PortInUse, Refused
from callcenter.core.ports import Gone, Leg
from callcenter.core.records import Agent, CallerHistory, RecoveryBreak
from callcenter.desk.agents import NoSound, Roster
from callcenter.desk.ledger import Ledger
from callcenter.desk.load import FEW, IN_A_ROW
from callcenter.desk.parts import Parts
from callcenter.desk.switchboard import Switchboard
from callcenter.scripts.book import Book
from tests.fakes import (
    NOON,
    FakeBooks,
    FakeDirectory,
    FakeLine,
    FakeLineCall,
    FakeRecogniser,
    FakeRecorder,
)
from tests.waiting import until

BLOCKED = "13500135005"


class Room:
    def __init__(self) -> None:
        self.line = FakeLine()
        self.directory = FakeDirectory(BLOCKED)
        self.books = FakeBooks()
        self.told: list[events.Event] = []
        self.changed = asyncio.Event()
        self.desk: Switchboard

    def tell(self, event: events.Event) -> None:
        self.told.append(event)
        self.changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def until_told(self, kind: type[events.Event]) -> events.Event:
        await self.until(lambda: any(isinstance(e, kind) for e in self.told))
        return next(e for e in self.told if isinstance(e, kind))


@asynccontextmanager
async def room(auto_answer: str = "", confirmed_by: Sequence[str] = ()) -> AsyncIterator[Room]:
    here = Room()

    async def silent(gone: Gone) -> Leg:
        return NoSound()

    async def broken(gone: Gone) -> Leg:
        raise MissingPiece("there is no headset")

    ids = iter(f"c{n}" for n in range(1, 100))
    ledger = Ledger(here.books, here.tell)
    here.desk = Switchboard(
        Parts(FakeRecorder(), FakeRecogniser(), Book(), here.tell, lambda: NOON, 60_000),
        {"main": here.line},
        Roster([(Agent("1001", "小李"), silent), (Agent("1002", "小张"), broken)]),
        here.directory,
        ledger,
        lambda: next(ids),
        {"main": auto_answer} if auto_answer else {},
        lambda: ["no model"],
        confirmed_by,
    )
    await here.desk.start()
    try:
        yield here
    finally:
        await here.desk.close()
        await ledger.close()


async def test_a_call_rings_is_answered_and_hung_up():
    async with room() as here:
        call = FakeLineCall()
        here.line.ring(call)
        await here.until_told(events.CallRang)
        assert [c.state for c in here.desk.live()] == ["ringing"]
        await here.desk.answer("c1", "1001")
        assert here.desk.live()[0].agent == "1001"
        await here.desk.hang_up("c1", "1001")
        await here.until_told(events.CallEnded)
        assert call.log == ["answer", "hang up"]
        assert here.desk.live() == []


async def test_a_blocked_caller_never_rings_at_the_desk():
    async with room() as here:
        here.line.ring(FakeLineCall(BLOCKED))
        answered = await here.until_told(events.CallAnswered)
        assert answered.agent == ""
        with pytest.raises(NotNow):
            await here.desk.answer("c1", "1001")


async def test_nobody_can_answer_before_the_blocklist_has():
    async with room() as here:
        here.line.ring(FakeLineCall(BLOCKED))
        assert here.desk.live() == []
        with pytest.raises(NotNow, match="screening"):
            await here.desk.answer("c1", "1001")


async def test_a_caller_who_leaves_while_being_screened():
    async with room() as here:
        call = FakeLineCall()
        here.line.ring(call)
        call.on_hang_up()
        ended = await here.until_told(events.CallEnded)
        assert ended.call_result == "abandoned"


async def test_auto_answer_and_an_agent_whose_headset_is_missing():
    async with room(auto_answer="1001") as here:
        here.line.ring(FakeLineCall())
        assert (await here.until_told(events.CallAnswered)).agent == "1001"
    async with room(auto_answer="1002") as here:
        here.line.ring(FakeLineCall())
        await here.until_told(events.CallRang)
        with pytest.raises(MissingPiece):
            await here.desk.answer("c1", "1002")
        assert here.desk.live()[0].state == "ringing", "it rings on, for somebody else"
        await here.desk.answer("c1", "1001")


async def test_an_agent_is_on_one_call_at_a_time():
    async with room() as here:
        for _ in range(2):
            here.line.ring(FakeLineCall())
        await here.until(lambda: len(here.desk.live()) == 2)
        await here.desk.answer("c1", "1001")
        with pytest.raises(NotNow, match="agent 1001 is on call c1"):
            await here.desk.answer("c2", "1001")
        await here.desk.hang_up("c1", "1001")
        await here.until_told(events.CallEnded)
        await here.desk.answer("c2", "1001")


async def test_refusals_say_what_is_wrong():
    async with room() as here:
        here.line.ring(FakeLineCall())
        await here.until_told(events.CallRang)
        with pytest.raises(NoSuchCall, match="no live call 'c9'"):
            await here.desk.hang_up("c9", "1001")
        with pytest.raises(NotNow, match="no agent '7'; expected one of: 1001, 1002"):
            await here.desk.answer("c1", "7")
        with pytest.raises(NotNow, match="no prompt 'jingle'; expected one of: line_fault"):
            await here.desk.terminate("c1", "jingle", "1001")
        with pytest.raises(NotNow, match="the call is ringing"):
            await here.desk.terminate("c1", "line_fault", "1001")


async def test_a_person_s_decision_is_written_and_then_told():
    async with room() as here:
        verdict = events.VerdictGiven("c1", NOON, "harassment", "lewd", "王芳")
        await here.desk.record(verdict)
        assert here.books.written == [verdict]
        assert here.told == [verdict]


async def test_the_linked_work_order_is_shown_with_the_call():
    async with room() as here:
        here.line.ring(FakeLineCall())
        await here.until_told(events.CallRang)
        here.desk.heard_of(events.WorkOrderLinked("c1", NOON, "WO-1", "enquiry", "system"))
        here.desk.heard_of(events.WorkOrderLinked("c9", NOON, "WO-2", "enquiry", "system"))
        here.desk.heard_of(events.WorkOrderLinked("c1", NOON, "", "enquiry", "王芳"))
        assert here.desk.live()[0].work_order == "WO-1"


async def test_views():
    async with room() as here:
        assert [agent.number for agent in here.desk.agents()] == ["1001", "1002"]
        assert here.desk.lines()[0].name == "main"
        assert here.desk.notices() == ["no model"]


async def test_a_line_learns_whether_its_calls_are_on_time():
    async with room() as here:
        assert not here.line.is_behind()
        for _ in range(FEW + 1):
            here.line.ring(FakeLineCall())
        late = asyncio.get_running_loop().time() - 1.0
        for _ in range(IN_A_ROW):
            here.desk._tick(late, hurried=True)
        assert here.line.is_behind()
        await until(lambda: not here.line.is_behind())


async def test_closing_ends_every_call_as_the_system():
    async with room() as here:
        call = FakeLineCall()
        here.line.ring(call)
        await here.until_told(events.CallRang)
        await here.desk.answer("c1", "1001")
    assert here.told[-1].ended_by == "system"
    assert call.log == ["answer", "hang up"]
    assert here.line.closed


async def test_a_line_that_cannot_be_answered_ends_the_call_and_frees_the_agent():
    async with room() as here:
        call = FakeLineCall()
        call.broken = True
        here.line.ring(call)
        await here.until_told(events.CallRang)
        with pytest.raises(PortInUse):
            await here.desk.answer("c1", "1001")
        assert (await here.until_told(events.CallEnded)).call_result == "rejected"
        here.line.ring(FakeLineCall())
        await here.until(lambda: len(here.desk.live()) == 1)
        await here.desk.answer("c2", "1001")


async def test_a_blocked_caller_on_a_line_that_cannot_be_answered():
    async with room() as here:
        call = FakeLineCall(BLOCKED)
        call.broken = True
        here.line.ring(call)
        assert (await here.until_told(events.CallEnded)).call_result == "rejected"


async def test_a_blocklist_that_cannot_be_read_turns_nobody_away():
    async with room() as here:
        here.directory.blocked = ("away",)
        here.line.ring(FakeLineCall())
        await here.until_told(events.CallRang)
        assert here.desk.live()[0].state == "ringing"


async def test_h5_the_history_is_asked_before_the_ring_and_shown_with_the_call():
    async with room() as here:
        history = CallerHistory(calls_24h=5, attempts=2, prompts_a=3)
        here.directory.histories["13800138001"] = history
        here.line.ring(FakeLineCall())
        told = await here.until_told(events.HistoryFound)
        assert told.history == history
        assert here.desk.live()[0].history == history
        assert here.desk.live()[0].rung == "suspicion"


async def test_only_supervisors_confirm_where_it_is_set_so():
    async with room(confirmed_by=("王芳", "1002")) as here:
        here.line.ring(FakeLineCall())
        await here.until_told(events.CallRang)
        await here.desk.answer("c1", "1001")
        with pytest.raises(Refused, match=r"1001 is no supervisor; .* one of: 王芳, 1002"):
            await here.desk.terminate("c1", "line_fault", "1001")
        assert here.desk.live()[0].state == "talking"
        await here.desk.terminate("c1", "line_fault", " 王芳 ")
        confirmed = await here.until_told(events.TerminationConfirmed)
        assert confirmed.agent == "王芳"


async def test_undo_and_dismiss_reach_the_call():
    async with room() as here:
        here.line.ring(FakeLineCall())
        await here.until_told(events.CallRang)
        await here.desk.answer("c1", "1001")
        with pytest.raises(NotNow, match="no proposal to dismiss"):
            await here.desk.dismiss("c1", "1001")
        await here.desk.terminate("c1", "line_fault", "1001")
        await here.desk.undo("c1", "1001")
        assert here.desk.live()[0].state == "talking"
        with pytest.raises(NoSuchCall):
            await here.desk.undo("c9", "1001")


async def test_h16_an_agent_is_free_at_once_and_then_nothing_can_be_undone():
    async with room() as here:
        for _ in range(2):
            here.line.ring(FakeLineCall())
        await here.until(lambda: len(here.desk.live()) == 2)
        await here.desk.answer("c1", "1001")
        await here.desk.terminate("c1", "analysis", "1001")
        await here.desk.answer("c2", "1001")
        with pytest.raises(NotNow, match="too late to undo"):
            await here.desk.undo("c1", "1001")


async def test_h23_an_agent_on_a_recovery_break_gets_no_calls():
    async with room(auto_answer="1001") as here:
        here.desk.heard_of(events.RecoveryBreakOffered("c0", NOON, "1001"))
        assert here.desk.breaks() == (RecoveryBreak("1001", "c0"),)
        here.desk.heard_of(events.RecoveryBreakTaken("c0", NOON, "1001"))
        here.desk.heard_of(events.RecoveryBreakOffered("c9", NOON, "1001"))
        assert here.desk.breaks() == (RecoveryBreak("1001", "c0", NOON),), "one that runs goes on"
        here.line.ring(FakeLineCall())
        await here.until_told(events.CallRang)
        with pytest.raises(NotNow, match="agent 1001 is on a recovery break"):
            await here.desk.answer("c1", "1001")
        assert here.desk.live()[0].state == "ringing"
        here.desk.heard_of(events.RecoveryBreakEnded("c0", NOON, "1001"))
        assert here.desk.breaks() == ()
        await here.desk.answer("c1", "1001")


async def test_an_offer_alone_keeps_nobody_from_calls():
    async with room() as here:
        here.desk.heard_of(events.RecoveryBreakOffered("c0", NOON, "1001"))
        here.line.ring(FakeLineCall())
        await here.until_told(events.CallRang)
        await here.desk.answer("c1", "1001")


async def test_h7_a_tick_reaches_its_call_and_an_unknown_box_is_refused():
    async with room("1001") as here:
        here.line.ring(FakeLineCall())
        await here.until_told(events.CallAnswered)
        with pytest.raises(NotNow, match="no tick-box 'a dog'; expected one of"):
            await here.desk.tick_box("c1", "a dog", "1001")
        with pytest.raises(NoSuchCall):
            await here.desk.tick_box("c9", "laughter", "1001")
        await here.desk.tick_box("c1", "several_voices", "1001")
        ticked = await here.until_told(events.Ticked)
        assert (ticked.agent, ticked.what) == ("1001", "several_voices")
        assert here.desk.live()[0].ticked == ("several_voices",)


async def test_told_to_stop_no_call_begins_and_those_that_run_go_on():
    async with room() as here:
        here.line.ring(FakeLineCall())
        await here.until_told(events.CallRang)
        await here.desk.answer("c1", "1001")
        here.desk.drain()
        assert here.line.drained
        assert here.desk.notices()[0].startswith("服务正在停机")
        with pytest.raises(NotNow, match="正在停机"):
            await here.desk.dial("13800138000", "1001")
        drained = asyncio.create_task(here.desk.drained())
        await asyncio.sleep(0)
        assert here.desk.running == 1
        assert not drained.done()
        await here.desk.hang_up("c1", "1001")
        await asyncio.wait_for(drained, 5)
        assert here.desk.running == 0
