"""Whether what the pages borrow (tools/vendor.py) lies there whole. Reads the static folder."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from callcenter.core.errors import MissingPiece

VENDOR = Path(__file__).parent / "static" / "vendor"


def versions(folder: Path = VENDOR) -> dict[str, str]:
    """The packages and their versions. Raises MissingPiece where a file is missing or altered."""
    try:
        told = json.loads((folder / "manifest.json").read_text("utf-8"))
        altered = [name for name, hashed in told["files"].items() if _hash(folder / name) != hashed]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MissingPiece(f"the pages' styles are missing ({error}); run: make vendor") from None
    if altered:
        raise MissingPiece(
            f"{', '.join(sorted(altered))}: altered since `make vendor`; run it again"
        )
    packages: dict[str, str] = told["packages"]
    return packages


def _hash(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()
