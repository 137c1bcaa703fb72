"""python -m callcenter.scripts.training --out FILE: measures the judge and writes its model."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path
from random import Random

import numpy as np
from scipy.sparse import csr_matrix, vstack

from callcenter.scripts.judge import LABELS, save
from callcenter.scripts.training import measure, public, texts
from callcenter.scripts.training.fit import Fitted, fit, matrix, predict
from callcenter.scripts.training.noise import Noise, framed

log = logging.getLogger("callcenter.scripts.training")

RATES = (0.0, 0.15, 0.3)
"""Of characters heard wrongly, that is measured with."""
LEARNT = (0.0, 0.15, 0.15, 0.3, 0.3)
"""Every line of our own is learnt once with each, and once framed."""
PUBLIC = (0.0, 0.2)
"""Every public line is learnt once with each."""
FOLDS = 5
SEED = 20
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9)


class Lines:
    """The examples and the public lines, which are ordinary, as they are heard."""

    def __init__(self, examples: list[texts.Example], others: list[str]) -> None:
        self._y = np.array([LABELS.index(example.label) for example in examples], dtype=np.intp)
        self._topics = [example.topic for example in examples]
        noise = Noise(example.text for example in examples)
        random = Random(SEED)  # noqa: S311 - repeatable; nothing here is secret

        def heard(lines: list[str], rate: float) -> csr_matrix:
            return matrix([noise.heard(line, rate, random) for line in lines])

        own = [example.text for example in examples]
        self._x = [heard(own, rate) for rate in LEARNT]
        self._framed = matrix([framed(line, random) for line in own])
        self._others = [heard(others, rate) for rate in PUBLIC] if others else []

    def fit(self, rows: measure.Labels | None = None) -> Fitted:
        """The model that these rows and the public lines teach; all rows unless told."""
        chosen = np.arange(len(self._y)) if rows is None else rows
        own = [x[chosen] for x in (*self._x, self._framed)]
        ordinary = [np.full(x.shape[0], LABELS.index("ordinary")) for x in self._others]
        truth = np.concatenate([np.tile(self._y[chosen], len(own)), *ordinary])
        return fit(vstack([*own, *self._others]).tocsr(), truth)

    def report(self, folds: int) -> list[str]:
        """How each line is judged by a model that has not learnt its topic; a table."""
        fold = measure.folds(self._topics, folds)
        odds = [np.zeros((len(self._y), len(LABELS))) for _ in RATES]
        once = [self._x[LEARNT.index(rate)] for rate in RATES]
        for held_out in range(folds):
            fitted = self.fit(np.flatnonzero(fold != held_out))
            rows = np.flatnonzero(fold == held_out)
            for x, found in zip(once, odds, strict=True):
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
    examples = texts.own()
    for label in LABELS:
        log.info("%s: %d lines", label, sum(example.label == label for example in examples))
    others = public.lines(asked.text, learnt=True) if asked.text else []
    log.info("public, ordinary: %d lines", len(others))
    lines = Lines(examples, others)
    if asked.folds:
        log.info("%s", "\n".join(lines.report(asked.folds)))
    fitted = lines.fit()
    if asked.text:
        odds = predict(matrix(public.lines(asked.text, learnt=False)), fitted)
        log.info("%s", measure.false_alarms(odds, THRESHOLDS))
    save(asked.out, fitted.weights, fitted.scale, fitted.bias)
    log.info("%s: %d bytes", asked.out, asked.out.stat().st_size)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m callcenter.scripts.training")
    parser.add_argument("--out", type=Path, required=True, help="the model file to write")
    parser.add_argument("--text", type=Path, help="a folder that training.public has filled")
    parser.add_argument(
        "--folds", type=int, default=FOLDS, help="hold out topics so often; 0: do not measure"
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
