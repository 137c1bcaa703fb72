"""Programs elsewhere are told of a real call; those that are gone never touch one."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from callcenter.app import open_service
from callcenter.config import LineConfig
from callcenter.config.house import HouseConfig, SmtpConfig
from callcenter.config.webhooks import WebhookConfig
from callcenter.demo.caller import Caller
from callcenter.demo.scenarios import Expected
from tests.calls.service import AGENT, Running, config_in, phone, running, scenario
from tests.post.listening import Listener, listening
from tests.waiting import until

SECRET = "0123456789abcdef0123456789abcdef"
CALL = ["call.rang", "call.answered", "call.ended"]


@contextmanager
def black_hole() -> Iterator[int]:
    """A port that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held: list[socket.socket] = []

        def swallow() -> None:
            while True:
                try:
                    held.append(listener.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=swallow)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            for one in held:
                one.close()


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


def hook(folder: Path, name: str, url: str, **rest: Any) -> WebhookConfig:
    file = folder / "secret"
    file.write_text(SECRET, "utf-8")
    return WebhookConfig(name=name, url=url, secret_file=str(file), **rest)


async def ring(here: Running) -> dict[str, Any]:
    """A caller who says a sentence and hangs up, answered at once."""
    talks = replace(scenario("blocked"), agent=(), expect=Expected("caller", "", (), (), ""))
    async with phone() as line:
        await Caller(talks).call(line, here.uri)
    (call,) = (await here.get("/calls"))["calls"]
    ended: dict[str, Any] = await here.ended(call["call_id"])
    return ended


async def test_a_call_goes_on_while_webhooks_and_the_mail_server_are_gone_and_is_told_later(
    tmp_path: Path,
) -> None:
    lines = (LineConfig(port=0, auto_answer=AGENT.number),)
    dead = closed_port()
    with listening() as crm, listening() as zammad, black_hole() as hole:
        hooks = (
            hook(tmp_path, "dead", f"http://127.0.0.1:{dead}/hook"),
            hook(tmp_path, "mute", f"http://127.0.0.1:{hole}/"),
            hook(tmp_path, "crm", crm.url, events=("call", "recording", "work_order")),
            hook(
                tmp_path,
                "zammad",
                f"http://127.0.0.1:{zammad.port}/api/v1/cti/{{secret}}",
                form="zammad",
                masked=False,
            ),
        )
        mail = SmtpConfig(host="127.0.0.1", port=hole, sender="kf@example.com", tls="off")
        house = HouseConfig(company="佳和", hotline="4008200001")
        config = config_in(tmp_path, line=lines, webhook=hooks, smtp=mail, house=house)
        async with running(config) as here:
            fields = {"customer": "赵先生", "opened": "昨天", "about": "WO-1", "progress": "已换货"}
            letter = {"template": "written_reply", "to": "zhao@example.com", "fields": fields}
            await here.post("/messages", by="王芳", **letter)
            call = await ring(here)
            await until(lambda: len(zammad.told) == 3)
            await until(lambda: {"call.ended", "recording.closed"} <= set(crm.types()))
            metrics = (await here.api.get("/metrics")).text
        unharmed(call)
        told_of_the_call(crm, zammad, call)
        assert 'callcenter_webhook_away{target="dead"} 1.0' in metrics
        assert 'callcenter_webhook_tries_total{outcome="sent",target="zammad"} 3.0' in metrics
    with listening(port=dead) as back:
        async with open_service(config) as service:
            await until(lambda: len(back.told) == 3)
            assert not service.desk.notices()
        assert back.types() == CALL


def unharmed(call: dict[str, Any]) -> None:
    assert (call["ended_by"], call["call_result"]) == ("caller", "answered")
    assert not call["gaps"]
    assert any("请问" in one["text"] for one in call["segments"] if one["party"] == "caller")
    assert call["recording"]["seconds"] > 1


def told_of_the_call(crm: Listener, zammad: Listener, call: dict[str, Any]) -> None:
    assert [type for type in crm.types() if type.startswith("call.")] == CALL
    assert {"recording.closed", "work_order.linked"} <= set(crm.types())
    text = "".join(told.body.decode() for told in crm.told)
    assert scenario("blocked").caller_number not in text
    assert zammad.types() == ["newCall", "answer", "hangup"]
    last = zammad.told[-1]
    assert last.path == f"/api/v1/cti/{SECRET}"
    wanted = {"callId": call["call_id"], "user": AGENT.name, "cause": "normalClearing"}
    assert wanted.items() <= last.json.items()


async def test_a_service_that_stops_in_the_middle_leaves_nothing_untold(tmp_path: Path) -> None:
    with listening() as crm:
        hooks = (hook(tmp_path, "crm", crm.url),)
        async with running(config_in(tmp_path, webhook=hooks)) as here, phone() as line:
            ringing = asyncio.create_task(Caller(scenario("complaint")).call(line, here.uri))
            await here.live("ringing")
            await until(lambda: crm.types() == CALL[:1])
            ringing.cancel()
            await asyncio.gather(ringing, return_exceptions=True)
        async with open_service(config_in(tmp_path, webhook=hooks)):
            await until(lambda: crm.types() == [CALL[0], CALL[2]])
