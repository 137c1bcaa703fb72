"""Other people's telephones over TCP and TLS: sipp, and a softphone that people use."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from callcenter.core.ports import LineCall
from callcenter.sip.line.sip_line import SipLine
from callcenter.sip.line.wires import Access
from tests.calls import baresip, sipp
from tests.sip.certificates import Authority
from tests.sip.line.test_sip_line import told, within
from tests.waiting import until

pytestmark = pytest.mark.external


@sipp.needs_sipp
@pytest.mark.parametrize("transport", ["t1", "tn"], ids=["one connection", "one for each call"])
async def test_sipp_over_tcp(tmp_path: Path, transport: str) -> None:
    line = SipLine("main", port=0, access=Access(("TCP",)))
    await line.start(lambda call: asyncio.get_running_loop().call_soon(call.answer))
    process = await asyncio.create_subprocess_exec(
        *["timeout", "-s", "INT", "30", "sipp", "-sn", "uac", f"127.0.0.1:{line.port}"],
        *["-i", "127.0.0.1", "-t", transport, "-m", "10", "-r", "20", "-d", "200", "-nostdin"],
        *["-max_socket", "100"],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=tmp_path,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0, out.decode(errors="replace")[-3000:]
    await until(lambda: line.state().detail == "calls: 0")
    await line.close()


@baresip.needs_baresip
@pytest.mark.parametrize("transport", ["tcp", "tls"])
@pytest.mark.parametrize("we_end", [True, False])
async def test_baresip_over_a_connection(tmp_path: Path, transport: str, we_end: bool) -> None:
    """It listens nowhere that we trust: what we ask of it must go by the connection it made."""
    files = Authority(tmp_path).files()
    access = Access(("UDP", "TCP", "TLS"), tls_port=0, certificates=files)
    line = SipLine("main", port=0, access=access)
    came: asyncio.Future[LineCall] = asyncio.get_running_loop().create_future()
    await line.start(came.set_result)
    port = line.tls_port if transport == "tls" else line.port
    uri = f"sip:95000@127.0.0.1:{port};transport={transport}"
    try:
        async with baresip.dials(tmp_path, uri, bytes(16000), "1001"):
            call = await asyncio.wait_for(came, 20)
            gone = told(call)  # type: ignore[arg-type]
            call.answer()
            if we_end:
                call.hang_up()
                await until(lambda: line.state().detail == "calls: 0")
        if not we_end:
            await within(gone)
    finally:
        await line.close()
