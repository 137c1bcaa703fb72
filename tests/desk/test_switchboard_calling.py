"""The switchboard: calls out, transfers, supervisors; who is free, and what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from callcenter.core import events
from callcenter.core.errors import MissingPiece, NoSuchCall, NotNow, NotTaken, Refused
from callcenter.core.records import Ability, Agent, CallerHistory
from callcenter.desk.agents import Roster
from callcenter.desk.calling_out import Rein
from callcenter.desk.ledger import Ledger
from callcenter.desk.parts import Parts
from callcenter.desk.switchboard import Switchboard
from callcenter.scripts.book import Book
from tests.desk.test_switchboard import Room
from tests.fakes import NOON, FakeDirectory, FakeLeg, FakeLine, FakeLineCall
from tests.fakes import FakeRecogniser as Recogniser
from tests.fakes import FakeRecorder as Recorder

PEOPLE = (("1001", "小李"), ("1002", "小张"), ("1003", "小陈"))


class Desk(Room):
    """A desk of three agents, whose legs are kept; agent 1003's headset is missing."""

    def __init__(self, *can: Ability) -> None:
        super().__init__()
        self.line = FakeLine(*can)
        self.directory = FakeDirectory()
        self.legs: dict[str, list[FakeLeg]] = {number: [] for number, _ in PEOPLE}
        self.gate = asyncio.Event()
        self.gate.set()

    async def voice(self, number: str) -> FakeLeg:
        await self.gate.wait()
        if number == "1003":
            raise MissingPiece("there is no headset")
        self.legs[number].append(FakeLeg())
        return self.legs[number][-1]

    async def answered(self) -> FakeLineCall:
        """A call that agent 1001 has."""
        call = FakeLineCall()
        self.line.ring(call)
        await self.until(lambda: bool(self.desk.live()))
        await self.desk.answer("c1", "1001")
        return call


@asynccontextmanager
async def open_desk(
    *can: Ability, supervisors: tuple[str, ...] = (), rein: Rein | None = None
) -> AsyncIterator[Desk]:
    here = Desk(*can)

    def voiced(number: str, name: str) -> tuple[Agent, object]:
        return Agent(number, name), lambda gone: here.voice(number)

    ids = iter(f"c{n}" for n in range(1, 100))
    ledger = Ledger(here.books, here.tell)
    here.desk = Switchboard(
        Parts(Recorder(), Recogniser(), Book(), here.tell, lambda: NOON, 60_000),
        {"main": here.line, "other": FakeLine()},
        Roster([voiced(*person) for person in PEOPLE]),
        here.directory,
        ledger,
        lambda: next(ids),
        {},
        list,
        (),
        supervisors,
        {"main": "95000"},
        rein,
    )
    await here.desk.start()
    try:
        yield here
    finally:
        await here.desk.close()
        await ledger.close()


async def test_an_agent_dials_is_connected_and_hangs_up():
    async with open_desk(Ability.DIAL) as here:
        here.directory.histories["13800138001"] = CallerHistory(calls_24h=1)
        call_id = await here.desk.dial("138-0013-8001", "1001")
        (call,) = here.line.dialled
        assert (call.callee_number, call.caller_number) == ("13800138001", "95000")
        live = here.desk.live()[0]
        assert (live.call_id, live.state, live.agent) == (call_id, "dialling", "1001")
        assert live.history.calls_24h == 1
        call.pick_up()
        answered = await here.until_told(events.CallAnswered)
        assert answered.agent == "1001"
        assert here.desk.live()[0].state == "talking"
        await here.desk.hang_up(call_id, "1001")
        await here.until_told(events.CallEnded)
        assert call.log == ["hang up"]


@pytest.mark.parametrize("why", [NotTaken.BUSY, NotTaken.NOT_FOUND])
async def test_why_a_call_was_not_taken_is_its_result_and_frees_the_agent(why: NotTaken):
    async with open_desk(Ability.DIAL) as here:
        await here.desk.dial("13800138001", "1001")
        here.line.dialled[0].refuse(486, why)
        ended = await here.until_told(events.CallEnded)
        assert ended.call_result == why.value
        assert here.legs["1001"][0].closed
        await here.desk.dial("13800138001", "1001")


async def test_keys_are_pressed_where_the_line_can_send_them():
    async with open_desk(Ability.DTMF) as here:
        call = await here.answered()
        await here.desk.press("c1", "12#", "1001")
        assert call.log == ["answer", "press 12#"]
        with pytest.raises(NoSuchCall):
            await here.desk.press("c9", "1", "1001")
    async with open_desk() as here:
        await here.answered()
        with pytest.raises(NotNow, match="line main cannot send digits"):
            await here.desk.press("c1", "1", "1001")


async def test_an_agent_who_dials_has_no_other_call():
    async with open_desk(Ability.DIAL) as here:
        here.line.ring(FakeLineCall())
        await here.until(lambda: len(here.desk.live()) == 1)
        await here.desk.dial("13800138001", "1001")
        with pytest.raises(NotNow, match="agent 1001 is on call c2"):
            await here.desk.answer("c1", "1001")
        with pytest.raises(NotNow, match="agent 1001 is on call c2"):
            await here.desk.dial("13800138002", "1001")


async def test_two_wishes_at_once_open_one_headset():
    async with open_desk(Ability.DIAL) as here:
        here.gate.clear()
        first = asyncio.create_task(here.desk.dial("13800138001", "1001"))
        second = asyncio.create_task(here.desk.dial("13800138002", "1001"))
        with pytest.raises(NotNow, match="about to take a call"):
            await next(asyncio.as_completed([first, second]))
        here.gate.set()
        await asyncio.wait([first, second])
        assert len(here.legs["1001"]) == 1


async def test_what_keeps_an_agent_from_dialling_is_said_and_lets_go_of_the_headset():
    async with open_desk(Ability.DIAL) as here:
        with pytest.raises(Refused, match="cannot be dialled"):
            await here.desk.dial("bob", "1001")
        with pytest.raises(NotNow, match="line 'other' cannot dial; expected one of: main"):
            await here.desk.dial("13800138001", "1001", "other")
        with pytest.raises(MissingPiece):
            await here.desk.dial("13800138001", "1003")
        here.line.trouble = OSError("no such host")
        with pytest.raises(NotNow, match="line main cannot dial this: no such host"):
            await here.desk.dial("13800138001", "1001")
        assert here.legs["1001"][0].closed
        assert here.desk.live() == []
    async with open_desk() as here:
        with pytest.raises(NotNow, match="no line that can dial"):
            await here.desk.dial("13800138001", "1001")


async def test_hold_and_resume_reach_the_call():
    async with open_desk() as here:
        await here.answered()
        await here.desk.hold("c1", "1001")
        assert here.desk.live()[0].state == "held"
        with pytest.raises(NotNow, match="agent 1001 is on call c1"):
            here.desk._check_free("1001")
        await here.desk.resume("c1", "1001")
        assert here.desk.live()[0].state == "talking"
        with pytest.raises(NoSuchCall):
            await here.desk.hold("c9", "1001")


async def test_e1_a_transfer_rings_at_the_target_who_takes_it_with_the_notes():
    async with open_desk() as here:
        await here.answered()
        await here.desk.transfer("c1", "1002", "1001", "要退货")
        live = here.desk.live()[0]
        assert live.transfer is not None
        assert (live.state, live.transfer.notes) == ("transferring", "要退货")
        await here.desk.answer("c1", "1002")
        assert here.desk.live()[0].agent == "1002"
        assert here.legs["1001"][0].closed
        here.desk._check_free("1001")


async def test_a_transfer_goes_to_somebody_who_is_free():
    async with open_desk() as here:
        await here.answered()
        with pytest.raises(NotNow, match="agent 1001 is on call c1"):
            await here.desk.transfer("c1", "1001", "1001")
        with pytest.raises(NotNow, match="no agent '7'"):
            await here.desk.transfer("c1", "7", "1001")
        here.desk.heard_of(events.RecoveryBreakTaken("c0", NOON, "1002"))
        with pytest.raises(NotNow, match="1002 is on a recovery break"):
            await here.desk.transfer("c1", "1002", "1001")
        assert here.desk.live()[0].state == "talking"


async def test_a_target_without_a_headset_leaves_the_call_ringing_for_them():
    async with open_desk() as here:
        await here.answered()
        await here.desk.transfer("c1", "1003", "1001")
        with pytest.raises(MissingPiece):
            await here.desk.answer("c1", "1003")
        assert here.desk.live()[0].state == "transferring"


async def test_a_target_who_opens_the_headset_too_late_lets_go_of_it():
    async with open_desk() as here:
        await here.answered()
        await here.desk.transfer("c1", "1002", "1001")
        here.gate.clear()
        taking = asyncio.create_task(here.desk.answer("c1", "1002"))
        await asyncio.sleep(0)
        await here.desk.resume("c1", "1001")
        here.gate.set()
        with pytest.raises(NotNow, match="cannot answer"):
            await taking
        assert here.legs["1002"][0].closed
        assert here.desk.live()[0].agent == "1001"


async def test_a_consulted_agent_is_on_the_call_until_it_is_handed_over():
    async with open_desk() as here:
        await here.answered()
        await here.desk.transfer("c1", "1002", "1001", attended=True)
        await here.desk.answer("c1", "1002")
        assert here.desk.live()[0].state == "consulting"
        for agent in ("1001", "1002"):
            with pytest.raises(NotNow, match=f"agent {agent} is on call c1"):
                here.desk._check_free(agent)
        await here.desk.hand_over("c1", "1001")
        here.desk._check_free("1001")
        assert here.desk.live()[0].agent == "1002"


async def test_a_line_that_cannot_transfer_says_so_and_one_that_can_does():
    async with open_desk() as here:
        await here.answered()
        with pytest.raises(NotNow, match="line main cannot transfer to outside numbers"):
            await here.desk.send_on("c1", "01088880001", "1001")
        assert here.desk.live()[0].state == "talking"
    async with open_desk(Ability.TRANSFER) as here:
        call = await here.answered()
        with pytest.raises(Refused, match="cannot be dialled"):
            await here.desk.send_on("c1", "somewhere", "1001")
        await here.desk.send_on("c1", "010 8888 0001", "1001", "退货")
        assert call.log[-1] == "transfer to 01088880001"
        call.told(True, "")
        assert (await here.until_told(events.TransferDone)).outside
        await here.until_told(events.CallEnded)


async def test_only_supervisors_join_and_only_what_can_be_heard():
    async with open_desk(supervisors=("1002", "1003")) as here:
        here.line.ring(FakeLineCall())
        await here.until(lambda: bool(here.desk.live()))
        with pytest.raises(NotNow, match="the call is ringing: there is nothing to listen to"):
            await here.desk.join("c1", "listen", "1002")
        await here.desk.answer("c1", "1001")
        with pytest.raises(Refused, match="1001 is no supervisor"):
            await here.desk.join("c1", "listen", "1001")
        with pytest.raises(NotNow, match="no mode 'spy'"):
            await here.desk.join("c1", "spy", "1002")
        with pytest.raises(MissingPiece):
            await here.desk.join("c1", "listen", "1003")
        await here.desk.join("c1", "listen", " 1002 ")
        await here.desk.join("c1", "barge", "1002")
        assert len(here.legs["1002"]) == 1, "the same headset"
        assert [(one.person, one.mode) for one in here.desk.live()[0].joined] == [("1002", "barge")]
        with pytest.raises(NotNow, match="agent 1002 is on call c1"):
            here.desk._check_free("1002")
        await here.desk.leave("c1", "1002")
        assert here.legs["1002"][0].closed
        with pytest.raises(NotNow, match="1002 is not in call c1"):
            await here.desk.leave("c1", "1002")


async def test_the_agent_of_a_call_does_not_join_it():
    async with open_desk() as here:
        await here.answered()
        with pytest.raises(NotNow, match="agent 1001 is on call c1"):
            await here.desk.join("c1", "barge", "1001")
        with pytest.raises(NotNow, match="no agent '王芳'"):
            await here.desk.join("c1", "listen", "王芳")


async def test_a_supervisor_who_listens_takes_over_and_the_agent_can_take_another_call():
    async with open_desk(supervisors=("1002",)) as here:
        await here.answered()
        with pytest.raises(Refused, match="1001 is no supervisor"):
            await here.desk.take_over("c1", "1001")
        await here.desk.join("c1", "listen", "1002")
        await here.desk.take_over("c1", "1002")
        (live,) = here.desk.live()
        assert (live.agent, live.joined) == ("1002", ())
        assert (await here.until_told(events.TransferDone)).agent == "1001"
        here.desk._check_free("1001")
        with pytest.raises(NotNow, match="1002 has this call already"):
            await here.desk.take_over("c1", "1002")


async def test_closing_hangs_up_what_is_being_dialled_and_what_waits():
    async with open_desk(Ability.DIAL) as here:
        waiting = await here.answered()
        await here.desk.hold("c1", "1001")
        await here.desk.dial("13800138001", "1002")
        (call,) = here.line.dialled
    assert waiting.log == ["answer", "hang up"]
    assert call.log == ["hang up"]
    ended = [event for event in here.told if isinstance(event, events.CallEnded)]
    assert {event.ended_by for event in ended} == {"system"}
