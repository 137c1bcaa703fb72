"""Public conversations, all ordinary: what calls are full of and our own lines are short of.

CrossWOZ (hotels, restaurants, sights) and KdConv (films, music, travel) are Apache-2.0 and are
fetched, never kept in the repo: `python -m callcenter.scripts.training.public FOLDER`. Half of each
is learnt, the other half is there to count false alarms on.
"""

from __future__ import annotations

import hashlib
import json
import sys
import urllib.request
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

GITHUB = "https://raw.githubusercontent.com"
CROSSWOZ = "thu-coai/CrossWOZ/df82c9fdff91b9b130f2d6b89110d3870ba6260e/data/crosswoz"
KDCONV = "thu-coai/KdConv/653db76432de09a004ba708a68f8bbd5500e6bec/data"
SECONDS = 60
"""That a server may keep silent."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file: where it lies, its SHA-256, and whether it is learnt or kept to measure on."""

    path: str
    sha256: str
    learnt: bool

    @property
    def name(self) -> str:
        """The file's name in the folder."""
        _, repository, _, *rest = self.path.split("/")
        return "-".join((repository, *rest[-2:]))


SOURCES = (
    Source(
        f"{CROSSWOZ}/val.json.zip",
        "b2b717990f6f0a1c98daaf5dc465e61d42f7de69c0d31e88e674275b1f34c94c",
        True,
    ),
    Source(
        f"{CROSSWOZ}/test.json.zip",
        "e57703894995211bba8638f130dc7df81e8992b71f3c05c10022ad23d6ca5310",
        False,
    ),
    Source(
        f"{KDCONV}/film/dev.json",
        "2f156d8d34bdd3eac31c196772156d36e017f8cb2255a2c312bd98e367ed363e",
        True,
    ),
    Source(
        f"{KDCONV}/film/test.json",
        "5ba2b79f9791bedbe5fe8a1bf5d7cbf277697743ee426ecd05459d9e28bcf21b",
        False,
    ),
    Source(
        f"{KDCONV}/music/dev.json",
        "ee34a4af167195db43fdcc910f8d125956222517f0572d248a069057493d557f",
        True,
    ),
    Source(
        f"{KDCONV}/music/test.json",
        "46f048c5db9dde45127cf6630b2fa06b685be369b71c5bc2dc3022d3f4bbad65",
        False,
    ),
    Source(
        f"{KDCONV}/travel/dev.json",
        "8d1f31295888cf61eff398bab8aa042f7fccd04a088bd63c939f0b79625a9093",
        True,
    ),
    Source(
        f"{KDCONV}/travel/test.json",
        "730426b0997b8375c8477c7e658c0ec645fced6ab8d546adda114b21cf30faac",
        False,
    ),
)


def fetch(folder: Path, sources: Sequence[Source] = SOURCES, host: str = GITHUB) -> None:
    """Bring the files that are not there yet. Raises OSError, and ValueError for another file."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in sources:
        place = folder / source.name
        if not place.exists():
            with urllib.request.urlopen(f"{host}/{source.path}", timeout=SECONDS) as answer:  # noqa: S310
                content = answer.read()
            _check(source, content)
            place.write_bytes(content)


def lines(folder: Path, learnt: bool, sources: Sequence[Source] = SOURCES) -> list[str]:
    """Everything said in the files that are learnt, or in the others, none twice.

    Raises OSError for a file that is not there, ValueError for one that is another.
    """
    said = (text for source in sources if source.learnt is learnt for text in _said(folder, source))
    return list(dict.fromkeys(said))


def _said(folder: Path, source: Source) -> Iterator[str]:
    place = folder / source.name
    content = place.read_bytes()
    _check(source, content)
    if place.suffix == ".zip":
        with zipfile.ZipFile(place) as packed:
            (name,) = [n for n in packed.namelist() if n.endswith(".json") and "MACOSX" not in n]
            content = packed.read(name)
    talks = json.loads(content)
    for talk in talks.values() if isinstance(talks, dict) else talks:
        for message in talk["messages"]:
            yield message.get("content") or message.get("message")


def _check(source: Source, content: bytes) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != source.sha256:
        raise ValueError(f"{source.path}: SHA-256 is {found}; expected {source.sha256}")


if __name__ == "__main__":
    fetch(Path(sys.argv[1]))
