"""`callcenter retention`, `callcenter erase`, `callcenter key`: what goes, and the house's key.

Writes to the store and removes recordings, whether the service runs or not.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from callcenter.casework import steps
from callcenter.casework.keeping import clearing, erasures, overdue
from callcenter.casework.keeping.overdue import Foreseen
from callcenter.casework.keeping.sweep import Sweeper
from callcenter.casework.paper.pdf_file import page
from callcenter.casework.staff import accounts
from callcenter.casework.staff.doors import Doors
from callcenter.casework.steps import Actor
from callcenter.commands.kept import open_kept
from callcenter.config import Config, load
from callcenter.core.errors import ExportFailed
from callcenter.outfit import keys_of, recordings_of, seal_of
from callcenter.store.books import SqlBooks
from callcenter.store.keeping_tables import Erasure
from callcenter.store.sql import Store

CLASSES = {"ordinary": "普通通话", "complaint": "投诉", "harassment": "骚扰"}
PARTS = {"sound": "录音", "words": "文字", "record": "号码与内容"}
REASONS = {
    "placed": "人工保全",
    "case": "案件未结",
    "complaint": "投诉未结",
    "unfinished": "未完成或有争议",
}


def retention(file: Path, *, dry_run: bool) -> int:
    """Say what is overdue, and remove it unless this is a dry run.

    Raises ConfigError, StoreError.
    """
    config = load(file)
    with closing(open_kept(config)) as store:
        _foretell(config, store)
        if dry_run:
            print("这是预览，什么都没有删除")
            return 0
        removed = _sweep(config, store)
    print(f"删除了 {removed} 批")
    return 0


def _foretell(config: Config, store: Store) -> None:
    with store.session() as session:
        found = overdue.foresee(session, config.retention.terms(), now())
        held = overdue.held_by(session)
    shown = Table("类别", "内容", "保留", "现在到期", "到期但保全")
    for one in found:
        shown.add_row(*_row(one))
    Console().print(shown)
    print("保全中的通话：" + "，".join(f"{REASONS[why]} {count}" for why, count in held.items()))


def _row(one: Foreseen) -> tuple[str, ...]:
    days = f"{one.days} 天" if one.days else "不限"
    return (CLASSES[one.of_class], PARTS[one.part], days, str(one.goes), str(one.held))


def _sweep(config: Config, store: Store) -> int:
    books, sweeper = _books(config, store), _sweeper(config, store)
    removed = 0
    while batches := sweeper.overdue():
        for batch in batches:
            books.write(sweeper.clear(batch))
        removed += len(batches)
    return removed


def ask(file: Path, fields: Mapping[str, str], by: str) -> int:
    """Ask for an erasure; print its number. Raises Refused, StoreError."""
    config = load(file)
    with closing(open_kept(config)) as store:
        with store.session() as session:
            fact = erasures.ask(session, fields, _actor(config, store, by))
        _books(config, store).write(fact)
    print(f"{fact.number}：等另一个人批准（callcenter erase approve {fact.number} --by 姓名）")
    return 0


def approve(file: Path, number: str, by: str) -> int:
    """Approve an erasure and carry it out. Raises NoSuchRecord, NotNow, Refused, StoreError."""
    config = load(file)
    with closing(open_kept(config)) as store:
        books, sweeper = _books(config, store), _sweeper(config, store)
        with store.session() as session:
            fact = erasures.act(session, number, "approve", {}, _actor(config, store, by))
        books.write(fact)
        for batch in sweeper.of_erasure(number):
            books.write(sweeper.clear(batch))
        books.write(sweeper.finish(number))
    print(f"{number} 已删除；证明：callcenter erase certificate {number} --out 证明.pdf")
    return 0


def certificate(file: Path, number: str, out: Path) -> int:
    """Write the certificate as a new PDF. Raises NoSuchRecord, Refused, ExportFailed."""
    with closing(open_kept(load(file))) as store, store.session() as session:
        sheet = erasures.certificate(session, steps.get(session, Erasure, number))
    try:
        with out.open("xb") as paper:
            paper.write(page(sheet))
    except OSError as error:
        raise ExportFailed(f"{out}: cannot be written: {error.strerror}") from error
    print(out)
    return 0


def change_key(file: Path) -> int:
    """Put a new key on top, and seal second factors anew. Raises ConfigError, StoreError."""
    config = load(file)
    keys = keys_of(config)
    keys.change()
    with closing(open_kept(config)) as store:
        lost = Doors(store, now, seal_of(config)).seal_factors()
    print(f"{keys.where}: {len(keys.all())} keys, the first one seals; copy the file away again")
    if lost:
        print(f"callcenter: {len(lost)} second factors cannot be opened", file=sys.stderr)
    return 0


def now() -> datetime:
    """This moment, UTC."""
    return datetime.now(UTC)


def _actor(config: Config, store: Store, by: str) -> Actor:
    with store.session() as session:
        people = accounts.people(session, config.desk.supervisors)
    return Actor(by, now(), people, config.hours.clock().zone)


def _books(config: Config, store: Store) -> SqlBooks:
    return SqlBooks(store, [clearing.consequence(seal_of(config).alias)])


def _sweeper(config: Config, store: Store) -> Sweeper:
    return Sweeper(store, recordings_of(config), config.retention.terms(), now)
