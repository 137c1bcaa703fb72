"""`callcenter models`: which recogniser models there are, fetching one, and which one is used."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from callcenter.asr import catalogue, download, models
from callcenter.asr.catalogue import Entry
from callcenter.core.errors import MissingPiece, ModelMissing

STATES = {"used": "in use 使用中", "here": "here 已有", "": "to be fetched 未下载"}


def list_models(as_json: bool = False) -> int:
    """Print the official models and the bundled one: size, licence, published error rates."""
    rows = [_row(entry) for entry in catalogue.CATALOGUE]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    used = "used" if models.resolve() == models.bundled() else "here"
    print(f"mini  {STATES[used]}\n    zh-CN, 8 MB, Apache-2.0; bundled; see its model card")
    for row in rows:
        print(f"{row['name']}  {STATES[str(row['state'])]}")
        print(f"    {row['language']}, {row['mb']} MB, {row['licence']}; {row['error_rate']}")
    print("Error rates in per cent, as published: wide-band speech, not telephone calls.")
    return 0


def pull(name: str, archive: Path | None = None) -> int:
    """Fetch a listed model, or take it from an archive brought by hand. Raises ModelMissing."""
    entry, folder = catalogue.entry(name), catalogue.folder()
    place = _from(archive, entry, folder) if archive is not None else _with_bar(entry, folder)
    if entry.sha256 is None:
        print(f"no digest is published for {name}: this one is kept and compared from now on")
    print(f"{place}\nuse it with: callcenter models use {name}")
    return 0


def path() -> int:
    """Print the folder of the model that is used where the configuration names none."""
    print(models.resolve())
    return 0


def use(name: str) -> int:
    """Remember the model as the one to use; "mini" for the bundled one. Raises ModelMissing."""
    place = catalogue.folder() / name
    if name != "mini" and catalogue.NAME.fullmatch(name) and place.is_dir():
        models.check(place)
    catalogue.use(name, catalogue.folder())
    print(models.resolve())
    return 0


def build_mini(
    out: Path, cache: Path, speech: Path | None, held_out: str, seed: int, threads: int
) -> int:
    """Build the bundled model anew: speak, train, export, draw the graph. Takes most of an hour.

    With a speaker `held_out` of the training until its end, the model is also calibrated to spot
    phrases in a stranger's voice. Goes on where an earlier run with the same `cache` ended. Raises
    MissingPiece without the extra `train`.
    """
    try:
        from callcenter.asr.train.graph import build_graph
        from callcenter.asr.train.recipe import Options, build, stranger
    except ImportError as error:
        lacking = f"{error.name} is not installed"
        raise MissingPiece(f"{lacking}; install with: pip install 'callcenter[train]'") from None
    if speech is None:
        print("no folder of people's speech: the model will understand synthetic voices only")
    with Progress() as progress:
        build(Options(cache, out, speech, seed, held_out=held_out, threads=threads), progress)
    build_graph(out / "graph", seed=seed)
    if speech is not None and held_out:
        _calibrate(stranger(cache), out, cache / "exams", speech, held_out)
    models.check(out)
    print(out)
    return 0


def _calibrate(trained: Path, out: Path, exams: Path, speech: Path, held_out: str) -> None:
    """In a process of its own: no process loads both Vosk and what trains."""
    shutil.copytree(out / "graph", trained / "graph", dirs_exist_ok=True)
    module = "callcenter.asr.train.calibrate"
    words = [trained, "--exams", exams, "--write", out, "--speech", speech, "--speaker", held_out]
    command = [sys.executable, "-m", module, *map(str, words)]
    subprocess.run(command, check=True)  # noqa: S603 — our own module


def _row(entry: Entry) -> dict[str, str | int | None]:
    place = catalogue.folder() / entry.name
    state = "used" if models.resolve() == place else "here" if place.is_dir() else ""
    return {
        "name": entry.name,
        "language": entry.language,
        "mb": entry.mb,
        "licence": entry.licence,
        "error_rate": entry.error_rate,
        "url": entry.url,
        "sha256": entry.sha256,
        "state": state,
    }


def _from(archive: Path, entry: Entry, folder: Path) -> Path:
    try:
        return download.install(entry, archive, folder)
    except OSError as error:
        raise ModelMissing(f"{archive}: {error.strerror or error}") from error


def _with_bar(entry: Entry, folder: Path) -> Path:
    columns = (
        TextColumn(entry.name),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(entry.name, total=None)
        return download.fetch(
            entry,
            folder,
            lambda done, total: bar.update(task, completed=done, total=total or None),
        )
