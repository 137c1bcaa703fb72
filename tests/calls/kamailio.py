"""Runs Kamailio as a small carrier: registrar with digests, and a proxy that stays in the route."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.calls.baresip import free_port

# Debian keeps it where only administrators look.
KAMAILIO = shutil.which("kamailio", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
needs_kamailio = pytest.mark.skipif(
    KAMAILIO is None, reason="kamailio is not installed (apt install kamailio)"
)
PASSWORD = "secret"
PATIENCE = 20.0

CONFIG = """
debug=1
log_stderror=yes
children=1
auto_aliases=no
disable_tcp=yes
listen=udp:127.0.0.1:{port}
alias="127.0.0.1:{port}"
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/:/usr/lib/kamailio/modules/:/usr/lib64/kamailio/modules/"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
loadmodule "xlog.so"
modparam("usrloc", "db_mode", 0)
modparam("registrar", "min_expires", 1)
modparam("rr", "append_fromtag", 1)

request_route {{
    xlog("L_ERR", "SEEN $rm from $sp route=$(hdr(Route)) to=$ru\\n");
    if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
    if (has_totag()) {{
        if (loose_route()) {{ t_relay(); exit; }}
        if (is_method("ACK") && t_check_trans()) {{ t_relay(); exit; }}
        sl_send_reply("404", "Not here: the route is missing");
        exit;
    }}
    if (is_method("REGISTER")) {{
        if (!pv_www_authenticate("carrier", "{password}", "0")) {{
            www_challenge("carrier", "1");
            exit;
        }}
        if (save("location")) xlog("L_ERR", "SAVED $tU at $ct\\n");
        exit;
    }}
    if (is_method("INVITE") && !pv_proxy_authenticate("carrier", "{password}", "0")) {{
        proxy_challenge("carrier", "1");
        exit;
    }}
    consume_credentials();
    record_route();
    if (!lookup("location")) {{ sl_send_reply("480", "Not registered"); exit; }}
    t_relay();
}}
"""


class Carrier:
    """Kamailio on one port; it can be ended and started again."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._log = folder / "kamailio.log"
        self._config = folder / "kamailio.cfg"
        text = CONFIG.format(port=self.port, password=PASSWORD)
        self._config.write_text(text, "utf-8")

    async def start(self) -> None:
        """Begin with an empty memory; returns once it answers."""
        with self._log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                # One process for the calls, 16 MB shared and 4 MB of its own, in the foreground.
                *[str(KAMAILIO), "-f", str(self._config), "-D", "-E"],
                *[
                    "-n",
                    "1",
                    "-m",
                    "16",
                    "-M",
                    "4",
                    "-Y",
                    str(self._folder),
                    "-w",
                    str(self._folder),
                ],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
            )

    async def stop(self) -> None:
        """End it; what was registered is forgotten."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()
        self._process = None

    def log(self) -> str:
        """What it told since it was started."""
        return self._log.read_text("utf-8", "replace")

    def seen(self, method: str) -> list[tuple[int, str]]:
        """The requests of this method: the port each came from, and its Route."""
        found = re.findall(rf"SEEN {method} from (\d+) route=(.*) to=", self.log())
        return [(int(port), route) for port, route in found]

    async def has_told(self, pattern: str) -> None:
        """Wait until its log matches."""
        async with asyncio.timeout(PATIENCE):
            while not re.search(pattern, self.log()):
                assert self._process is not None
                assert self._process.returncode is None, self.log()[-2000:]
                await asyncio.sleep(0.02)  # between two looks, not instead of one


@asynccontextmanager
async def carrier(folder: Path) -> AsyncIterator[Carrier]:
    """A running carrier; ended on the way out."""
    here = Carrier(folder)
    await here.start()
    try:
        yield here
    finally:
        await here.stop()
