"""Phone ids are those of the bundled acoustic model, and pinyin is taken apart rightly."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.asr import bundled, phones


def bundled_triples() -> list[tuple[int, int, int]]:
    """The (phone, state, pdf) list in the bundled final.mdl."""
    data = (bundled() / "am" / "final.mdl").read_bytes()
    at = data.index(b"<Triples> ") + len(b"<Triples> ")
    (count,) = struct.unpack_from("<i", data, at + 1)
    numbers = [struct.unpack_from("<i", data, at + 6 + 5 * i)[0] for i in range(3 * count)]
    return list(zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True))


def test_the_triples_are_those_of_the_bundled_model() -> None:
    assert list(phones.TRIPLES) == bundled_triples()


def test_the_word_boundaries_are_those_of_the_bundled_model() -> None:
    boundaries = bundled() / "graph" / "phones" / "word_boundary.int"
    assert phones.word_boundary() == boundaries.read_text()


def test_the_counts_are_those_of_the_recipe() -> None:
    counts = (phones.PHONE_COUNT, phones.PDF_COUNT, len(phones.TRIPLES), phones.TRANSITION_COUNT)
    assert counts == (803, 402, 1563, 3126)


@pytest.mark.parametrize(
    ("syllable", "sounds"),
    [
        ("zhong1", ("zh", "ong1")),
        ("wo3", (None, "uo3")),
        ("yu4", (None, "v4")),
        ("yuan2", (None, "van2")),
        ("you3", (None, "iou3")),
        ("xue2", ("x", "ve2")),
        ("nv3", ("n", "v3")),
        ("lüe4", ("l", "ve4")),
        ("jun1", ("j", "vn1")),
        ("dun4", ("d", "uen4")),
        ("gui4", ("g", "uei4")),
        ("liu2", ("l", "iou2")),
        ("zi5", ("z", "ii5")),
        ("shi4", ("sh", "iii4")),
        ("ri4", ("r", "iii4")),
        ("ni3", ("n", "i3")),
        ("er2", (None, "er2")),
        ("ng4", (None, "en4")),
        ("ma", ("m", "a5")),
        ("a1", (None, "a1")),
    ],
)
def test_pinyin_is_taken_apart(syllable: str, sounds: phones.Pronunciation) -> None:
    assert phones.pronounce(syllable) == sounds


@given(st.text(max_size=6))
def test_anything_else_is_refused_with_a_value_error(text: str) -> None:
    try:
        initial, final = phones.pronounce(text)
    except ValueError:
        return
    assert initial is None or initial in phones.INITIALS
    assert final in phones.TONED_FINALS


def test_a_word_knows_where_its_phones_stand() -> None:
    named = [phones.PHONES[phone] for phone in phones.word_phones(["tou2", "su4"])]
    assert named == ["t_B", "ou2_I", "s_I", "u4_E"]
    assert [phones.PHONES[phone] for phone in phones.word_phones(["e4"])] == ["e4_S"]


def test_transitions_of_a_final_are_four_of_two_pdfs() -> None:
    (phone,) = phones.word_phones(["a1"])
    (first_on, first_stay), (second_on, second_stay) = phones.phone_transitions(phone)
    assert (first_on, second_on) == (phones.forward(phone, 0), phones.forward(phone, 1))
    pdfs = [phones.transition_pdf(t) for t in (first_stay, first_on, second_stay, second_on)]
    assert (pdfs[0], pdfs[2]) == phones.FINAL_PDFS["a1"]
    assert pdfs[0] == pdfs[1]
    assert pdfs[2] == pdfs[3]
