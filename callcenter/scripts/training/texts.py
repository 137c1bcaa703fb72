"""The labelled lines that the judge learns from: our own, and public ones where a folder is given.

Our own: the sentences of the recogniser's corpus as labels.tsv sorts them, and lines/*.txt. Public
ones (docs/models/judge.md says whose they are) are read from a folder and are never in the repo.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from callcenter.scripts.judge import LABELS

HERE = Path(__file__).parent
CORPUS = HERE.parents[1] / "asr" / "train" / "corpus"
AGENTS_WORD = "您"
LEFT_OUT = "-"


@dataclass(frozen=True, slots=True)
class Example:
    """A line, its label, and the topic it was written under: whole topics are held out."""

    text: str
    label: str
    topic: str


@dataclass(frozen=True, slots=True)
class Sorting:
    """One line of labels.tsv."""

    label: str
    file: str
    heading: str

    def fits(self, file: str, heading: str) -> bool:
        """True where this line says what the lines under `heading` of `file` are."""
        return self.file == file and (self.heading == "*" or heading.startswith(self.heading))


def own() -> list[Example]:
    """Every line of our own that has a label, in a fixed order, none twice."""
    table = sortings((HERE / "labels.tsv").read_text("utf-8"))
    examples = [*_corpus(table), *_lines()]
    return list({example.text: example for example in examples}.values())


def sortings(text: str) -> list[Sorting]:
    """The table of labels. Raises ValueError for a line that is not label, file, heading."""
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    for row in rows:
        if len(row) != 3 or row[0].removesuffix("/agent") not in (*LABELS, LEFT_OUT):
            raise ValueError(f"labels.tsv: {row} is not label, file, heading")
    return [Sorting(*row) for row in rows]


def label_of(table: list[Sorting], file: str, heading: str, line: str) -> str:
    """The label of one line of the corpus; "-" where it is left out."""
    label = next((row.label for row in table if row.fits(file, heading)), LEFT_OUT)
    if label.endswith("/agent"):
        return "ordinary" if AGENTS_WORD in line else label.removesuffix("/agent")
    return label


def public(folder: Path) -> list[Example]:
    """What lies in `folder` of COLDataset/*.csv and crosswoz/*.json.zip. Raises OSError."""
    return [*_cold(folder / "COLDataset"), *_crosswoz(folder / "crosswoz")]


def _corpus(table: list[Sorting]) -> Iterator[Example]:
    for file in sorted({row.file for row in table}):
        for heading, line in headed(CORPUS / file):
            label = label_of(table, file, heading, line)
            if label != LEFT_OUT:
                yield Example(line, label, f"{file}: {heading}")


def _lines() -> Iterator[Example]:
    for label in LABELS:
        file = HERE / "lines" / f"{label}.txt"
        for heading, line in headed(file):
            yield Example(line, label, f"{file.name}: {heading}")


def headed(file: Path) -> Iterator[tuple[str, str]]:
    """Each line of a file with the heading that it stands under."""
    heading = ""
    for raw in file.read_text("utf-8").splitlines():
        line = raw.strip()
        if line.startswith("#"):
            heading = line.lstrip("# ")
        elif line:
            yield heading, line


def _cold(folder: Path) -> Iterator[Example]:
    """Posts on the web: the harmless ones. Its offensive ones are about groups, not at an agent."""
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as opened:
            for row in csv.DictReader(opened):
                if row["label"] == "0":
                    yield Example(row["TEXT"], "ordinary", f"COLDataset: {row['topic']}")


def _crosswoz(folder: Path) -> Iterator[Example]:
    """What people ask about hotels, restaurants and sights, and what they are answered."""
    for file in sorted(folder.glob("*.json.zip")):
        with zipfile.ZipFile(file) as packed:
            for name in sorted(n for n in packed.namelist() if n.endswith(".json")):
                calls = json.loads(packed.read(name))
                for key in sorted(calls):
                    for message in calls[key]["messages"]:
                        yield Example(message["content"], "ordinary", f"CrossWOZ: {key}")
