"""The acoustic build, whole and repeatable: `python -m callcenter.asr.train.recipe`.

Stages, each kept in the cache so that a build that was stopped goes on where it was: synthetic
speech → first training → people's speech aligned → mixed training, twice → am/ and conf/.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np
from numpy.random import default_rng
from rich.progress import Progress

from callcenter.asr.train import human, shards
from callcenter.asr.train.align import Span
from callcenter.asr.train.features import MFCC_CONF, mfcc
from callcenter.asr.train.model_conf import MODEL_CONF
from callcenter.asr.train.nnet3 import final_mdl
from callcenter.asr.train.texts import utterances

if TYPE_CHECKING:
    from callcenter.asr.train.network import Network, Plan, Stream

TONE_WEIGHT = 0.6
CHECKPOINT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Options:
    """What to build; `speech` is the folder of people's speech, or None."""

    cache: Path
    out: Path
    speech: Path | None = None
    seed: int = 1
    utterances: int = 20_000
    first_steps: int = 800
    mixed_steps: tuple[int, ...] = (600, 4400)
    """Trainings on synthetic and human speech, each with a new alignment before it."""
    last_steps: int = 1800
    """A short training with the speaker who was held out until then."""
    alone_steps: int = 2000
    """Where there is no people's speech: one training on synthetic speech instead of these."""
    held_out: str = ""
    """A speaker to measure on, who is not trained on before the last steps."""
    shares: tuple[float, float, float] = (0.60, 0.28, 0.12)
    """Of the training examples: synthetic, people's sentences, people's single syllables."""
    threads: int = 2
    """At work at once. It changes nothing but the time."""


@dataclass(slots=True)
class _Build:
    """One build under way."""

    options: Options
    progress: Progress
    folder: Path = field(init=False)
    key: str = ""
    """Of everything that has gone into the build so far: what is cached under it is up to date."""
    model: Path = field(init=False)
    """The folder of the model of the last stage."""

    def __post_init__(self) -> None:
        self.folder = self.options.cache / "acoustic"
        self.folder.mkdir(parents=True, exist_ok=True)

    def add(self, *facts: object) -> None:
        """Let `facts` count for the key."""
        self.key = hashlib.sha256((self.key + repr(facts)).encode()).hexdigest()[:12]


def build(options: Options, progress: Progress) -> Path:
    """Build am/ and conf/ in `options.out`; returns it.

    Raises OSError for a missing folder or library, ImportError where the extra is not installed.
    """
    from callcenter.asr.train import network as net

    net.set_up(options.seed)
    made = _Build(options, progress)
    synthetic = _synthetic(made)
    network = _first(made, synthetic)
    if options.speech is not None:
        _with_people(made, network, synthetic, options.speech)
    else:
        plan = net.Plan(options.alone_steps, first_rate=0.5, rising=0.1)
        _trained(made, "synthetic-only", network, lambda: [synthetic], plan)
    _copy(made.model, options.out)
    return options.out


def stranger(cache: Path) -> Path:
    """Where the model lies that has not heard the held-out speaker: to measure with."""
    return cache / "stranger"


def _copy(model: Path, out: Path) -> None:
    for part in ("am", "conf"):
        shutil.copytree(model / part, out / part, dirs_exist_ok=True)


def export(network: Network, streams: Sequence[Stream], out: Path) -> None:
    """Write am/final.mdl, conf/mfcc.conf and conf/model.conf."""
    from callcenter.asr.train import network as net

    model = final_mdl(net.affines(network), net.class_shares(streams), TONE_WEIGHT)
    for name, content in (
        ("am/final.mdl", model),
        ("conf/mfcc.conf", MFCC_CONF.encode()),
        ("conf/model.conf", MODEL_CONF.encode()),
    ):
        file = out / name
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(file.name + ".part")
        part.write_bytes(content)
        part.replace(file)


def _synthetic(made: _Build) -> Stream:
    from callcenter.asr.train.network import Stream

    options = made.options
    kept = list(utterances(Random(options.seed), options.utterances))  # noqa: S311
    made.add(options.seed, kept)
    total = -(-len(kept) // shards.SHARD)
    task = made.progress.add_task("speaking with espeak-ng", total=total)
    files = shards.make_all(
        made.folder / f"shards-{made.key}",
        kept,
        options.seed,
        lambda: made.progress.advance(task),
        options.threads,
    )
    data = shards.read(files)
    return Stream(data.cepstra, data.pdfs, options.shares[0])


def _first(made: _Build, synthetic: Stream) -> Network:
    from callcenter.asr.train import network as net

    fresh = net.Network(*net.statistics([synthetic]))
    plan = net.Plan(made.options.first_steps)
    return _trained(made, "first", fresh, lambda: [synthetic], plan)


def _with_people(made: _Build, network: Network, synthetic: Stream, folder: Path) -> None:
    """Align, train, align again, train; at the end with everyone."""
    from callcenter.asr.train.network import Plan

    options = made.options
    people = _People(made, folder)

    def streams(without: str) -> Callable[[], Sequence[Stream]]:
        aligner = network
        return lambda: [synthetic, *people.streams(aligner, without)]

    for number, steps in enumerate(options.mixed_steps, 1):
        last = number == len(options.mixed_steps)
        plan = Plan(steps, peak_rate=2e-3, first_rate=0.25, rising=0.15 if last else 0.3)
        network = _trained(made, f"mixed-{number}", network, streams(options.held_out), plan)
    if options.held_out and options.last_steps:
        _copy(made.model, stranger(options.cache))
        plan = Plan(options.last_steps, peak_rate=1.5e-3, first_rate=0.3, rising=0.12)
        _trained(made, "everyone", network, streams(""), plan)


class _People:
    """The clips, their copies, and labels from the network of the moment."""

    COPIES = (6, 4)
    RUNS = 900

    def __init__(self, made: _Build, folder: Path) -> None:
        self._options = made.options
        made.add((folder / "manifest.jsonl").read_text("utf-8"), self.COPIES, self.RUNS)
        rng = default_rng([made.options.seed, 7])
        clips = human.read_clips(folder)
        singles = [clip for clip in clips if len(clip.syllables) == 1]
        sentences = [clip for clip in clips if len(clip.syllables) > 1]
        self._sources = [sentences, human.runs(rng, singles, self.RUNS)]
        self._copies = [self._varied(made, at) for at in (0, 1)]

    def _varied(self, made: _Build, source: int) -> list[human.Copy]:
        clips, number = self._sources[source], self.COPIES[source]
        file = made.folder / f"people-{source}-{made.key}.npz"
        if file.exists():
            return human.stored(file)
        rng = default_rng([made.options.seed, 8, source])
        task = made.progress.add_task("varying people's speech", total=len(clips) * number)
        others = [clip.samples / 32768 for clip in self._sources[0][::20]]
        result = []
        for copy in human.copies(rng, clips, number, others):
            result.append(copy)
            made.progress.advance(task)
        human.store(file, result)
        return result

    def streams(self, network: Network, without: str = "") -> list[Stream]:
        """Sentences and syllables with fresh labels, without the speaker `without`."""
        from callcenter.asr.train.network import Stream

        result = []
        for source in (0, 1):
            spans = self._aligned(network, self._sources[source])
            kept = [
                None if clip.speaker == without else found
                for clip, found in zip(self._sources[source], spans, strict=True)
            ]
            cepstra, pdfs = human.relabelled(self._copies[source], kept)
            result.append(Stream(cepstra, pdfs, self._options.shares[source + 1]))
        return result

    def _aligned(self, network: Network, clips: Sequence[human.Clip]) -> list[list[Span] | None]:
        from callcenter.asr.train.network import scores

        def find(clip: human.Clip) -> tuple[list[Span], float] | None:
            return human.align(scores(network, mfcc(clip.samples)), clip.syllables)

        with ThreadPoolExecutor(self._options.threads) as pool:
            return human.without_worst(list(pool.map(find, clips)))


def _trained(
    made: _Build,
    stage: str,
    network: Network,
    find_streams: Callable[[], Sequence[Stream]],
    plan: Plan,
) -> Network:
    """The network after a stage, from the cache where it is there."""
    from callcenter.asr.train import network as net

    made.add(stage, plan, made.options.shares, made.options.held_out)
    made.model = made.folder / f"{stage}-{made.key}"
    file = made.model / "network.pt"
    if file.exists():
        return net.load(file)
    streams = find_streams()
    rng = default_rng([made.options.seed, *stage.encode()])
    report = _reporter(made, stage, network, streams, plan)
    net.train(network, streams, plan, rng, report, made.options.threads)
    export(network, streams, made.model)
    net.save(network, file)
    return network


def _reporter(
    made: _Build, stage: str, network: Network, streams: Sequence[Stream], plan: Plan
) -> Callable[[int, float, float], None]:
    """Shows how far the stage is, and writes a usable model every minute."""
    task = made.progress.add_task(stage, total=plan.steps)
    written = time.monotonic()
    recent: list[float] = []

    def report(step: int, loss: float, right: float) -> None:
        nonlocal written
        recent.append(right)
        share = float(np.mean(recent[-50:]))
        text = f"{stage}: loss {loss:.2f}, {share:.1%} of the sounds right"
        made.progress.update(task, advance=1, description=text)
        if time.monotonic() - written > CHECKPOINT_SECONDS:
            written = time.monotonic()
            made.progress.console.print(f"{stage} {step}/{plan.steps}: {share:.3f} right")
            export(network, streams, made.model)

    return report


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Build the bundled model's acoustic half.")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--speech", type=Path, help="folder of people's speech (manifest.jsonl)")
    parser.add_argument("--held-out", default="", help="a speaker to measure on")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    words = parser.parse_args()
    options = Options(
        words.cache,
        words.out,
        words.speech,
        words.seed,
        held_out=words.held_out,
        threads=words.threads,
    )
    with Progress() as progress:
        build(options, progress)


if __name__ == "__main__":
    main()
