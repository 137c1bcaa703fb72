"""What is sealed opens as itself, unchanged, with its key, or not at all."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.errors import SealBroken
from callcenter.vault.keys import KEY_BYTES, Keys
from callcenter.vault.seal import LEAST, OVERHEAD, AesSeal


def seal(*first_bytes: int) -> AesSeal:
    keys = (base64.b64encode(bytes([first] * KEY_BYTES)).decode() for first in first_bytes)
    return AesSeal(Keys(Path("never read"), "\n".join(keys)))


ONE = seal(1)


@given(st.binary(max_size=500), st.text(max_size=40))
def test_what_was_sealed_opens_again(plain: bytes, about: str):
    sealed = ONE.seal(plain, about)
    assert len(sealed) == len(plain) + OVERHEAD
    assert ONE.open(sealed, about) == plain


def test_the_same_text_is_never_sealed_alike():
    assert ONE.seal(b"x", "a") != ONE.seal(b"x", "a")


def test_it_opens_as_what_it_is_about_only():
    with pytest.raises(SealBroken, match="of another call: was changed"):
        ONE.open(ONE.seal(b"x", "sound of a call"), "sound of another call")


def test_every_changed_bit_is_found():
    sealed = ONE.seal(b"words", "a")
    for at in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[at // 8] ^= 1 << at % 8
        with pytest.raises(SealBroken):
            ONE.open(bytes(changed), "a")


@given(st.binary(max_size=200))
def test_garbage_is_refused(garbage: bytes):
    with pytest.raises(SealBroken):
        ONE.open(garbage, "a")


@pytest.mark.parametrize("length", range(0, LEAST + 5, 7))
def test_what_is_cut_off_is_refused(length: int):
    with pytest.raises(SealBroken):
        ONE.open(ONE.seal(b"words", "a")[:length], "a")


def test_after_a_change_of_keys_old_seals_open_and_are_known_as_old():
    both, sealed = seal(2, 1), ONE.seal(b"x", "a")
    assert both.open(sealed, "a") == b"x"
    assert not both.is_newest(sealed)
    assert both.is_newest(both.seal(b"x", "a"))


def test_a_missing_key_is_named():
    sealed = ONE.seal(b"x", "sound of a call")
    with pytest.raises(SealBroken, match=r"sealed with the key [0-9a-f]{8}, which is not in"):
        seal(2).open(sealed, "sound of a call")
