"""The cards on disk: what the bundled ones cover, edits taken up, wrong ones refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from callcenter.core.cards import Situation
from callcenter.core.errors import PackError
from callcenter.scripts.book import Book
from callcenter.scripts.cards import ASSIST, Cards, parse_cards, read_cards

CARD = {
    "name": '"ask"',
    "title": '"何时提问"',
    "when": '["anger"]',
    "say": '["您是什么时候发现的？", "之后我们联系过您吗？"]',
    "handbook": '"D11"',
    "cool_down": "120",
}


def text(**changed: str) -> str:
    """A file of one card; a key whose value is "" is left out."""
    lines = [f"{key} = {value}" for key, value in {**CARD, **changed}.items() if value]
    return "\n".join(["[[card]]", *lines, ""])


def write(file: Path, content: str) -> None:
    """Write the file so that its time differs for certain."""
    before = file.stat().st_mtime_ns if file.exists() else 0
    file.write_text(content, "utf-8")
    os.utime(file, ns=(before + 10**9, before + 10**9))


@pytest.mark.parametrize(
    ("item", "title"),
    [
        ("D2", "复述确认"),
        ("D11", "何时提问"),
        ("D12", "转移话题"),
        ("D13", "重复强调"),
        ("D14", "无言等待"),
        ("D15", "间隙转折"),
        ("D16", "给定限制"),
        ("D17", "适当上转"),
        ("D19", "给出选择"),
        ("D21", "查来电记录"),
        ("H2", "引导转回主题"),
    ],
)
def test_d11_to_d17_the_handbooks_techniques_are_cards(item: str, title: str) -> None:
    [card] = [card for card in read_cards(ASSIST) if card.handbook == item]
    assert card.title == title
    assert 2 <= len(card.say) <= 4


def test_every_situation_has_a_card() -> None:
    assert {one for card in read_cards(ASSIST) for one in card.when} == set(Situation)


def test_d16_d18_limits_offer_another_appointment() -> None:
    [limits] = [card for card in read_cards(ASSIST) if card.name == "set_limits"]
    assert "另外约个时间" in limits.say[-1]


def test_an_edited_card_is_in_force_from_the_next_call(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    write(file, text())
    cards = Cards(tmp_path)
    write(file, text(title='"先问时间"'))
    cards.refresh()
    assert [card.title for card in cards.in_force] == ["先问时间"]


def test_a_broken_card_is_told_and_the_old_ones_stay(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    write(file, text())
    book = Book(assist=tmp_path)
    write(file, text(cool_down="0"))
    book.refresh()
    assert [card.name for card in book.cards()] == ["ask"]
    assert "own.toml: card 1 (ask): cool_down is 0; expected 10 to 3600" in book.problem
    assert "the old cards stay" in book.problem
    write(file, text())
    book.refresh()
    assert book.cards()
    assert book.problem == ""


def test_no_cards_to_begin_with(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="holds no cards; expected"):
        read_cards(tmp_path)
    (tmp_path / "own.toml").write_bytes(b"\xff")
    with pytest.raises(PackError, match=r"own.toml: cannot be read"):
        read_cards(tmp_path)


def test_a_name_stands_once(tmp_path: Path) -> None:
    write(tmp_path / "a.toml", text())
    write(tmp_path / "b.toml", text())
    with pytest.raises(PackError, match=r"b.toml: card 'ask' stands twice"):
        read_cards(tmp_path)


def test_too_many_cards(tmp_path: Path) -> None:
    write(tmp_path / "a.toml", "".join(text(name=f'"c{i}"') for i in range(201)))
    with pytest.raises(PackError, match="holds 201 cards; expected 200 at most"):
        read_cards(tmp_path)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"name": ""}, "card 1: name is None; expected a name"),
        ({"name": '"Ask!"'}, "card 1: name is 'Ask!'; expected small letters"),
        ({"title": ""}, "card 1 (ask): title is None; expected 1 to 60 characters"),
        ({"title": '"  "'}, "card 1 (ask): title is '  '; expected 1 to 60"),
        ({"when": "[]"}, "card 1 (ask): when is []; expected a list of situations"),
        ({"when": '["rage"]'}, "card 1 (ask): when has 'rage'; expected complaint, long_talk"),
        ({"when": "[[1]]"}, "card 1 (ask): when has [1]; expected complaint"),
        ({"say": '["一句。"]'}, "card 1 (ask): say has 1 sentences; expected 2 to 4"),
        ({"say": '["一。", 2]'}, "card 1 (ask): say 2 is 2; expected 1 to 60 characters"),
        ({"say": f'["一。", "{"长" * 61}"]'}, "card 1 (ask): say 2 is '长长"),
        ({"handbook": '"page 3"'}, "card 1 (ask): handbook is 'page 3'; expected an item"),
        ({"cool_down": ""}, "card 1 (ask): cool_down is not there; expected 10 to 3600"),
        ({"cool_down": "true"}, "card 1 (ask): cool_down is True; expected 10 to 3600"),
        ({"do": '""'}, "card 1 (ask): do is ''; expected 1 to 60 characters"),
        ({"colour": '"red"'}, "card 1: unknown key 'colour'; expected cool_down, do"),
    ],
)
def test_a_wrong_card_is_refused_with_file_entry_and_reason(
    changed: dict[str, str], told: str
) -> None:
    with pytest.raises(PackError) as refused:
        parse_cards(text(**changed), "own.toml")
    assert str(refused.value).startswith(f"own.toml: {told}")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("=", "not TOML"),
        ("x = " + "[" * 5000, "not TOML"),
        ("", "has no [[card]]"),
        ("card = 3", "has no [[card]]"),
        ("card = [3]", "card 1: is 3; expected a table"),
        ("rule = 1", "unknown key 'rule'; expected card"),
    ],
)
def test_what_is_no_file_of_cards(content: str, told: str) -> None:
    with pytest.raises(PackError) as refused:
        parse_cards(content, "own.toml")
    assert told in str(refused.value)
