"""`python -m bench.judgement`: harassment, complaint or ordinary talk, clean and as misheard.

Every line of a set goes through `callcenter match` and through a plain keyword list, in the same
run: as written, and with 15 and 30 wrong characters in a hundred. Some seconds.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bench.judgement import report
from bench.judgement.judges import JUDGES, verdicts
from bench.judgement.lines import DEVELOPMENT, Line, read_set
from bench.judgement.noise import spoil

RATES = (0.0, 0.15, 0.30)


def judged(lines: Sequence[Line], judge: str, rates: Sequence[float]) -> list[report.Round]:
    """Both judges hear the same lines at each rate."""
    texts = [(line, rate, spoil(line.text, rate, line.id)) for rate in rates for line in lines]
    questions = [(f"{line.id} {rate}", text) for line, rate, text in texts]
    ours, plain = verdicts(judge, questions), verdicts("keywords", questions)
    heard = [
        (rate, report.Heard(line, text, said, baseline))
        for (line, rate, text), said, baseline in zip(texts, ours, plain, strict=True)
    ]
    return [report.Round(rate, [h for of, h in heard if of == rate]) for rate in rates]


def main(words: Sequence[str] | None = None) -> None:
    """Prints the tables; with --json also writes the figures."""
    options = _options(words)
    console = Console(width=None if Console().is_terminal else 120)
    try:
        rounds = judged(read_set(options.set), options.judge, RATES)
    except (ValueError, OSError) as error:
        raise SystemExit(f"judgement: {error}") from None
    report.show(console, options.judge, rounds, options.worst)
    if options.errors:
        report.show_errors(console, rounds)
    if options.json:
        figures = json.dumps(report.as_dict(options.judge, rounds), indent=2)
        options.json.write_text(figures + "\n", "utf-8")


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.judgement", description=__doc__)
    parser.add_argument("--set", type=Path, default=DEVELOPMENT, metavar="FILE", help="JSONL")
    parser.add_argument("--judge", choices=sorted(JUDGES), default="product")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--worst", type=int, default=10, metavar="N", help="kinds to list")
    parser.add_argument("--errors", action="store_true", help="list the lines that went wrong")
    return parser.parse_args(words)


if __name__ == "__main__":
    main()
