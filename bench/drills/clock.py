"""The wall clock is set an hour on, and back again, in the middle of calls.

The machine's clock is left alone: the service runs in this process with a wall clock of ours
(`callcenter.app.now` and `time.time`), while the kernel's notes of when a packet came stay right.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import httpx

from bench import sounds
from bench.drills.callers import Callers, Talker, callers
from bench.drills.outcome import Outcome
from callcenter import app
from callcenter.config import (
    AgentConfig,
    Config,
    DeskConfig,
    LineConfig,
    RecognitionConfig,
    WebConfig,
)
from callcenter.config.house import StaffConfig
from callcenter.core import events
from callcenter.core.people import ROLES

WHAT = (
    "the wall clock is set an hour on and back during calls: they go on, recordings are as long as "
    "they were, no timer goes off, prompts are whole, what happened stands in its order"
)
AGENTS = ("1001", "1002", "1003", "1004", "1005")
TALKS, PAUSED, RINGS_ON, WRAPPED_UP, TARGET = AGENTS
NEAR_S = 1.0
"""By which a recording may differ from the call as its caller counted it."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """How far, and how long it is waited."""
    parser.add_argument("--step", type=float, default=3600.0, help="seconds")
    parser.add_argument("--seconds", type=float, default=5.0, help="before and after each step")


class Clock:
    """A wall clock that can be set."""

    def __init__(self) -> None:
        self.ahead = 0.0
        """Seconds."""
        self.steps = 0
        self._time = time.time

    def set(self, by: float) -> None:
        """So many seconds on, or back."""
        self.ahead += by
        self.steps += 1

    def time(self) -> float:
        """As time.time."""
        return self._time() + self.ahead

    def now(self) -> datetime:
        """As callcenter.app.now."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead)


class House:
    """The service in this process, and what it told."""

    def __init__(self, service: app.Service, api: httpx.AsyncClient) -> None:
        self.told: list[events.Event] = []
        self._service, self._api = service, api

    def uri(self, agent: str) -> str:
        """Where this agent's line is rung."""
        return f"sip:95000@127.0.0.1:{self._service.lines[agent].port}"

    async def listen(self) -> None:
        """Note every event, for ever."""
        async for event in self._service.bus.subscribe():
            self.told.append(event)

    async def ask(self, path: str, **wish: str) -> Any:
        """Get; or post, where there is a wish. Raises httpx.HTTPError."""
        url = f"/api/v1{path}"
        answer = await (self._api.post(url, json=wish) if wish else self._api.get(url))
        return answer.raise_for_status().json()

    async def states(self) -> dict[str, str]:
        """How each agent's live call stands."""
        live = (await self.ask("/live"))["calls"]
        return {c["agent"]: c["state"] + (" paused" if c["paused"] else "") for c in live}

    async def until(self, path: str, find: Any) -> Any:
        """What `find` makes of the answer, once it is something. Raises TimeoutError."""
        async with asyncio.timeout(60):
            while not (found := find(await self.ask(path))):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        return found

    def standing(self, agent: str) -> str:
        """Where this agent stands."""
        return next(p.state.value for p in self._service.desk.presence() if p.agent == agent)


@contextmanager
def _instead(module: ModuleType, name: str, what: object) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, what)
    try:
        yield
    finally:
        setattr(module, name, before)


@asynccontextmanager
async def _house(folder: str, clock: Clock) -> AsyncIterator[House]:
    config = Config(
        data=f"{folder}/data",
        recordings=f"{folder}/recordings",
        web=WebConfig(port=0),
        line=tuple(LineConfig(name=a, port=0, auto_answer=a) for a in AGENTS),
        agent=tuple(AgentConfig(number=a, name=f"座席{a}", voice="none") for a in AGENTS),
        desk=DeskConfig(silence_seconds=600, transfer_seconds=120),
        staff=StaffConfig(after_call_seconds=600),
        recognition=RecognitionConfig(model="none"),
    )
    with _instead(app, "now", clock.now), _instead(time, "time", clock.time):
        async with app.open_service(config) as service:
            assert service.doors is not None
            token = service.doors.make_token("drill", ROLES, 1, "drill", for_others=True)
            headers = {"Authorization": f"Bearer {token}"}
            async with httpx.AsyncClient(
                base_url=service.web_url, headers=headers, trust_env=False
            ) as api:
                house = House(service, api)
                listening = asyncio.create_task(house.listen())
                try:
                    yield house
                finally:
                    listening.cancel()
                    await asyncio.gather(listening, return_exceptions=True)


async def hold(options: argparse.Namespace) -> Outcome:
    """See WHAT."""
    outcome, clock = Outcome("clock"), Clock()
    with tempfile.TemporaryDirectory() as folder:
        async with _house(folder, clock) as house, callers() as people:
            await _held(house, people, clock, options, outcome)
    return outcome


async def _held(
    house: House, people: Callers, clock: Clock, options: argparse.Namespace, outcome: Outcome
) -> None:
    calls = await _rung(house, people, options)
    ids = {c["agent"]: c["call_id"] for c in (await house.ask("/live"))["calls"]}
    await asyncio.sleep(options.seconds)
    expected = await house.states()
    for step in (options.step, -2 * options.step, options.step):
        await _one_step(house, clock, step, options, outcome)
        states = await house.states()
        outcome.must(states == expected, f"set by {step:.0f} s: {expected} became {states}")
        stands = house.standing(WRAPPED_UP)
        outcome.must(stands == "wrap_up", f"set by {step:.0f} s: the wrap-up became {stands}")
    await _ended_by_prompt(house, calls[TALKS], ids[TALKS], clock, options, outcome)
    for call in calls.values():
        call.hang_up()
        await call.over()
    for agent, call_id in ids.items():
        await _look(house, call_id, calls[agent], outcome)
    _order(house, ids, outcome)
    outcome.figures |= {"calls": len(ids), "steps": clock.steps, "step_s": options.step}


async def _rung(house: House, people: Callers, options: argparse.Namespace) -> dict[str, Talker]:
    """One who talks, one whose recording pauses, one who is being transferred; and an agent who
    wraps up, having had a call."""
    sound = sounds.triggers(8 * options.seconds + 30)
    calls = {agent: await people.ring(house.uri(agent), sound) for agent in AGENTS[:4]}
    for call in calls.values():
        await people.answered(call)
    found = (await house.until("/live", lambda live: len(live["calls"]) == 4 and live))["calls"]
    ids = {call["agent"]: call["call_id"] for call in found}
    await house.ask(f"/calls/{ids[PAUSED]}/pause", agent=PAUSED)
    await house.ask(f"/calls/{ids[RINGS_ON]}/transfer", agent=RINGS_ON, to=TARGET)
    calls.pop(WRAPPED_UP).hang_up()
    await house.until("/live", lambda live: len(live["calls"]) == 3)
    return calls


async def _one_step(
    house: House, clock: Clock, step: float, options: argparse.Namespace, outcome: Outcome
) -> None:
    """Set the clock while the one who talks waits on hold."""
    call = next(c for c in (await house.ask("/live"))["calls"] if c["agent"] == TALKS)
    await house.ask(f"/calls/{call['call_id']}/hold", agent=TALKS)
    clock.set(step)
    await asyncio.sleep(options.seconds)
    states = await house.states()
    outcome.must(states[TALKS] == "held", f"set by {step:.0f} s: the held call is {states[TALKS]}")
    await house.ask(f"/calls/{call['call_id']}/resume", agent=TALKS)


async def _ended_by_prompt(
    house: House,
    call: Talker,
    call_id: str,
    clock: Clock,
    options: argparse.Namespace,
    outcome: Outcome,
) -> None:
    """The confirmation is undone after the clock was set; then it stands, and it is set again."""
    for back in (True, False):
        wish = {"agent": TALKS, "prompt": "line_fault"}
        await house.ask(f"/calls/{call_id}/terminate", **wish)
        clock.set(options.step if back else -options.step)
        if back:
            await house.ask(f"/calls/{call_id}/undo", agent=TALKS)
    async with asyncio.timeout(60):
        await call.over()
    kept = await house.until(f"/calls/{call_id}", lambda kept: kept["ended_at"] and kept)
    outcome.must(kept["ended_by"] == "system", f"ended by {kept['ended_by']}")
    last = kept["prompts"][-1]
    whole = last["sent_ms"] == last["file_ms"] > 0
    outcome.must(whole, f"{last['sent_ms']} of {last['file_ms']} ms of the prompt were sent")
    outcome.figures["prompt_sent_ms"] = last["sent_ms"]
    done = [one["kind"] for one in kept["handling"] if one["kind"] in ("held", "resumed")]
    outcome.must(done == ["held", "resumed"] * 3, f"what was done is kept as {done}")
    decided = [one["kind"] for one in kept["decisions"]]
    outcome.must(decided == ["confirmed", "undone", "confirmed"], f"kept is: {decided}")


async def _look(house: House, call_id: str, call: Talker, outcome: Outcome) -> None:
    """A recording is as long as its call was by a clock that nobody sets."""
    kept = await house.until(f"/calls/{call_id}", lambda kept: kept["recording"] and kept)
    lasted, seconds = call.ended_at - call.answered_at, kept["recording"]["seconds"]
    told = f"{seconds:.2f} s of {lasted:.2f} s are recorded"
    outcome.must(abs(lasted - seconds) < NEAR_S, f"call {call_id}: {told}")
    outcome.figures[f"call_of_{kept['agent']}"] = told


def _order(house: House, ids: dict[str, str], outcome: Outcome) -> None:
    """By id: what happened in a call came as it happened, whatever times stand there."""
    told = [type(one).__name__ for one in house.told if one.call_id == ids[TALKS]]
    wanted = ["CallRang", "CallAnswered", *["CallHeld", "CallResumed"] * 3]
    wanted += ["TerminationConfirmed", "PromptStarted", "TerminationUndone", "PromptEnded"]
    wanted += ["TerminationConfirmed", "PromptStarted", "PromptEnded", "CallEnded"]
    told = [name for name in told if name in wanted]
    outcome.must(told == wanted, f"it was told as {told}")
    went_back = [b.at < a.at for a, b in zip(house.told, house.told[1:], strict=False)]
    outcome.figures["times_that_ran_backwards"] = sum(went_back)
    outcome.must(any(went_back), "the clock was not set back at all")
