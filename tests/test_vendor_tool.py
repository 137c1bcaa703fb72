"""tools/vendor.py: icons become one file, pictures leave the stylesheet, what fails is one line."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).parent.parent / "tools" / "vendor.py"


@pytest.fixture(scope="module")
def vendor() -> ModuleType:
    spec = importlib.util.spec_from_file_location("vendor", TOOL)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_icons_become_symbols(vendor: ModuleType, tmp_path: Path) -> None:
    frame = '<path stroke="none" d="M0 0h24v24H0z" fill="none" />'
    (tmp_path / "x.svg").write_text(f'<svg width="24">\n  {frame}\n  <path d="M1 1" />\n</svg>\n')
    made = vendor.sprite(tmp_path, ["x"])
    assert '<symbol id="x" viewBox="0 0 24 24"><path d="M1 1" /></symbol>' in made
    with pytest.raises(vendor.Failed, match="no icon y"):
        vendor.sprite(tmp_path, ["y"])


def test_pictures_become_files(vendor: ModuleType, tmp_path: Path) -> None:
    css = tmp_path / "tabler.css"
    css.write_text("a{b:url(\"data:image/svg+xml,%3csvg id='x'/%3e\")}")
    vendor.write_pictures(css)
    (picture,) = tmp_path.glob("tabler-*.svg")
    assert picture.read_text() == "<svg id='x'/>"
    assert css.read_text() == f'a{{b:url("{picture.name}")}}'
    css.write_text("a{b:url(data:font/woff2;base64,AA)}")
    with pytest.raises(vendor.Failed, match="data: address"):
        vendor.write_pictures(css)


def test_without_node_it_says_what_to_install(
    vendor: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(vendor, "find_spec", lambda name: None)
    with pytest.raises(vendor.Failed, match=r"callcenter\[node\]"):
        vendor.npm()


def test_without_a_network_it_says_so_in_a_line(
    vendor: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'npm error code ENOTFOUND' >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setattr(vendor, "npm", lambda: [str(npm)])
    monkeypatch.setattr(vendor, "CACHE", tmp_path / "cache")
    with pytest.raises(vendor.Failed, match="npm could not bring the packages: code ENOTFOUND"):
        vendor.fetch()
