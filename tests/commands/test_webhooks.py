"""`callcenter webhooks`, and what the doctor says of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from callcenter.app import now
from callcenter.casework.webhooks import deliveries
from callcenter.casework.webhooks.deliveries import Deliveries
from callcenter.chores import target_of
from callcenter.commands import webhooks
from callcenter.commands.webhooks import examine_webhooks
from callcenter.config import load
from callcenter.core.errors import ConfigError
from callcenter.core.events import CallRang
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from tests.post.listening import Listener, listening

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def crm() -> Iterator[Listener]:
    with listening() as there:
        yield there


@pytest.fixture
def file(tmp_path: Path, crm: Listener) -> Path:
    (tmp_path / "secret").write_text(SECRET, "utf-8")
    made = tmp_path / "c.toml"
    text = f'[[webhook]]\nname = "crm"\nurl = "{crm.url}"\nsecret_file = "secret"\n'
    made.write_text(text, "utf-8")
    return made


def given_up(file: Path) -> None:
    """A call rang four days ago, and nobody took what was told of it."""
    config = load(file)
    store = Store(config.database)
    store.upgrade()
    target = target_of(config.webhook[0])
    books = SqlBooks(store, [deliveries.consequence([target])])
    books.write(CallRang("c1", now() - timedelta(days=4), "13800000001", "95000", "main"))
    assert Deliveries(store, target, now, str).tidy() == 1
    store.close()


def test_a_try_is_signed_as_all_the_rest(
    file: Path, crm: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    assert webhooks.test(file, "crm") == 0
    assert crm.types() == ["test"]
    assert crm.told[0].headers["webhook-signature"].startswith("v1,")
    crm.answer = lambda _: 401
    assert webhooks.test(file, "crm") == 1
    assert "callcenter: webhook crm: answered 401" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="no webhook zammad; in the configuration: crm"):
        webhooks.test(file, "zammad")


def test_what_was_given_up_is_listed_and_sent_again(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [finding.good for finding in examine_webhooks(load(file))] == [True]
    given_up(file)
    assert [finding.good for finding in examine_webhooks(load(file))] == [None]
    assert webhooks.list_targets(file) == 0
    assert "crm\town\tcall\t0 waiting, 1 given up" in capsys.readouterr().out
    assert webhooks.retry(file, "crm") == 0
    assert "1 facts are sent again" in capsys.readouterr().out
    webhooks.list_targets(file)
    assert "1 waiting since" in capsys.readouterr().out


def test_nobody_is_told_where_nobody_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.toml"
    empty.touch()
    assert webhooks.list_targets(empty) == 0
    assert "nobody is told" in capsys.readouterr().out


def test_the_doctor_names_a_secret_that_is_missing(file: Path) -> None:
    (file.parent / "secret").unlink()
    (finding,) = examine_webhooks(load(file))
    assert (finding.what, finding.good) == ("webhook crm", False)
    assert "cannot be read" in finding.detail
