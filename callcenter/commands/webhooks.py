"""`callcenter webhooks`: how it stands with the programs that are told, a try, and another try."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from callcenter.app import now
from callcenter.chores import deliveries_of, webhook_of
from callcenter.commands.finding import Finding
from callcenter.commands.kept import is_there, open_existing, open_kept
from callcenter.config import Config, load
from callcenter.config.webhooks import WebhookConfig
from callcenter.core.errors import CallcenterError, ConfigError, NotSent
from callcenter.core.webhooks import Standing


def list_targets(file: Path) -> int:
    """Print a line for each: what waits, what was given up. Raises ConfigError, StoreError."""
    config = load(file)
    if not config.webhook:
        print("no [[webhook]] in the configuration: nobody is told")
        return 0
    with closing(open_kept(config)) as store:
        for hook in config.webhook:
            standing = deliveries_of(config, hook, store, now).standing()
            print(f"{hook.name}\t{hook.form}\t{', '.join(hook.events)}\t{_told(standing)}")
    return 0


def test(file: Path, name: str) -> int:
    """Tell it something harmless now, signed as all the rest; 1 where it is not taken."""
    hook = _hook(load(file), name)
    body = {"type": "test", "timestamp": now().isoformat(), "data": {"text": "测试 test"}}
    if hook.form == "zammad":
        body = {"event": "test", "callId": "test"}
    try:
        asyncio.run(_post(hook, json.dumps(body, ensure_ascii=False).encode()))
    except NotSent as error:
        print(f"callcenter: webhook {name}: {error}", file=sys.stderr)
        return 1
    print(f"{name} has taken the test")
    return 0


def retry(file: Path, name: str) -> int:
    """Have what was given up sent once more by the running service."""
    config = load(file)
    hook = _hook(config, name)
    with closing(open_kept(config)) as store:
        revived = deliveries_of(config, hook, store, now).revive()
    print(f"{revived} facts are sent again by the running service")
    return 0


def examine_webhooks(config: Config) -> Iterator[Finding]:
    """For the doctor: whether each could be told, and what waits."""
    for hook in config.webhook:
        yield _examined(config, hook)


def _examined(config: Config, hook: WebhookConfig) -> Finding:
    what = f"webhook {hook.name}"
    try:
        webhook_of(hook).close()
        if not is_there(config):
            return Finding(what, True, "ready")
        with closing(open_existing(config)) as store:
            standing = deliveries_of(config, hook, store, now).standing()
    except CallcenterError as error:
        return Finding(what, False, str(error))
    return Finding(what, None if standing.problem or standing.given_up else True, _told(standing))


def _hook(config: Config, name: str) -> WebhookConfig:
    """Raises ConfigError."""
    for hook in config.webhook:
        if hook.name == name:
            return hook
    known = ", ".join(hook.name for hook in config.webhook) or "none"
    raise ConfigError(f"no webhook {name}; in the configuration: {known}")


async def _post(hook: WebhookConfig, body: bytes) -> None:
    with closing(webhook_of(hook)) as way:
        await way.post(f"test-{now():%Y%m%dT%H%M%S}", body)


def _told(standing: Standing) -> str:
    waiting = f"{standing.waiting} waiting"
    if standing.oldest:
        waiting += f" since {standing.oldest.astimezone():%Y-%m-%d %H:%M}"
    sent = f"last sent {standing.sent_at.astimezone():%Y-%m-%d %H:%M}" if standing.sent_at else ""
    lost = f"{standing.given_up} given up" if standing.given_up else ""
    problem = f"last problem: {standing.problem}" if standing.problem else ""
    return ", ".join(part for part in (waiting, sent, lost, problem) if part)
