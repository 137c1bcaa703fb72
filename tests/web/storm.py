"""Asks a real service for everything that its OpenAPI document offers, sensibly and not.

`make nightly`, or `python -m tests.web.storm --minutes 10`. Needs the extra `nightly`: schemathesis
makes the requests, half of them as the document says and half against it; numbers of records that
are there are put in, so that the questions get beyond "not found". What must hold: no answer of
500 or more, none that takes longer than ten seconds, and the service is still there at the end.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from callcenter.core.people import ROLES

ME = "storm"
PLACE = re.compile(r"http://127\.0\.0\.1:\d+")
SLOW_SECONDS = 10.0
EXAMPLES = 12
"""Requests of an operation and a kind in one round."""
SPARED = (
    ("POST", "/api/v1/calls"),
    ("POST", "/api/v1/rules/backtest"),
    ("GET", "/api/v1/events"),
    ("DELETE", "/api/v1/tokens/{name}"),
)
"""Would ring real telephones, keep both cores busy with back-tests, have no end, or take away what
lets us in."""
NAMES = ("number", "call_id", "id", "name", "person", "key", "promise_id")
CONFIG = """
data = "data"
recordings = "recordings"
[web]
port = 0
[[line]]
name = "main"
port = 0
[[agent]]
number = "1001"
name = "座席一"
voice = "none"
[recognition]
workers = 1
"""


def callcenter(*arguments: str, cwd: Path) -> str:
    """What a command prints."""
    ran = [sys.executable, "-m", "callcenter", *arguments]
    return subprocess.run(ran, cwd=cwd, check=True, stdout=subprocess.PIPE, text=True).stdout


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, str, subprocess.Popen[str]]]:
    """A service full of invented calls: its address, a token for everything, its process."""
    (folder / "callcenter.toml").write_text(CONFIG, "utf-8")
    callcenter("seed", "--config", "callcenter.toml", cwd=folder)
    roles = [word for role in ROLES for word in ("--role", role)]
    made = callcenter("logins", "token", ME, "--config", "callcenter.toml", *roles, cwd=folder)
    with (folder / "log.txt").open("w+", encoding="utf-8") as log:
        ran = [sys.executable, "-m", "callcenter", "serve", "--config", "callcenter.toml"]
        process = subprocess.Popen(ran, cwd=folder, stdout=log, stderr=log, text=True)
        try:
            yield _address(folder / "log.txt", process), made.strip().splitlines()[-1], process
        finally:
            process.terminate()
            process.wait(30)


def _address(log: Path, process: subprocess.Popen[str]) -> str:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        if found := PLACE.search(log.read_text("utf-8")):
            return found[0]
        time.sleep(0.1)
    raise SystemExit(f"the service did not start:\n{log.read_text('utf-8')}")


class Storm:
    """Throws rounds of requests, and keeps what came of them."""

    def __init__(self, url: str, token: str, seed: int) -> None:
        from schemathesis import openapi

        self.headers = {"Authorization": f"Bearer {token}"}
        self.schema = openapi.from_url(f"{url}/openapi.json", headers=self.headers)
        self.url, self.dice = url, random.Random(seed)
        self.statuses: Counter[int] = Counter()
        self.slowest: list[tuple[float, str]] = []
        self.failures: dict[str, str] = {}
        self.known: dict[str, list[str]] = {}

    def operations(self) -> list[Any]:
        found = (result.ok() for result in self.schema.get_all_operations())
        return [one for one in found if (one.method.upper(), one.path) not in SPARED]

    def round(self, end: float) -> None:
        """Every operation, both ways, until this moment."""
        from schemathesis import GenerationMode

        operations = self.operations()
        self.dice.shuffle(operations)
        for operation in operations:
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                if time.monotonic() > end:
                    return
                self._throw(operation, mode)

    def _throw(self, operation: Any, mode: Any) -> None:
        from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
        from hypothesis.errors import Unsatisfiable

        @seed(self.dice.getrandbits(32))
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            self._ask(operation, case)

        try:
            ask()
        except Unsatisfiable:  # nothing is against the document where nothing is given
            return

    def _ask(self, operation: Any, case: Any) -> None:
        self._put_in_known(operation.path, case)
        began = time.monotonic()
        try:
            answer = case.call(base_url=self.url, headers=self.headers, timeout=60)
        except (requests.RequestException, ValueError, UnicodeError) as error:
            kind = type(error).__name__
            if kind not in ("InvalidHeader", "InvalidURL", "LocationParseError"):
                self.failures.setdefault(f"{kind}: {operation.label}", str(error)[:300])
            return
        self.statuses[answer.status_code] += 1
        took = time.monotonic() - began
        self.slowest = sorted([*self.slowest, (took, operation.label)], reverse=True)[:8]
        if answer.status_code >= 500 or took > SLOW_SECONDS:
            what = f"{answer.status_code} after {took:.1f} s: {operation.label}"
            self.failures.setdefault(what, case.as_curl_command()[:1500])

    def _put_in_known(self, path: str, case: Any) -> None:
        for name in case.path_parameters or {}:
            known = self._known(path.partition("/{")[0])
            if known and self.dice.random() < 0.7:
                case.path_parameters[name] = self.dice.choice(known)

    def _known(self, collection: str) -> list[str]:
        if collection not in self.known:
            answer = requests.get(f"{self.url}{collection}", headers=self.headers, timeout=60)
            found = set(_named(answer.json())) if answer.status_code == 200 else set()
            self.known[collection] = sorted(found - {ME})[:40]
        return self.known[collection]


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _named(one)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name in NAMES and isinstance(inner, str | int) and str(inner):
                yield str(inner)
            else:
                yield from _named(inner)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.web.storm", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        with serving(Path(name)) as (url, token, process):
            storm, rounds = Storm(url, token, chosen.seed), 0
            end = time.monotonic() + chosen.minutes * 60
            while time.monotonic() < end and process.poll() is None:
                storm.round(end)
                rounds += 1
            alive = process.poll() is None
        log = (Path(name) / "log.txt").read_text("utf-8", "replace")
    return _told(storm, rounds, alive, log)


def _told(storm: Storm, rounds: int, alive: bool, log: str) -> int:
    asked = sum(storm.statuses.values())
    told = {
        "rounds": rounds,
        "operations": len(storm.operations()),
        "requests": asked,
        "statuses": dict(sorted(storm.statuses.items())),
        "slowest": [[round(took, 2), label] for took, label in storm.slowest],
        "failures": storm.failures,
        "tracebacks": log.count("Traceback"),
        "alive": alive,
    }
    sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    if log.count("Traceback"):
        sys.stdout.write(log[log.index("Traceback") :][:12000])
    return 0 if alive and asked and not storm.failures else 1


if __name__ == "__main__":
    sys.exit(main())
