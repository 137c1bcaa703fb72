"""An agent whose sound takes time to open, and who may leave by themselves: a telephone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from callcenter.core import events
from callcenter.core.errors import NotNow
from callcenter.core.ports import Gone, Leg
from callcenter.core.records import Agent
from callcenter.desk.agents import Roster
from callcenter.desk.ledger import Ledger
from callcenter.desk.parts import Parts
from callcenter.desk.switchboard import Switchboard
from callcenter.scripts.book import Book
from tests.fakes import (
    NOON,
    FakeBooks,
    FakeDirectory,
    FakeLeg,
    FakeLine,
    FakeLineCall,
    FakeRecogniser,
    FakeRecorder,
)


class Telephone:
    """Rings until `pick_up`; `hang_up` is the agent's."""

    def __init__(self) -> None:
        self.rings = False
        self.leg = FakeLeg()
        self.picked_up = asyncio.Event()
        self.hang_up: Gone = lambda: None

    async def open(self, gone: Gone) -> Leg:
        self.hang_up, self.rings = gone, True
        try:
            await self.picked_up.wait()
        finally:
            self.rings = False
        return self.leg


class Desk:
    def __init__(self) -> None:
        self.line = FakeLine()
        self.told: list[events.Event] = []
        self.phones = {"1001": Telephone(), "1002": Telephone()}
        self.board: Switchboard

    def ended(self) -> list[str]:
        return [e.ended_by for e in self.told if isinstance(e, events.CallEnded)]

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not holds():
                await asyncio.sleep(0.01)

    async def ring(self) -> FakeLineCall:
        call = FakeLineCall()
        self.line.ring(call)
        await self.until(self.board.live)
        return call

    async def answer(self, agent: str) -> asyncio.Task[None]:
        """The agent answers; their telephone rings."""
        answering = asyncio.create_task(self.board.answer("c1", agent))
        await self.until(lambda: self.phones[agent].rings)
        return answering


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    here = Desk()
    ledger = Ledger(FakeBooks(), here.told.append)
    ids = iter(f"c{n}" for n in range(1, 100))
    parts = Parts(FakeRecorder(), FakeRecogniser(), Book(), here.told.append, lambda: NOON, 60_000)
    roster = Roster([(Agent(number, ""), phone.open) for number, phone in here.phones.items()])
    what = (FakeDirectory(), ledger, lambda: next(ids), {}, list)
    here.board = Switchboard(parts, {"main": here.line}, roster, *what)
    await here.board.start()
    try:
        yield here
    finally:
        await here.board.close()
        await ledger.close()


async def test_an_agent_who_hangs_their_telephone_up_ends_the_call() -> None:
    async with desk() as here:
        call = await here.ring()
        answering = await here.answer("1001")
        here.phones["1001"].picked_up.set()
        await answering
        assert here.board.live()[0].agent == "1001"
        here.phones["1001"].hang_up()
        await here.until(here.ended)
        assert here.ended() == ["agent"]
        assert call.log == ["answer", "hang up"]
        here.phones["1001"].hang_up()  # too late to matter


async def test_a_supervisor_who_hangs_their_telephone_up_leaves_the_call() -> None:
    async with desk() as here:
        await here.ring()
        here.phones["1001"].picked_up.set()
        here.phones["1002"].picked_up.set()
        await here.board.answer("c1", "1001")
        await here.board.join("c1", "listen", "1002")
        here.phones["1002"].hang_up()
        assert here.board.live()[0].joined == ()
        assert here.board.live()[0].state == "talking"


@pytest.mark.parametrize("how", ["the caller leaves", "another agent answers"])
async def test_a_telephone_rings_no_more_once_the_call_is_not_there_to_be_answered(
    how: str,
) -> None:
    async with desk() as here:
        call = await here.ring()
        answering = await here.answer("1001")
        if how == "the caller leaves":
            call.on_hang_up()
        else:
            here.phones["1002"].picked_up.set()
            await here.board.answer("c1", "1002")
        with pytest.raises(NotNow):
            await answering
        assert not here.phones["1001"].rings
        assert here.board.live() == [] or here.board.live()[0].agent == "1002"
