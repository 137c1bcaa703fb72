"""The pages over HTTPS: a renewed certificate is shown without a restart."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import httpx
import pytest
import trustme

from callcenter.app import open_service
from callcenter.config import WebConfig
from callcenter.core.errors import ConfigError
from callcenter.outfit import certificates_of
from tests.calls.service import config_in


class Authority:
    """Signs certificates; `trusting` trusts what it signed."""

    def __init__(self) -> None:
        self._ca = trustme.CA()
        self.trusting = ssl.create_default_context()
        self._ca.configure_trust(self.trusting)

    def put(self, web: WebConfig, *, key: bool = True) -> None:
        """A new certificate, and its key unless that is still to come, where `web` says."""
        made = self._ca.issue_cert("127.0.0.1")
        blobs = {web.cert: made.cert_chain_pems[0]} | (
            {web.key: made.private_key_pem} if key else {}
        )
        for place, blob in blobs.items():
            blob.write_to_path(f"{place}.new")
            os.replace(f"{place}.new", place)


async def status(url: str, trusting: ssl.SSLContext) -> int:
    """Of the page of the login, over a connection of its own."""
    async with httpx.AsyncClient(verify=trusting, trust_env=False) as browser:
        return (await browser.get(f"{url}/login")).status_code


async def test_a_renewed_certificate_is_shown_without_a_restart(tmp_path: Path) -> None:
    web = WebConfig(port=0, cert=str(tmp_path / "cert.pem"), key=str(tmp_path / "key.pem"))
    first, second = Authority(), Authority()
    first.put(web)
    async with open_service(config_in(tmp_path, web=web)) as service:
        assert await status(service.web_url, first.trusting) == 200
        second.put(web, key=False)
        assert await status(service.web_url, first.trusting) == 200, "the key is still to come"
        second.put(web)
        assert await status(service.web_url, second.trusting) == 200
        with pytest.raises(httpx.ConnectError):
            await status(service.web_url, first.trusting)


def test_files_that_cannot_be_used_are_named_as_in_the_configuration(tmp_path: Path) -> None:
    web = WebConfig(cert=str(tmp_path / "none.pem"), key=str(tmp_path / "none.key"))
    with pytest.raises(ConfigError, match=r"^web\.cert, web\.key: .*none\.pem"):
        certificates_of(web)
    assert certificates_of(WebConfig()) is None
