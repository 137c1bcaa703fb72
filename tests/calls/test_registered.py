"""A line that registers: its state is shown, and calls come to the contact it gave."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from callcenter.commands.doctor_lines import examine_lines
from callcenter.commands.finding import Finding
from callcenter.config import Config, LineConfig, WebConfig
from callcenter.config.lines import Registrar
from tests.calls.service import AGENT, Running, config_in, phone, running, scenario
from tests.sip.registrar import TinyRegistrar


def at_web(here: Running) -> Config:
    """The configuration with the port that the web server has found."""
    port = int(here.service.web_url.rpartition(":")[2])
    return here.config.model_copy(update={"web": WebConfig(port=port)})


async def test_a_call_comes_to_the_registered_contact(tmp_path: Path):
    registrar = TinyRegistrar("6018", "secret", "SHA-256")
    await registrar.start()
    where = Registrar(host="127.0.0.1", port=registrar.port, user="6018", password="secret")
    lines = (LineConfig(port=0, registrar=where),)
    try:
        async with running(config_in(tmp_path, line=lines)) as here, phone() as line:
            (state,) = await here.until(
                lambda: here.get("/health"),
                lambda health: health["lines"] if health["lines"][0]["registered"] else None,
            )
            assert state["name"] == "main"
            metrics = (await here.api.get("/metrics")).text
            assert 'callcenter_line_registered{line="main"} 1.0' in metrics
            assert 'callcenter_line_passed_over_total{line="main",reason="limited"} 0.0' in metrics
            told = await asyncio.to_thread(lambda: list(examine_lines(at_web(here))))
            assert Finding("registration", True, "main: for 300 s") in told
            (contact,) = registrar.bindings.values()
            call = await line.dial(contact.strip("<>").partition(">")[0], "13800138001")
            call_id = (await here.live("ringing"))["call_id"]
            await here.post(f"/calls/{call_id}/answer", agent=AGENT.number)
            await call.answered()
            call.hang_up()
            assert (await here.ended(call_id))["ended_by"] == "caller"
    finally:
        await registrar.close()
    assert not registrar.bindings, "it said goodbye"


async def test_a_wrong_password_is_shown_and_direct_calls_still_come(tmp_path: Path):
    registrar = TinyRegistrar("6018", "secret")
    await registrar.start()
    where = Registrar(host="127.0.0.1", port=registrar.port, user="6018", password="wrong")
    lines = (LineConfig(port=0, registrar=where),)
    try:
        async with running(config_in(tmp_path, line=lines)) as here, phone() as line:
            (state,) = await here.until(
                lambda: here.get("/health"),
                lambda health: health["lines"] if "401" in health["lines"][0]["detail"] else None,
            )
            assert state["registered"] is False
            told = await asyncio.to_thread(lambda: list(examine_lines(at_web(here))))
            assert Finding("registration", False, "main: refused: 401 Who?") in told
            call = await line.dial(here.uri, scenario("enquiry").caller_number)
            ringing = await here.live("ringing")
            refused = await here.api.post(
                f"/api/v1/calls/{ringing['call_id']}/answer", json={"agent": "nobody"}
            )
            assert refused.status_code == httpx.codes.CONFLICT
            call.hang_up()
            assert (await here.ended(ringing["call_id"]))["call_result"] == "abandoned"
    finally:
        await registrar.close()
