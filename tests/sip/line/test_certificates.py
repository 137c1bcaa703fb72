"""Certificates that are renewed while the line runs, and those that callers must show."""

from __future__ import annotations

import logging
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from callcenter.core.errors import ConfigError
from callcenter.sip.line.tls import Certificates
from callcenter.sip.line.wires import Access
from tests.sip.certificates import Authority
from tests.sip.line.test_sip_line import Phone, refusal
from tests.sip.line.test_streams import phones, reached
from tests.waiting import until


def put(made: Certificates, files: Certificates) -> None:
    """What `made` names lies now where `files` says: written beside it, then moved there."""
    for source, target in ((made.cert, files.cert), (made.key, files.key)):
        shutil.copy(source, f"{target}.new")
        os.replace(f"{target}.new", target)


async def rings(far: Phone, near: Phone) -> None:
    dialled = await far.line.dial(f"sips:95000@127.0.0.1:{near.line.tls_port}", "138")
    await reached(dialled, near, far)


async def test_a_renewed_certificate_is_shown_to_whoever_comes_next(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = Authority(tmp_path, "first"), Authority(tmp_path, "second")
    (tmp_path / "used").mkdir()
    place = str(tmp_path / "used")
    files = Certificates(f"{place}/cert.pem", f"{place}/key.pem", first.ca)
    put(first.files("127.0.0.1"), files)
    near_side = Access(("TLS",), certificates=files)
    old, new = (Access(("TLS",), certificates=Certificates(ca=a.ca)) for a in (first, second))
    async with phones(near_side, old, new) as (near, trusts_first, trusts_second):
        await rings(trusts_first, near)
        made = second.files("127.0.0.1")
        shutil.copy(made.cert, files.cert)  # its key is still to come
        assert near.line._wires._streams is not None
        dialled = await trusts_second.line.dial(f"sips:95000@127.0.0.1:{near.line.tls_port}", "138")
        assert (await refusal(dialled))[0] == 503
        with caplog.at_level(logging.INFO):
            put(made, files)
            await rings(trusts_second, near)
        assert "certificates have changed" in caplog.text
        await rings(trusts_first, near)  # its connection stands, and keeps what it was shown


async def test_who_shows_no_certificate_is_turned_away(tmp_path: Path) -> None:
    ours, strangers = Authority(tmp_path, "ours"), Authority(tmp_path, "strangers")
    house = ours.files("127.0.0.1")
    near_side = Access(("TLS",), certificates=replace(house, client_ca=ours.ca))
    sides = (
        Access(("TLS",), certificates=ours.files("localhost")),
        Access(("TLS",), certificates=Certificates(ca=ours.ca)),
        Access(("TLS",), certificates=replace(strangers.files("::1"), ca=ours.ca)),
    )
    async with phones(near_side, *sides) as (near, known, nameless, stranger):
        await rings(known, near)
        for other in (nameless, stranger):
            uri = f"sips:95000@127.0.0.1:{near.line.tls_port}"
            assert (await refusal(await other.line.dial(uri, "138")))[0] == 503
        assert near.calls.empty()
        await until(lambda: len(near.line._wires._streams or ()) == 1)


def test_whose_signature_is_asked_for_must_be_there(tmp_path: Path) -> None:
    files = Authority(tmp_path).files("127.0.0.1")
    noise = tmp_path / "noise.pem"
    noise.write_text("noise", "utf-8")
    with pytest.raises(ConfigError, match=r"tls\.client_ca: .*noise\.pem"):
        replace(files, client_ca=str(noise)).for_server()


def test_files_that_go_change_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    files = Authority(tmp_path).files("127.0.0.1")
    context = files.renewed_server()
    assert context is not None
    before = context()
    assert context() is before
    Path(files.key).unlink()
    assert context() is before
    assert context() is before
    assert caplog.text.count("certificates before stay in use") == 1
    assert Certificates().renewed_server() is None
