"""What the tests play: committed sentences, noise, tones; and how they measure what was heard."""

from __future__ import annotations

import wave
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from callcenter.core.records import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_RATE, Frame, Segment

SAID = {
    "order": "您好我想问一下我的订单什么时候发货",
    "quality": "你们的产品质量太差了",
    "refund": "我要退货我要投诉你们",
    "harass": "小姐你声音真好听今天晚上陪我睡觉吧",
    "analysis": "分析完成请挂断",
}


def load(name: str) -> bytes:
    """One sentence, without silence around it."""
    with wave.open(str(Path(__file__).parent / "data" / f"{name}.wav")) as file:
        assert file.getparams()[:3] == (1, 2, SAMPLE_RATE)
        return file.readframes(file.getnframes())


def silence(seconds: float) -> bytes:
    return bytes(2 * round(seconds * SAMPLE_RATE))


def noise(seconds: float, dbfs: float) -> bytes:
    chance = np.random.default_rng(5)
    return pcm(chance.standard_normal(round(seconds * SAMPLE_RATE)) * 32768 * 10 ** (dbfs / 20))


def tone(seconds: float, hertz: float, peak: float = 8000) -> bytes:
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return pcm(np.sin(2 * np.pi * hertz * at) * peak)


def pcm(samples: np.ndarray) -> bytes:
    """Numbers to 16-bit sound, clipped."""
    return samples.clip(-32768, 32767).astype("<i2").tobytes()


def samples(sound: bytes) -> np.ndarray:
    return np.frombuffer(sound, dtype="<i2").astype(np.float64)


def frames(sound: bytes, start: int = 0) -> Iterator[Frame]:
    for number, at in enumerate(range(0, len(sound), FRAME_BYTES)):
        piece = sound[at : at + FRAME_BYTES].ljust(FRAME_BYTES, b"\0")
        yield Frame(start + number * FRAME_SAMPLES, piece)


def onset_ms(sound: bytes) -> int:
    """When the sound first becomes loud."""
    loud = np.flatnonzero(np.abs(samples(sound)) > 500)
    return int(loud[0] * 1000 // SAMPLE_RATE)


def text(segments: Iterable[Segment]) -> str:
    return "".join(segment.text for segment in segments if segment.final)


def cer(heard: str, said: str) -> float:
    """Character error rate: edits that turn what was said into what was heard, per character."""
    row = list(range(len(heard) + 1))
    for i, right in enumerate(said, start=1):
        previous, row[0] = row[0], i
        for j, got in enumerate(heard, start=1):
            cost = min(row[j] + 1, row[j - 1] + 1, previous + (right != got))
            previous, row[j] = row[j], cost
    return row[-1] / len(said)
