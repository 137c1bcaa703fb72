"""python -m callcenter.scripts.training --out FILE: measures the judge and writes its model."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path
from random import Random

import numpy as np
from scipy.sparse import vstack

from callcenter.scripts.judge import LABELS, save
from callcenter.scripts.training import measure, texts
from callcenter.scripts.training.fit import Fitted, fit, matrix, predict
from callcenter.scripts.training.noise import Noise, framed

log = logging.getLogger("callcenter.scripts.training")

RATES = (0.0, 0.15, 0.3)
"""Of characters heard wrongly; every line is learnt once with each, and once framed."""
FOLDS = 5
SEED = 20
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)


class Lines:
    """The examples as they are, and as they are heard with each rate of noise."""

    def __init__(self, examples: list[texts.Example]) -> None:
        self._y = np.array([LABELS.index(example.label) for example in examples], dtype=np.intp)
        self._topics = [example.topic for example in examples]
        noise = Noise(example.text for example in examples)
        random = Random(SEED)  # noqa: S311 - repeatable; nothing here is secret
        self._x = [
            matrix([noise.heard(example.text, rate, random) for example in examples])
            for rate in RATES
        ]
        self._framed = matrix([framed(example.text, random) for example in examples])

    def fit(self, rows: measure.Labels | None = None) -> Fitted:
        """The model that these rows teach; all of them unless told."""
        chosen = np.arange(len(self._y)) if rows is None else rows
        copies = [x[chosen] for x in (*self._x, self._framed)]
        return fit(vstack(copies).tocsr(), np.tile(self._y[chosen], len(copies)))

    def report(self, folds: int) -> list[str]:
        """How each line is judged by a model that has not learnt its topic; a table."""
        fold = measure.folds(self._topics, folds)
        odds = [np.zeros((len(self._y), len(LABELS))) for _ in RATES]
        for held_out in range(folds):
            fitted = self.fit(np.flatnonzero(fold != held_out))
            rows = np.flatnonzero(fold == held_out)
            for x, found in zip(self._x, odds, strict=True):
                found[rows] = predict(x[rows], fitted)
        return [
            line
            for rate, found in zip(RATES, odds, strict=True)
            for line in measure.table(f"{rate:.0%}", self._y, found, THRESHOLDS)
        ]


def main(arguments: list[str] | None = None) -> int:
    """Runs the command. Raises OSError where a folder or file cannot be read or written."""
    asked = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    examples = texts.own() + (texts.public(asked.text) if asked.text else [])
    for label in LABELS:
        log.info("%s: %d lines", label, sum(example.label == label for example in examples))
    lines = Lines(examples)
    if asked.folds:
        log.info("%s", "\n".join(lines.report(asked.folds)))
    fitted = lines.fit()
    save(asked.out, fitted.weights, fitted.scale, fitted.bias)
    log.info("%s: %d bytes", asked.out, asked.out.stat().st_size)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m callcenter.scripts.training")
    parser.add_argument("--out", type=Path, required=True, help="the model file to write")
    parser.add_argument("--text", type=Path, help="a folder with COLDataset/ and crosswoz/")
    parser.add_argument(
        "--folds", type=int, default=FOLDS, help="hold out topics so often; 0: do not measure"
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
