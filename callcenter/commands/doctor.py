"""`callcenter doctor`: what this machine has, what is missing, and the command that brings it."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console

from callcenter.asr import site_words
from callcenter.asr.site_words import Prepared
from callcenter.asr.vosk_engine import VoskEngine
from callcenter.audio.card_process import list_devices
from callcenter.commands.doctor_doors import examine_outbound
from callcenter.commands.doctor_lines import examine_lines, free
from callcenter.commands.doctor_reach import examine_archive, examine_recognisers
from callcenter.commands.finding import Finding
from callcenter.commands.webhooks import examine_webhooks
from callcenter.config import Config, load, rooted
from callcenter.core.errors import CallcenterError, ConfigError, MissingPiece, ModelMissing
from callcenter.scripts import book
from callcenter.scripts.book import Book
from callcenter.store.sql import Store
from callcenter.web import borrowed

MARKS = {True: "[green]✓[/]", False: "[red]✗[/]", None: "[yellow]–[/]"}


def doctor(file: Path | None) -> int:
    """Print the findings; 1 where something that every call needs is missing."""
    config = load(file) if file else rooted(Config(), Path.cwd())
    console = Console()
    findings = list(examine(config))
    for finding in findings:
        told = f"{MARKS[finding.good]} {finding.what:<16} {finding.detail}"
        console.print(told, highlight=False, soft_wrap=True)
    return 1 if any(finding.good is False for finding in findings) else 0


def examine(config: Config) -> Iterator[Finding]:
    """Everything a call needs, then what makes life better."""
    yield Finding("Python", True, platform.python_version())
    if config.recognition.remote:
        yield from examine_recognisers(config)
    else:
        yield _try("model", lambda: _model(config))
    if config.recognition.words:
        yield _own_words(config)
    yield _try("call scripts", lambda: _scripts(config))
    yield _try("database", lambda: _database(config.database))
    yield _writable("recordings", Path(config.recordings))
    yield from examine_archive(config)
    yield from examine_lines(config)
    yield from examine_outbound(config)
    yield free("web", config.web.host, config.web.port, "tcp")
    yield from examine_webhooks(config)
    yield _try("pages", _pages)
    yield _try("headset", _headset, good_without=None)
    if any(agent.voice == "browser" for agent in config.agent):
        yield _try("browser headset", _browser)
    yield _voice()


def _try(what: str, look: Callable[[], str], good_without: bool | None = False) -> Finding:
    try:
        return Finding(what, True, look())
    except CallcenterError as error:
        return Finding(what, good_without, str(error))


def _model(config: Config) -> str:
    engine = VoskEngine(_prepared(config).path, workers=1)
    try:
        if not engine.ready:
            raise ModelMissing(f"{engine.detail}; calls are answered and recorded all the same")
        return engine.detail
    finally:
        engine.close()


def _prepared(config: Config) -> Prepared:
    recognition = config.recognition
    return site_words.configured(recognition.model, recognition.remote, recognition.words)


def _own_words(config: Config) -> Finding:
    try:
        own = _prepared(config)
    except ConfigError as error:
        return Finding("own words", False, str(error))
    if own.problem:
        return Finding("own words", None, own.problem)
    return Finding(
        "own words", True, f"{len(config.recognition.words)}, of them new to the model: {own.new}"
    )


def _scripts(config: Config) -> str:
    folder = Path(config.scripts.packs) if config.scripts.packs else book.PACKS
    Book(folder)
    return f"{folder}"


def _database(database: str | Path) -> str:
    if isinstance(database, Path) and not database.exists():
        return f"{database} (made at the first start)"
    store = Store(database)
    try:
        return f"{store.where}, schema {store.revision() or 'made at the first start'}"
    finally:
        store.close()


def _writable(what: str, folder: Path) -> Finding:
    nearest = next(p for p in (folder, *folder.parents) if p.exists())
    good = os.access(nearest, os.W_OK)
    free = shutil.disk_usage(nearest).free / 1e9
    # A stereo call takes 32 kB a second.
    detail = f"{folder}, {free:.0f} GB free ({free * 1e9 / 32000 / 3600:,.0f} h of calls)"
    return Finding(what, good, detail if good else f"{nearest}: cannot be written")


def _headset() -> str:
    devices = list_devices()
    if not devices:
        raise MissingPiece('no sound device found; needed for agents with voice = "headset"')
    return ", ".join(devices)


def _pages() -> str:
    return ", ".join(f"{name} {number}" for name, number in borrowed.versions().items())


def _browser() -> str:
    try:
        return f"aiortc {version('aiortc')}"
    except PackageNotFoundError:
        raise MissingPiece("needs aiortc: pip install 'callcenter[browser]'") from None


def _voice() -> Finding:
    found = shutil.which("espeak-ng")
    detail = found or "only for making new prompts; install with: apt install espeak-ng"
    return Finding("speech synthesis", True if found else None, detail)
