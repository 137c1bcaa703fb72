"""The book on disk: prompts, edits taken up, errors that leave the old rules in force."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from callcenter.core.errors import PackError
from callcenter.core.records import Party, Segment
from callcenter.scripts.book import PROMPTS, Book, read_packs, read_prompts

PACK = 'group = "harassment"\n[[rule]]\nname = "r"\ncategory = "insult"\nphrases = ["{}"]\n'


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    write(tmp_path, "滚蛋")
    return tmp_path


def write(folder: Path, phrase: str, content: str = PACK) -> None:
    """Write the pack so that its time differs for certain."""
    file = folder / "p.toml"
    before = file.stat().st_mtime_ns if file.exists() else 0
    file.write_text(content.format(phrase), "utf-8")
    os.utime(file, ns=(before + 10**9, before + 10**9))


def finds(book: Book, text: str) -> bool:
    return bool(book.listener().heard(Segment(Party.CALLER, 0, 1000, text)))


def test_an_edited_pack_is_in_force_from_the_next_call(packs: Path):
    book = Book(packs)
    running = book.listener()
    write(packs, "笨蛋")
    book.refresh()
    assert finds(book, "笨蛋")
    assert not finds(book, "滚蛋")
    assert running.heard(Segment(Party.CALLER, 0, 1000, "滚蛋"))


def test_a_broken_pack_is_told_and_the_old_rules_stay(packs: Path):
    book = Book(packs)
    write(packs, "", "group = 'rage'")
    book.refresh()
    assert finds(book, "滚蛋")
    assert "p.toml: group is 'rage'" in book.problem
    assert "the old rules stay in force" in book.problem
    write(packs, "笨蛋")
    book.refresh()
    assert finds(book, "笨蛋")
    assert book.problem == ""


def test_a_pack_that_cannot_be_looked_at_for_a_moment_is_looked_at_later(packs: Path):
    book = Book(packs)
    (packs / "away.toml").symlink_to(packs / "nowhere.toml")
    write(packs, "笨蛋")
    book.refresh()
    assert (finds(book, "滚蛋"), book.problem) == (True, "")
    (packs / "away.toml").unlink()
    book.refresh()
    assert finds(book, "笨蛋")


def test_no_good_rules_to_begin_with(tmp_path: Path):
    with pytest.raises(PackError, match="holds no pack"):
        Book(tmp_path)
    (tmp_path / "p.toml").write_bytes(b"\xff")
    with pytest.raises(PackError, match="cannot be read"):
        read_packs(tmp_path)


def test_groups_of_categories(packs: Path):
    book = Book(packs)
    assert book.group("insult") == "harassment"
    assert book.group("unheard of") == ""


def test_the_prompts_say_what_the_handbook_says():
    prompts = read_prompts(PROMPTS)
    # H11, H14, H15
    assert prompts["line_fault"].text == "您好，您好，听得到吗？对不起，线路故障，请您稍后再拨。"
    assert prompts["analysis"].text == "您已进入来电自动分析系统，请稍候。分析完成，请挂断。"
    assert 4000 < prompts["line_fault"].file_ms < 8000
    with pytest.raises(KeyError):
        Book().prompt("jingle")


def test_a_prompt_of_the_wrong_form_is_refused(tmp_path: Path):
    (tmp_path / "prompts.toml").write_text('[[line]]\nname = "a"\nsay = ["x"]\n', "utf-8")
    with pytest.raises(PackError, match=r"a\.wav"):
        read_prompts(tmp_path)
    (tmp_path / "a.wav").write_bytes((PROMPTS / "line_fault.wav").read_bytes()[:30])
    with pytest.raises(PackError, match=r"a\.wav"):
        read_prompts(tmp_path)
    header = bytearray((PROMPTS / "line_fault.wav").read_bytes())
    header[24:28] = (16000).to_bytes(4, "little")
    (tmp_path / "a.wav").write_bytes(header)
    with pytest.raises(PackError, match="expected \\(8000, 1, 2\\)"):
        read_prompts(tmp_path)


def test_the_phrases_to_listen_for_in_the_sound(packs: Path):
    book = Book(packs)
    assert book.phrases() == ("滚蛋",)
    assert [rule.name for rule in book.rules()] == ["r"]
    write(packs, "笨蛋", PACK + "spot = false\n")
    book.refresh()
    assert book.phrases() == ()
