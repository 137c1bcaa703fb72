"""`callcenter serve`: the service, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Coroutine
from pathlib import Path

from rich.console import Console

from callcenter.app import Service, open_service
from callcenter.config import load
from callcenter.desk.switchboard import Switchboard

LOOK_SECONDS = 1.0
"""How often it is told for how many calls the service waits."""
WAITING = (
    "停机 stopping  不再接新来电，等 {0} 通电话结束（最长 {1} 秒，再按一次 Ctrl-C 立即停止）"
    " waiting for {0} calls, {1} s at most; once more to stop at once"
)


def serve(file: Path) -> int:
    """Run until SIGINT or SIGTERM; then take no new calls, and stop when those that run have ended.

    After `[desk] drain_seconds`, or at a second signal, they are ended.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    asyncio.run(_serve(file))
    return 0


async def _serve(file: Path) -> None:
    config = load(file)
    asked, console = asyncio.Semaphore(0), Console()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.release)
    async with open_service(config) as service:
        greet(service, console)
        await asked.acquire()
        await drain(service.desk, config.desk.drain_seconds, asked.acquire(), console)


async def drain(
    desk: Switchboard, seconds: float, hurry: Coroutine[None, None, object], console: Console
) -> None:
    """No new calls; return when the last one has ended, after so long, or when `hurry` has."""
    desk.drain()
    ends = [asyncio.ensure_future(one) for one in (desk.drained(), hurry, asyncio.sleep(seconds))]
    told = 0
    while not any(end.done() for end in ends):
        if (count := desk.running) != told:
            told = count
            console.print(WAITING.format(count, seconds), highlight=False, soft_wrap=True)
        await asyncio.wait(ends, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    for end in ends:
        end.cancel()
    await asyncio.gather(*ends, return_exceptions=True)


def greet(service: Service, console: Console) -> None:
    """Where everything is, and what is missing."""
    console.print(f"网页 web   {service.web_url}", highlight=False)
    if service.doors is not None and service.doors.is_new():
        console.print(
            f"首次进入 first login  {service.web_url}/enter/{service.doors.invite('')}  (24 h)",
            highlight=False,
            soft_wrap=True,
        )
    for state in service.desk.lines():
        registered = {None: "", True: "，已注册 registered", False: "，未注册 not registered"}
        console.print(
            f"线路 line  sip:{state.address}  {state.name}{registered[state.registered]}",
            highlight=False,
        )
    for notice in service.desk.notices():
        console.print(f"注意 note  {notice}", style="yellow", highlight=False, soft_wrap=True)
