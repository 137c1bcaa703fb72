"""Where the recogniser's model lies and whether it can be trusted; may touch files and a child.

A damaged model can end the process that loads or uses it, from C++ and without an exception. So
`check` looks at the files, and `probe` lets a child process load it and listen for a moment first.
"""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from callcenter.asr import catalogue, ngram_fst
from callcenter.core.errors import ModelMissing
from callcenter.core.records import SAMPLE_RATE, WIDE_RATE

ENVIRONMENT = "CALLCENTER_MODEL"
"""The variable that names another model folder."""
PROBE_SECONDS = 300.0
"""How long a model may take to load and listen; the largest ones need a minute on a slow disk."""

_MODEL_STARTS = (b"\0B", b"<TransitionModel>")

Mark = tuple[tuple[str, int, int], ...]
"""Name, bytes and time of change (ns) of each file: what tells one state of a model from another"""


def bundled() -> Path:
    """The small model that comes with the package."""
    return Path(__file__).with_name("mini")


def resolve(chosen: str | Path | None = None) -> Path:
    """The model's folder: `chosen`, else what CALLCENTER_MODEL names, else what `callcenter models
    use` remembers, else the bundled one."""
    return Path(chosen or os.environ.get(ENVIRONMENT) or catalogue.chosen() or bundled())


def check(path: Path) -> None:
    """Look at the files without loading them. Raises ModelMissing, naming the file."""
    try:
        for file in _files(path):
            _not_empty(path, file)
        _check_contents(path)
    except OSError as error:
        raise ModelMissing(f"model {path}: {error.strerror or error}") from error


def probe(path: Path, *, seconds: float = PROBE_SECONDS) -> None:
    """Load the model in a child process and let it listen. Raises ModelMissing, saying why not."""
    script = Path(__file__).with_name("probe.py")
    command = [sys.executable, "-P", str(script), str(path)]
    try:
        child = subprocess.run(  # noqa: S603 - our own script, a path of the operator's choice
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ModelMissing(f"model {path}: not loaded within {seconds:g} s") from error
    except OSError as error:
        raise ModelMissing(f"model {path}: could not be tried out: {error.strerror}") from error
    if child.returncode:
        raise ModelMissing(f"model {path}: the engine cannot use it: {_complaint(child.stderr)}")


def rate(path: Path) -> int:
    """Samples a second with which the model is fed: 16000 where its settings say so, else 8000.

    A model made for yet another rate is fed 8000, of which vosk is told: it resamples.
    """
    try:
        conf = (path / _layout(path).settings[-1]).read_text("utf-8", "replace")
    except OSError as error:
        raise ModelMissing(f"model {path}: {error.strerror or error}") from error
    said = re.search(r"^\s*--sample-frequency=(\d{1,9})(?:\.0*)?\s*$", conf, re.MULTILINE)
    return WIDE_RATE if said and int(said[1]) == WIDE_RATE else SAMPLE_RATE


def mark(path: Path) -> Mark:
    """What changes when a file of the model does. Raises ModelMissing where one is not there."""
    try:
        return tuple((name, *_size_and_time(path / name)) for name in _files(path))
    except OSError as error:
        raise ModelMissing(f"model {path}: {error.strerror or error}") from error


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the files lie: in three folders (V2), or all in one (V1, the oldest models)."""

    acoustic: str
    settings: tuple[str, ...]
    graph: str


_V2 = _Layout("am/final.mdl", ("conf/model.conf", "conf/mfcc.conf"), "graph/")
_V1 = _Layout("final.mdl", ("mfcc.conf",), "")


def _layout(path: Path) -> _Layout:
    if not path.is_dir():
        raise ModelMissing(f"model {path}: there is no such folder")
    return _V1 if (path / _V1.acoustic).exists() else _V2


def _graph_files(path: Path, graph: str) -> tuple[str, ...]:
    if (path / graph / "HCLG.fst").exists():
        return (f"{graph}HCLG.fst",)
    return (f"{graph}HCLr.fst", f"{graph}Gr.fst")


def _files(path: Path) -> tuple[str, ...]:
    layout = _layout(path)
    graphs = _graph_files(path, layout.graph)
    tables = ("words.txt",) if len(graphs) == 1 else ("words.txt", "disambig_tid.int")
    return (
        layout.acoustic,
        *layout.settings,
        *graphs,
        *(layout.graph + table for table in tables),
    )


def _not_empty(path: Path, name: str) -> None:
    if not (path / name).is_file():
        raise ModelMissing(f"model {path}: {name} is missing")
    if not (path / name).stat().st_size:
        raise ModelMissing(f"model {path}: {name} is empty")


def _check_contents(path: Path) -> None:
    layout = _layout(path)
    with (path / layout.acoustic).open("rb") as file:
        if not file.read(32).startswith(_MODEL_STARTS):
            raise ModelMissing(f"model {path}: {layout.acoustic} is not a Kaldi model")
    for name in _graph_files(path, layout.graph):
        _check_fst(path, name)
    _check_words(path, layout.graph + "words.txt")


def _check_fst(path: Path, name: str) -> None:
    with (path / name).open("rb") as file:
        head = file.read(512)
    try:
        least = ngram_fst.least_size(head)
    except (struct.error, ValueError) as error:
        raise ModelMissing(f"model {path}: {name} is not an OpenFst graph") from error
    size = (path / name).stat().st_size
    if size < least:
        raise ModelMissing(f"model {path}: {name} has {size} bytes, expected at least {least}")


def _check_words(path: Path, name: str) -> None:
    """Every line is a word and its number, and the last one is whole."""
    raw = (path / name).read_bytes()
    if not raw.endswith(b"\n"):
        raise ModelMissing(f"model {path}: {name} ends in mid-line")
    for number, line in enumerate(raw.splitlines(), start=1):
        parts = line.split()
        if len(parts) != 2 or not parts[1].isdigit():
            raise ModelMissing(f"model {path}: {name} line {number}: expected a word and a number")


def _size_and_time(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_size, status.st_mtime_ns


def _complaint(stderr: bytes) -> str:
    """The engine's first complaint, which is the cause; else the last line."""
    lines = stderr.decode("utf-8", "replace").strip().splitlines() or ["it ended without a word"]
    causes = (line for line in lines if line.startswith(("ERROR", "ASSERTION")))
    return next(causes, lines[-1]).strip()
