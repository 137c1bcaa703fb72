"""`callcenter evidence export`: harassing calls as a folder that anyone can verify offline."""

from __future__ import annotations

import getpass
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

from callcenter.app import now
from callcenter.casework.evidence import files as evidence_files
from callcenter.casework.evidence import gathering as evidence
from callcenter.casework.evidence.files import Package
from callcenter.casework.evidence.gathering import Maker, Wish
from callcenter.commands.kept import open_kept
from callcenter.config import load
from callcenter.core.errors import Refused
from callcenter.core.records import Agent
from callcenter.outfit import recogniser_name, recordings_of
from callcenter.store.books import SqlBooks
from callcenter.web.pages.words.evidence import wording


def export(file: Path, wish: Wish, out: Path, by: str, at: datetime | None = None) -> int:
    """Write the package into `out` and note in the store that it was made; `at` is now.

    1 where a recording is missing or is not the one that was kept. Raises ConfigError, NoSuchCase,
    NoSuchCall, Refused, ExportFailed, StoreError.
    """
    config = load(file)
    moment = at or now().astimezone()
    maker = Maker(by.strip() or login(), moment, recogniser_name(config))
    with closing(open_kept(config)) as store:
        with store.session() as session:
            found = evidence.gather(session, wish)
        say = wording(Agent(agent.number, agent.name) for agent in config.agent)
        package = evidence_files.write(found, recordings_of(config), out, maker, say)
        fact = evidence.exported(found, package.manifest_sha256, maker.by, moment)
        SqlBooks(store).write(fact)
    _tell(package, len(found.calls))
    return 1 if package.problems else 0


def login() -> str:
    """Who is at this machine. Raises Refused where that cannot be told."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise Refused("an export needs a name; give it with --by NAME") from None


def _tell(package: Package, calls: int) -> None:
    print(f"{calls} calls, {package.files} files in {package.folder}")
    print(f"manifest.json SHA-256: {package.manifest_sha256}")
    print("note it down apart from the package; verify with: sha256sum -c SHA256SUMS")
    for problem in package.problems:
        print(f"callcenter: {problem}", file=sys.stderr)
