"""A message leaves the running service through a real gateway, and the trail says so."""

from __future__ import annotations

from pathlib import Path

from callcenter.config.house import GatewayConfig, HouseConfig
from tests.calls.service import config_in, running
from tests.post.carriers import gateway


async def test_s1_s2_a_care_message_leaves_at_once(tmp_path: Path) -> None:
    with gateway() as hook:
        house = HouseConfig(company="佳和", hotline="4008200001")
        config = config_in(tmp_path, sms=GatewayConfig(url=hook.url), house=house)
        async with running(config) as service:
            fields = {"customer": "赵先生", "about": "WO-1", "agent": "王芳"}
            wanted = {"by": "王芳", "template": "care", "to": "138 0000 0001", "fields": fields}
            made = await service.post("/messages", **wanted)
            sent = await service.until(
                lambda: service.get(f"/messages/{made['number']}"),
                lambda told: told if told["state"] == "sent" else None,
            )
    ((_, taken),) = hook.taken
    assert (taken["to"], taken["id"]) == ("13800000001", made["number"])
    assert taken["text"].startswith("【佳和】赵先生您好")
    assert [step["person"] for step in sent["steps"]] == ["王芳", "system"]
