"""Fits the judge's weights: multinomial logistic regression by L-BFGS; the only user of scipy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from callcenter.scripts.judge import BUCKETS, LABELS, pieces
from callcenter.scripts.normalise import plain

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Settings:
    """How the weights are fitted."""

    penalty: float = 1e-5
    """On each weight's square, beside the mean loss of a line."""
    steps: int = 150
    least: int = 2
    """A piece of text counts only if so many lines have it."""
    share: tuple[float, float, float] = (0.29, 0.29, 0.42)
    """Of the whole loss that each label's lines have, whatever their number."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """The weights as they are kept: `weights` [label, bucket] * `scale` [label], and `bias`."""

    weights: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]


def matrix(lines: Sequence[str]) -> csr_matrix:
    """One row a line; a piece that it has weighs 1 / sqrt(how many it has)."""
    buckets = [np.unique([p.bucket for p in pieces(plain(line))]) for line in lines]
    ends = np.cumsum([0, *(len(row) for row in buckets)])
    values = np.concatenate([np.full(len(r), 1 / np.sqrt(max(len(r), 1))) for r in buckets])
    columns = np.concatenate(buckets).astype(np.int32)
    return csr_matrix((values.astype(np.float32), columns, ends), shape=(len(lines), BUCKETS))


def fit(x: csr_matrix, y: NDArray[np.intp], settings: Settings | None = None) -> Fitted:
    """The weights for rows `x` with labels `y` (indices of LABELS)."""
    settings = settings or Settings()
    used = np.flatnonzero(np.bincount(x.indices, minlength=BUCKETS) >= settings.least)
    dense = x[:, used].tocsr()
    start = np.zeros((len(used) + 1) * len(LABELS))
    loss = _Loss(dense, y, _weights(y, settings.share), settings.penalty)
    options = {"maxiter": settings.steps, "maxcor": 6}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
    solved = found.x.reshape(len(used) + 1, len(LABELS))
    full = np.zeros((len(LABELS), BUCKETS))
    full[:, used] = solved[:-1].T
    return quantised(full, solved[-1])


def quantised(weights: Floats, bias: Floats) -> Fitted:
    """One byte a weight, each label by its own scale."""
    scale = np.maximum(np.abs(weights).max(axis=1), 1e-9) / 127
    small = np.rint(weights / scale[:, None]).astype(np.int8)
    return Fitted(small, scale.astype(np.float32), bias.astype(np.float32))


def predict(x: csr_matrix, fitted: Fitted) -> Floats:
    """The probabilities of each row's labels, as Judge.score has them."""
    weights = fitted.weights.T.astype(np.float32) * fitted.scale
    return _softmax(x @ weights + fitted.bias)


class _Loss:
    """Weighted cross entropy with a penalty on the squares, and its gradient."""

    def __init__(self, x: csr_matrix, y: NDArray[np.intp], weight: Floats, penalty: float) -> None:
        self._x, self._xt = x, x.T.tocsr()
        self._y, self._weight, self._penalty = y, weight, penalty
        self._rows = np.arange(len(y))

    def __call__(self, flat: Floats) -> tuple[float, Floats]:
        theta = flat.reshape(-1, len(LABELS))
        odds = _softmax(self._x @ theta[:-1].astype(np.float32) + theta[-1])
        loss = -(self._weight * np.log(odds[self._rows, self._y] + 1e-12)).sum()
        odds[self._rows, self._y] -= 1
        odds *= self._weight[:, None]
        slope = np.empty_like(theta)
        slope[:-1] = self._xt @ odds.astype(np.float32) + self._penalty * theta[:-1]
        slope[-1] = odds.sum(axis=0)
        return loss + self._penalty / 2 * float((theta[:-1] ** 2).sum()), slope.ravel()


def _weights(y: NDArray[np.intp], share: tuple[float, ...]) -> Floats:
    counts = np.maximum(np.bincount(y, minlength=len(LABELS)), 1)
    weight: Floats = (np.array(share) / counts)[y]
    return weight


def _softmax(values: Floats) -> Floats:
    odds = np.exp(values - values.max(axis=1, keepdims=True))
    total: Floats = odds / odds.sum(axis=1, keepdims=True)
    return total
