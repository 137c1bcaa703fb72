"""The acoustic network and its training; the only file that imports torch.

A time-delay network over 40 cepstra: five layers of 384 with a context of +-21 frames, one output
for every third frame. The outputs are factorised: 98 sounds without tone and 11 kinds of tone, each
a log-softmax of its own, put together to the 402 pdfs by a fixed matrix. A tone then counts less
than a sound (`tone_weight`), which is what hearing unknown people needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn

from callcenter.asr.phones import PDF_COUNT
from callcenter.asr.train.features import SIZE, to_cepstra, to_mel, warp
from callcenter.asr.train.network_shape import (
    CONTEXT,
    LAYERS,
    SOUND_COUNT,
    SOUND_OF,
    STRIDE,
    TONE_COUNT,
    TONE_OF,
)

CHUNK = 60
"""Outputs of one training example."""
HALVES = 2
"""Every batch is learnt from in two halves, which two threads can do at once."""
WARPS = tuple(np.round(np.linspace(0.84, 1.19, 15), 3))
Floats = NDArray[np.float32]


class Network(nn.Module):
    """Cepstra (batch, frames, SIZE) to log-probabilities of sounds and of tones."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, mean: Floats, deviation: Floats) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("deviation", torch.tensor(deviation))
        widths = [SIZE, *(width for width, _, _ in LAYERS)]
        self.layers = nn.ModuleList(
            nn.Conv1d(before, width, taps)
            for before, (width, taps, _) in zip(widths, LAYERS, strict=False)
        )
        self.norms = nn.ModuleList(nn.BatchNorm1d(width, affine=False) for width, _, _ in LAYERS)
        self.sounds = nn.Conv1d(widths[-1], SOUND_COUNT, 1)
        self.tones = nn.Conv1d(widths[-1], TONE_COUNT, 1)

    def forward(self, cepstra: Tensor, *, dense: bool = False) -> tuple[Tensor, Tensor]:
        """Outputs for every third frame, or with `dense` for every frame (to align with)."""
        x = ((cepstra - self.mean) / self.deviation).transpose(1, 2)
        for at, (layer, norm) in enumerate(zip(self.layers, self.norms, strict=True)):
            apart = LAYERS[at][2]
            stride = 1 if dense or at != 1 else STRIDE
            apart = apart if dense or at < 2 else apart // STRIDE
            assert isinstance(layer, nn.Conv1d)
            x = nn.functional.conv1d(x, layer.weight, layer.bias, stride=stride, dilation=apart)
            x = norm(torch.relu(x))
        sounds, tones = self.sounds(x), self.tones(x)
        return torch.log_softmax(sounds.float(), 1), torch.log_softmax(tones.float(), 1)

    def twin(self) -> Network:
        """A network with the same weights, not copies of them, and norms of its own."""
        made = Network(self.mean.numpy(), self.deviation.numpy())
        made.layers, made.sounds, made.tones = self.layers, self.sounds, self.tones
        return made


@dataclass(frozen=True, slots=True)
class Stream:
    """Utterances end to end: cepstra (frames, SIZE) and the pdf of every frame."""

    cepstra: NDArray[np.float16]
    pdfs: NDArray[np.int16]
    weight: float = 1.0
    """Its share of the training examples, against the other streams."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to train and how fast."""

    steps: int
    batch: int = 64
    peak_rate: float = 3e-3
    tone_share: float = 0.7
    """The weight of the tones' loss beside that of the sounds."""
    first_rate: float = 0.1
    """The learning rate at the start, of the peak."""
    rising: float = 0.25
    """The share of the steps before the peak."""


Report = Callable[[int, float, float], None]
"""Called after each step with its number, the loss and the share of right sounds."""


def statistics(streams: Sequence[Stream]) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the cepstra of all streams."""
    rows = np.concatenate([s.cepstra[:: max(1, len(s.cepstra) // 200_000)] for s in streams])
    rows = rows.astype(np.float32)
    return rows.mean(0), rows.std(0) + 1e-3


def class_shares(streams: Sequence[Stream]) -> tuple[Floats, Floats]:
    """How often each sound and each tone occurs, by the streams' weights."""
    counts = sum(s.weight * np.bincount(s.pdfs, minlength=PDF_COUNT) / len(s.pdfs) for s in streams)
    sounds = np.bincount(SOUND_OF, counts, SOUND_COUNT) + 1e-5
    tones = np.bincount(TONE_OF, counts, TONE_COUNT) + 1e-5
    return np.asarray(sounds / sounds.sum(), np.float32), np.asarray(
        tones / tones.sum(), np.float32
    )


def train(
    network: Network,
    streams: Sequence[Stream],
    plan: Plan,
    rng: Generator,
    report: Report,
    threads: int = 1,
) -> None:
    """Train in place with AdamW and one rise and fall of the learning rate.

    What comes out does not depend on the number of threads.
    """
    optimiser = torch.optim.AdamW(network.parameters(), lr=plan.peak_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        plan.peak_rate,
        total_steps=plan.steps + 1,
        pct_start=plan.rising,
        div_factor=1 / plan.first_rate,
    )
    change = Change(network)
    with ThreadPoolExecutor(threads) as pool:
        learner = _Learner(network, plan.tone_share, pool)
        for step in range(plan.steps):
            cepstra, pdfs = batch(streams, plan.batch, rng)
            loss, right = learner.learn(change(cepstra, rng), pdfs)
            optimiser.step()
            schedule.step()
            report(step, loss, right)
    network.eval()


class _Learner:
    """Finds the gradients of a batch, each half in a thread of its own.

    Torch's own threads wait for each other after every layer, and wide awake: where other programs
    are busy that costs several times the work. These meet once a step.
    """

    def __init__(self, network: Network, tone_share: float, pool: ThreadPoolExecutor) -> None:
        self._weights = list(network.parameters())
        self._views = [network.train(), *(network.twin().train() for _ in range(HALVES - 1))]
        self._tone_share = tone_share
        self._pool = pool

    def learn(self, cepstra: Tensor, pdfs: Tensor) -> tuple[float, float]:
        """Leaves the gradients, clipped; returns the loss and the share of right sounds."""
        pieces = cepstra.tensor_split(HALVES), pdfs.tensor_split(HALVES)
        gradients, losses, right = zip(
            *self._pool.map(self._half, self._views, *pieces), strict=True
        )
        for weight, *found in zip(self._weights, *gradients, strict=True):
            weight.grad = torch.stack(found).mean(0)
        nn.utils.clip_grad_norm_(self._weights, 5.0)
        return sum(losses) / HALVES, sum(right) / HALVES

    def _half(
        self, view: Network, cepstra: Tensor, pdfs: Tensor
    ) -> tuple[tuple[Tensor, ...], float, float]:
        wanted, tone = torch.tensor(SOUND_OF)[pdfs], torch.tensor(TONE_OF)[pdfs]
        with torch.autocast("cpu", torch.bfloat16, cache_enabled=False):
            sound_scores, tone_scores = view(cepstra)
        loss = nn.functional.nll_loss(sound_scores, wanted)
        loss = loss + self._tone_share * nn.functional.nll_loss(tone_scores, tone)
        right = (sound_scores.detach().argmax(1) == wanted).float().mean()
        return torch.autograd.grad(loss, self._weights), loss.item(), right.item()


def batch(streams: Sequence[Stream], size: int, rng: Generator) -> tuple[Tensor, Tensor]:
    """Random pieces of the streams: cepstra with context, and the pdf of every third frame."""
    shares = np.array([s.weight for s in streams])
    length = CHUNK * STRIDE + 2 * CONTEXT - 2
    cepstra = np.empty((size, length, SIZE), np.float32)
    pdfs = np.empty((size, CHUNK), np.int64)
    for row, choice in enumerate(rng.choice(len(streams), size, p=shares / shares.sum())):
        stream = streams[choice]
        start = int(rng.integers(len(stream.pdfs) - length))
        cepstra[row] = stream.cepstra[start : start + length]
        middle = start + CONTEXT
        pdfs[row] = stream.pdfs[middle : middle + CHUNK * STRIDE : STRIDE]
    return torch.tensor(cepstra), torch.tensor(pdfs)


class Change:
    """Random vocal tracts, lines and masked bands, as linear maps on the cepstra."""

    def __init__(self, network: Network) -> None:
        self._there, self._back = to_cepstra(), to_mel()
        self._mean = self._back @ network.mean.numpy()
        self._warps = [warp(float(factor)) for factor in WARPS]

    def __call__(self, cepstra: Tensor, rng: Generator) -> Tensor:
        maps, offsets = zip(*(self._one(rng) for _ in range(len(cepstra))), strict=True)
        matrix = torch.tensor(np.stack(maps)).transpose(1, 2)
        return torch.bmm(cepstra, matrix) + torch.tensor(np.stack(offsets))[:, None]

    def _one(self, rng: Generator) -> tuple[Floats, Floats]:
        matrix = np.eye(SIZE, dtype=np.float32)
        if rng.random() < 0.6:
            matrix = self._warps[rng.integers(len(self._warps))]
        kept = np.ones(SIZE, np.float32)
        if rng.random() < 0.3:
            start = rng.integers(SIZE)
            kept[start : start + rng.integers(1, 7)] = 0
        offset = _line(rng) if rng.random() < 0.6 else np.zeros(SIZE)
        whole = self._there @ (kept[:, None] * matrix) @ self._back
        moved = self._there @ ((1 - kept) * self._mean + kept * offset)
        return np.asarray(whole, np.float32), np.asarray(moved, np.float32)


def _line(rng: Generator) -> NDArray[np.float64]:
    """A smooth random gain over the bands (about +-3 dB) and a level, in natural logarithms."""
    points = np.linspace(0, SIZE - 1, 6)
    return np.interp(np.arange(SIZE), points, rng.normal(0, 0.6, 6)) + rng.normal(0, 0.7)


@torch.no_grad()
def scores(network: Network, cepstra: Floats) -> Floats:
    """(frames, SOUND_COUNT) log-probabilities of toneless sounds for every frame."""
    network.eval()
    padded = np.pad(cepstra, ((CONTEXT, CONTEXT), (0, 0)), mode="edge")
    sounds, _ = network(torch.tensor(padded)[None], dense=True)
    return np.asarray(sounds[0].T.numpy())


def affines(network: Network) -> list[tuple[Floats, Floats]]:
    """(matrix, bias) of every layer, sounds and tones last, with all normalisation folded in.

    A matrix's columns are the taps in turn, as nnet3's Append lays them out.
    """
    scale = 1 / network.deviation.numpy().astype(np.float64)
    shift = -network.mean.numpy().astype(np.float64) * scale
    folded: list[tuple[Floats, Floats]] = []
    for layer, norm in zip(network.layers, network.norms, strict=True):
        folded.append(_folded(layer, scale, shift))
        scale, shift = _normalisation(norm)
    return [*folded, *(_folded(layer, scale, shift) for layer in (network.sounds, network.tones))]


def _normalisation(norm: nn.Module) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a BatchNorm multiplies by, and what it then adds."""
    assert isinstance(norm, nn.BatchNorm1d)
    assert norm.running_var is not None
    assert norm.running_mean is not None
    scale = 1 / np.sqrt(norm.running_var.numpy().astype(np.float64) + norm.eps)
    return scale, -norm.running_mean.numpy() * scale


def _folded(
    layer: nn.Module, scale: NDArray[np.float64], shift: NDArray[np.float64]
) -> tuple[Floats, Floats]:
    assert isinstance(layer, nn.Conv1d)
    assert layer.bias is not None
    weight = layer.weight.detach().numpy().astype(np.float64)
    bias = layer.bias.detach().numpy() + np.einsum("oit,i->o", weight, shift)
    scaled = (weight * scale[None, :, None]).transpose(0, 2, 1)
    flat = scaled.reshape(len(bias), -1)
    return np.asarray(flat, np.float32), np.asarray(bias, np.float32)


def save(network: Network, file: Path) -> None:
    """Write to `file`, whole or not at all."""
    part = file.with_suffix(".part")
    torch.save(network.state_dict(), part)
    part.replace(file)


def load(file: Path) -> Network:
    """Read what `save` wrote."""
    network = Network(np.zeros(SIZE, np.float32), np.ones(SIZE, np.float32))
    network.load_state_dict(torch.load(file, weights_only=True))
    return network.eval()


def set_up(seed: int) -> None:
    """Make torch repeatable, and keep it from starting threads of its own."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
