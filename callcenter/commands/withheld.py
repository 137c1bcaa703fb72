"""`callcenter withheld`: the worst calls without a number, and the carrier's bill joined on."""

from __future__ import annotations

import hashlib
import sys
from contextlib import closing
from pathlib import Path

from callcenter.app import now
from callcenter.casework.harassment import withheld
from callcenter.casework.harassment.bill import read_bill
from callcenter.casework.harassment.withheld import Withheld
from callcenter.commands.evidence import login
from callcenter.commands.kept import open_kept
from callcenter.config import load
from callcenter.core.errors import Refused
from callcenter.core.numbers import group, mask
from callcenter.store.books import SqlBooks

MOST_BYTES = 256 << 20


def list_calls(file: Path) -> int:
    """One line a call: id, local time, seconds talked, severity, what is known of its number."""
    with closing(open_kept(load(file))) as store, store.session() as session:
        for one in withheld.worst(session, limit=1000):
            print(_line(one))
    return 0


def import_bill(file: Path, bill: Path, by: str, tolerance_s: float = withheld.TOLERANCE_S) -> int:
    """Join a bill on and keep the lines that fit; lines that cannot be read are told, 1 then.

    Nothing is chosen: a person accepts a line on the page /cases. Raises Refused, StoreError.
    """
    config = load(file)
    content = _content(bill)
    read = read_bill(content)
    at, person, sha256 = now(), by.strip() or login(), hashlib.sha256(content).hexdigest()
    with closing(open_kept(config)) as store:
        with store.session() as session:
            found = withheld.offered(
                session, read.rows, bill_sha256=sha256, by=person, at=at, tolerance_s=tolerance_s
            )
        books = SqlBooks(store)
        for fact in found:
            books.write(fact)
    for problem in read.problems:
        print(f"{bill}: line {problem.line}: {problem.reason}", file=sys.stderr)
    calls = len({fact.call_id for fact in found})
    passed = f", {len(read.problems)} passed over" if read.problems else ""
    print(f"{len(read.rows)} lines read{passed}; {len(found)} may be {calls} withheld calls")
    return 1 if read.problems else 0


def _content(bill: Path) -> bytes:
    try:
        with bill.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Refused(f"{bill}: cannot be read: {reason}") from None
    if len(content) > MOST_BYTES:
        raise Refused(f"{bill}: more than {MOST_BYTES >> 20} MiB; split it by month")
    return content


def _line(one: Withheld) -> str:
    moment = f"{one.call.rang_at.astimezone():%Y-%m-%d %H:%M:%S}"
    return f"{one.call.call_id}  {moment}  {one.seconds} s  severity {one.severity}  {_known(one)}"


def _known(one: Withheld) -> str:
    if one.number is not None:
        return f"recovered {group(mask(one.number.caller_number))} by {one.number.person}"
    if not one.lines:
        return "no bill line fits"
    numbers = dict.fromkeys(group(mask(line.caller_number)) for line in one.lines)
    return f"{'AMBIGUOUS' if one.ambiguous else 'may be'} {', '.join(numbers)}"
