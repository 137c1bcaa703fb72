"""Calls out within the house's limits: refused before anything rings, and told."""

from __future__ import annotations

import asyncio
from datetime import datetime, time

import pytest

from callcenter.core.errors import NotDialled, StoreAway
from callcenter.core.events import DialRefused
from callcenter.core.outbound import Limits, Use
from callcenter.core.records import Ability
from callcenter.desk.calling_out import Rein
from tests.desk.test_switchboard_calling import Desk, open_desk

NUMBER = "13800138001"


class Tolls:
    """What was dialled, as it is set."""

    def __init__(self) -> None:
        self.use = Use()
        self.asked: list[tuple[datetime, str, str]] = []
        self.away = False

    def since(self, midnight: datetime, agent: str, number: str) -> Use:
        self.asked.append((midnight, agent, number))
        if self.away:
            raise StoreAway("the database is locked")
        return self.use


def told(here: Desk) -> list[DialRefused]:
    return [event for event in here.told if isinstance(event, DialRefused)]


async def test_what_is_barred_rings_nobody_and_is_told():
    async with open_desk(Ability.DIAL, rein=Rein(Limits(), Tolls())) as here:
        with pytest.raises(NotDialled) as refused:
            await here.desk.dial("00852-1234-5678", "1001")
        assert (refused.value.rule, refused.value.limit) == ("barred", "00")
        assert here.line.dialled == []
        assert here.legs["1001"] == []
        (event,) = told(here)
        assert (event.agent, event.rule, event.line, event.call_id) == (
            "1001",
            "barred",
            "main",
            "",
        )
        assert event.to == "+85*****5678"
        await here.desk.dial(NUMBER, "1001")


async def test_what_was_dialled_today_counts():
    tolls = Tolls()
    async with open_desk(Ability.DIAL, rein=Rein(Limits(agent_minutes=10), tolls)) as here:
        tolls.use = Use(agent_seconds=600)
        with pytest.raises(NotDialled, match="agent_minutes"):
            await here.desk.dial(f"sip:{NUMBER}@gw.example", "1001")
        ((midnight, agent, number),) = tolls.asked
        assert (midnight.time(), agent, number) == (time(0), "1001", NUMBER)
        tolls.away = True
        await here.desk.dial(NUMBER, "1001")


async def test_only_so_many_calls_out_at_once():
    async with open_desk(Ability.DIAL, rein=Rein(Limits(at_once=1), Tolls())) as here:
        here.gate.clear()
        first = asyncio.create_task(here.desk.dial(NUMBER, "1001"))
        await asyncio.sleep(0)
        with pytest.raises(NotDialled, match="at_once"):
            await here.desk.dial(NUMBER, "1002")
        here.gate.set()
        call_id = await first
        with pytest.raises(NotDialled, match="at_once"):
            await here.desk.dial(NUMBER, "1002")
        await here.desk.hang_up(call_id, "1001")
        await here.until(lambda: not here.desk.live())
        await here.desk.dial(NUMBER, "1002")


async def test_a_transfer_outside_has_the_same_limits():
    async with open_desk(Ability.TRANSFER, rein=Rein(Limits(), Tolls())) as here:
        await here.answered()
        with pytest.raises(NotDialled, match="barred"):
            await here.desk.send_on("c1", "16812345", "1001")
        (event,) = told(here)
        assert event.call_id == "c1"
        assert here.desk.live()[0].state == "talking"
        await here.desk.send_on("c1", NUMBER, "1001")
