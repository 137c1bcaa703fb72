"""Runs the demo: a real service, a simulated agent at its desk, and the callers one by one."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console

from callcenter.app import Service, now, open_service
from callcenter.config import AgentConfig, Config, DeskConfig, LineConfig, WebConfig
from callcenter.core import events
from callcenter.demo.agent import AGENT, SimulatedAgent
from callcenter.demo.caller import Caller
from callcenter.demo.scenarios import Scenario, scenarios
from callcenter.demo.screen import Screen
from callcenter.demo.summary import call_summary, complaints
from callcenter.sip.line.sip_line import SipLine
from callcenter.store import directory
from callcenter.store.calls import get_call
from callcenter.store.sql import Store
from callcenter.store.tables import Call

SILENCE_SECONDS = 12
Outcome = tuple[list[dict[str, Any]], list[bool]]
"""The calls as the summary tells them, and for each whether it went as it should."""
NEXT_CALL_SECONDS = (20.0, 40.0)


def demo(once: bool, json_file: Path | None, port: int, headless: bool, data: Path | None) -> int:
    """Ring the five calls; 0 where each went as it should. Raises PortInUse."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    folder = (data or Path("data") / "demo").resolve()
    config = Config(
        data=str(folder),
        recordings=str(folder / "recordings"),
        web=WebConfig(port=port),
        line=(LineConfig(port=0),),
        agent=(AgentConfig(number=AGENT.number, name=AGENT.name),),
        desk=DeskConfig(silence_seconds=SILENCE_SECONDS),
    )
    console = Console(quiet=headless, highlight=False)
    block_the_blocked(config)
    calls, well = asyncio.run(_demo(config, once, console))
    ok = all(well) and len(well) >= (len(scenarios()) if once else 1)
    if json_file is not None:
        summary = {"calls": calls, "ok": ok}
        json_file.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", "utf-8")
    Console().print(f"{sum(well)} of {len(well)} calls went as they should", highlight=False)
    return 0 if ok else 1


def block_the_blocked(config: Config) -> None:
    """A supervisor blocked this number before the demo began."""
    number = next(s.caller_number for s in scenarios() if s.name == "blocked")
    store = Store(config.database)
    store.upgrade()
    with store.session(write=True) as session:
        directory.add_block(
            session,
            number,
            by="主管 王芳",
            reason="多次骚扰",
            at=now(),
            expires_at=now() + timedelta(days=30),
        )
    store.close()


async def _demo(config: Config, once: bool, console: Console) -> Outcome:
    agent = SimulatedAgent()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_service(config, [(AGENT, agent.voice)], open_house=True) as service:
        console.print(f"网页 web   [bold]{service.web_url}[/]")
        run = _Run(service, config, console)
        work = [asyncio.create_task(agent.work(service)), asyncio.create_task(run.watch())]
        ringing = asyncio.create_task(run.ring_all(once))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([ringing, stopping], return_when=asyncio.FIRST_COMPLETED)
        for task in (*work, ringing, stopping):
            task.cancel()
        await asyncio.gather(*work, ringing, stopping, return_exceptions=True)
        if ringing.done() and not ringing.cancelled():
            ringing.result()
        return run.calls, run.well


class _Run:
    """The callers' side, and what came of each call."""

    def __init__(self, service: Service, config: Config, console: Console) -> None:
        self._service = service
        self._recordings = Path(config.recordings)
        self._screen = Screen(console)
        self._console = console
        self.calls: list[dict[str, Any]] = []
        self.well: list[bool] = []
        self._rang: asyncio.Queue[str] = asyncio.Queue()

    async def watch(self) -> None:
        """Show what happens."""
        async for event in self._service.bus.subscribe():
            if isinstance(event, events.CallRang):
                self._rang.put_nowait(event.call_id)
            self._screen.show(event)

    async def ring_all(self, once: bool) -> None:
        """The five calls; then, unless `once`, another now and then for ever."""
        phone = SipLine("callers", "127.0.0.1", 0)
        await phone.start(lambda call: call.reject())
        try:
            five = scenarios()
            for number, scenario in enumerate(five, 1):
                self._screen.heading(number, len(five), scenario)
                await self._ring(phone, scenario)
            while not once:
                await self._wait()
                scenario = random.choice(five)  # noqa: S311 — which call is next is no secret
                self._screen.heading(1, 1, scenario)
                await self._ring(phone, scenario)
        finally:
            await phone.close()

    async def _ring(self, phone: SipLine, scenario: Scenario) -> None:
        caller = Caller(scenario)
        line = self._service.lines["main"]
        await caller.call(phone, f"sip:95000@127.0.0.1:{line.port}")
        call = await self._settled(await self._rang.get())
        told = call_summary(call, scenario, caller.spoken, bytes(caller.heard), self._recordings)
        wrong = complaints(told, scenario)
        self._screen.outcome(wrong)
        self.calls.append(told)
        self.well.append(not wrong)

    async def _settled(self, call_id: str) -> Call:
        """The call as it stands in the store once its end is written there."""
        while True:
            with self._service.store.session() as session:
                call = get_call(session, call_id)
                if call.ended_at is not None:
                    return call
            await asyncio.sleep(0.05)

    async def _wait(self) -> None:
        seconds = random.uniform(*NEXT_CALL_SECONDS)  # noqa: S311 — no secret
        self._console.print(f"\n下一通来电约 {seconds:.0f} 秒后；Ctrl-C 结束", style="dim")
        await asyncio.sleep(seconds)
