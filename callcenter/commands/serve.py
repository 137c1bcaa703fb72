"""`callcenter serve`: the service, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
from pathlib import Path

from rich.console import Console

from callcenter.app import Service, open_service
from callcenter.config import load


def serve(file: Path) -> int:
    """Run until SIGINT or SIGTERM; then end every call and write it down."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    asyncio.run(_serve(file))
    return 0


async def _serve(file: Path) -> None:
    config = load(file)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_service(config) as service:
        greet(service, Console())
        await stop.wait()


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
