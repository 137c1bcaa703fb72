"""Fetching a model from a server that may break off, lie or be evil."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest

from callcenter.asr import catalogue, download, models
from callcenter.core.errors import ModelMissing
from tests.asr.broken import copy, halved
from tests.asr.shop import NAME, archive, opened, zipped


@pytest.fixture(scope="module")
def goods() -> bytes:
    return archive()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def refusal(goods: bytes, folder: Path, known: str | None = None) -> str:
    with opened(goods) as shop, pytest.raises(ModelMissing) as caught:
        download.fetch(shop.entry(known), folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_model_is_fetched_tried_and_put_in_its_place(tmp_path: Path, goods: bytes) -> None:
    told: list[tuple[int, int]] = []
    folder = tmp_path / "a" / "models"
    with opened(goods) as shop:
        path = download.fetch(
            shop.entry(sha256(goods)), folder, lambda *numbers: told.append(numbers)
        )
    models.check(path)
    assert path == folder / NAME
    assert {file.name for file in folder.iterdir()} == {NAME, catalogue.DIGESTS}
    assert told[0] == (0, len(goods))
    assert told[-1] == (len(goods), len(goods))
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_broken_download_goes_on_where_it_ended(tmp_path: Path, goods: bytes) -> None:
    with opened(goods, breaks_after=len(goods) * 2 // 5) as shop:
        models.check(download.fetch(shop.entry(sha256(goods)), tmp_path))
    step = len(goods) * 2 // 5
    assert shop.asked == ["", f"bytes={step}-", f"bytes={2 * step}-"]


def test_an_interrupted_pull_is_resumed_by_the_next(tmp_path: Path, goods: bytes) -> None:
    (tmp_path / f"{NAME}.zip.part").write_bytes(goods[:1000])
    with opened(goods) as shop:
        download.fetch(shop.entry(sha256(goods)), tmp_path)
    assert shop.asked == ["bytes=1000-"]


def test_a_whole_download_is_not_asked_for_again(tmp_path: Path, goods: bytes) -> None:
    (tmp_path / f"{NAME}.zip.part").write_bytes(goods)
    with opened(goods) as shop:
        models.check(download.fetch(shop.entry(sha256(goods)), tmp_path))


def test_a_server_without_ranges_begins_afresh(tmp_path: Path, goods: bytes) -> None:
    (tmp_path / f"{NAME}.zip.part").write_bytes(b"something else" * 100)
    with opened(goods, ranges=False) as shop:
        models.check(download.fetch(shop.entry(sha256(goods)), tmp_path))


def test_a_server_that_tells_no_length(tmp_path: Path, goods: bytes) -> None:
    with opened(goods, length=False) as shop:
        models.check(download.fetch(shop.entry(), tmp_path))


def test_a_connection_that_always_breaks_is_given_up(tmp_path: Path, goods: bytes) -> None:
    with opened(goods, breaks_after=0) as shop:
        with pytest.raises(ModelMissing, match="ends early, again and again"):
            download.fetch(shop.entry(), tmp_path)
        assert len(shop.asked) == 1
    with opened(goods, breaks_after=10) as shop:
        with pytest.raises(ModelMissing, match="ends early, again and again"):
            download.fetch(shop.entry(), tmp_path)
        assert len(shop.asked) == download.TRIES


def test_another_digest_is_refused_and_forgotten(tmp_path: Path, goods: bytes) -> None:
    text = refusal(goods, tmp_path, "0" * 64)
    assert text == f"{NAME}: SHA-256 is {sha256(goods)}, expected {'0' * 64}; not used"
    assert list(tmp_path.iterdir()) == []


def test_the_first_digest_is_trusted_and_the_next_must_be_the_same(
    tmp_path: Path, goods: bytes
) -> None:
    with opened(goods) as shop:
        download.fetch(shop.entry(), tmp_path)
        download.fetch(shop.entry(), tmp_path)
    assert catalogue.digests(tmp_path) == {NAME: sha256(goods)}
    other = zipped({f"{NAME}/a": b"a"})
    assert f"expected {sha256(goods)}" in refusal(other, tmp_path)
    models.check(tmp_path / NAME)


EVIL = {
    "a way up": zipped({f"{NAME}/../../evil": b"x"}),
    "an absolute path": zipped({"/evil": b"x"}),
    "another folder": zipped({"other/evil": b"x"}),
    "a backslash": zipped({f"{NAME}\\..\\evil": b"x"}),
    "a drive": zipped({"C:/evil": b"x"}),
    "a link": zipped({f"{NAME}/link": b"/etc/passwd"}, {f"{NAME}/link": stat.S_IFLNK | 0o777}),
    "a device": zipped({f"{NAME}/null": b""}, {f"{NAME}/null": stat.S_IFCHR | 0o666}),
}


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL)
def test_an_archive_that_reaches_out_is_refused(tmp_path: Path, evil: bytes) -> None:
    folder = tmp_path / "models"
    assert "the archive is refused for its entry " in refusal(evil, folder)
    assert [path.name for path in tmp_path.iterdir()] == ["models"]
    assert not any(path.name == NAME for path in folder.rglob("*"))


def test_an_archive_larger_than_a_model_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "LARGEST_MODEL", 10)
    assert "more than a model can" in refusal(zipped({f"{NAME}/a": b"x" * 11}), tmp_path)
    monkeypatch.setattr(download, "LARGEST_ARCHIVE", 100)
    assert "no model is that large" in refusal(bytes(101), tmp_path)
    with opened(bytes(101), length=False) as shop, pytest.raises(ModelMissing, match="than any"):
        download.fetch(shop.entry(), tmp_path)


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "MOST_FILES", 1)
    many = zipped({f"{NAME}/a": b"", f"{NAME}/b": b""})
    assert "more than a model can" in refusal(many, tmp_path)


@pytest.mark.parametrize("garbage", [b"no archive", b"PK\5\6" + bytes(18), b"\0" * 1000])
def test_what_is_no_archive_is_refused(tmp_path: Path, garbage: bytes) -> None:
    text = refusal(garbage, tmp_path)
    assert NAME in text
    assert not (tmp_path / NAME).exists()


def test_a_file_damaged_inside_the_archive_is_noticed(tmp_path: Path, goods: bytes) -> None:
    middle = len(goods) // 2
    damaged = goods[:middle] + bytes([goods[middle] ^ 1]) + goods[middle + 1 :]
    assert "the archive is damaged: Bad CRC-32" in refusal(damaged, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_does_not_work_is_not_kept(tmp_path: Path) -> None:
    broken = copy(tmp_path / "broken", {"HCLr.fst": halved})
    text = refusal(archive(source=broken), tmp_path / "models")
    assert "graph/HCLr.fst has " in text
    assert not (tmp_path / "models" / NAME).exists()


def test_an_older_one_is_replaced(tmp_path: Path, goods: bytes) -> None:
    (tmp_path / NAME / "graph").mkdir(parents=True)
    (tmp_path / NAME / "leftover").touch()
    with opened(goods) as shop:
        download.fetch(shop.entry(), tmp_path)
    models.check(tmp_path / NAME)
    assert not (tmp_path / NAME / "leftover").exists()


def test_without_a_network_the_way_by_hand_is_told(tmp_path: Path, goods: bytes) -> None:
    with opened(goods) as shop:
        entry = shop.entry()
    with pytest.raises(ModelMissing) as caught:
        download.fetch(entry, tmp_path)
    text = str(caught.value)
    assert text.startswith(f"{entry.url}: cannot be fetched: ")
    assert f"callcenter models pull {NAME} --archive FILE" in text
    assert "\n" not in text


def test_what_the_server_does_not_have(tmp_path: Path, goods: bytes) -> None:
    with opened(goods, status=404) as shop, pytest.raises(ModelMissing, match="Not Found"):
        download.fetch(shop.entry(), tmp_path)


def test_a_folder_that_cannot_be_written(tmp_path: Path, goods: bytes) -> None:
    (tmp_path / "file").touch()
    with opened(goods) as shop, pytest.raises(ModelMissing, match="file"):
        download.fetch(shop.entry(), tmp_path / "file")


def test_an_archive_brought_by_hand(tmp_path: Path, goods: bytes) -> None:
    brought = tmp_path / "brought.zip"
    brought.write_bytes(goods)
    with opened(b"") as shop:
        entry = shop.entry(sha256(goods))
    models.check(download.install(entry, brought, tmp_path / "models"))
    brought.write_bytes(b"x")
    with pytest.raises(ModelMissing, match="not used"):
        download.install(entry, brought, tmp_path / "models")
    assert brought.exists()
