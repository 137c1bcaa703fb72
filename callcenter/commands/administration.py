"""The words of the commands for whoever runs the machine: who comes in, the trail, who is told,
copies of everything. Each is loaded when it is asked for.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from types import ModuleType
from typing import Any


def add(commands: Any) -> None:
    """Add each to the subcommands of the command line (what argparse's add_subparsers gives)."""
    _add_logins(commands.add_parser("logins", help="let people and programs in"))
    _add_audit(commands.add_parser("audit", help="whether the audit trail was changed"))
    _add_retention(commands.add_parser("retention", help="remove what was kept long enough"))
    _add_erase(commands.add_parser("erase", help="remove all that is kept of a person"))
    _add_key(commands.add_parser("key", help="change the house's key"))
    _add_webhooks(commands.add_parser("webhooks", help="programs elsewhere that are told"))
    _add_jobs(commands.add_parser("jobs", help="letters, reports, uploads: what waits, what fails"))
    _add_backup(commands.add_parser("backup", help="copy database and recordings, while it runs"))
    _add_restore(commands.add_parser("restore", help="put such a copy back, on an empty place"))


def _add_jobs(p: argparse.ArgumentParser) -> None:
    p.add_argument("--config", type=Path, required=True, help="the service's configuration")
    p.set_defaults(run=_jobs)


def _jobs(options: argparse.Namespace) -> int:
    from callcenter.commands.jobs import jobs

    return jobs(options.config)


def _add_audit(p: argparse.ArgumentParser) -> None:
    actions = p.add_subparsers(metavar="ACTION", required=True)
    verify = actions.add_parser("verify", help="walk along its chain of hashes")
    verify.add_argument("--config", type=Path, required=True, help="the service's configuration")
    verify.add_argument("--noted", default="", metavar="HEAD", help="what an earlier walk printed")
    verify.add_argument("--anchors", type=Path, metavar="FILE", help="kept elsewhere")
    verify.set_defaults(run=lambda o: _trail().verify(o.config, o.noted, o.anchors))
    anchor = actions.add_parser("anchor", help="write down and print where it ends now")
    anchor.add_argument("--config", type=Path, required=True, help="the service's configuration")
    anchor.set_defaults(run=lambda options: _trail().anchor(options.config))


def _trail() -> ModuleType:
    from callcenter.commands import audit

    return audit


def _add_logins(p: argparse.ArgumentParser) -> None:
    actions = p.add_subparsers(metavar="ACTION", required=True)
    link = actions.add_parser("link", help="a one-time link by which a person sets a password")
    link.add_argument("person", metavar="NAME", nargs="?", default="", help="empty: the first one")
    link.set_defaults(run=lambda options: _logins().link(options.config, options.person))
    token = actions.add_parser("token", help="a token for a program, shown once")
    token.add_argument("name", metavar="NAME", help="of the program")
    token.add_argument("--role", action="append", required=True, help="may be given several times")
    token.add_argument("--days", type=int, default=365, help="how long it lasts (default 365)")
    token.add_argument("--for-others", action="store_true", help="may sign with others' names")
    token.set_defaults(
        run=lambda o: _logins().token(o.config, o.name, o.role, o.days, o.for_others)
    )
    for action in (link, token):
        action.add_argument(
            "--config", type=Path, required=True, help="the service's configuration"
        )


def _logins() -> ModuleType:
    from callcenter.commands import logins

    return logins


def _add_retention(p: argparse.ArgumentParser) -> None:
    p.description = "For how long says [retention]. The service does it daily where that says so."
    p.add_argument("--dry-run", action="store_true", help="say what would go; remove nothing")
    _add_config(p)
    p.set_defaults(run=lambda o: _keeping().retention(o.config, dry_run=o.dry_run))


def _add_erase(p: argparse.ArgumentParser) -> None:
    actions = p.add_subparsers(metavar="ACTION", required=True)
    asking = actions.add_parser("ask", help="ask for it; another person approves")
    whose = asking.add_mutually_exclusive_group(required=True)
    whose.add_argument("--number", help="everything of this telephone number")
    whose.add_argument("--customer", metavar="NUMBER", help="of this customer, and their numbers")
    asking.add_argument("--reason", required=True, help="who asked, how, on what ground")
    asking.set_defaults(run=_ask_erasure)
    approving = actions.add_parser("approve", help="approve and carry out")
    approving.set_defaults(run=lambda o: _keeping().approve(o.config, o.erasure, o.by))
    paper = actions.add_parser("certificate", help="what was erased, when, by whom: a PDF")
    paper.add_argument("--out", type=Path, required=True, metavar="FILE", help="a new file")
    paper.set_defaults(run=lambda o: _keeping().certificate(o.config, o.erasure, o.out))
    for action in (approving, paper):
        action.add_argument("erasure", metavar="NUMBER", help="such as ER-20261122-0001")
    for action in (asking, approving):
        action.add_argument("--by", required=True, metavar="NAME", help="who does it")
    for action in (asking, approving, paper):
        _add_config(action)


def _ask_erasure(options: argparse.Namespace) -> int:
    subject = "number" if options.number else "customer"
    fields = {"subject": subject, "about": options.number or options.customer}
    asked = _keeping().ask(options.config, fields | {"reason": options.reason}, options.by)
    return int(asked)


def _add_key(p: argparse.ArgumentParser) -> None:
    actions = p.add_subparsers(metavar="ACTION", required=True)
    change = actions.add_parser("change", help="a new key seals; the old ones still open")
    _add_config(change)
    change.set_defaults(run=lambda options: _keeping().change_key(options.config))


def _keeping() -> ModuleType:
    from callcenter.commands import keeping

    return keeping


def _add_webhooks(p: argparse.ArgumentParser) -> None:
    actions = p.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="what waits to be told, what was given up")
    listing.set_defaults(run=lambda options: _webhooks().list_targets(options.config))
    trying = actions.add_parser("test", help="tell one something harmless, now")
    trying.set_defaults(run=lambda options: _webhooks().test(options.config, options.name))
    again = actions.add_parser("retry", help="send once more what was given up")
    again.set_defaults(run=lambda options: _webhooks().retry(options.config, options.name))
    for action in (trying, again):
        action.add_argument("name", metavar="NAME", help="as in the configuration")
    for action in (listing, trying, again):
        _add_config(action)


def _webhooks() -> ModuleType:
    from callcenter.commands import webhooks

    return webhooks


def _add_backup(p: argparse.ArgumentParser) -> None:
    p.description = "The service may run meanwhile. The key of [secrets] is in no copy."
    p.add_argument("folder", type=Path, metavar="DIR", help="of the copies; each run adds one")
    p.add_argument("--keep", type=int, default=0, metavar="N", help="remove all but the newest N")
    _add_config(p)
    p.set_defaults(run=_backup)


def _backup(options: argparse.Namespace) -> int:
    from callcenter.commands.backup import backup

    return backup(options.config, options.folder, options.keep)


def _add_restore(p: argparse.ArgumentParser) -> None:
    p.description = "Database and recordings of the configuration must not be there yet."
    p.add_argument("folder", type=Path, metavar="DIR", help="one copy, or the folder of the copies")
    p.add_argument("--check", action="store_true", help="whether it is whole; puts nothing back")
    _add_config(p)
    p.set_defaults(run=_restore)


def _restore(options: argparse.Namespace) -> int:
    from callcenter.commands.restore import restore

    return restore(options.config, options.folder, check=options.check)


def _add_config(p: argparse.ArgumentParser) -> None:
    p.add_argument("--config", type=Path, required=True, help="the service's configuration")
