"""The language model written out as arcs, once for each machine; may touch files.

The bundled model ships it in OpenFst's type `ngram`: half the bytes, but a third more work with
every word. So the first start writes the arcs into a folder of its own, beside links to the model's
other files; later starts find them there. Where that cannot be, the model is used as it is.
"""

from __future__ import annotations

import logging
import struct
import zlib
from contextlib import suppress
from pathlib import Path

from callcenter.asr import catalogue, derived, fst, models, ngram_fst
from callcenter.asr.derived import Place
from callcenter.core.errors import ModelMissing

FOLDER = ".unpacked"
"""Where the copies lie, in the folder of models; no name that `models use` takes."""
_FORM = 1
"""Part of the copies' names; to be raised when their content changes with the same input."""
_GRAMMAR = "graph/Gr.fst"
_SUM = "graph/Gr.crc32"

log = logging.getLogger(__name__)


def unpacked(model: Path, folder: Path | None = None) -> Path:
    """The folder to load for `model`, which is whole; blocks, for a second at its first start.

    `folder` (default: beside the official models) keeps what was made. Where nothing is packed, or
    nothing can be written, `model` itself is given back.
    """
    try:
        if not _packed(model):
            return model
        state = repr((_FORM, models.mark(model))).encode()
        place = Place(folder or catalogue.folder() / FOLDER, model, derived.digest([state]))
        if not _whole(place.path):
            log.info("model %s: its language model is unpacked into %s, once", model, place.path)
            place.fill(lambda part: _write(model, part), _whole)
            place.clear()
    except (OSError, ValueError, struct.error, RuntimeError, ModelMissing) as error:
        log.info("model %s: used without unpacking its language model: %s", model, error)
        return model
    return place.path


def _packed(model: Path) -> bool:
    try:
        with (model / _GRAMMAR).open("rb") as file:
            return fst.header_at(file.read(512)).kind == ngram_fst.KIND
    except FileNotFoundError:
        return False


def _write(model: Path, part: Path) -> None:
    """Raises OSError, ValueError, struct.error."""
    arcs = ngram_fst.as_const((model / _GRAMMAR).read_bytes())
    for file in derived.files(model):
        copy = part / file.relative_to(model)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if copy != part / _GRAMMAR:
            copy.symlink_to(file.resolve())
    (part / _GRAMMAR).write_bytes(arcs)
    (part / _SUM).write_text(f"{zlib.crc32(arcs)}\n", "ascii")


def _whole(place: Path) -> bool:
    with suppress(ModelMissing, OSError, ValueError):
        models.check(place)
        return int((place / _SUM).read_bytes()) == zlib.crc32((place / _GRAMMAR).read_bytes())
    return False
