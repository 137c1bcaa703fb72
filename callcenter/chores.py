"""What the service does besides calls: takes up edited rules, sends letters, builds reports.

Part of the joinery: knows the ports and what is plugged into them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from callcenter.casework import rule_books
from callcenter.casework.messages.letterbox import Letterbox
from callcenter.casework.reports.building import Builder, Office, Plan
from callcenter.config import Config
from callcenter.config.house import secret
from callcenter.core.events import Event
from callcenter.core.messages import EMAIL, SMS
from callcenter.core.office import Messenger
from callcenter.core.records import Agent
from callcenter.desk.clerk import Clerk
from callcenter.desk.outbox import Outbox
from callcenter.post.smtp import MailServer, Smtp
from callcenter.post.webhook import Gateway, Webhook
from callcenter.scripts.book import Book
from callcenter.store.sql import Store

EDITS_SECONDS = 1.0
"""Between two looks whether packs or cards were edited."""

Write = Callable[[Event], Awaitable[None]]
Now = Callable[[], datetime]


def chores(
    config: Config,
    store: Store,
    scripts: Book,
    write: Write,
    agents: Callable[[], Sequence[Agent]],
    now: Now,
) -> Iterator[Coroutine[None, None, None]]:
    """Each runs until it is cancelled. `write` is the ledger's, `now` gives UTC.

    Raises ConfigError for a secret that cannot be read.
    """
    yield _take_up_edits(scripts, store, write, now)
    yield Outbox(Letterbox(store, now), messengers(config), write).run()
    if config.reports.periods:
        zone, away = config.hours.clock().zone, config.staff.away
        office = Office(scripts.group, agents, zone, away)
        yield Clerk(Builder(store, plan_of(config), office, now), write).run()


def plan_of(config: Config) -> Plan:
    """The reports that are built by themselves."""
    wanted = config.reports
    folder = Path(wanted.folder) if wanted.folder else Path(config.data) / "reports"
    mail = wanted.mail if config.smtp.host else ()
    return Plan(wanted.periods, wanted.names, wanted.forms, folder, wanted.wall, mail)


def messengers(config: Config) -> dict[str, Messenger]:
    """Who carries messages. Raises ConfigError for a secret that cannot be read."""
    carriers: dict[str, Messenger] = {}
    smtp, sms = config.smtp, config.sms
    if smtp.host:
        password = secret(smtp.password_file, "CALLCENTER_SMTP_PASSWORD")
        where = (smtp.host, smtp.port, smtp.sender or smtp.user)
        carriers[EMAIL] = Smtp(MailServer(*where, smtp.user, password, smtp.tls))
    if sms.url:
        token = secret(sms.token_file, "CALLCENTER_SMS_TOKEN")
        carriers[SMS] = Webhook(Gateway(sms.url, token))
    return carriers


async def _take_up_edits(scripts: Book, store: Store, write: Write, now: Now) -> None:
    """What comes into force, at the start and with each edit, stands in the trail."""
    edited = True
    while True:
        if edited and not scripts.problem:
            for fact in await asyncio.to_thread(rule_books.taken_up, store, scripts.files(), now()):
                await write(fact)
        await asyncio.sleep(EDITS_SECONDS)
        edited = await asyncio.to_thread(scripts.refresh)
