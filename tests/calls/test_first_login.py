"""The first to come in: by the link that `serve` prints, over HTTPS."""

from __future__ import annotations

import asyncio
import io
import re
import ssl
from pathlib import Path

import httpx
import trustme
from rich.console import Console

from callcenter.app import open_service
from callcenter.commands.doctor_lines import examine_lines
from callcenter.commands.serve import greet
from callcenter.config import WebConfig
from tests.calls.service import config_in

PASSWORD = {"person": "陈静", "password": "a good password"}


def certified(folder: Path) -> tuple[WebConfig, ssl.SSLContext]:
    """A web configuration with a certificate, and who trusts it."""
    authority, trusting = trustme.CA(), ssl.create_default_context()
    made = authority.issue_cert("127.0.0.1")
    made.private_key_pem.write_to_path(folder / "key.pem")
    made.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    authority.configure_trust(trusting)
    return WebConfig(port=0, cert=str(folder / "cert.pem"), key=str(folder / "key.pem")), trusting


def printed_link(service: object) -> str:
    told = io.StringIO()
    greet(service, Console(file=told, width=200))
    found = re.search(r"https://\S+/enter/(\S+)", told.getvalue())
    return found[1] if found else ""


async def test_n2_the_printed_link_lets_the_first_one_in_over_https(tmp_path: Path) -> None:
    web, trusting = certified(tmp_path)
    async with (
        open_service(config_in(tmp_path, web=web)) as service,
        httpx.AsyncClient(base_url=service.web_url, verify=trusting, trust_env=False) as browser,
    ):
        link = printed_link(service)
        assert (await browser.get("/")).headers["location"] == "/login?next=/"
        answer = await browser.post(f"/api/v1/invitations/{link}", json=PASSWORD)
        assert "secure" in answer.headers["set-cookie"].lower()
        assert (await browser.get("/")).status_code == 200
        assert (await browser.get("/api/v1/me")).json()["roles"]
        assert printed_link(service) == ""
        port = int(service.web_url.rpartition(":")[2])
        config = config_in(tmp_path, web=web.model_copy(update={"port": port}))
        told = await asyncio.to_thread(lambda: list(examine_lines(config)))
    assert "line" in [finding.what for finding in told]
