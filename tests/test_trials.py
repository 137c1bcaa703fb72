"""Back-tests in a process of their own, as the pages ask for them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from callcenter.core.errors import PackError, TrialFailed
from callcenter.core.trials import Draft
from callcenter.scripts.book import Book
from callcenter.store.sql import Store
from callcenter.trials import ChildTrials
from tests.casework.kept import Kept
from tests.commands.test_backtest import DRAFT, INSULT


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    folder = tmp_path / "packs"
    folder.mkdir()
    (folder / "h.toml").write_text(INSULT, "utf-8")
    return folder


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    store = Store(tmp_path / "callcenter.db")
    store.upgrade()
    yield Kept(store)
    store.close()


@pytest.fixture
def trials(packs: Path, kept: Kept, tmp_path: Path) -> ChildTrials:
    return ChildTrials(Book(packs), packs, tmp_path / "callcenter.db")


async def test_a_draft_is_tried_beside_the_service(trials: ChildTrials, kept: Kept) -> None:
    kept.call("rude", "你滚蛋", verdict="harassment")
    kept.call("sly", "你混蛋", verdict="harassment")
    told: list[tuple[int, int]] = []
    draft = Draft("h.toml", DRAFT)
    found = await trials.back_test(draft, 10, lambda done, of: told.append((done, of)))
    assert (found["calls"], found["changed_calls"] + found["touched_calls"]) == (2, 2)
    assert told[-1] == (2, 2)
    alone = await trials.back_test(None, 1, lambda done, of: None)
    assert (alone["calls"], alone["draft"]) == (1, None)


def test_a_draft_is_checked_before(trials: ChildTrials) -> None:
    assert trials.packs.check(Draft("h.toml", DRAFT)) == DRAFT.count("[[rule]]")
    with pytest.raises(PackError, match=r"d.toml: rule 1 \(insult\): stands in h.toml too"):
        trials.packs.check(Draft("d.toml", INSULT))


async def test_what_goes_wrong_there_is_told_here(
    trials: ChildTrials, kept: Kept, packs: Path
) -> None:
    (packs / "h.toml").write_text("group = ", "utf-8")
    (problem,) = trials.problems()
    assert "h.toml: not TOML" in problem
    assert [rule.name for rule in trials.listed()] == ["insult"]
    with pytest.raises(TrialFailed, match=r"h\.toml: not TOML"):
        await trials.back_test(None, 10, lambda done, of: None)


async def test_the_service_goes_and_takes_it_along(trials: ChildTrials, kept: Kept) -> None:
    for n in range(50):
        kept.call(f"c{n}", "你好")
    began = asyncio.Event()
    running = asyncio.create_task(trials.back_test(None, 50, lambda done, of: began.set()))
    await began.wait()
    await trials.close()
    done = (await asyncio.gather(running, return_exceptions=True))[0]
    assert isinstance(done, TrialFailed | dict)  # it may have come to its end just then
    await trials.close()
