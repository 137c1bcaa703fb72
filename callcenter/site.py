"""Serves the pages and the API: listener, certificates, back-tests beside them.

Part of the joinery: knows the ports and what is plugged into them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import uvicorn

from callcenter.bus.local import LocalBus
from callcenter.casework.staff.doors import Doors
from callcenter.config import Config
from callcenter.core.nodes import Elsewhere
from callcenter.core.ports import Voice
from callcenter.desk.meters import Meters
from callcenter.desk.switchboard import Switchboard
from callcenter.outfit import certificates_of, house_of, originals_of, recogniser_name, seal_of
from callcenter.scripts.book import Book
from callcenter.store.recordings import Recordings
from callcenter.store.sql import Store
from callcenter.trials import ChildTrials, packs_of
from callcenter.web.app import create_app
from callcenter.web.listener import bound, follow


class Served(Protocol):
    """What the pages show: the running service."""

    desk: Switchboard
    bus: LocalBus
    store: Store
    meters: Meters
    voices: Mapping[str, Voice]
    doors: Doors | None
    recordings: Recordings | None


class _WebServer(uvicorn.Server):
    """Leaves the signals to whoever runs the service."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def open_site(
    config: Config,
    service: Served,
    scripts: Book,
    stack: AsyncExitStack,
    elsewhere: Elsewhere | None,
    now: Callable[[], datetime],
) -> str:
    """Serve the pages; returns their address. Raises PortInUse."""
    web = config.web
    listener = bound(web.host, web.port)
    stack.callback(listener.close)
    names = filter(None, [urlsplit(config.node.url).hostname])
    trials = ChildTrials(scripts, packs_of(config), config.database)
    stack.push_async_callback(trials.close)
    app = create_app(
        desk=service.desk,
        store=service.store,
        bus=service.bus,
        recordings=service.recordings or Path(config.recordings),
        allowed_hosts=["127.0.0.1", "localhost", "::1", web.host, *web.allowed_hosts, *names],
        now=now,
        metrics=service.meters.text,
        supervisors=config.desk.supervisors,
        group=scripts.group,
        model=recogniser_name(config),
        rules=trials,
        voices=service.voices,
        house=house_of(config),
        originals=originals_of(config, seal_of(config)),
        doors=service.doors,
        elsewhere=elsewhere,
    )
    served = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
        ssl_certfile=web.cert or None,
        ssl_keyfile=web.key or None,
    )
    if (certificates := certificates_of(web)) is not None:
        served.load()
        follow(served.ssl, certificates)
    server = _WebServer(served)
    serving = asyncio.create_task(server.serve([listener]))

    async def stop() -> None:
        server.should_exit = True
        service.bus.close()  # ends the event streams, which would hold the server open
        await serving

    stack.push_async_callback(stop)
    return f"{'https' if web.cert else 'http'}://{web.host}:{listener.getsockname()[1]}"
