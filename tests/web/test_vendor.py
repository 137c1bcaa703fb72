"""What the pages borrow: pinned, whole, free of addresses, and each icon asked for is there."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from callcenter.core.errors import MissingPiece
from callcenter.web import borrowed
from callcenter.web.pages.rail import rail
from tests.web import source

ROOT = Path(__file__).parent.parent.parent
OURS_IN_TABLER = {
    *("btn", "btn-sm", "btn-primary", "form-control", "form-select", "form-check-input", "icon"),
}
"""Tabler's own parts, set to our density in desk.css."""


def lock() -> dict[str, dict[str, str]]:
    packages: dict[str, dict[str, str]] = json.loads((ROOT / "package-lock.json").read_text())[
        "packages"
    ]
    return {name: package for name, package in packages.items() if name}


def test_the_lock_names_no_address_and_hashes_everything() -> None:
    packages = lock()
    assert packages
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert package["integrity"].startswith("sha512-"), name
        assert not package.get("hasInstallScript"), name


def test_every_version_is_pinned_to_the_lock() -> None:
    told = json.loads((ROOT / "package.json").read_text())
    wanted = told["dependencies"] | told["devDependencies"]
    assert wanted == {name: lock()[f"node_modules/{name}"]["version"] for name in wanted}


def test_what_lies_there_is_what_was_fetched() -> None:
    assert borrowed.versions()["@tabler/core"] == lock()["node_modules/@tabler/core"]["version"]
    licences = {file.stem for file in (borrowed.VENDOR / "licences").iterdir()}
    assert licences == {"tabler", "inter", "htmx", "htmx-sse", "uplot", "wavesurfer"}


def test_missing_and_altered_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(MissingPiece, match="make vendor"):
        borrowed.versions(tmp_path)
    (tmp_path / "a.css").write_text("a{}")
    told = {"packages": {}, "files": {"a.css": "00"}}
    (tmp_path / "manifest.json").write_text(json.dumps(told))
    with pytest.raises(MissingPiece, match=r"a\.css: altered"):
        borrowed.versions(tmp_path)
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(MissingPiece):
        borrowed.versions(tmp_path)


def test_nothing_that_is_borrowed_asks_for_more() -> None:
    for file in borrowed.VENDOR.glob("*.css"):
        assert "@import" not in file.read_text("utf-8")
        for address in re.findall(r"url\(([^)]*)\)", file.read_text("utf-8")):
            assert (borrowed.VENDOR / address.strip("\"'")).exists(), address
    for file in borrowed.VENDOR.glob("*.js"):
        assert "sourceMappingURL" not in file.read_text("utf-8")


def test_exactly_the_icons_that_are_used_are_drawn() -> None:
    said = [*source.templates(), *source.static("js")]
    text = "".join(file.read_text("utf-8") for file in said)
    asked = {place.icon for place in rail()} | set(re.findall(r'icon\("([\w-]+)"', text))
    for pair in re.findall(r'icon\([\w.]+ \? "([\w-]+)" : "([\w-]+)"\)', text):
        asked |= set(pair)
    wanted = tomllib.loads((ROOT / "tools" / "vendor.toml").read_text("utf-8"))
    assert asked == set(wanted["icons"]["outline"])
    drawn = re.findall(r'<symbol id="([\w-]+)"', (borrowed.VENDOR / "icons.svg").read_text("utf-8"))
    assert set(drawn) == asked


def classes(file: Path) -> set[str]:
    text = re.sub(r"/\*.*?\*/|url\([^)]*\)", "", file.read_text("utf-8"), flags=re.DOTALL)
    return set(re.findall(r"\.([a-zA-Z_][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", text)))


def test_no_class_has_two_owners() -> None:
    tabler = classes(borrowed.VENDOR / "tabler.css")
    for file in source.static("css"):
        assert classes(file) & tabler <= OURS_IN_TABLER, file.name
