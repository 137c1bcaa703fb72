"""A client made from our OpenAPI document, as a customer system would use it, on a real service."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from callcenter.store.sql import Store
from tests.calls.service import Running, config_in, running
from tests.casework.kept import CALLER, Kept

CONFIG = """
post_hooks: []
content_type_overrides:
  audio/wav: application/octet-stream
  application/zip: application/octet-stream
  application/rs-metadata+xml: application/octet-stream
"""


@pytest.fixture
def on_path(tmp_path: Path) -> Iterator[Path]:
    """A folder that Python imports from."""
    sys.path.insert(0, str(tmp_path))
    yield tmp_path
    sys.path.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == "callcenter_client"]:
        del sys.modules[name]


def generated(document: dict[str, Any], folder: Path) -> None:
    """A client in `folder`; a document that the generator stumbles over is an error."""
    source, config = folder / "openapi.json", folder / "generator.yaml"
    source.write_text(json.dumps(document), "utf-8")
    config.write_text(CONFIG, "utf-8")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"]
    places = ["--path", str(source), "--output-path", str(folder / "callcenter_client")]
    how = ["--meta", "none", "--config", str(config)]
    done = subprocess.run([*command, *places, *how], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def module(name: str) -> ModuleType:
    return importlib.import_module(f"callcenter_client.{name}")


async def test_a_generated_client_looks_up_a_call_and_adds_its_customer(on_path: Path) -> None:
    config = config_in(on_path)
    with closing(Store(config.database)) as store:
        store.upgrade()
        Kept(store).call("c1", "我想问一下订单。")
    async with running(config) as here:
        document = (await here.api.get("/openapi.json")).json()
        generated(document, on_path)
        await look_up_and_add(here)


async def look_up_and_add(here: Running) -> None:
    models, doors = module("models"), here.service.doors
    assert doors is not None
    # As `callcenter logins token crm --role agent --for-others` makes one.
    token = doors.make_token("crm", ("agent",), 1, "tests", for_others=True)
    client = module("client").AuthenticatedClient(base_url=here.service.web_url, token=token)
    async with client:
        call = await module("api.通话.calls_get_call").asyncio("c1", client=client)
        assert isinstance(call, models.CallDetailOut)
        assert (call.caller_number, call.call_result) == (CALLER, "answered")
        assert [said.text for said in call.segments] == ["我想问一下订单。"]

        body = models.OpenCustomer(name="赵先生", numbers=[call.caller_number], by="王芳")
        made = await module("api.客户档案.customers_open_file").asyncio(client=client, body=body)
        assert (made.name, made.opened_by) == ("赵先生", "王芳")

        found = await module("api.客户档案.customers_list_customers").asyncio(
            client=client, q="赵先生"
        )
        assert made.number in [one.number for one in found]
        missing = await module("api.通话.calls_get_call").asyncio("none", client=client)
        assert (type(missing), missing.detail) == (models.Problem, "no call none")
