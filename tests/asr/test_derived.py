"""A folder made from a model is there whole or not at all, whoever makes it, and one at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from callcenter.asr.derived import Place, digest, files

from .broken import copy


def holds_a(folder: Path) -> bool:
    return (folder / "a").exists()


def write_a(folder: Path) -> None:
    (folder / "a").touch()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "made", tmp_path / "model", digest([b"first"]))


def names(folder: Path) -> set[str]:
    return set(os.listdir(folder))


def test_it_is_filled_and_found_again(place: Place) -> None:
    place.fill(write_a, holds_a)
    assert holds_a(place.path)
    assert names(place.folder) == {place.path.name}


def test_a_damaged_one_is_replaced(place: Place) -> None:
    place.path.mkdir(parents=True)
    (place.path / "rubbish").touch()
    place.fill(write_a, holds_a)
    assert names(place.path) == {"a"}


def test_another_process_may_be_first(place: Place) -> None:
    def write_theirs(part: Path) -> None:
        (part / "a").write_text("theirs")

    def slowly(part: Path) -> None:
        write_a(part)
        place.fill(write_theirs, holds_a)

    place.fill(slowly, holds_a)
    assert (place.path / "a").read_text() == "theirs"
    assert names(place.folder) == {place.path.name}


def test_what_cannot_be_made_leaves_nothing(place: Place) -> None:
    def full(part: Path) -> None:
        write_a(part)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        place.fill(full, holds_a)
    assert names(place.folder) == set()


def test_what_cannot_be_put_there_is_told(place: Place) -> None:
    place.folder.mkdir()
    place.path.write_text("a file, not a folder")
    with pytest.raises(OSError, match="Not a directory"):
        place.fill(write_a, holds_a)
    assert names(place.folder) == {place.path.name}


def test_only_the_latest_is_kept_of_each_model_that_is_there(place: Place, tmp_path: Path) -> None:
    other_model = Place(place.folder, copy(tmp_path / "other"), digest([b"x"]))
    other_model.fill(
        lambda part: (part / "am").symlink_to(other_model.model / "am"), lambda _: True
    )
    gone = place.folder / "gone-1"
    (gone / "am").mkdir(parents=True)
    (gone / "am" / "final.mdl").symlink_to(tmp_path / "nowhere")
    place.fill(write_a, holds_a)
    latest = Place(place.folder, place.model, digest([b"second"]))
    latest.fill(write_a, holds_a)
    (place.folder / ".part-old").mkdir()
    os.utime(place.folder / ".part-old", (0, 0))
    (place.folder / ".part-new").mkdir()
    latest.clear()
    assert names(place.folder) == {latest.path.name, other_model.path.name, ".part-new"}


def test_the_parts_of_a_digest_are_kept_apart() -> None:
    assert digest([b"ab", b"c"]) != digest([b"a", b"bc"])


def test_files_behind_links_count(tmp_path: Path) -> None:
    model = copy(tmp_path / "model")
    (tmp_path / "linked").symlink_to(model)
    inside = {file.relative_to(model).as_posix() for file in files(model)}
    assert "graph/phones/word_boundary.int" in inside
    assert len(files(tmp_path / "linked")) == len(inside)
