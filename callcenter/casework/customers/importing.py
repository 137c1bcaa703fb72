"""Customers out of a table that somebody uploads: checked line by line, then opened in batches.

Reads through the session given. The file is gone through twice, a row at a time: memory holds the
numbers and lines that were seen, never the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework.customers import record as customers
from callcenter.casework.customers.columns import Columns, columns, fields_of
from callcenter.casework.customers.effects import Rules
from callcenter.casework.numbering import next_number
from callcenter.casework.paper.table_rows import Problem, rows
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.events import RecordStepped
from callcenter.core.steps import NOT_YET
from callcenter.store.customer_tables import ACTIVE, Customer, CustomerNumber

BATCH = 500
"""Customers that are written together."""
TOLD_MOST = 10_000
"""Problems that a report tells; it counts them all."""

Draft = tuple[int, dict[str, Any]]
"""A line, and what a new file holds."""


@dataclass(slots=True)
class Checked:
    """What a table is worth: its rows, what is wrong with some, and which lines are passed over."""

    rows: int = 0
    problems: list[Problem] = field(default_factory=list)
    """By line, TOLD_MOST at most."""
    count: int = 0
    """Of all problems."""
    passed_over: set[int] = field(default_factory=set)

    @property
    def good(self) -> int:
        """Rows that can be written."""
        return self.rows - len(self.passed_over)

    def note(self, problem: Problem) -> None:
        """Something is wrong; a row is passed over then."""
        self.count += 1
        if problem.row:
            self.passed_over.add(problem.line)
        if len(self.problems) < TOLD_MOST:
            self.problems.append(problem)


def check(session: Session, content: bytes, rules: Rules) -> Checked:
    """Go through the table and write nothing. Raises Refused for what is no table of customers."""
    checked, seen = Checked(), _Seen(session)
    found = _drafts(content, rules)
    while batch := list(islice(found, BATCH)):
        drafts = [one for one in batch if not isinstance(one, Problem)]
        problems = [one for one in batch if isinstance(one, Problem)]
        checked.rows += len(drafts) + sum(problem.row for problem in problems)
        for problem in (*problems, *seen.twice(drafts)):
            checked.note(problem)
    checked.problems.sort(key=lambda problem: problem.line)
    return checked


def batches(content: bytes, checked: Checked, rules: Rules) -> Iterator[list[dict[str, Any]]]:
    """What the new files hold, BATCH at a time, without what is passed over."""
    good = (
        one[1]
        for one in _drafts(content, rules)
        if not isinstance(one, Problem) and one[0] not in checked.passed_over
    )
    while batch := list(islice(good, BATCH)):
        yield batch


def opened(
    session: Session, batch: Sequence[Mapping[str, Any]], actor: Actor
) -> list[RecordStepped]:
    """New files under the next numbers, as steps."""
    move = customers.MOVES[NOT_YET, "import"]
    person = actor.people.check(actor.person, move.by)
    first = next_number(session, Customer.number, customers.PREFIX, actor.at, actor.zone)
    day, _, count = first.rpartition("-")
    return [
        RecordStepped(
            "", actor.at, customers.KIND, f"{day}-{int(count) + index:04d}", "import", person,
            move.to, 0, _signed(fields, person),
        )
        for index, fields in enumerate(batch)
    ]  # fmt: skip


def _signed(fields: Mapping[str, Any], person: str) -> dict[str, Any]:
    """A class that is not the rule's is by the hand of who imports it."""
    kept = dict(fields)
    by_hand = kept.pop("by_hand", "")
    if by_hand and by_hand != kept["customer_class"]:
        kept |= {"customer_class": by_hand, "class_by": person, "reason": "import"}
    return kept


def _drafts(content: bytes, rules: Rules) -> Iterator[Draft | Problem]:
    found: Columns | None = None
    for row in rows(content):
        if isinstance(row, Problem):
            yield row
        elif found is None:
            found = columns(row[1])
            for heading in found.unknown:
                yield Problem(row[0], f"the column {heading} is not known; it is not read", False)
        else:
            yield _draft(row[0], row[1], found, rules)
    if found is None:
        raise Refused("this table is empty; expected headings and rows")


def _draft(line: int, cells: Sequence[str], found: Columns, rules: Rules) -> Draft | Problem:
    try:
        given = fields_of(cells, found)
        by_hand = given.pop("customer_class", "")
        if not given.get("name"):
            raise Refused("name is empty")
        return line, {**customers.filled(given, rules), "by_hand": by_hand}
    except Refused as refused:
        return Problem(line, str(refused))


class _Seen:
    """Who is in the file or the store already: by number, by name where there is none."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lines: dict[str, int] = {}

    def twice(self, drafts: Sequence[Draft]) -> Iterator[Problem]:
        """Rows that are somebody already."""
        filed = self._filed({key for _, fields in drafts for key in _keys(fields)})
        for line, fields in drafts:
            why = self._why(line, _keys(fields), filed)
            if why:
                yield Problem(line, why)

    def _why(self, line: int, keys: Sequence[str], filed: Mapping[str, str]) -> str:
        for key in keys:
            if key in filed:
                return f"{_told(key)} is in the file of customer {filed[key]}"
            if key in self._lines:
                return f"{_told(key)} is on line {self._lines[key]} too"
        self._lines |= dict.fromkeys(keys, line)
        return ""

    def _filed(self, keys: set[str]) -> dict[str, str]:
        """Whose these are."""
        held = select(CustomerNumber.number, CustomerNumber.customer_number)
        numbers = held.where(CustomerNumber.number.in_([k for k in keys if k[0] != "="]))
        named = select(Customer.name_key, Customer.number)
        names = named.where(
            Customer.state == ACTIVE, Customer.name_key.in_([k[1:] for k in keys if k[0] == "="])
        )
        found = dict(self._session.execute(numbers).all())
        return found | {f"={name}": customer for name, customer in self._session.execute(names)}


def _keys(fields: Mapping[str, Any]) -> list[str]:
    """What somebody is known by: the numbers, else the name."""
    numbers = [one["number"] for one in fields.get("numbers", ())]
    return numbers or ([f"={fields['name_key']}"] if fields["name_key"] else [])


def _told(key: str) -> str:
    return "the name" if key.startswith("=") else "a number"
