"""`callcenter backfill`: transcribe now, from the recordings, what was not heard live."""

from __future__ import annotations

import asyncio
from pathlib import Path

from callcenter.app import now
from callcenter.casework import promises
from callcenter.casework.backlog import StoredBacklog
from callcenter.config import Config, load
from callcenter.core.errors import ModelMissing
from callcenter.core.events import Event
from callcenter.desk.backfill import Backfill
from callcenter.desk.jobs import Jobs
from callcenter.outfit import hiding_of, open_book, open_recogniser, recordings_of
from callcenter.store.books import SqlBooks
from callcenter.store.failures import StoredFailures
from callcenter.store.sql import Store


def backfill(file: Path) -> int:
    """Work through the backlog once and say how much it was. Raises ModelMissing."""
    done = asyncio.run(_once(load(file)))
    print(f"{done} calls transcribed")
    return 0


async def _once(config: Config) -> int:
    """Transcribe what waits, with nothing else running; how many calls."""
    store = Store(config.database)
    scripts = open_book(config)
    recogniser = await asyncio.to_thread(open_recogniser, config, scripts)
    try:
        store.upgrade()
        if not recogniser.ready:
            raise ModelMissing(recogniser.detail)
        backlog = StoredBacklog(store, recordings_of(config))
        books = SqlBooks(store, [promises.consequence()])

        def tell(event: Event) -> None:
            books.write(event)

        task = Backfill(recogniser, scripts, backlog, tell, now, hiding_of(config)).task()
        return await Jobs([task], StoredFailures(store), now).once(task)
    finally:
        recogniser.close()
        store.close()
