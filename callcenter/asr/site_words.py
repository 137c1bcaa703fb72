"""A site's own words (product names) in the recogniser, without retraining; may touch files.

The model that is used is copied into a folder of its own with a graph that holds the words too
(`site_graph`). That takes a second or two; the next start finds it there.
"""

from __future__ import annotations

import logging
import re
import shutil
import struct
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from callcenter.asr import catalogue, derived, fst, models, ngram_fst, phones
from callcenter.asr.derived import Place
from callcenter.asr.fst import write_acceptor, write_lookahead
from callcenter.asr.pinyin import Reading, read_aloud, sayable
from callcenter.asr.site_graph import MANY, SPECIAL, WORD_COST, Graph, extend, opened
from callcenter.core.errors import ConfigError, ModelMissing

FOLDER = ".site-words"
"""Where the copies lie, in the folder of models; no name that `models use` takes."""
_FORM = 1
"""Part of the copies' names; to be raised when their content changes with the same input."""
_GRAPH = ("graph/HCLr.fst", "graph/Gr.fst", "graph/words.txt")
_MERGED_R = re.compile(r"([a-zü]*[^e\W])r([1-5])")

Readings = Mapping[str, Collection[Reading]]
"""Words with their pronunciations"""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """The model folder to load.

    `new`: how many words were added to the model's own; `problem`: where the words could not be
    used, one sentence that says why.
    """

    path: Path
    new: int = 0
    problem: str = ""


def configured(model: str, remote: Collection[str], words: Collection[str]) -> Prepared:
    """What the table `recognition` of the configuration asks for; blocks. Raises ConfigError."""
    chosen = models.resolve(model or None)
    if remote and parse(words):
        problem = "not used, because recognition.remote names servers with a model of their own"
        return Prepared(chosen, problem=f"recognition.words: {problem}")
    return prepare(chosen, words)


def prepare(model: Path, words: Collection[str], folder: Path | None = None) -> Prepared:
    """The model with `words`, as `recognition.words` of the configuration has them; blocks.

    A model that cannot take them is given back as it is, with the problem. `folder` (default:
    beside the official models) keeps what was made. Raises ConfigError for a word that is wrong.
    """
    readings = parse(words)
    if not readings:
        return Prepared(model)
    try:
        models.check(model)
    except ModelMissing:
        return Prepared(model, problem="recognition.words: not used, there is no model")
    try:
        return _prepared(model, readings, folder or catalogue.folder() / FOLDER)
    except _Unlike as error:
        return Prepared(model, problem=f"recognition.words: not used, model {model}: {error}")
    except OSError as error:
        place = error.filename2 or error.filename or folder
        return Prepared(
            model, problem=f"recognition.words: not used, {place}: {error.strerror or error}"
        )


class _Unlike(Exception):
    """The model is not of our builder; the text says in what."""


def parse(words: Iterable[str]) -> dict[str, set[Reading]]:
    """The words and how each is read. Raises ConfigError, naming the word."""
    readings: dict[str, set[Reading]] = {}
    for entry in words:
        word, colon, given = entry.partition(":")
        usual = (given.split(),) if colon else (read_aloud(word), read_aloud(word, sandhi=True))
        for reading in (tuple(_split(syllables)) for syllables in usual):
            if not sayable(word, reading):
                raise ConfigError(_complaint(entry, bool(colon)))
            readings.setdefault(word, set()).update(_with_light_er(word, reading))
    return readings


def _complaint(entry: str, given: bool) -> str:
    if given:
        expected = "expected one pinyin syllable with its tone (1 to 5) for each character"
    else:
        expected = "its reading is not known; expected it too, as in '重明:chong2 ming2'"
    return f"recognition.words: {entry!r}: {expected}"


def _split(syllables: Iterable[str]) -> Iterable[str]:
    """With erhua written as it is heard (huar1) taken apart again (hua1 er5)."""
    for syllable in syllables:
        merged = _MERGED_R.fullmatch(syllable)
        yield from (f"{merged[1]}{merged[2]}", "er5") if merged else (syllable,)


def _with_light_er(word: str, reading: Reading) -> set[Reading]:
    """The reading, and the one in which 儿 after another syllable has no tone of its own."""
    pairs = list(zip(word, reading, strict=True))
    light = tuple("er5" if pair == ("儿", "er2") else pair[1] for pair in pairs[1:])
    return {reading, (reading[0], *light)}


def _prepared(model: Path, readings: Readings, folder: Path) -> Prepared:
    """Raises _Unlike, OSError."""
    _ours(model)
    place = Place(folder, model, derived.digest(_content(model, readings)))
    if not _whole(place.path):
        place.fill(lambda part: _build(model, readings, part), _whole)
    place.clear()
    new = _count(place.path) - _count(model)
    log.info("%d own words, %d of them new to the model", len(readings), new)
    return Prepared(place.path, new)


def _ours(model: Path) -> None:
    """What can be seen without reading the whole graph."""
    if not (model / _GRAPH[0]).is_file():
        raise _Unlike("own words need a look-ahead graph (graph/HCLr.fst and graph/Gr.fst)")
    boundaries = model / "graph" / "phones" / "word_boundary.int"
    expected = phones.word_boundary()
    if not boundaries.is_file() or boundaries.read_text("utf-8", "replace") != expected:
        raise _Unlike("own words need the bundled model's phones (phones/word_boundary.int)")


def _content(model: Path, readings: Readings) -> Iterable[bytes]:
    yield f"{_FORM} {WORD_COST} {MANY}".encode()
    for file in derived.files(model):
        yield file.relative_to(model).as_posix().encode()
        yield file.read_bytes()
    yield repr(sorted((word, sorted(choices)) for word, choices in readings.items())).encode()


def _whole(place: Path) -> bool:
    with suppress(ModelMissing):
        models.check(place)
        return True
    return False


def _build(model: Path, readings: Readings, part: Path) -> None:
    """Raises _Unlike, OSError."""
    for file in derived.files(model):
        copy = part / file.relative_to(model)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if file.relative_to(model).as_posix() not in _GRAPH:
            shutil.copyfile(file, copy)
    _write(part, _extended(model, readings))


def _extended(model: Path, readings: Readings) -> Graph:
    try:
        sounds = fst.read((model / _GRAPH[0]).read_bytes())
        grammar = ngram_fst.read((model / _GRAPH[1]).read_bytes())
        graph = opened(sounds, grammar, (model / _GRAPH[2]).read_text("utf-8"))
        extend(graph, readings)
    except (UnicodeDecodeError, IndexError, struct.error) as error:
        raise _Unlike(f"its graph cannot be read: {error}") from error
    except ValueError as error:
        raise _Unlike(str(error)) from error
    return graph


def _write(folder: Path, graph: Graph) -> None:
    last = graph.final_label
    specials = {name: last + at for at, name in enumerate(SPECIAL, start=1)}
    names = {"<eps>": 0, **graph.ids, **specials}
    (folder / _GRAPH[0]).write_bytes(write_lookahead(graph.sounds, last))
    (folder / _GRAPH[1]).write_bytes(write_acceptor(graph.grammar))
    table = "".join(f"{word} {number}\n" for word, number in names.items())
    (folder / _GRAPH[2]).write_text(table, "utf-8")


def _count(model: Path) -> int:
    return (model / _GRAPH[2]).read_bytes().count(b"\n")
