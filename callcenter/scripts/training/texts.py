"""The labelled lines that the judge learns from: our own.

The sentences of the recogniser's corpus as labels.tsv sorts them, and lines/LABEL/*.txt.
"""

from __future__ import annotations

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


def _corpus(table: list[Sorting]) -> Iterator[Example]:
    for file in sorted({row.file for row in table}):
        for heading, line in headed(CORPUS / file):
            label = label_of(table, file, heading, line)
            if label != LEFT_OUT:
                yield Example(line, label, f"{file}: {heading}")


def _lines() -> Iterator[Example]:
    for label in LABELS:
        for file in sorted((HERE / "lines" / label).glob("*.txt")):
            for heading, line in headed(file):
                yield Example(line, label, f"{label}/{file.name}: {heading}")


def headed(file: Path) -> Iterator[tuple[str, str]]:
    """Each line of a file with the heading that it stands under."""
    heading = ""
    for raw in file.read_text("utf-8").splitlines():
        line = raw.strip()
        if line.startswith("#"):
            heading = line.lstrip("# ")
        elif line:
            yield heading, line
