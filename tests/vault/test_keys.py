"""The key file: made once, readable by its owner, never repeated in an error."""

from __future__ import annotations

import base64
import stat
import threading
from pathlib import Path

import pytest

from callcenter.core.errors import ConfigError
from callcenter.vault.keys import KEY_BYTES, Keys

KEY = base64.b64encode(bytes(range(KEY_BYTES))).decode()


def test_the_first_start_makes_a_key_that_only_its_owner_reads(tmp_path: Path):
    file = tmp_path / "data" / "callcenter.key"
    made = Keys(file, make=True).newest()
    assert len(made[1]) == KEY_BYTES
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Keys(file).newest() == made, "and the next start finds it"
    assert list(file.parent.iterdir()) == [file], "nothing is left beside it"


def test_commands_make_no_key(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"absent\.key: cannot be read"):
        Keys(tmp_path / "absent.key").newest()


def test_of_many_who_start_at_once_all_have_the_same_key(tmp_path: Path):
    file, found, gate = tmp_path / "k", [], threading.Barrier(8)

    def start() -> None:
        gate.wait()
        found.append(Keys(file, make=True).newest())

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_changed_key_seals_and_the_old_one_still_opens(tmp_path: Path):
    keys = Keys(tmp_path / "k", make=True)
    old = keys.newest()
    keys.change()
    assert keys.newest() != old
    assert keys.all()[old[0]] == old[1]
    assert stat.S_IMODE((tmp_path / "k").stat().st_mode) == 0o600


def test_the_environment_goes_before_the_file(tmp_path: Path):
    keys = Keys(tmp_path / "k", KEY, make=True)
    assert keys.newest()[1] == bytes(range(KEY_BYTES))
    assert not (tmp_path / "k").exists()
    with pytest.raises(ConfigError, match="CALLCENTER_KEY"):
        keys.change()


@pytest.mark.parametrize(
    "text", ["", "# nothing but a remark\n", "secret-words", KEY[:-4], KEY + "\nword", "钥匙", "=="]
)
def test_what_is_no_key_is_told_without_repeating_it(tmp_path: Path, text: str):
    file = tmp_path / "k"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="32 bytes in base64") as told:
        Keys(file).newest()
    assert KEY not in str(told.value)
    assert "secret-words" not in str(told.value)


def test_a_key_that_cannot_be_written_is_one_line(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        Keys(tmp_path / "file" / "k", make=True).newest()


def test_who_runs_meanwhile_finds_a_changed_key(tmp_path: Path):
    running, changing = (Keys(tmp_path / "k", make=True) for _ in range(2))
    running.newest()
    changing.change()
    key_id, key = changing.newest()
    assert running.find(key_id) == key
    assert running.find(b"none") is None
