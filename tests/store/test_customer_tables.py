from __future__ import annotations

from sqlalchemy import text

from callcenter.store.directory import SqlDirectory
from callcenter.store.sql import Store
from tests.store.conftest import NOON

BEFORE = (
    """INSERT INTO calls (call_id, direction, line, caller_number, source, callee_number, agent,
    rang_at, ended_by, call_result, disposition, transcribed, work_order_linked_by) VALUES ('c1',
    'inbound', 'front', '013800000001', '013800000001', '4008000000', '8001',
    '2025-03-04 11:00:00.000000', 'caller', 'answered', 'ordinary', true, '')""",
    """INSERT INTO blocklist (number, blocked_at, blocked_by, reason)
    VALUES ('013800000001', '2025-03-04 11:00:00.000000', '李主管', '骚扰')""",
    """INSERT INTO blocklist (number, blocked_at, blocked_by, reason)
    VALUES ('8613800000001', '2025-03-04 11:00:00.000000', '李主管', '骚扰')""",
)
"""What was kept of a mobile number as some carriers show it."""


def test_numbers_of_before_are_found_in_the_form_there_is_now(store: Store) -> None:
    store.downgrade("0008")
    with store.session(write=True) as session:
        for row in BEFORE:
            session.execute(text(row))
    store.upgrade()
    told = SqlDirectory(store, lambda: NOON).history("13800000001")
    assert (told.calls_24h, told.blocked) == (1, True)
