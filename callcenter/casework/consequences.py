"""What follows from facts: the rules of casework that the books obey, in the order they are asked.

Each reads through the session of the ledger's transaction.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from callcenter.casework import promises
from callcenter.casework.customers import merging as customer_merging
from callcenter.casework.customers.effects import Rules
from callcenter.casework.customers.merging import USUAL
from callcenter.casework.follow_ups import plans as follow_up_plans
from callcenter.casework.harassment import blocks
from callcenter.casework.orders import calls as work_orders
from callcenter.casework.quality import coaching
from callcenter.casework.staff import recovery, shifts
from callcenter.core.events import Event


def all_of(
    group: Callable[[str], str], block_after: int, customers: Rules = USUAL
) -> list[Callable[[Session, Event], list[Event]]]:
    """Every rule. `group` as Scripts.group; a number that harassed in `block_after` attempts within
    30 days is proposed to be blocked; `customers` says what makes a key one."""
    return [
        work_orders.consequence(group),
        blocks.consequence(group, block_after),
        recovery.consequence,
        promises.consequence(),
        follow_up_plans.consequence(),
        customer_merging.consequence(customers),
        coaching.consequence(),
        shifts.exchanged,
    ]
