"""Agents' states over a restart and a crash of the whole service."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from callcenter.app import open_service
from callcenter.casework.staff import attendance
from callcenter.config import Config, RecognitionConfig
from callcenter.core.events import AgentChanged
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from tests.calls.service import AGENT, config_in

BEGAN, CRASHED = (datetime(2026, 3, 4, hour, tzinfo=UTC) for hour in (8, 9))


def deaf(folder: Path) -> Config:
    """A service without a model: it starts at once."""
    return config_in(folder, recognition=RecognitionConfig(model=str(folder / "none")))


def spans(folder: Path) -> list[tuple[str, str, datetime, datetime | None]]:
    store = Store(folder / "data" / "callcenter.db")
    with store.session() as session:
        found = attendance.spans(session, BEGAN, datetime.now(UTC))[AGENT.number]
    store.close()
    return [(span.state, span.reason, span.since, span.until) for span in found]


async def test_r4_an_agent_stands_where_they_stood_before_the_service_stopped(
    tmp_path: Path,
) -> None:
    config = deaf(tmp_path)
    async with open_service(config) as service:
        assert service.desk.presence()[0].state == "ready", "nobody has to sign in"
        await service.desk.set_state(AGENT.number, "break", AGENT.number, "用餐")
    stood = [(state, reason) for state, reason, *_ in spans(tmp_path)]
    assert stood == [("ready", ""), ("break", "用餐"), ("offline", "stopped")]
    async with open_service(config) as service:
        standing = service.desk.presence()[0]
        assert (standing.state, standing.reason) == ("break", "用餐")


async def test_r4_after_a_crash_nobody_was_there_for_longer_than_is_known(tmp_path: Path) -> None:
    store = Store(tmp_path / "data" / "callcenter.db")
    store.upgrade()
    for at, agent in ((BEGAN, AGENT.number), (CRASHED, "1009")):
        SqlBooks(store).write(AgentChanged("", at, agent, "ready", "", "system"))
    store.close()
    async with open_service(deaf(tmp_path)) as service:
        assert service.desk.presence()[0].state == "ready"
    known, unknown, again, *_ = spans(tmp_path)
    assert known == ("ready", "", BEGAN, CRASHED)
    assert unknown == ("offline", "interrupted", CRASHED, again[2])
