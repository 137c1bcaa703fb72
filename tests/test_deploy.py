"""deploy/: what stands there can be read, and asks only for metrics and options that exist."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from callcenter.cli import parser
from callcenter.core.people import SCOPES
from tests.calls.service import config_in, running

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("callcenter*"))
NAMES = re.compile(r"\bcallcenter_\w+")
COMMANDS = re.compile(
    r"callcenter (?:serve|backup|restore|logins|webhooks|audit|doctor)\b[^\n`（]*"
)


def read(file: str) -> Any:
    return YAML(typ="safe").load(DEPLOY / file)


def rules() -> list[dict[str, Any]]:
    return [rule for group in read("prometheus/alerts.yml")["groups"] for rule in group["rules"]]


def dashboard() -> Any:
    return json.loads((DEPLOY / "grafana" / "dashboards" / "callcenter.json").read_text("utf-8"))


def asked_by_panels() -> Iterator[str]:
    for panel in dashboard()["panels"]:
        for target in panel["targets"]:
            yield target["expr"]


async def test_alerts_and_dashboard_ask_for_metrics_that_exist(tmp_path: Path) -> None:
    async with running(config_in(tmp_path)) as here:
        text = (await here.api.get("/metrics")).text
    known = set(re.findall(r"^# TYPE (\w+) (?:counter|gauge)", text, re.M))
    asked = {
        *(name for rule in rules() for name in NAMES.findall(rule["expr"])),
        *(name for expr in asked_by_panels() for name in NAMES.findall(expr)),
    }
    assert len(asked) > 15
    assert asked - known == set()


def test_labels_that_are_told_are_those_of_the_metric() -> None:
    for rule in rules():
        assert rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in ("page", "warn")


@pytest.mark.external
@pytest.mark.skipif(shutil.which("promtool") is None, reason="apt install prometheus")
def test_prometheus_itself_takes_the_rules_and_the_panels(tmp_path: Path) -> None:
    panels = [
        {"record": f"panel:{count}", "expr": expr.replace('"$instance"', '".*"')}
        for count, expr in enumerate(asked_by_panels())
    ]
    made = tmp_path / "panels.yml"
    made.write_text(json.dumps({"groups": [{"name": "panels", "rules": panels}]}), "utf-8")
    for what in (
        ("rules", str(DEPLOY / "prometheus" / "alerts.yml")),
        ("rules", str(made)),
        ("config", "--syntax-only", str(DEPLOY / "prometheus" / "prometheus.yml")),
    ):
        done = subprocess.run(["promtool", "check", *what], capture_output=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_panels_stand_beside_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        place = panel["gridPos"]
        cells = {
            (place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_compose_names_files_and_networks_that_are_there() -> None:
    made = read("container/compose.yaml")
    here = DEPLOY / "container"
    for name, service in made["services"].items():
        build = service.get("build")
        assert build or "." not in service["image"].split("/")[0], f"{name}: a registry is named"
        if build and "dockerfile" in build:
            assert (here / build["context"] / build["dockerfile"]).is_file()
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            if source.startswith("../"):
                assert (here / source).exists(), source
            elif not source.startswith("./"):
                assert source in made["volumes"]
    own = made["services"]["callcenter"]
    assert own["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in own["security_opt"]


def test_the_container_is_no_root_and_says_how_it_is() -> None:
    text = (DEPLOY / "container" / "Containerfile").read_text("utf-8")
    assert re.findall(r"^FROM (\S+)", text, re.M) == ["debian:bookworm-slim"] * 2
    assert re.search(r"^USER callcenter$", text, re.M)
    for word in ("VOLUME", "HEALTHCHECK", "STOPSIGNAL SIGTERM"):
        assert word in text
    extras = re.search(r"\[project.optional-dependencies\](.*?)\n\[", _pyproject(), re.S)
    assert extras
    for name in re.findall(r'"\.\[([\w,]+)\]"', text)[0].split(","):
        assert re.search(rf"^{name} = ", extras[1], re.M)


def _pyproject() -> str:
    return (ROOT / "pyproject.toml").read_text("utf-8")


@pytest.mark.external
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="apt install systemd")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text("utf-8")
        # It looks whether the program is there.
        (tmp_path / unit.name).write_text(re.sub(r"/opt/\S+/callcenter ", "/bin/true ", text))
    command = ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "callcenter" in line]
    assert (done.returncode, ours) == (0, [])


def test_the_service_may_do_little_and_is_given_time_to_end() -> None:
    text = (DEPLOY / "systemd" / "callcenter.service").read_text("utf-8")
    for line in (
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
        "StateDirectory=callcenter",
        "CapabilityBoundingSet=",
        "KillSignal=SIGTERM",
    ):
        assert f"\n{line}\n" in text
    example = (ROOT / "callcenter.example.toml").read_text("utf-8")
    drain = int(re.findall(r"^drain_seconds = (\d+)", example, re.M)[0])
    (minutes,) = re.findall(r"^TimeoutStopSec=(\d+)min$", text, re.M)
    assert int(minutes) * 60 >= drain + 60
    grace = read("container/compose.yaml")["services"]["callcenter"]["stop_grace_period"]
    assert int(grace.removesuffix("m")) * 60 >= drain + 60


@pytest.mark.parametrize(
    "file",
    [*UNITS, DEPLOY / "container" / "compose.yaml", DEPLOY / "prometheus" / "prometheus.yml"],
    ids=lambda file: file.name,
)
def test_commands_are_ours(file: Path) -> None:
    text = file.read_text("utf-8").replace("\\\n#", "")
    for command in COMMANDS.findall(text):
        words = command.partition(" > ")[0].split()[1:]
        options = parser().parse_args(words)
        if roles := getattr(options, "role", None):
            assert set(roles) <= set(SCOPES)
