"""The child that tries a model out, run here in the parent on a model that is whole."""

from __future__ import annotations

import json

import pytest

from callcenter.asr import bundled, probe


def test_a_whole_model_passes() -> None:
    probe.main(str(bundled()))


def test_the_hum_is_always_the_same_and_not_too_loud() -> None:
    sound = probe.buzz()
    assert sound == probe.buzz()
    assert len(sound) == 2 * probe.RATE * probe.SECONDS


def test_a_word_without_a_name_is_refused() -> None:
    probe.known(json.dumps({"result": [{"word": "好"}]}))
    probe.known(json.dumps({"text": ""}))
    with pytest.raises(ValueError, match=r"words\.txt does not fit"):
        probe.known(json.dumps({"result": [{"word": ""}]}))
