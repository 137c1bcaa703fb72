"""What follows from facts: the rules of casework that the books obey, in the order they are asked.

Each reads through the session of the ledger's transaction.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from callcenter.casework import (
    blocks,
    customer_merging,
    follow_up_plans,
    promises,
    recovery,
    work_orders,
)
from callcenter.core.events import Event


def all_of(
    group: Callable[[str], str], block_after: int
) -> list[Callable[[Session, Event], list[Event]]]:
    """Every rule. `group` as Scripts.group; a number that harassed in `block_after` attempts within
    30 days is proposed to be blocked."""
    return [
        work_orders.consequence(group),
        blocks.consequence(group, block_after),
        recovery.consequence,
        promises.consequence(),
        follow_up_plans.consequence(),
        customer_merging.consequence(),
    ]
