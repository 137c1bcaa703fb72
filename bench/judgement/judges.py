"""Who judges: a child process that answers JSONL lines, asked one at a time and timed."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from bench.judgement.lines import LABELS

JUDGES = {
    "product": ("callcenter", "match"),
    "rules": ("callcenter", "match", "--rules-only"),
    "keywords": ("bench.judgement.keywords",),
}
PATIENCE = 60.0
"""Seconds that an answer may take; the first one waits for the child to start."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a line was told to be, and ms from question to answer, the pipe's included."""

    label: str
    ms: float


def verdicts(judge: str, lines: Sequence[tuple[str, str]]) -> list[Verdict]:
    """For each (id, text) in turn, each judged alone. Raises ValueError for a bad answer."""
    command = [sys.executable, "-m", *JUDGES[judge]]
    with subprocess.Popen(  # noqa: S603 - ourselves
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as child:
        asker = _Asker(child)
        try:
            asker.ask(*lines[0])  # the child's start is not a segment's time
            return [asker.ask(name, text) for name, text in lines]
        finally:
            asker.close()


class _Asker:
    def __init__(self, child: subprocess.Popen[str]) -> None:
        if child.stdin is None or child.stdout is None:
            raise ValueError("the judge has no pipes")
        self._child, self._stdin = child, child.stdin
        self._answers: queue.SimpleQueue[tuple[str, float]] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, args=(child.stdout,))
        self._reader.start()

    def _read(self, stdout: IO[str]) -> None:
        for line in stdout:
            self._answers.put((line, time.perf_counter()))
        self._answers.put(("", time.perf_counter()))

    def ask(self, name: str, text: str) -> Verdict:
        question = json.dumps({"id": name, "text": text}, ensure_ascii=False) + "\n"
        begun = time.perf_counter()
        try:
            self._stdin.write(question)
            self._stdin.flush()
            answer, at = self._answers.get(timeout=PATIENCE)
        except queue.Empty:
            raise ValueError(f"{name}: no answer within {PATIENCE:.0f} s") from None
        except BrokenPipeError:
            raise ValueError(f"{name}: the judge has ended") from None
        return understood(name, answer, (at - begun) * 1000)

    def close(self) -> None:
        """The child has nothing to lose; its end ends the reader."""
        self._child.kill()
        self._reader.join()


def understood(name: str, answer: str, ms: float) -> Verdict:
    """The verdict in a line of JSON. Raises ValueError naming the line asked about."""
    try:
        said: dict[str, Any] = json.loads(answer)
        label = said["label"]
        if said["id"] != name or label not in (*LABELS, "suggestion"):
            raise KeyError(label)
    except (ValueError, TypeError, KeyError):
        raise ValueError(f"{name}: the judge answered {answer.strip()[:200]!r}") from None
    return Verdict("ordinary" if label == "suggestion" else label, ms)
