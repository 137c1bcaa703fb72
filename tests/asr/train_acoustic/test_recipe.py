"""The build's stages: what is in the cache is not made again; what is made is a Vosk model."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from rich.progress import Progress

for package in ("torch", "scipy", "kaldi_native_fbank"):
    pytest.importorskip(package, reason=f"{package} (extra `train`) is not installed")

from callcenter.asr.phones import PDF_COUNT  # noqa: E402
from callcenter.asr.train import network as net  # noqa: E402 — after the check above
from callcenter.asr.train import recipe, shards  # noqa: E402
from callcenter.asr.train.synth import Utterance  # noqa: E402

from .reader import parse  # noqa: E402

UTTERANCES = [Utterance((("ni3", "hao3"),)), Utterance((("zai4", "jian4"),), joined=True)]


def some_stream() -> net.Stream:
    pdfs = (np.arange(400) % PDF_COUNT).astype(np.int16)
    return net.Stream(np.random.default_rng(1).normal(0, 3, (400, 40)).astype(np.float16), pdfs)


def build(folder: Path, progress: Progress) -> recipe._Build:
    made = recipe._Build(recipe.Options(folder, folder / "out"), progress)
    made.add("some data")
    return made


def no_streams() -> Sequence[net.Stream]:
    raise AssertionError("trained again")


def test_a_stage_in_the_cache_is_not_trained_again(tmp_path: Path) -> None:
    streams = [some_stream()]
    with Progress(disable=True) as progress:
        first, again = build(tmp_path, progress), build(tmp_path, progress)
        fresh = net.Network(*net.statistics(streams))
        plan = net.Plan(1, batch=2)
        trained = recipe._trained(first, "first", fresh, lambda: streams, plan)
        loaded = recipe._trained(again, "first", fresh, no_streams, plan)
        assert np.array_equal(net.affines(trained)[0][0], net.affines(loaded)[0][0])
        with pytest.raises(AssertionError, match="trained again"):
            recipe._trained(build(tmp_path, progress), "first", fresh, no_streams, net.Plan(2))
    assert first.model == again.model
    found = parse((first.model / "am" / "final.mdl").read_bytes())
    assert len(found.priors) == PDF_COUNT
    assert (first.model / "conf" / "mfcc.conf").read_text() == recipe.MFCC_CONF
    assert "--frame-subsampling-factor=3\n" in (first.model / "conf" / "model.conf").read_text()


@pytest.mark.external
@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="espeak-ng is not installed")
def test_shards_are_the_same_from_the_same_seed(tmp_path: Path) -> None:
    files = [shards.make(tmp_path / f"{at}.npz", UTTERANCES, (seed, 0)) for at, seed in
             enumerate((1, 1, 2))]  # fmt: skip
    first, again, other = (shards.read([file]) for file in files)
    assert np.array_equal(first.cepstra, again.cepstra)
    assert np.array_equal(first.pdfs, again.pdfs)
    assert len(first.pdfs) != len(other.pdfs)
    assert len(np.unique(first.pdfs)) == 1 + 4 + 2 * 4
    assert len(shards.read(files).pdfs) == sum(len(d.pdfs) for d in (first, again, other))
