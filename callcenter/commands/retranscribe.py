"""`callcenter retranscribe`: old calls, heard again by a better model; both texts are kept."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from callcenter.app import now
from callcenter.asr import catalogue, models, site_words
from callcenter.asr.vosk_engine import VoskEngine
from callcenter.audio.wav import Sound, parse_wav
from callcenter.commands.kept import open_kept
from callcenter.commands.transcribe import listen
from callcenter.config import Config, load, rooted
from callcenter.core.errors import (
    ArchiveAway,
    ModelMissing,
    NoSuchCall,
    SoundFileError,
    StoreAway,
)
from callcenter.core.events import Event, RecordingClosed, Redacted
from callcenter.core.ports import Recogniser, Scripts
from callcenter.core.redaction import NOTHING_HIDDEN, Hidden, Hiding, Redactor, redacted
from callcenter.outfit import hiding_of, open_book, recordings_of
from callcenter.scripts.book import Book
from callcenter.store import transcripts
from callcenter.store.books import SqlBooks
from callcenter.store.recordings import Recordings
from callcenter.store.sql import Store
from callcenter.store.transcripts import Recorded

MINI = "mini"


@dataclass(frozen=True, slots=True)
class Wish:
    """Which calls: both days are included, in this machine's time."""

    since: date | None = None
    until: date | None = None
    call_id: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A model folder, and the name by which its transcripts are kept apart from other models'."""

    name: str
    path: Path


def retranscribe(model: str, wish: Wish, file: Path | None) -> int:
    """Hear the calls again, one at a time; 1 where one had to be passed over.

    Raises ConfigError, ModelMissing, NoSuchCall, PackError, StoreError.
    """
    chosen = find_model(model)
    models.check(chosen.path)
    config = load(file) if file else rooted(Config(), Path.cwd())
    with closing(open_kept(config)) as store:
        wanted = _wanted(store, wish)
        skipped = _hear_all(config, store, chosen, wanted) if wanted else 0
    told = f", {skipped} skipped" if skipped else ""
    print(f"{len(wanted) - skipped} calls transcribed with {chosen.name}{told}")
    return 1 if skipped else 0


def find_model(word: str) -> Model:
    """A model by its name, as `models list` and `models use` know it, else by its folder.

    A folder elsewhere is called by its whole path: two of the same name are two models. Raises
    ModelMissing.
    """
    if word == MINI:
        return Model(MINI, models.bundled())
    fetched = catalogue.folder() / word
    if catalogue.NAME.fullmatch(word) and fetched.is_dir():
        return Model(word, fetched)
    folder = Path(word).resolve()
    if folder.is_dir():
        return Model(_name(folder), folder)
    if any(entry.name == word for entry in catalogue.CATALOGUE):
        pull = f"callcenter models pull {word}"
        raise ModelMissing(f"model {word}: not fetched yet; fetch it with: {pull}")
    raise ModelMissing(f"model {word}: expected a name in `callcenter models list`, or a folder")


def _name(folder: Path) -> str:
    if folder == models.bundled().resolve():
        return MINI
    return folder.name if folder.parent == catalogue.folder().resolve() else str(folder)


def _wanted(store: Store, wish: Wish) -> list[Recorded]:
    with store.session() as session:
        found = transcripts.recorded(
            session,
            since=None if wish.since is None else midnight(wish.since),
            before=None if wish.until is None else midnight(wish.until + timedelta(days=1)),
            call_id=wish.call_id,
        )
    if wish.call_id and not found:
        raise NoSuchCall(f"call {wish.call_id}: not answered, not over, or not of those days")
    return found


def midnight(day: date) -> datetime:
    """When a day begins where this machine stands."""
    return datetime.combine(day, time.min).astimezone()


def _hear_all(config: Config, store: Store, model: Model, wanted: list[Recorded]) -> int:
    """How many had to be passed over."""
    scripts = open_book(config)
    with _Display(model, wanted) as display, closing(_engine(config, model, scripts)) as engine:
        if not engine.ready:
            raise ModelMissing(engine.detail)
        hearing = Hearing(
            store, engine, scripts, recordings_of(config), model.name, hiding_of(config)
        )
        for one in wanted:
            try:
                display.heard(one, *hearing.again(one))
            except (SoundFileError, NoSuchCall, StoreAway, ArchiveAway) as error:
                display.skipped(one, error)
        return display.skips


def _engine(config: Config, model: Model, scripts: Book) -> VoskEngine:
    """The model as the service would use it: with the site's own words, and the same phrases."""
    own = site_words.prepare(model.path, config.recognition.words)
    if own.problem:
        print(own.problem, file=sys.stderr)
    phrases = scripts.phrases if config.recognition.spotting else tuple
    return VoskEngine(own.path, phrases=phrases)


class Hearing:
    """Hears one recording and keeps what it heard beside what is known of the call."""

    def __init__(
        self,
        store: Store,
        engine: Recogniser,
        scripts: Scripts,
        recordings: Recordings,
        model: str,
        hiding: Hiding = NOTHING_HIDDEN,
    ) -> None:
        self._hiding = hiding
        self._store = store
        self._engine = engine
        self._scripts = scripts
        self._recordings = recordings
        self._model = model

    def again(self, one: Recorded) -> tuple[int, int]:
        """How many segments and hits were kept; the store is held only while they are written.

        Raises SoundFileError, NoSuchCall, ModelMissing, StoreError.
        """
        sound = sealed(self._recordings, one)
        segments = listen(self._engine, sound)
        listener = self._scripts.listener()
        hits = [hit for segment in segments for hit in listener.heard(segment)]
        hits += listener.closed(round(sound.seconds * 1000))
        # A segment may hold nothing but a spotted phrase: that is a hit, and no text.
        settled = redacted(segments, self._hiding.kinds)
        said = [segment for segment in settled.segments if segment.text]
        in_text = Redactor(self._hiding.kinds).in_text
        hits = [replace(hit, text=in_text(hit.text), why=in_text(hit.why)) for hit in hits]
        with self._store.session(write=True) as session:
            # The sound is changed only while its new hash can be written.
            SqlBooks(self._store).enter(session, *self._hide(one, settled.hidden))
            transcripts.keep(session, one.call_id, self._model, now(), said, hits)
        return len(said), len(hits)

    def _hide(self, one: Recorded, spans: Sequence[Hidden]) -> list[Event]:
        """Numbers that the model hears and nobody has heard before; the recording is sealed anew.
        Raises SoundFileError."""
        if not spans:
            return []
        try:
            info = self._hiding.hide(one.path, spans)
        except OSError as error:
            raise SoundFileError(f"{one.path}: numbers cannot be hidden: {error}") from error
        where = [(span.party.value, span.start_ms, span.end_ms, span.kind) for span in spans]
        facts: list[Event] = [Redacted(one.call_id, now(), *span) for span in where]
        return [*facts, RecordingClosed(one.call_id, now(), info)]


def sealed(recordings: Recordings, one: Recorded) -> Sound:
    """A recording, if it is still the one that was made. Raises SoundFileError, ArchiveAway."""
    if not one.path:
        raise SoundFileError("no recording was kept")
    file = recordings.folder / one.path
    found = recordings.sound(one.path)
    if found is None:
        raise SoundFileError(f"{file}: cannot be read: No such file, nor in the archive")
    try:
        with found.open() as sound:
            content = sound.read()
    except OSError as error:
        raise SoundFileError(f"{file}: cannot be read: {error.strerror or error}") from error
    if hashlib.sha256(content).hexdigest() != one.sha256:
        raise SoundFileError(f"{file}: damaged: its SHA-256 is not the one that was kept")
    return parse_wav(content, str(file))


class _Display:
    """A bar over the seconds of sound where a person watches, else a line a call."""

    def __init__(self, model: Model, wanted: list[Recorded]) -> None:
        self.skips = 0
        self._done = 0
        self._calls = len(wanted)
        console = Console(stderr=True)
        self._watched = console.is_terminal and sys.stdout.isatty()
        columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=console, disable=not self._watched)
        self._name = model.path.name
        self._task: TaskID = self._bar.add_task(
            self._text(), total=sum(one.seconds for one in wanted)
        )

    def __enter__(self) -> _Display:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def heard(self, one: Recorded, segments: int, hits: int) -> None:
        if not self._watched:
            print(f"call {one.call_id}: {segments} segments, {hits} hits", flush=True)
        self._move(one)

    def skipped(self, one: Recorded, error: Exception) -> None:
        self.skips += 1
        print(f"call {one.call_id}: skipped: {error}", file=sys.stderr, flush=True)
        self._move(one)

    def _move(self, one: Recorded) -> None:
        self._done += 1
        self._bar.update(self._task, advance=one.seconds, description=self._text())

    def _text(self) -> str:
        return f"{self._name}  {self._done}/{self._calls}"
