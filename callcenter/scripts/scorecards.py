"""Reads the scorecards that a site can start from (评分表); refuses a wrong one with file and item.

Reads the folder of forms only: TOML, one form a file, written by people who do not program.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from callcenter.core.errors import PackError
from callcenter.core.scorecards import Form, form_of

SCORECARDS = Path(__file__).parent / "scorecards"


def read_scorecards(folder: Path = SCORECARDS) -> Mapping[str, Form]:
    """The forms of every `*.toml` in `folder`, by the names of the files. Raises PackError."""
    found = {file.stem: _form(file) for file in sorted(folder.glob("*.toml"))}
    if not found:
        raise PackError(f"{folder}: no scorecards; expected *.toml")
    return found


def _form(file: Path) -> Form:
    try:
        return form_of(tomllib.loads(file.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise PackError(f"{file}: cannot be read: {error}") from None
    except ValueError as error:
        raise PackError(f"{file}: {error}") from None
