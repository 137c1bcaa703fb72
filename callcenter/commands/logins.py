"""`callcenter logins`: links and tokens, for whoever runs the machine. Writes to the store."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from callcenter.casework.staff.doors import Doors
from callcenter.commands.kept import open_kept
from callcenter.config import Config, load
from callcenter.core.people import ADMIN
from callcenter.outfit import seal_of
from callcenter.store.sql import Store

BY = "console"
"""Who made a token that was made here."""


def link(config: Path, person: str) -> int:
    """Print the path of a link by which this person sets a password. Raises Refused."""
    with _doors(config) as doors:
        print(f"/enter/{doors.invite(person, BY)}")
    return 0


def token(config: Path, name: str, roles: Sequence[str], days: int, for_others: bool) -> int:
    """Print a token for a program. Raises Refused."""
    with _doors(config) as doors:
        print(doors.make_token(name, roles, days, BY, for_others))
    return 0


@contextmanager
def visiting(config: Config) -> Iterator[str]:
    """A token for as long as a command asks the running service. Raises StoreError."""
    with closing(open_kept(config)) as store:
        doors, name = _made(config, store), f"{BY} {secrets.token_hex(4)}"
        token = doors.make_token(name, (ADMIN,), 1, BY)
        try:
            yield token
        finally:
            doors.take_token(name, BY)


@contextmanager
def _doors(file: Path) -> Iterator[Doors]:
    config = load(file)
    with closing(open_kept(config)) as store:
        yield _made(config, store)


def _made(config: Config, store: Store) -> Doors:
    return Doors(store, lambda: datetime.now(UTC), seal_of(config))
