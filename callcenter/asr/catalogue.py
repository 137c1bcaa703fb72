"""The official models that can be fetched, and the folder they are kept in; may touch that folder.

Facts as published at alphacephei.com/vosk/models. Error rates are of read and broadcast speech in
wide band; a telephone is harder. Digests: those that independent distributions pin for the same
file; where none does (None), the digest of the first download is kept and compared afterwards.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from callcenter.core.errors import ModelMissing

ENVIRONMENT = "CALLCENTER_MODELS"
"""The variable that names another folder for models."""
SITE = "https://alphacephei.com/vosk/models/"
CURRENT = "current"
"""The file in the folder that names the model in use."""
DIGESTS = "digests.json"
"""The file in the folder that keeps each download's SHA-256."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One model to be had: `mb` is the download, `error_rate` in per cent as published."""

    name: str
    language: str
    mb: int
    licence: str
    error_rate: str
    sha256: str | None = None
    base: str = SITE

    @property
    def url(self) -> str:
        """Where the archive lies."""
        return f"{self.base}{self.name}.zip"


CATALOGUE = (
    Entry(
        "vosk-model-small-cn-0.22",
        "zh-CN",
        44,
        "Apache-2.0",
        "CER 23.54 SpeechIO-02, 38.29 SpeechIO-06, 17.15 THCHS",
        "3af8b0e7e0f835ae9d414ce5df580237a3cfb08d586c9fbbb0f7ff29ad5b14ba",
    ),
    Entry(
        "vosk-model-cn-0.22",
        "zh-CN",
        1360,
        "Apache-2.0",
        "CER 13.98 SpeechIO-02, 27.30 SpeechIO-06, 7.43 THCHS",
    ),
    Entry(
        "vosk-model-small-en-us-0.15",
        "en-US",
        41,
        "Apache-2.0",
        "WER 9.85 librispeech, 10.38 tedlium",
        "30f26242c4eb449f948e42cb302dd7a686cb29a3423a8367f99ff41780942498",
    ),
)


def entry(name: str) -> Entry:
    """The model of that name. Raises ModelMissing, naming those there are."""
    for found in CATALOGUE:
        if found.name == name:
            return found
    known = ", ".join(found.name for found in CATALOGUE)
    raise ModelMissing(f"no model {name!r} is listed; expected one of: {known}")


def folder() -> Path:
    """Where models are kept: CALLCENTER_MODELS, else the user's data folder (XDG)."""
    if chosen := os.environ.get(ENVIRONMENT):
        return Path(chosen)
    data = os.environ.get("XDG_DATA_HOME", "")
    home = Path(data) if Path(data).is_absolute() else Path.home() / ".local" / "share"
    return home / "callcenter" / "models"


def chosen(models: Path | None = None) -> Path | None:
    """The model that `use` chose, whether or not it is still there; None where none was."""
    models = models or folder()
    try:
        name = (models / CURRENT).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return models / name if NAME.fullmatch(name) else None


def use(name: str, models: Path) -> Path:
    """Remember the model as the one to use; "mini" means the bundled one again.

    Raises ModelMissing where it has not been fetched, or the choice cannot be written.
    """
    path = models / name
    if not NAME.fullmatch(name) or (name != "mini" and not path.is_dir()):
        raise ModelMissing(f"{path}: not fetched yet; fetch it with: callcenter models pull {name}")
    try:
        if name == "mini":
            (models / CURRENT).unlink(missing_ok=True)
        else:
            write(models / CURRENT, f"{name}\n")
    except OSError as error:
        raise ModelMissing(f"{models / CURRENT}: cannot be written: {error.strerror}") from error
    return path


def digests(models: Path) -> dict[str, str]:
    """What was downloaded before: SHA-256 by name; empty where nothing readable is kept."""
    try:
        kept = json.loads((models / DIGESTS).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in kept.items()} if isinstance(kept, dict) else {}


def keep_digest(models: Path, name: str, sha256: str) -> None:
    """Remember a download's digest. Raises OSError."""
    kept = json.dumps(digests(models) | {name: sha256}, indent=2, sort_keys=True)
    write(models / DIGESTS, kept + "\n")


def write(file: Path, text: str) -> None:
    """Write a small file whole or not at all. Raises OSError."""
    part = file.with_name(file.name + ".part")
    part.write_text(text, "utf-8")
    part.replace(file)
