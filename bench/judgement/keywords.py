"""The plain list to compare with: the phrases of the first packs, found as they stand, no more.

`python -m bench.judgement.keywords` answers JSONL as `callcenter match` does, over the same pipe.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

FILE = Path(__file__).parent / "keywords.txt"


class Keywords:
    """Harassment where one of its phrases stands, else complaint, else ordinary."""

    def __init__(self) -> None:
        """Each line of the file: a label and a phrase."""
        self._phrases = [line.split() for line in FILE.read_text("utf-8").splitlines()]

    def label(self, text: str) -> str:
        """The list has harassment first: the first phrase found decides."""
        return next((label for label, phrase in self._phrases if phrase in text), "ordinary")


def main() -> None:
    """One line out for each line in."""
    keywords = Keywords()
    for line in sys.stdin:
        entry = json.loads(line)
        answer = {"id": entry["id"], "label": keywords.label(entry["text"])}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
