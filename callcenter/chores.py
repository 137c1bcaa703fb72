"""What the service does besides calls: takes up edited rules, removes what goes, tells
other programs, and the jobs that the store says are due: letters, reports, transcripts, archive.

Part of the joinery: knows the ports and what is plugged into them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from callcenter.casework import rule_books
from callcenter.casework.archiving import Archivist
from callcenter.casework.keeping.sweep import Sweeper
from callcenter.casework.messages.letterbox import Letterbox
from callcenter.casework.reports.building import Builder, Office, Plan
from callcenter.casework.webhooks.deliveries import Deliveries
from callcenter.config import Config
from callcenter.config.house import secret
from callcenter.config.webhooks import WebhookConfig
from callcenter.core.errors import StoreAway, StoreError
from callcenter.core.events import Event
from callcenter.core.jobs import Task
from callcenter.core.messages import EMAIL, SMS
from callcenter.core.office import Messenger
from callcenter.core.records import Agent
from callcenter.core.webhooks import Target
from callcenter.desk.backfill import Backfill
from callcenter.desk.clerk import Clerk
from callcenter.desk.courier import Courier, Couriers
from callcenter.desk.janitor import Janitor
from callcenter.desk.outbox import Outbox
from callcenter.outfit import hiding_of, recordings_of
from callcenter.post.gateway import Gateway, SmsGateway
from callcenter.post.smtp import MailServer, Smtp
from callcenter.post.webhook import Place, Webhook
from callcenter.scripts.book import Book
from callcenter.store import anchors
from callcenter.store.anchors import Anchor
from callcenter.store.recordings import Recordings
from callcenter.store.sql import Store
from callcenter.web.access.masking import in_text

log = logging.getLogger(__name__)
ANCHOR_SECONDS = 3600.0
EDITS_SECONDS = 1.0
"""Between two looks whether packs or cards were edited."""

ARCHIVE_SECONDS, SHED_SECONDS = 5.0, 600.0
"""Between two looks for recordings to upload, and for files here to remove."""

Write = Callable[[Event], Awaitable[None]]
Now = Callable[[], datetime]


def chores(
    config: Config,
    store: Store,
    scripts: Book,
    write: Write,
    now: Now,
) -> Iterator[Callable[[], Coroutine[None, None, None]]]:
    """Each runs until it is cancelled, on one node for all. `write` is the ledger's, `now` gives
    UTC.

    Raises ConfigError for a secret that cannot be read.
    """
    yield partial(_take_up_edits, scripts, store, write, now)
    yield partial(_anchor, store, config.anchor_file, now)
    at = config.retention.wall if config.retention.carry_out else None
    keeper = Sweeper(store, recordings_of(config), config.retention.terms(), now)
    yield Janitor(keeper, write, now, at, config.hours.clock().zone).run


def tasks_of(
    config: Config,
    store: Store,
    scripts: Book,
    write: Write,
    agents: Callable[[], Sequence[Agent]],
    now: Now,
    backfill: Backfill,
) -> list[Task]:
    """The work that the store says is due: the one table of it.

    Raises ConfigError for a secret that cannot be read.
    """
    tasks = [backfill.task(), Outbox(Letterbox(store, now), messengers(config), write).task()]
    if config.reports.periods:
        zone, away = config.hours.clock().zone, config.staff.away
        office = Office(scripts.group, agents, zone, away, in_text)
        tasks.append(Clerk(Builder(store, plan_of(config), office, now), write).task())
    tasks.extend(archive_tasks(config, store, recordings_of(config), now))
    return tasks


def archive_tasks(config: Config, store: Store, recordings: Recordings, now: Now) -> Sequence[Task]:
    """Uploads, and the removal of what the archive has for long enough; none without one."""
    if recordings.archive is None:
        return ()
    kept = timedelta(days=config.archive.local_days)
    hides = bool(hiding_of(config).kinds)
    archivist = Archivist(store, recordings, kept, now, heard_first=hides)

    async def upload(call_id: str) -> None:
        await asyncio.to_thread(archivist.upload, call_id)

    async def shed(call_id: str) -> None:
        await asyncio.to_thread(archivist.shed, call_id)

    told = archivist.notice
    return (
        Task("archive", archivist.due, upload, ARCHIVE_SECONDS, everywhere=True, notice=told),
        Task("local copies", archivist.old, shed, SHED_SECONDS, everywhere=True),
    )


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
        carriers[SMS] = SmsGateway(Gateway(sms.url, token))
    return carriers


def target_of(hook: WebhookConfig) -> Target:
    """A program that is told, as the rules know it."""
    lasting = timedelta(days=hook.give_up_days)
    return Target(hook.name, hook.form, frozenset(hook.events), hook.masked, lasting)


def webhook_of(hook: WebhookConfig) -> Webhook:
    """The way to it. Raises ConfigError for a secret that cannot be read or is too short."""
    key = secret(hook.secret_file, hook.variable)
    return Webhook(Place(hook.name, hook.url, key, hook.ca))


def deliveries_of(config: Config, hook: WebhookConfig, store: Store, now: Now) -> Deliveries:
    """What it is yet to be told."""
    names = {agent.number: agent.name for agent in config.agent}
    return Deliveries(store, target_of(hook), now, lambda number: names.get(number, number))


def couriers_of(config: Config, store: Store, now: Now) -> Couriers:
    """One for each program that is told. Raises ConfigError as `webhook_of`."""
    return Couriers(
        [
            Courier(hook.name, deliveries_of(config, hook, store, now), webhook_of(hook), now)
            for hook in config.webhook
        ]
    )


async def _anchor(store: Store, file: Path, now: Now) -> None:
    """Where the audit trail ends is written down, and told to the log, which may lie elsewhere."""

    def keep() -> Anchor | None:
        with store.session() as session:
            return anchors.keep(session, file, now())

    while True:
        try:
            if kept := await asyncio.to_thread(keep):
                log.info("the audit trail ends: %s", kept)
        except StoreError as error:
            log.error("the end of the audit trail is not written down: %s", error)
        await asyncio.sleep(ANCHOR_SECONDS)


async def _take_up_edits(scripts: Book, store: Store, write: Write, now: Now) -> None:
    """What comes into force, at the start and with each edit, stands in the trail."""
    edited = True
    while True:
        if edited and not scripts.problem:
            try:
                facts = await asyncio.to_thread(rule_books.taken_up, store, scripts.files(), now())
            except StoreAway as error:
                log.error("which rules are in force is written later: %s", error)
                await asyncio.sleep(EDITS_SECONDS)
                continue
            for fact in facts:
                await write(fact)
        await asyncio.sleep(EDITS_SECONDS)
        edited = await asyncio.to_thread(scripts.refresh)
